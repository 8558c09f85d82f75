"""Sending one request and saying exactly what became of it."""

from __future__ import annotations

import http.client
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from connectors.http import failures, masking, pool, tracing
from connectors.http.failures import HeldUp, ReplyTooLarge, RequestTooLarge
from connectors.http.guard import AddressRefused, Reach, split
from connectors.http.limits import LimitHeaders
from connectors.http.limits import read as read_limits
from connectors.http.pool import Destination, Wire
from connectors.sdk import ConnectorError, Exchange, HttpRequest, HttpResponse
from ipaas.core import faults, leave

MOST_BYTES = 20 * 1024 * 1024
MOST_SENT_BYTES = 20 * 1024 * 1024
MOST_REDIRECTS = 5
USER_AGENT = "Causeway/0.1"
_CHUNK = 256 * 1024
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_USUAL_LIMITS = LimitHeaders()


class Sent(NamedTuple):
    """A complete reply and the record of the exchange."""

    response: HttpResponse
    exchange: Exchange


@dataclass(slots=True)
class Streamed:
    """A reply whose body comes piece by piece; read ``pieces`` inside the ``with`` block."""

    status: int
    headers: dict[str, str]
    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Door:
    """The way out for one connection: its reach, its patience, and the secrets never to keep.

    ``ca`` (PEM) is an authority trusted beside the usual ones; ``limits`` names the headers in
    which the vendor tells what is left of its limits.
    """

    reach: Reach = Reach.PUBLIC
    connect_timeout_s: float = 5
    read_timeout_s: float = 60
    secrets: tuple[str, ...] = field(default=(), repr=False)
    ca: str = ""
    limits: LimitHeaders = _USUAL_LIMITS

    def send(self, request: HttpRequest, *, write: bool = False) -> Sent:
        """Send once and return the whole reply, whatever its status.

        Nothing is ever sent a second time here: no retries, and a kept-alive connection that
        breaks after the first byte left is a failure like any other. A read follows redirects that
        stay on its host, a write none. Raises ConnectorError; for a ``write`` its ``executed`` is
        "no" only if no byte left, else "unknown". A kept-alive connection found closed before
        that is replaced silently.
        """
        sent = self._send_once(request, write)
        if write or sent.response.status not in _REDIRECTS:
            return sent
        for _ in range(MOST_REDIRECTS):
            further = _redirected(request, sent.response)
            if further is None:
                break
            request = further
            sent = self._send_once(request, write)
        return sent

    def _send_once(self, request: HttpRequest, write: bool) -> Sent:
        scheme, host, port, path = split(request.url, self.reach)
        started = time.monotonic()
        deadline = started + self.connect_timeout_s + 2 * self.read_timeout_s
        wire = pool.take(
            Destination(scheme, host, port, self.reach, self.ca), self.connect_timeout_s
        )
        traced = self._begin_span(request, host) if tracing.is_on() else None
        span, extra = traced or (None, {})
        try:
            reply = self._ask(wire, request, path, deadline, extra, write=write)
            body = _read_whole(reply)
        except BaseException as error:
            wire.close()
            if isinstance(error, AddressRefused) or not isinstance(error, failures.EXPECTED):
                tracing.end(span, None, type(error).__name__)
                raise
            failure = failures.explain(
                error,
                host=host,
                write=write,
                begun=wire.begun,
                read_timeout_s=self.read_timeout_s,
                most_bytes=MOST_BYTES,
                exchange=self._record(request, None, started),
            )
            tracing.end(span, None, failure.code)
            raise failure from error
        headers = {name.lower(): value for name, value in reply.headers.items()}
        response = HttpResponse(reply.status, headers, body)
        if reply.will_close:
            wire.close()
        else:
            reply.close()
            pool.give_back(wire)
        tracing.end(span, reply.status)
        return Sent(response, self._record(request, response, started))

    @contextmanager
    def stream(
        self,
        request: HttpRequest,
        *,
        body: Iterable[bytes] | None = None,
        write: bool = False,
        most_bytes: int | None = None,
    ) -> Iterator[Streamed]:
        """Send ``body`` piece by piece and read the reply piece by piece, in bounded memory.

        There is no limit on the whole time, only on each silence; ``most_bytes`` limits the reply.
        No redirect is followed. Raises ConnectorError like ``send``, also from ``pieces``.
        """
        scheme, host, port, path = split(request.url, self.reach)
        started = time.monotonic()
        wire = pool.take(
            Destination(scheme, host, port, self.reach, self.ca), self.connect_timeout_s
        )
        traced = self._begin_span(request, host) if tracing.is_on() else None
        span, extra = traced or (None, {})
        status = None
        try:
            extra["Accept-Encoding"] = "identity"
            reply = self._ask(wire, request, path, float("inf"), extra, body, write=write)
            status = reply.status
            headers = {name.lower(): value for name, value in reply.headers.items()}
            yield Streamed(reply.status, headers, _pieces(reply, most_bytes))
        except failures.EXPECTED as error:
            if isinstance(error, ConnectorError):
                raise
            raise failures.explain(
                error,
                host=host,
                write=write,
                begun=wire.begun,
                read_timeout_s=self.read_timeout_s,
                most_bytes=most_bytes or 0,
                exchange=self._record(request, None, started),
            ) from error
        finally:
            wire.close()  # a body left half read would be taken for the next reply
            tracing.end(span, status)

    def _ask(
        self,
        wire: Wire,
        request: HttpRequest,
        path: str,
        deadline: float,
        extra: dict[str, str],
        pieces: Iterable[bytes] | None = None,
        *,
        write: bool,
    ) -> http.client.HTTPResponse:
        """The head of the reply. Connects first, so that a refused address costs nothing else."""
        content = request.body
        if content is not None and len(content) > MOST_SENT_BYTES:
            raise RequestTooLarge
        leave.put_down()
        wire.ready(self.read_timeout_s, deadline)
        wire.putrequest(
            request.method, wire.target(path), skip_host=True, skip_accept_encoding=True
        )
        wire.putheader("Host", pool.host_header(wire.destination))
        given = {name.lower() for name in request.headers}
        if "user-agent" not in given:
            wire.putheader("User-Agent", USER_AGENT)
        if "accept-encoding" not in given and "Accept-Encoding" not in extra:
            wire.putheader("Accept-Encoding", "gzip")
        for name, value in request.headers.items():
            if name.lower() not in _OURS:
                wire.putheader(name, value)
        for name, value in extra.items():
            if name.lower() not in given:
                wire.putheader(name, value)
        if wire.through and wire.destination.scheme == "http" and wire.through.authorisation:
            wire.putheader("Proxy-Authorization", wire.through.authorisation)
        faults.point("door.before_send")
        if write and not leave.allowed():
            raise HeldUp
        if pieces is not None:
            length = next(
                (v for n, v in request.headers.items() if n.lower() == "content-length"), ""
            )
            wire.putheader(*(("Content-Length", length) if length else _CHUNKED))
            wire.endheaders(pieces, encode_chunked=not length)
        else:
            if content is not None or request.method in ("POST", "PUT", "PATCH"):
                wire.putheader("Content-Length", str(len(content or b"")))
            wire.endheaders(content)
        faults.point("door.after_send")
        return wire.getresponse()

    def _begin_span(self, request: HttpRequest, host: str) -> tuple[object, dict[str, str]]:
        headers: dict[str, str] = {}
        url = masking.mask_url(request.url, self.secrets)
        return tracing.begin(request.method, url, host, headers), headers

    def _record(
        self, request: HttpRequest, response: HttpResponse | None, started: float
    ) -> Exchange:
        secrets = self.secrets
        kind = _header(request, "content-type")
        asked = {
            "method": request.method,
            "url": masking.mask_url(request.url, secrets),
            "headers": masking.mask_headers(request.headers, secrets),
            "body": masking.body_text(request.body, kind, secrets),
        }
        taken_ms = round((time.monotonic() - started) * 1000)
        if response is None:
            return Exchange(asked, None, taken_ms)
        answered = {
            "status": response.status,
            "headers": masking.mask_headers(response.headers, secrets),
            "body": masking.body_text(
                response.body, response.headers.get("content-type", ""), secrets
            ),
        }
        return Exchange(asked, answered, taken_ms, *read_limits(response.headers, self.limits))


_OURS = frozenset(("host", "content-length", "transfer-encoding", "connection"))
_CHUNKED = ("Transfer-Encoding", "chunked")


def _header(request: HttpRequest, wanted: str) -> str:
    return next((text for name, text in request.headers.items() if name.lower() == wanted), "")


def _read_whole(reply: http.client.HTTPResponse) -> bytes:
    """The whole body, unpacked; the limits on size and time hold for what is unpacked."""
    if reply.headers.get("Content-Encoding", "").strip().lower() in ("gzip", "x-gzip"):
        return b"".join(_unpacked(_raw_pieces(reply), MOST_BYTES))
    length = reply.length
    if length is not None and length <= _CHUNK:
        body = reply.read(length) if length else b""
        if len(body) < length:
            raise http.client.IncompleteRead(body, length - len(body))
        return body
    if length is not None and length > MOST_BYTES:
        raise ReplyTooLarge
    return b"".join(_limited(_raw_pieces(reply), MOST_BYTES))


def _pieces(reply: http.client.HTTPResponse, most_bytes: int | None) -> Iterator[bytes]:
    packed = reply.headers.get("Content-Encoding", "").strip().lower() in ("gzip", "x-gzip")
    pieces = _raw_pieces(reply)
    if packed:
        return _unpacked(pieces, most_bytes)
    return _limited(pieces, most_bytes)


def _raw_pieces(reply: http.client.HTTPResponse) -> Iterator[bytes]:
    expected, got = reply.length, 0
    while piece := reply.read(_CHUNK):
        got += len(piece)
        yield piece
    if expected is not None and got < expected:
        raise http.client.IncompleteRead(b"", expected - got)


def _limited(pieces: Iterable[bytes], most: int | None) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if most is not None and size > most:
            raise ReplyTooLarge
        yield piece


def _unpacked(pieces: Iterable[bytes], most: int | None) -> Iterator[bytes]:
    """What gzip members hold, never more than a chunk of it in memory at once."""
    size, unpack = 0, zlib.decompressobj(16 + zlib.MAX_WBITS)
    fed = False
    for piece in pieces:
        fed = True
        while piece:
            if unpack.eof:
                unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
            out = unpack.decompress(piece, _CHUNK)
            size += len(out)
            if most is not None and size > most:
                raise ReplyTooLarge
            if out:
                yield out
            piece = unpack.unconsumed_tail or unpack.unused_data
    if fed and not unpack.eof:
        raise http.client.IncompleteRead(b"", None)


def _redirected(request: HttpRequest, response: HttpResponse) -> HttpRequest | None:
    """The same read at the address the reply names, if that is on the same host."""
    if response.status not in _REDIRECTS or request.method not in ("GET", "HEAD"):
        return None
    location = response.headers.get("location", "")
    if not location:
        return None
    url = urljoin(request.url, location)
    before, after = urlsplit(request.url), urlsplit(url)
    if (before.scheme, before.netloc) != (after.scheme, after.netloc):
        return None
    return replace(request, url=url)
