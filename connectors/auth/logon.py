"""Session log-on: one call gives a session, which later calls carry until it ends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from connectors import credentials
from connectors.auth import plain, renewal
from connectors.auth.renewal import DefinitelyRefused, Fresh
from connectors.auth.spec import LogOn
from connectors.credentials import Opened
from connectors.manifest import templates
from connectors.sdk import ConnectorError, HttpRequest, HttpResponse, pick
from ipaas.core import clock, jsonio
from ipaas.core.errors import Recovery

SESSION = "session"
_PLACE = re.compile(r"\{(secrets|settings)\.(\w+)\}")
_WRAPPED = re.compile(r"^<string\b[^>]*>(.*)</string>$", re.DOTALL)


class SessionLogOn:
    """Logs on once for all workers, and again when the vendor says that the session is over."""

    derived = frozenset((SESSION, "lifetime_s"))

    def ahead(self, connection: Opened) -> Opened:
        """The connection with a session that the vendor still knows, as far as we know."""
        if not connection.secrets.get(SESSION) or renewal.needs_renewal(connection, 60):
            return renewal.renewed(connection, _logged_on)
        return connection

    def signed(self, connection: Opened, request: HttpRequest) -> HttpRequest:
        """``request`` with the session where the manifest says."""
        return plain.placed(request, connection.auth, str(connection.secrets.get(SESSION, "")))

    def refused(self, connection: Opened, response: HttpResponse) -> bool:
        """Whether the session is over: by status, or by the vendor's words in a reply of 200."""
        if response.status == 401:
            return True
        ended = connection.auth.ended
        return bool(ended) and ended.encode() in response.body[:4096]

    def renewed(self, connection: Opened) -> Opened:
        """The connection with a new session."""
        credentials.forget(connection.id)
        return renewal.renewed(connection, _logged_on)

    def withdrawn(self, connection: Opened) -> bool | None:
        """Whether the vendor confirmed that the session, and its licence seat, are given back."""
        if connection.auth.log_off is None or not connection.secrets.get(SESSION):
            return None
        try:
            response = _answer(connection, connection.auth.log_off)
        except ConnectorError:
            return False
        return 200 <= response.status < 300


def _logged_on(connection: Opened) -> Fresh:
    auth = connection.auth
    assert auth.log_on is not None
    response = _answer(connection, auth.log_on)
    if response.status >= 500 or response.status in (408, 429):
        raise renewal.trouble(connection, f"its log-on answered with status {response.status}")
    text = _text(response)
    if response.status in (400, 401, 403) or (auth.refused and auth.refused in text):
        raise DefinitelyRefused("Its log-on was refused: user name, password or company is wrong.")
    token: Any = text
    if auth.token_at:
        token = pick(response.document(), auth.token_at)
    if response.status >= 300 or not token or len(str(token)) > 4000:
        raise renewal.trouble(connection, "its log-on gave no session")
    secrets = {**connection.secrets, SESSION: str(token), "lifetime_s": auth.lifetime_s or 86_400}
    ends = clock.now() + timedelta(seconds=auth.lifetime_s) if auth.lifetime_s else None
    return Fresh(secrets, ends)


def _answer(connection: Opened, call: LogOn) -> HttpResponse:
    base = templates.fill_text(
        connection.connector.manifest.base_url,
        {"settings": connection.settings, "account": connection.account},
    )
    if base is templates.MISSING:
        raise ConnectorError(
            f"The connection “{connection.name}” lacks a setting that its log-on needs.",
            code="connection.incomplete",
            recovery=Recovery.REAUTHORISE,
            hint="Open the connection and complete its settings.",
        )
    sources = {"secrets": connection.secrets, "settings": connection.settings}
    query = {name: _filled(value, sources) for name, value in call.query.items()}
    headers = {name: str(_filled(value, sources)) for name, value in call.headers.items()}
    url = f"{str(base).rstrip('/')}{call.path}"
    if query:
        url += "?" + urlencode({n: str(v) for n, v in query.items()}, quote_via=quote, safe="")
    body = None
    if call.body is not None:
        body = jsonio.dumps(_filled(call.body, sources))
        headers.setdefault("Content-Type", "application/json")
    request = HttpRequest(call.method, url, headers, body)
    return connection.door().send(request, write=True).response


def _filled(template: Any, sources: Mapping[str, Mapping[str, Any]]) -> Any:
    """``template`` with secrets and settings in their places; what is missing is empty."""
    if isinstance(template, str):
        return _PLACE.sub(
            lambda match: str(sources[match.group(1)].get(match.group(2), "")), template
        )
    if isinstance(template, Mapping):
        return {name: _filled(value, sources) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, sources) for value in template]
    return template


def _text(response: HttpResponse) -> str:
    """The session as plain text; some servers wrap it as JSON or XML, all pad it."""
    text = response.body.decode("utf-8", "replace").strip()
    if match := _WRAPPED.match(text):
        return match.group(1).strip()
    if text.startswith('"') and text.endswith('"'):
        try:
            return str(jsonio.loads(text)).strip()
        except jsonio.MalformedJson:
            return text
    return text
