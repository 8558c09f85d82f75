"""OAuth 2.0 of QuickBooks (fact sheet A2): discovery, consent, tokens, rotation, revocation."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from connectors.catalog.quickbooks.sandbox import consent
from connectors.catalog.quickbooks.sandbox.errors import token_refused
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import (
    Call,
    Refused,
    Reply,
    html_reply,
    json_reply,
    redirect_reply,
)
from ipaas.core import jsonio

_TOKENS, _REFRESH, _CODES = "_token", "_refresh", "_code"
_FORM_FIELDS = (
    "client_id",
    "response_type",
    "scope",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
)
_MOVABLE = (("connect",), ("oauth2",), ("v2",), ("v1",), ("op",))
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_DAY_S = 86_400
_HARD_LIMIT_S = 157_680_000
ACCESS_REVOKED = "access_revoked"


def moved(segments: tuple[str, ...], ledger: Ledger) -> tuple[str, ...]:
    """Segments without the place that the OAuth endpoints have moved to (setting oauth_moved_to).

    The old addresses do not work then; the discovery document tells the new ones.
    """
    place = str(ledger.setting("oauth_moved_to") or "")
    if not place:
        return segments
    if segments[:1] == (place,):
        return segments[1:]
    return ("gone",) if segments[:1] in _MOVABLE else segments


def discovery(call: Call, ledger: Ledger) -> Reply:
    place = str(ledger.setting("oauth_moved_to") or "")
    base = f"{call.base_url}/{place}" if place else call.base_url
    return json_reply(
        {
            "issuer": f"{base}/op/v1",
            "authorization_endpoint": f"{base}/connect/oauth2",
            "token_endpoint": f"{base}/oauth2/v1/tokens/bearer",
            "userinfo_endpoint": f"{base}/v1/openid_connect/userinfo",
            "revocation_endpoint": f"{base}/v2/oauth2/tokens/revoke",
            "jwks_uri": f"{base}/op/v1/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile", "address", "phone"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
        }
    )


# --- authorise


def authorise(call: Call, ledger: Ledger) -> Reply:
    """Consent page, or the redirect when the decision is made (or auto_approve=1)."""
    given = dict(call.query)
    decision = "connect" if given.get("auto_approve") == "1" else None
    if call.method == "POST":
        given = {**given, **call.form()}
        decision = given.get("decision")
    complaint = _complaint(given, ledger)
    if complaint:
        return html_reply(consent.refusal(complaint), 400)
    if given.get("response_type") != "code":
        return _back(given, {"error": "unsupported_response_type"})
    companies = [(info["Id"], info["CompanyName"], info["Country"]) for info in _companies(ledger)]
    if decision is None:
        fields = {name: given[name] for name in _FORM_FIELDS if name in given}
        return html_reply(consent.page(fields, companies, given.get("scope", "").split()))
    if decision != "connect":
        return _back(given, {"error": "access_denied"})
    realm = given.get("realm") or companies[0][0]
    if realm not in [known for known, _, _ in companies]:
        return html_reply(consent.refusal("There is no such company."), 400)
    code = "XAB1" + secrets.token_urlsafe(24)
    ledger.put(
        _CODES,
        code,
        {
            "value": code,
            "realm": realm,
            "redirect_uri": given["redirect_uri"],
            "scope": given.get("scope", ""),
            "challenge": given.get("code_challenge"),
            "method": given.get("code_challenge_method", "plain"),
            "expires_at": int(ledger.now_s()) + ledger.setting("code_lifetime_s"),
        },
    )
    return _back(given, {"code": code, "realmId": realm})


def _complaint(given: Mapping[str, str], ledger: Ledger) -> str | None:
    if given.get("client_id") != ledger.setting("client_id"):
        return "No app with this client id is known here."
    uri = given.get("redirect_uri", "")
    loopback = ledger.setting("allow_loopback_redirects") and urlsplit(uri).hostname in _LOOPBACK
    if uri not in ledger.setting("redirect_uris") and not loopback:
        return "The redirect address of this request is not registered for the app."
    return None


def _companies(ledger: Ledger) -> list[Any]:
    return list(reversed(ledger.newest("CompanyInfo")))


def _back(given: Mapping[str, str], answer: dict[str, str]) -> Reply:
    if "state" in given:
        answer["state"] = given["state"]
    uri = given["redirect_uri"]
    return redirect_reply(f"{uri}{'&' if '?' in uri else '?'}{urlencode(answer)}")


# --- tokens


def _oauth_error(name: str, text: str, status: int = 400) -> Refused:
    return Refused(json_reply({"error": name, "error_description": text}, status))


def _check_client(call: Call, ledger: Ledger) -> None:
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(encoded).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        pair = ""
    wanted = f"{ledger.setting('client_id')}:{ledger.setting('client_secret')}"
    if not secrets.compare_digest(pair.encode(), wanted.encode()):
        raise _oauth_error("invalid_client", "The client id or secret is wrong.", 401)


def token(call: Call, ledger: Ledger) -> Reply:
    """Tokens for a code or a refresh token."""
    _check_client(call, ledger)
    form = call.form()
    match form.get("grant_type"):
        case "authorization_code":
            return _from_code(call, form, ledger)
        case "refresh_token":
            return _from_refresh_token(call, form, ledger)
        case None:
            raise _oauth_error("invalid_request", "grant_type is missing.")
    raise _oauth_error("unsupported_grant_type", "Use authorization_code or refresh_token.")


def _from_code(call: Call, form: Mapping[str, str], ledger: Ledger) -> Reply:
    code = form.get("code", "")
    grant = ledger.get(_CODES, code)
    if grant is None or grant["expires_at"] <= ledger.now_s():
        raise _oauth_error("invalid_grant", "The authorization code is unknown, used or expired.")
    if form.get("redirect_uri") != grant["redirect_uri"]:
        raise _oauth_error("invalid_grant", "The redirect address differs from the request's.")
    if grant["challenge"] and not _proves(form.get("code_verifier", ""), grant):
        raise _oauth_error("invalid_grant", "The code verifier does not fit the challenge.")
    ledger.remove(_CODES, code)
    forget_expired(ledger)
    family = secrets.token_hex(8)
    refresh = _new_refresh_token(ledger, family, grant["realm"], ledger.now_s())
    return _answer(call, ledger, grant["realm"], family, refresh)


def _proves(verifier: str, grant: Mapping[str, Any]) -> bool:
    if grant["method"] == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return secrets.compare_digest(verifier.encode(), grant["challenge"].encode())


def _from_refresh_token(call: Call, form: Mapping[str, str], ledger: Ledger) -> Reply:
    """New access token; the refresh token is rotated always or once a day (setting)."""
    value = form.get("refresh_token", "")
    known = ledger.get(_REFRESH, value)
    now = ledger.now_s()
    if known is None or known["expires_at"] <= now or ledger.faults.state(ACCESS_REVOKED)[0]:
        raise _oauth_error("invalid_grant", "Incorrect or invalid refresh token.")
    replacement = known.get("replaced_by")
    if replacement:
        # The previous token of a rotation: good for a grace period, and leads to the current one.
        current = ledger.get(_REFRESH, replacement)
        if current is None:
            raise _oauth_error("invalid_grant", "Incorrect or invalid refresh token.")
        return _answer(call, ledger, known["realm"], known["family"], replacement)
    due = ledger.setting("refresh_rotation") == "always" or now - known["issued_at"] >= _DAY_S
    if due:
        fresh = _new_refresh_token(ledger, known["family"], known["realm"], known["first_at"])
        known["replaced_by"] = fresh
        known["expires_at"] = int(now) + ledger.setting("refresh_grace_s")
        _put_refresh(ledger, value, known)
        value = fresh
    else:
        known["expires_at"] = int(now) + ledger.setting("refresh_token_lifetime_s")
        _put_refresh(ledger, value, known)
    return _answer(call, ledger, known["realm"], known["family"], value)


def _new_refresh_token(ledger: Ledger, family: str, realm: str, first_at: float) -> str:
    value = "AB11" + secrets.token_urlsafe(32)
    now = int(ledger.now_s())
    _put_refresh(
        ledger,
        value,
        {
            "value": value,
            "family": family,
            "realm": realm,
            "issued_at": now,
            "first_at": int(first_at),
            "expires_at": now + ledger.setting("refresh_token_lifetime_s"),
        },
    )
    return value


def _put_refresh(ledger: Ledger, value: str, document: Mapping[str, Any]) -> None:
    ledger.put(_REFRESH, value, document, keys={"family": document["family"]})


def _answer(call: Call, ledger: Ledger, realm: str, family: str, refresh: str) -> Reply:
    access = "eyJ" + secrets.token_urlsafe(48)
    lifetime_s = ledger.setting("access_token_lifetime_s")
    ledger.put(
        _TOKENS,
        access,
        {
            "value": access,
            "realm": realm,
            "family": family,
            "expires_at": int(ledger.now_s()) + lifetime_s,
        },
        keys={"family": family},
    )
    document = {
        "token_type": "bearer",
        "access_token": access,
        "refresh_token": refresh,
        "expires_in": lifetime_s,
        "x_refresh_token_expires_in": ledger.setting("refresh_token_lifetime_s"),
    }
    if call.headers.get("x-include-refresh-token-hard-expires-in", "").lower() == "true":
        first_at = (ledger.get(_REFRESH, refresh) or {}).get("first_at", ledger.now_s())
        document["x_refresh_token_hard_expires_in"] = _HARD_LIMIT_S - int(ledger.now_s() - first_at)
    return json_reply(document)


def revoke(call: Call, ledger: Ledger) -> Reply:
    """Ends the whole grant that the token belongs to."""
    _check_client(call, ledger)
    value = _token_to_revoke(call)
    known = ledger.get(_REFRESH, value) or ledger.get(_TOKENS, value)
    if known is None:
        raise _oauth_error("invalid_request", "The token is not known.")
    for entity in (_REFRESH, _TOKENS):
        for each in ledger.find(entity, "family", known["family"]):
            ledger.remove(entity, each["value"])
    return Reply(200)


def _token_to_revoke(call: Call) -> str:
    if call.body.lstrip().startswith(b"{"):
        document = jsonio.loads(call.body)
        return str(document.get("token", ""))
    return call.form().get("token", "")


def realm_of_caller(call: Call, ledger: Ledger) -> str:
    """Company the bearer token was issued for; raises a gateway refusal 401."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise Refused(token_refused("Token missing"))
    known = ledger.get(_TOKENS, value.strip())
    if known is None or ledger.faults.state(ACCESS_REVOKED)[0]:
        raise Refused(token_refused("Token invalid or revoked"))
    if known["expires_at"] <= ledger.now_s():
        raise Refused(token_refused(f"Token expired: {value[:4]}..."))
    return str(known["realm"])


def forget_expired(ledger: Ledger) -> None:
    """Remove what nobody can use any more."""
    now = ledger.now_s()
    for entity in (_TOKENS, _CODES):
        for each in ledger.all(entity):
            if each["expires_at"] <= now - _DAY_S:
                ledger.remove(entity, each["value"])


def userinfo(call: Call, ledger: Ledger) -> Reply:
    realm = realm_of_caller(call, ledger)
    return json_reply(
        {
            "sub": f"sandbox-user-{realm[-6:]}",
            "email": "owner@demo-company.example",
            "emailVerified": True,
            "givenName": "Olive",
            "familyName": "Owner",
        }
    )
