"""Kept-alive connections that can only reach permitted addresses, and that never send twice.

Built on ``http.client``: a call costs a quarter of what urllib3 takes, and nothing is retried,
redirected or pooled behind our back.
"""

from __future__ import annotations

import http.client
import io
import logging
import os
import select
import socket
import ssl
import threading
import time
from collections import deque
from functools import lru_cache
from typing import Any, NamedTuple

from connectors.http import proxies
from connectors.http.guard import Reach, permitted_addresses

log = logging.getLogger(__name__)
# Servers close idle connections after 5 s (uvicorn) to 75 s. A request that meets such a close
# half way has an unknown outcome, so we close first.
MAX_IDLE_S = 4.0
MOST_INTERIM = 20
MOST_IDLE = 100  # kept per destination: as many as rest at 4,000 calls a second
# A server that answers a request twice has said so by then; on a connection that is used again
# sooner, its second answer would be read as the answer to the next request.
REST_S = 0.025
# One that was seen to speak without being asked may do so later than that too: for this long each
# request to it gets a connection of its own.
ALONE_S = 600.0


class Destination(NamedTuple):
    """What must be equal for a connection to be used again."""

    scheme: str
    host: str
    port: int
    reach: Reach
    ca: str  # PEM of an authority trusted for this connection only, "" for the usual ones


class NameUnknown(OSError):
    """The host's name leads nowhere."""


class Unreachable(OSError):
    """No address of the host accepts connections."""


class NotEncrypted(OSError):
    """The encrypted connection could not be made; ``untrusted`` if the certificate is why."""

    def __init__(self, error: ssl.SSLError) -> None:
        super().__init__(str(error))
        self.untrusted = isinstance(error, ssl.SSLCertVerificationError)


class _Patient(io.RawIOBase):
    """Reads a socket until a deadline: neither silence nor a trickle holds a worker for ever."""

    def __init__(self, wire: Wire, sock: Any) -> None:
        self._wire = wire
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left_s = self._wire.deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the reply took too long")
        if left_s < self._wire.read_timeout_s:
            self._sock.settimeout(left_s)
        count: int = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Opener(NamedTuple):
    """What ``HTTPResponse`` asks for a file to read from."""

    wire: Wire
    sock: Any

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Patient(self.wire, self.sock), 16_384)


class _Reply(http.client.HTTPResponse):
    """The final answer: interim ones (102, 103) are read over, however many a server sends."""

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 101 < status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.BadStatusLine("too many interim answers")


class Wire(http.client.HTTPConnection):
    """One connection to one destination; ``begun`` tells whether a byte of a request left."""

    def __init__(self, to: Destination, connect_timeout_s: float) -> None:
        super().__init__(to.host, to.port, timeout=connect_timeout_s)
        self.destination = to
        self.begun = False
        self.fresh = True
        self.idle_since = 0.0
        self.deadline = 0.0
        self.read_timeout_s = 60.0
        self.through: proxies.Proxy | None = None
        self.response_class = self._reply  # type: ignore[assignment]

    def _reply(self, sock: Any, method: str | None = None) -> http.client.HTTPResponse:
        return _Reply(_Opener(self, sock), method=method)  # type: ignore[arg-type]

    def connect(self) -> None:
        """Connect to a checked address: to the very one that was checked."""
        to = self.destination
        try:
            self.through = proxies.proxy_for(to.host, to.port, to.reach)
            if self.through:
                proxies.check(to.host, to.port, to.reach)
                port = self.through.port
                addresses = proxies.addresses(self.through)
            else:
                addresses, port = permitted_addresses(to.host, to.port, to.reach), to.port
        except (socket.gaierror, UnicodeError) as error:
            raise NameUnknown(str(error)) from error
        self.sock = self._first_of(addresses, port)
        try:
            if to.scheme == "https":
                if self.through:
                    self._open_tunnel(self.through)
                self.sock = tls_context(to.ca).wrap_socket(self.sock, server_hostname=to.host)
        except ssl.SSLError as error:
            self.close()
            raise NotEncrypted(error) from error
        except OSError as error:
            self.close()
            raise Unreachable(str(error)) from error

    def _first_of(self, addresses: list[str], port: int) -> Any:
        failure: OSError | None = None
        for address in addresses:
            try:
                sock = socket.create_connection((address, port), self.timeout)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
            except OSError as error:
                failure = error
        raise Unreachable(str(failure)) from failure

    def _open_tunnel(self, proxy: proxies.Proxy) -> None:
        to = self.destination
        host = f"[{to.host}]" if ":" in to.host else to.host
        lines = [f"CONNECT {host}:{to.port} HTTP/1.1", f"Host: {host}:{to.port}"]
        if proxy.authorisation:
            lines.append(f"Proxy-Authorization: {proxy.authorisation}")
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.sock.recv(1)  # not one byte of what follows belongs to the proxy
            if not byte or len(head) > 16_384:
                raise Unreachable("the proxy ended the connection")
            head += byte
        status = head.split(b" ", 2)[1:2]
        if status != [b"200"]:
            said = status[0].decode("ascii", "replace") if status else "nothing"
            raise Unreachable(f"the proxy answered {said}")

    def send(self, data: Any) -> None:
        """Send bytes of a request; from here on its outcome can be unknown."""
        if self.sock is None:
            self.connect()
        self.begun = True
        super().send(data)

    def target(self, path: str) -> str:
        """What the request line names: the path, or all of the address for a plain proxy."""
        to = self.destination
        if self.through and to.scheme == "http":
            return f"http://{host_header(to)}{path}"
        return path

    def ready(self, read_timeout_s: float, deadline: float) -> None:
        """Connect if need be; then every read must be over at ``deadline`` (monotonic)."""
        if self.sock is None:
            self.connect()
        self.sock.settimeout(read_timeout_s)
        self.read_timeout_s, self.deadline = read_timeout_s, deadline


_idle: dict[Destination, deque[Wire]] = {}
_talkers: dict[Destination, float] = {}  # until when they are not trusted (monotonic)
_lock = threading.Lock()


def take(to: Destination, connect_timeout_s: float) -> Wire:
    """A connection of this destination that nobody else uses; perhaps not connected yet.

    It is the one that has rested longest.
    """
    waiting = _idle.get(to)
    while waiting:
        try:
            wire = waiting.popleft()
        except IndexError:
            break
        rested_s = time.monotonic() - wire.idle_since
        if rested_s < REST_S:
            waiting.appendleft(wire)
            break
        if rested_s <= MAX_IDLE_S and not _has_news(wire.sock):
            wire.begun = wire.fresh = False
            wire.timeout = connect_timeout_s
            return wire
        if rested_s <= MAX_IDLE_S and _speaks(wire.sock):
            _mistrust(to)
        wire.close()
    return Wire(to, connect_timeout_s)


def give_back(wire: Wire) -> None:
    """Keep the connection for the next call."""
    wire.idle_since = time.monotonic()
    if _talkers and _talkers.get(wire.destination, 0.0) > wire.idle_since:
        wire.close()
        return
    waiting = _idle.get(wire.destination)
    if waiting is None:
        with _lock:
            if len(_idle) > 1000:
                _sweep()
            waiting = _idle.setdefault(wire.destination, deque())
    waiting.append(wire)
    if len(waiting) > MOST_IDLE:
        try:
            waiting.popleft().close()
        except IndexError:
            pass


def close_all() -> None:
    """Close what is idle."""
    with _lock:
        for waiting in _idle.values():
            while waiting:
                waiting.pop().close()
        _idle.clear()
        _talkers.clear()


def host_header(to: Destination) -> str:
    """Host, with its port unless that is the usual one."""
    host = f"[{to.host}]" if ":" in to.host else to.host
    return host if to.port == (443 if to.scheme == "https" else 80) else f"{host}:{to.port}"


@lru_cache(maxsize=256)
def tls_context(ca: str) -> ssl.SSLContext:
    """TLS 1.2 or newer, names and certificates checked; ``ca`` (PEM) is trusted as well."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca:
        context.load_verify_locations(cadata=ca)
    return context


def _has_news(sock: Any) -> bool:
    """Whether an idle connection can be read: then it was closed, or speaks out of turn."""
    if sock is None:
        return True
    try:
        if hasattr(select, "poll"):
            poll = select.poll()
            poll.register(sock, select.POLLIN | select.POLLHUP | select.POLLERR)
            return bool(poll.poll(0))
        return bool(select.select([sock], [], [], 0)[0])
    except (OSError, ValueError):
        return True


def _speaks(sock: Any) -> bool:
    """Whether a server said what nobody asked for; an end, or a ticket of TLS, is no such thing.

    What it said is taken off the connection, which must be closed then.
    """
    try:
        sock.settimeout(0)
        return bool(sock.recv(1))
    except (OSError, ValueError, AttributeError):
        return False


def _mistrust(to: Destination) -> None:
    log.warning(
        "%s:%d answers what nobody asked; for %d minutes each request gets a connection of its own",
        to.host,
        to.port,
        ALONE_S // 60,
    )
    with _lock:
        _talkers[to] = time.monotonic() + ALONE_S
        waiting = _idle.pop(to, ())
    for wire in waiting:
        wire.close()


def _sweep() -> None:
    now = time.monotonic()
    for to, until in list(_talkers.items()):
        if until < now:
            _talkers.pop(to, None)
    for to, waiting in list(_idle.items()):
        if not waiting or now - waiting[-1].idle_since > MAX_IDLE_S:
            while waiting:
                waiting.pop().close()
            del _idle[to]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)
