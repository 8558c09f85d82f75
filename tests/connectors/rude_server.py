"""A server that breaks connections in chosen ways."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket], None]


@dataclass
class RudeServer:
    """Counts connections and requests; ``behave`` decides what happens to each connection."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def read(self, client: socket.socket) -> bytes:
        """One request, whole; b"" if the client is gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            part = client.recv(65536)
            if not part:
                return b""
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length:
            body += client.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return data


@contextmanager
def rude_server(behave: Callable[[RudeServer, socket.socket], None]) -> Iterator[RudeServer]:
    """A server on a free port whose every connection goes to ``behave``."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = RudeServer(listener.getsockname()[1])

    def serve(client: socket.socket) -> None:
        with client:
            try:
                behave(server, client)
            except OSError:
                pass

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)


def answer(body: bytes = b"{}", *, status: str = "200 OK", more: str = "") -> bytes:
    """A plain reply."""
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{more}\r\n"
    ).encode() + body
