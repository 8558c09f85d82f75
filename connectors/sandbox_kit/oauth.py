"""An OAuth 2.0 server for sandboxes: consent with PKCE, rotating refresh, client credentials.

From RFC 6749 (grants and errors), 7636 (PKCE), 7009 (revocation) and 8414 (discovery). What a
vendor does otherwise stays in the vendor's own sandbox.
"""

from __future__ import annotations

import base64
import hashlib
import html
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import (
    Call,
    Refused,
    Reply,
    html_reply,
    json_reply,
    redirect_reply,
)

TOKENS, REFRESH, CODES = "_token", "_refresh", "_code"
SETTINGS: Mapping[str, Any] = {
    "access_token_lifetime_s": 3600,
    "refresh_token_lifetime_s": 2_592_000,
    "code_lifetime_s": 300,
    "redirect_uris": [],
}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class OAuthServer:
    """Endpoints below ``/oauth``; settings are ``SETTINGS``, client_id and client_secret.

    With ``users`` consent leads to codes and refresh tokens; without, the client itself is served.
    """

    name: str
    users: bool = True

    def credentials(self) -> dict[str, Any]:
        """A new client."""
        return {
            "client_id": f"client-{secrets.token_hex(8)}",
            "client_secret": secrets.token_urlsafe(24),
        }

    def answer(self, call: Call, ledger: Ledger) -> Reply | None:
        """Answer if the call is for this server, else None."""
        match (call.method, *call.segments):
            case ("GET", ".well-known", "oauth-authorization-server"):
                return self._discovery(call)
            case ("GET" | "POST", "oauth", "authorize") if self.users:
                return self._authorise(call, ledger)
            case ("POST", "oauth", "token"):
                return self._token(call, ledger)
            case ("POST", "oauth", "revoke"):
                return self._revoke(call, ledger)
        return None

    def bearer(self, call: Call, ledger: Ledger) -> Mapping[str, Any] | None:
        """What the bearer token of the call stands for; None if it is missing, unknown or over."""
        scheme, _, value = call.headers.get("authorization", "").partition(" ")
        known = ledger.get(TOKENS, value.strip()) if scheme.lower() == "bearer" else None
        return known if known and known["expires_at"] > ledger.now_s() else None

    def _discovery(self, call: Call) -> Reply:
        at = call.base_url
        return json_reply(
            {
                "issuer": at,
                "authorization_endpoint": f"{at}/oauth/authorize",
                "token_endpoint": f"{at}/oauth/token",
                "revocation_endpoint": f"{at}/oauth/revoke",
                "response_types_supported": ["code"],
                "grant_types_supported": self._grants(),
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_basic",
                    "client_secret_post",
                ],
            }
        )

    def _grants(self) -> list[str]:
        return ["authorization_code", "refresh_token"] if self.users else ["client_credentials"]

    # --- consent

    def _authorise(self, call: Call, ledger: Ledger) -> Reply:
        given = dict(call.query)
        if call.method == "POST":
            given |= call.form()
        decision = "connect" if given.get("auto_approve") == "1" else given.get("decision")
        uri = given.get("redirect_uri", "")
        if given.get("client_id") != ledger.setting("client_id"):
            return html_reply(_page(self.name, "No app with this client id is known here."), 400)
        if uri not in ledger.setting("redirect_uris") and urlsplit(uri).hostname not in _LOOPBACK:
            return html_reply(_page(self.name, "The redirect address is not registered."), 400)
        if given.get("response_type") != "code":
            return _back(given, {"error": "unsupported_response_type"})
        if given.get("code_challenge_method") != "S256" or not given.get("code_challenge"):
            return _back(
                given, {"error": "invalid_request", "error_description": "PKCE (S256) is needed."}
            )
        if decision is None:
            return html_reply(_consent_page(self.name, given))
        if decision != "connect":
            return _back(given, {"error": "access_denied"})
        code = secrets.token_urlsafe(24)
        grant = {
            "value": code,
            "redirect_uri": uri,
            "challenge": given["code_challenge"],
            "scope": given.get("scope", ""),
            "expires_at": int(ledger.now_s()) + ledger.setting("code_lifetime_s"),
        }
        ledger.put(CODES, code, grant)
        return _back(given, {"code": code})

    # --- tokens

    def _token(self, call: Call, ledger: Ledger) -> Reply:
        form = call.form()
        _check_client(call, form, ledger)
        grant = form.get("grant_type", "")
        if grant not in self._grants():
            raise _error("unsupported_grant_type", f"Use {' or '.join(self._grants())}.")
        if grant == "client_credentials":
            return _issue(ledger, secrets.token_hex(8), form.get("scope", ""), None)
        if grant == "authorization_code":
            return self._from_code(form, ledger)
        return self._from_refresh_token(form, ledger)

    def _from_code(self, form: Mapping[str, str], ledger: Ledger) -> Reply:
        code = form.get("code", "")
        grant = ledger.get(CODES, code)
        if grant is None or grant["expires_at"] <= ledger.now_s():
            raise _error("invalid_grant", "The code is unknown, used or over.")
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        shown = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if form.get("redirect_uri") != grant["redirect_uri"] or shown != grant["challenge"]:
            raise _error("invalid_grant", "Redirect address or code verifier does not fit.")
        ledger.remove(CODES, code)
        return _issue(ledger, secrets.token_hex(8), grant["scope"], _new_refresh)

    def _from_refresh_token(self, form: Mapping[str, str], ledger: Ledger) -> Reply:
        """A refresh token is good once; one used twice ends its whole grant (RFC 6819, 5.2.2.3)."""
        value = form.get("refresh_token", "")
        known = ledger.get(REFRESH, value)
        if known is None or known["expires_at"] <= ledger.now_s():
            raise _error("invalid_grant", "The refresh token is unknown or over.")
        if known["used"]:
            _end_grant(ledger, known["family"])
            # The end of the grant must stay, though the call is refused: answer, do not raise.
            return json_reply({"error": "invalid_grant"}, 400)
        _put_refresh(ledger, value, {**known, "used": True})
        return _issue(ledger, known["family"], known["scope"], _new_refresh)

    def _revoke(self, call: Call, ledger: Ledger) -> Reply:
        form = call.form()
        _check_client(call, form, ledger)
        value = form.get("token", "")
        known = ledger.get(REFRESH, value) or ledger.get(TOKENS, value)
        if known is not None:
            _end_grant(ledger, known["family"])
        return Reply(200)


def _check_client(call: Call, form: Mapping[str, str], ledger: Ledger) -> None:
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    client, secret = form.get("client_id", ""), form.get("client_secret", "")
    if scheme.lower() == "basic":
        try:
            client, _, secret = base64.b64decode(encoded).decode().partition(":")
        except ValueError:
            client = secret = ""
        client, secret = unquote(client), unquote(secret)
    right = f"{ledger.setting('client_id')}:{ledger.setting('client_secret')}"
    if not secrets.compare_digest(f"{client}:{secret}".encode(), right.encode()):
        raise _error("invalid_client", "The client id or secret is wrong.", 401)


def _issue(ledger: Ledger, family: str, scope: str, refresh: Any) -> Reply:
    _forget_expired(ledger)
    access = secrets.token_urlsafe(32)
    lifetime_s = ledger.setting("access_token_lifetime_s")
    token = {"value": access, "family": family, "scope": scope}
    token["expires_at"] = int(ledger.now_s()) + lifetime_s
    ledger.put(TOKENS, access, token, keys={"family": family})
    document: dict[str, Any] = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": lifetime_s,
    }
    if refresh is not None:
        document["refresh_token"] = refresh(ledger, family, scope)
    if scope:
        document["scope"] = scope
    return json_reply(document)


def _new_refresh(ledger: Ledger, family: str, scope: str) -> str:
    value = secrets.token_urlsafe(32)
    expires_at = int(ledger.now_s()) + ledger.setting("refresh_token_lifetime_s")
    known = {"value": value, "family": family, "scope": scope, "used": False}
    _put_refresh(ledger, value, {**known, "expires_at": expires_at})
    return value


def _put_refresh(ledger: Ledger, value: str, document: Mapping[str, Any]) -> None:
    ledger.put(REFRESH, value, document, keys={"family": document["family"]})


def _end_grant(ledger: Ledger, family: str) -> None:
    for entity in (REFRESH, TOKENS):
        for each in ledger.find(entity, "family", family):
            ledger.remove(entity, each["value"])


def _forget_expired(ledger: Ledger) -> None:
    now = ledger.now_s()
    for entity in (TOKENS, REFRESH, CODES):
        for each in ledger.all(entity):
            if each["expires_at"] <= now:
                ledger.remove(entity, each["value"])


def _error(name: str, text: str, status: int = 400) -> Refused:
    return Refused(json_reply({"error": name, "error_description": text}, status))


def _back(given: Mapping[str, str], answer: dict[str, str]) -> Reply:
    if "state" in given:
        answer["state"] = given["state"]
    uri = given["redirect_uri"]
    return redirect_reply(f"{uri}{'&' if '?' in uri else '?'}{urlencode(answer)}")


def _page(title: str, text: str) -> str:
    return (
        "<!doctype html><html lang=en><meta name=viewport content='width=device-width'>"
        f"<title>{html.escape(title)}</title><body style='font:16px system-ui;max-width:28rem;"
        f"margin:4rem auto;padding:0 1rem'><h1>{html.escape(title)}</h1>{text}</body></html>"
    )


def _consent_page(name: str, given: Mapping[str, str]) -> str:
    hidden = "".join(
        f"<input type=hidden name='{html.escape(key)}' value='{html.escape(value)}'>"
        for key, value in given.items()
    )
    return _page(
        name,
        f"<p>An application asks to work with your {html.escape(name)} account.</p>"
        f"<form method=post>{hidden}<button name=decision value=connect>Allow</button> "
        "<button name=decision value=refuse>Refuse</button></form>",
    )
