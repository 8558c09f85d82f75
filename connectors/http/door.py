"""Sending one request and saying exactly what became of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from urllib3 import Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.response import BaseHTTPResponse

from connectors.http import masking
from connectors.http.guard import Reach, check_url
from connectors.http.pool import manager, phase
from connectors.sdk import ConnectorError, Exchange, Executed, HttpRequest, HttpResponse
from ipaas.core.errors import Recovery

MOST_BYTES = 20 * 1024 * 1024
USER_AGENT = "Causeway/0.1"


@dataclass(frozen=True, slots=True)
class Sent:
    """A complete reply and the record of the exchange."""

    response: HttpResponse
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Door:
    """The way out for one connection: its reach, its patience, and the secrets never to keep."""

    reach: Reach = Reach.PUBLIC
    connect_timeout_s: float = 5
    read_timeout_s: float = 60
    secrets: tuple[str, ...] = ()

    def send(self, request: HttpRequest, *, write: bool = False) -> Sent:
        """Send once and return the whole reply, whatever its status.

        Nothing is ever sent a second time here: no retries, no redirects, and a kept-alive
        connection that breaks after the first byte left is a failure like any other. Raises
        ConnectorError; for a ``write`` its ``executed`` is "no" only if no byte left, else
        "unknown". A kept-alive connection found closed before that is replaced silently.
        """
        check_url(request.url, self.reach)
        started = time.monotonic()
        phase.sent = False
        try:
            raw = manager(self.reach).urlopen(
                request.method,
                request.url,
                body=request.body,
                headers={
                    "User-Agent": USER_AGENT,
                    "Accept-Encoding": "gzip",
                    **request.headers,
                },
                timeout=Timeout(connect=self.connect_timeout_s, read=self.read_timeout_s),
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
            )
            body = self._read(raw, started)
        except (HTTPError, OSError, _ReplyTooSlow, _ReplyTooLarge) as error:
            exchange = self._record(request, None, started)
            raise self._failure(request, error, write, exchange) from error
        response = HttpResponse(
            raw.status, {name.lower(): value for name, value in raw.headers.items()}, body
        )
        return Sent(response, self._record(request, response, started))

    def _read(self, raw: BaseHTTPResponse, started: float) -> bytes:
        """The whole body; the limits on size and time hold for what is unpacked."""
        chunks, size = [], 0
        deadline = started + self.connect_timeout_s + 2 * self.read_timeout_s
        try:
            while chunk := raw.read(256 * 1024, decode_content=True):
                size += len(chunk)
                if size > MOST_BYTES:
                    raise _ReplyTooLarge
                if time.monotonic() > deadline:
                    raise _ReplyTooSlow
                chunks.append(chunk)
        except BaseException:
            raw.close()
            raise
        raw.release_conn()
        return b"".join(chunks)

    def _record(
        self, request: HttpRequest, response: HttpResponse | None, started: float
    ) -> Exchange:
        kinds = {name.lower(): value for name, value in request.headers.items()}
        return Exchange(
            request={
                "method": request.method,
                "url": masking.mask_url(request.url, self.secrets),
                "headers": masking.mask_headers(request.headers, self.secrets),
                "body": masking.body_text(
                    request.body, kinds.get("content-type", ""), self.secrets
                ),
            },
            response=None
            if response is None
            else {
                "status": response.status,
                "headers": masking.mask_headers(response.headers, self.secrets),
                "body": masking.body_text(
                    response.body, response.headers.get("content-type", ""), self.secrets
                ),
            },
            duration_ms=round((time.monotonic() - started) * 1000),
        )

    def _failure(
        self, request: HttpRequest, error: Exception, write: bool, exchange: Exchange
    ) -> ConnectorError:
        host = urlsplit(request.url).hostname
        executed: Executed = "unknown" if write and phase.sent else "no"
        recovery = Recovery.RETRY
        hint = "It is tried again by itself."
        if isinstance(error, NameResolutionError):
            code, message = "connector.name_unknown", f"The name {host} cannot be resolved."
            hint = "Check the address in the connection's settings."
        elif isinstance(error, (NewConnectionError, ConnectTimeoutError)):
            code, message = "connector.unreachable", f"{host} does not accept connections."
        elif isinstance(error, SSLError) and not phase.sent:
            code, message = "connector.tls", f"No trusted encrypted connection to {host}."
            if "CERTIFICATE" in str(error).upper():
                recovery = Recovery.GIVE_UP
                hint = "Its certificate is not valid for this name, or not from a known authority."
        elif isinstance(error, (ReadTimeoutError, _ReplyTooSlow)):
            code = "connector.timeout"
            message = f"{host} did not answer within {self.read_timeout_s:g} s."
        elif isinstance(error, _ReplyTooLarge):
            code, message = "connector.reply_too_large", f"The reply of {host} is above 20 MB."
            recovery, hint = Recovery.GIVE_UP, "Ask for fewer records at a time."
        else:
            code, message = "connector.cut", f"The connection to {host} broke before its answer."
        if executed == "unknown":
            hint = "It may have been done: we look it up before anything is sent again."
        return ConnectorError(
            message,
            code=code,
            recovery=recovery,
            executed=executed,
            hint=hint,
            exchanges=(exchange,),
        )


class _ReplyTooLarge(Exception):
    pass


class _ReplyTooSlow(Exception):
    pass
