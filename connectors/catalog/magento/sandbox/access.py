"""Who may call: integration tokens as bearer or signing with them, and admin tokens (section 2)."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from connectors.catalog.magento.sandbox.errors import NOT_AUTHORISED, refused, required
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import Call, Refused, Reply, WebhookMessage, json_reply

WINDOW_S = 600
EXCHANGE_S = 300
_SIGN_IN_REFUSED = (
    "The account sign-in was incorrect or your account is disabled temporarily. "
    "Please wait and try again later."
)
_BAD_SIGNATURE = "The signature is invalid. Verify and try again."
_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_RESOURCES = {
    "orders": "Magento_Sales::sales",
    "order": "Magento_Sales::sales",
    "invoices": "Magento_Sales::sales",
    "invoice": "Magento_Sales::sales",
    "shipments": "Magento_Sales::sales",
    "shipment": "Magento_Sales::sales",
    "creditmemos": "Magento_Sales::sales",
    "creditmemo": "Magento_Sales::sales",
    "transactions": "Magento_Sales::sales",
    "products": "Magento_Catalog::products",
    "categories": "Magento_Catalog::categories",
    "customers": "Magento_Customer::manage",
    "customerGroups": "Magento_Customer::group",
    "stockItems": "Magento_CatalogInventory::cataloginventory",
    "inventory": "Magento_InventoryApi::source",
}


def new_secret() -> str:
    """32 small letters and digits, as Magento makes keys and tokens."""
    return "".join(secrets.choice(_CHARACTERS) for _ in range(32))


def resource_of(parts: list[str]) -> str:
    """Access resource named in a refusal."""
    return next((_RESOURCES[part] for part in parts if part in _RESOURCES), "Magento_Backend::all")


def not_authorised(parts: list[str]) -> Refused:
    return refused(401, NOT_AUTHORISED, {"resources": resource_of(parts)})


def authorise(call: Call, ledger: Ledger, parts: list[str]) -> None:
    """Return if the caller may use the route; raises Refused."""
    scheme, _, given = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "oauth":
        _signed(call, ledger, given)
    elif scheme.lower() != "bearer" or not _bearer(ledger, given.strip()):
        raise not_authorised(parts)
    if resource_of(parts) in ledger.setting("denied_resources", []):
        raise not_authorised(parts)


def _bearer(ledger: Ledger, token: str) -> bool:
    session = ledger.get("_token", token)
    if session and session["kind"] == "admin":
        return float(session["ends_at_s"]) > ledger.now_s()
    return bool(_integration_with(ledger, token)) and bool(ledger.setting("bearer_allowed"))


def _integration_with(ledger: Ledger, token: str) -> dict[str, Any] | None:
    """Keys of the integration that the access token belongs to."""
    if secrets.compare_digest(token.encode(), str(ledger.setting("access_token")).encode()):
        names = ("consumer_key", "consumer_secret")
        return {
            **{name: ledger.setting(name) for name in names},
            "token": token,
            "token_secret": ledger.setting("access_token_secret"),
        }
    kept: dict[str, Any] | None = ledger.get("_token", token)
    return kept if kept and kept["kind"] == "integration" else None


# --- admin tokens


def admin_token(call: Call, ledger: Ledger, *, second_factor: bool) -> Reply:
    """A token for user name and password; refused where a second factor is wanted."""
    document = call.document()
    wish = document if isinstance(document, dict) else {}
    for name in ("username", "password", *(("otp",) if second_factor else ())):
        if not wish.get(name):
            raise required(name)
    known = (ledger.setting("username"), ledger.setting("password"))
    if (wish["username"], wish["password"]) != known:
        raise refused(401, _SIGN_IN_REFUSED)
    if ledger.setting("two_factor") and not second_factor:
        raise refused(401, "Use the 2fa provider-specific endpoints to obtain a token.")
    if second_factor and str(wish["otp"]) != str(ledger.setting("otp")):
        raise refused(401, "Invalid code.")
    token = "eyJraWQiOiIxIn0." + secrets.token_urlsafe(40)
    ends_at_s = int(ledger.now_s() + float(ledger.setting("admin_token_s")))
    ledger.put("_token", token, {"kind": "admin", "ends_at_s": ends_at_s})
    return json_reply(token)


# --- OAuth 1.0a


def _encoded(text: str) -> str:
    return quote(text, safe="~-._")


def _header(given: str) -> dict[str, str]:
    found = {}
    for part in given.split(","):
        name, separator, value = part.strip().partition("=")
        if separator:
            found[unquote(name)] = unquote(value.strip().strip('"'))
    return found


def _signed(call: Call, ledger: Ledger, given: str) -> None:
    header = _header(given)
    keys = _integration_with(ledger, header.get("oauth_token", ""))
    if keys is None or keys["consumer_key"] != header.get("oauth_consumer_key"):
        raise refused(401, "The oauth_token or oauth_consumer_key is not valid. Verify and try.")
    complaint = _complaint(call, ledger, header, keys["consumer_secret"], keys["token_secret"])
    if complaint:
        raise refused(401, complaint)


def _complaint(
    call: Call, ledger: Ledger, header: Mapping[str, str], consumer_secret: str, secret: str
) -> str | None:
    """Why the signature does not count, or None; a nonce counts once."""
    method = header.get("oauth_signature_method", "")
    digest = {"HMAC-SHA256": "sha256", "HMAC-SHA1": "sha1"}.get(method)
    if digest is None or (digest == "sha1" and not ledger.setting("hmac_sha1_allowed")):
        return f"Signature method {method} is not supported."
    time_text = header.get("oauth_timestamp", "")
    if not time_text.isdigit() or abs(ledger.now_s() - int(time_text)) > WINDOW_S:
        return "The oauth_timestamp value in the oauth_timestamp parameter is incorrect."
    pairs = [(k, v) for k, v in header.items() if k not in ("oauth_signature", "realm")]
    pairs += call.query
    if "x-www-form-urlencoded" in call.headers.get("content-type", ""):
        pairs += parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)
    text = "&".join(f"{k}={v}" for k, v in sorted((_encoded(k), _encoded(v)) for k, v in pairs))
    key = f"{_encoded(consumer_secret)}&{_encoded(secret)}".encode()
    claimed = header.get("oauth_signature", "")
    for address in _addresses(call):
        base = f"{call.method}&{_encoded(address)}&{_encoded(text)}"
        expected = base64.b64encode(hmac.digest(key, base.encode(), digest)).decode()
        if hmac.compare_digest(claimed.encode(), expected.encode()):
            break
    else:
        return _BAD_SIGNATURE
    nonce = f"{header.get('oauth_consumer_key')} {header.get('oauth_nonce')}"
    if ledger.get("_nonce", nonce):
        return (
            "The nonce is already being used by the consumer with key "
            f"{header.get('oauth_consumer_key')}."
        )
    ledger.put("_nonce", nonce, {"at": time_text}, keys={"at": f"{int(time_text):012d}"})
    if int(time_text) % 50 == 0:
        ledger.remove_below("_nonce", "at", f"{int(ledger.now_s()) - 2 * WINDOW_S:012d}")
    return None


def _addresses(call: Call) -> set[str]:
    """The call's address as clients write it: signs that need no encoding may be encoded."""
    start = call.base_url if urlsplit(call.base_url).scheme else f"http://{call.base_url}"
    shapes = ("", ":,@!$&'()*+;=")
    return {
        f"{start}/" + "/".join(quote(s, safe=f"~-._{x}") for s in call.segments) for x in shapes
    }


def activate(call: Call, ledger: Ledger) -> Reply:
    """The admin pressed “Activate”: a new integration, told to its callback address."""
    document = call.document()
    callback = document.get("callback_url") if isinstance(document, dict) else None
    if not isinstance(callback, str) or not callback.startswith(("http://", "https://")):
        raise refused(400, "Say 'callback_url': 'http(s)://...'.")
    instance, slug = call.segments[:2]
    consumer = {
        "oauth_consumer_key": new_secret(),
        "oauth_consumer_secret": new_secret(),
        "oauth_verifier": new_secret(),
        "store_base_url": document.get("store_base_url") or f"{call.base_url}/{instance}/{slug}/",
    }
    kept = {**consumer, "ends_at_s": int(ledger.now_s()) + EXCHANGE_S}
    ledger.put("_token", consumer["oauth_consumer_key"], {"kind": "consumer", **kept})
    ledger.enqueue(
        WebhookMessage(
            callback,
            {"Content-Type": "application/x-www-form-urlencoded"},
            urlencode(consumer).encode(),
        )
    )
    return json_reply({"oauth_consumer_key": consumer["oauth_consumer_key"]})


def exchange(call: Call, ledger: Ledger) -> Reply:
    """``/oauth/token/request`` and ``/oauth/token/access``."""
    scheme, _, given = call.headers.get("authorization", "").partition(" ")
    header = _header(given)
    consumer = ledger.get("_token", header.get("oauth_consumer_key", ""))
    if scheme.lower() != "oauth" or not consumer or consumer["kind"] != "consumer":
        return _problem("A consumer having the specified key does not exist.")
    if consumer["ends_at_s"] < ledger.now_s():
        return _problem("Consumer key has expired")
    key, secret = consumer["oauth_consumer_key"], consumer["oauth_consumer_secret"]
    if call.segments[-1] == "request":
        complaint = _complaint(call, ledger, header, secret, "")
        return _problem(complaint) if complaint else _issue(ledger, "request", key, secret)
    first = ledger.get("_token", header.get("oauth_token", ""))
    if not first or first["kind"] != "request" or first["consumer_key"] != key:
        return _problem("The request token is invalid. Verify and try again.")
    complaint = _complaint(call, ledger, header, secret, first["token_secret"])
    if complaint:
        return _problem(complaint)
    if header.get("oauth_verifier") != consumer["oauth_verifier"]:
        return _problem("The oauth_verifier is invalid. Verify and try again.")
    ledger.remove("_token", first["token"])
    ledger.remove("_token", key)
    return _issue(ledger, "integration", key, secret)


def _issue(ledger: Ledger, kind: str, consumer_key: str, consumer_secret: str) -> Reply:
    token = {
        "kind": kind,
        "consumer_key": consumer_key,
        "consumer_secret": consumer_secret,
        "token": new_secret(),
        "token_secret": new_secret(),
    }
    ledger.put("_token", token["token"], token)
    text = urlencode({"oauth_token": token["token"], "oauth_token_secret": token["token_secret"]})
    return Reply(200, text.encode(), content_type="text/html; charset=UTF-8")


def _problem(message: str) -> Reply:
    text = urlencode({"oauth_problem": message}, quote_via=quote)
    return Reply(401, text.encode(), content_type="text/html; charset=UTF-8")
