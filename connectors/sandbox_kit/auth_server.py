"""A small server that asks for every kind of authorisation, for tests of those who must give it.

It runs on 127.0.0.1 in this process. It is written from the RFCs (6749, 7636, 7009, 5849), not from
our client: a mistake in one shows in the other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

CLIENT_ID, CLIENT_SECRET = "client-id-1", "client-secret-1"
USER, PASSWORD = "service-user", "service-password"
API_KEY = "api-key-0123456789"
CONSUMER_KEY, CONSUMER_SECRET = "ck0123456789", "cs0123456789"
ACCESS_TOKEN, ACCESS_SECRET = "at0123456789", "as0123456789"
VERIFIER = "verifier-0123456789"
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class AuthServer:
    """What it knows, what it was asked (``counts``), and switches for what it answers."""

    url: str = ""
    lifetime_s: int = 3600
    rotates: bool = True
    client_in: str = "basic"
    granted_scope: str = ""
    trouble: int = 0  # status that token and log-on endpoints answer instead
    refuse_refresh: bool = False
    session_ended_text: bool = True
    counts: Counter[str] = field(default_factory=Counter)
    seen: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    refresh_tokens: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    request_tokens: dict[str, str] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """The answer to one request; header names are lower case."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        with self.lock:
            self.counts[parts.path] += 1
            call = {"method": method, "target": target, "headers": headers, "body": body}
            self.seen.append(call)
            match parts.path:
                case "/authorize":
                    return self._authorize(query)
                case "/token":
                    return self._token(headers, _form(body))
                case "/revoke":
                    self.revoked.append(_form(body).get("token", ""))
                    return _json({})
                case "/oauth/token/request":
                    return self._request_token(method, target, headers, body)
                case "/oauth/token/access":
                    return self._access_token(method, target, headers, body)
                case "/logon":
                    return self._log_on(query)
                case "/logoff":
                    self.sessions.discard(query.get("UserId", "").strip())
                    return 200, {}, b"0"
                case path:
                    return self._resource(path, method, target, headers, query, body)

    def _authorize(self, query: dict[str, str]) -> Answer:
        if query.get("client_id") != CLIENT_ID or query.get("response_type") != "code":
            return 400, {}, b"unknown client"
        code = secrets.token_urlsafe(12)
        self.codes[code] = query
        back = {"code": code, "state": query["state"], "company": "C-1"}
        return 302, {"Location": f"{query['redirect_uri']}?{urlencode(back)}"}, b""

    def _token(self, headers: dict[str, str], form: dict[str, str]) -> Answer:
        if self.trouble:
            return self.trouble, {"Content-Type": "text/html"}, b"<html>maintenance</html>"
        if self._client_of(headers, form) != (CLIENT_ID, CLIENT_SECRET):
            return _json({"error": "invalid_client"}, 401)
        grant = form.get("grant_type")
        if grant == "client_credentials":
            return self._issue(form, refresh=False)
        if grant == "password":
            if (form.get("username"), form.get("password")) != (USER, PASSWORD):
                return _json({"error": "invalid_grant"}, 400)
            return self._issue(form)
        if grant == "refresh_token":
            given = form.get("refresh_token", "")
            if given not in self.refresh_tokens or self.refuse_refresh:
                return _json({"error": "invalid_grant"}, 400)
            if self.rotates:
                self.refresh_tokens.discard(given)
            return self._issue(form)
        if grant == "authorization_code":
            asked = self.codes.pop(form.get("code", ""), None)
            if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
                return _json({"error": "invalid_grant"}, 400)
            if "code_challenge" in asked:
                proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
                if base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != asked["code_challenge"]:
                    return _json({"error": "invalid_grant"}, 400)
            return self._issue({"scope": asked.get("scope", "")})
        return _json({"error": "unsupported_grant_type"}, 400)

    def _client_of(self, headers: dict[str, str], form: dict[str, str]) -> tuple[str, str]:
        scheme, _, encoded = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic" and self.client_in == "basic":
            name, _, secret = base64.b64decode(encoded).decode().partition(":")
            return unquote(name), unquote(secret)
        if self.client_in == "body":
            return form.get("client_id", ""), form.get("client_secret", "")
        return "", ""

    def _issue(self, form: dict[str, str], *, refresh: bool = True) -> Answer:
        token = f"token-{secrets.token_urlsafe(12)}"
        self.tokens.add(token)
        document: dict[str, Any] = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.lifetime_s,
        }
        if refresh:
            document["refresh_token"] = f"refresh-{secrets.token_urlsafe(12)}"
            self.refresh_tokens.add(document["refresh_token"])
        if scope := self.granted_scope or form.get("scope"):
            document["scope"] = scope
        return _json(document)

    def _request_token(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> Answer:
        if self.trouble:
            return self.trouble, {}, b""
        if not self._is_signed(method, target, headers, body, CONSUMER_SECRET, ""):
            return 401, {}, b"oauth_problem=signature_invalid"
        token, secret = f"rt{secrets.token_hex(8)}", f"rs{secrets.token_hex(8)}"
        self.request_tokens[token] = secret
        return 200, {}, urlencode({"oauth_token": token, "oauth_token_secret": secret}).encode()

    def _access_token(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> Answer:
        given = _oauth_header(headers)
        secret = self.request_tokens.get(given.get("oauth_token", ""))
        signed = secret is not None and self._is_signed(
            method, target, headers, body, CONSUMER_SECRET, secret
        )
        if not signed or given.get("oauth_verifier") != VERIFIER:
            return 401, {}, b"oauth_problem=verifier_invalid"
        del self.request_tokens[given["oauth_token"]]
        lasting = {"oauth_token": ACCESS_TOKEN, "oauth_token_secret": ACCESS_SECRET}
        return 200, {}, urlencode(lasting).encode()

    def _is_signed(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes,
        consumer_secret: str,
        token_secret: str,
    ) -> bool:
        """RFC 5849, 3.4: base string, HMAC-SHA256, each nonce once."""
        given = _oauth_header(headers)
        signature = given.pop("oauth_signature", "")
        if given.get("oauth_signature_method") != "HMAC-SHA256":
            return False
        if given.get("oauth_consumer_key") != CONSUMER_KEY:
            return False
        nonce = given.get("oauth_nonce", "")
        if not nonce or nonce in self.nonces:
            return False
        self.nonces.add(nonce)
        parts = urlsplit(target)
        pairs = [*given.items(), *parse_qsl(parts.query, keep_blank_values=True)]
        if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            pairs += parse_qsl(body.decode(), keep_blank_values=True)
        encoded = sorted((_enc(name), _enc(value)) for name, value in pairs)
        text = "&".join(f"{name}={value}" for name, value in encoded)
        base = f"{method}&{_enc(self.url + parts.path)}&{_enc(text)}"
        key = f"{_enc(consumer_secret)}&{_enc(token_secret)}".encode()
        right = base64.b64encode(hmac.digest(key, base.encode(), "sha256")).decode()
        return hmac.compare_digest(right, signature)

    def _log_on(self, query: dict[str, str]) -> Answer:
        if self.trouble:
            return self.trouble, {}, b"down"
        if (query.get("Operator"), query.get("OperatorPassword")) != (USER, PASSWORD):
            return 200, {}, b"ERROR: Invalid operator password "
        self.sessions.clear()  # one session per operator
        session = secrets.token_hex(16).upper()
        self.sessions.add(session)
        return 200, {"Content-Type": "application/octet-stream"}, f"{session}  \n ".encode()

    def _resource(
        self,
        path: str,
        method: str,
        target: str,
        headers: dict[str, str],
        query: dict[str, str],
        body: bytes,
    ) -> Answer:
        scheme, _, value = headers.get("authorization", "").partition(" ")
        match path.split("/")[1]:
            case "bearer":
                fits = scheme == "Bearer" and (value in self.tokens or value == ACCESS_TOKEN)
            case "basic":
                right = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
                fits = scheme == "Basic" and value == right
            case "key":
                fits = API_KEY in (headers.get("x-api-key"), query.get("key"))
            case "signed":
                fits = self._is_signed(
                    method, target, headers, body, CONSUMER_SECRET, ACCESS_SECRET
                )
            case "session":
                fits = query.get("UserId", "").strip() in self.sessions
                if not fits and self.session_ended_text:
                    return 200, {}, b"ERROR: The supplied UserID is invalid. "
            case "custom":
                fits = headers.get("x-stamp", "") in self.tokens
            case "open":
                fits = True
            case _:
                return _json({"error": "there is nothing here"}, 404)
        return _json({"ok": True}) if fits else _json({"error": "not authorised"}, 401)


@contextmanager
def running() -> Iterator[AuthServer]:
    """The server on a free port, until the block ends."""
    known = AuthServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, extra, content = known.answer(self.command, self.path, headers, body)
            self.send_response(status)
            for name, value in {"Content-Type": "text/plain", **extra}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = handle_any

        def log_message(self, format: str, *args: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    known.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _json(document: Any, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(document).encode()


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _enc(text: str) -> str:
    return quote(text, safe="-._~")


def _oauth_header(headers: dict[str, str]) -> dict[str, str]:
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "oauth":
        return {}
    pairs = (part.strip().partition("=") for part in rest.split(","))
    return {name: unquote(value.strip('"')) for name, _, value in pairs}
