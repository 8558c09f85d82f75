"""For tests: a web server that keeps what it receives and can be told how to answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ipaas.core import jsonio


@dataclass
class Received:
    """One request."""

    headers: dict[str, str]
    body: bytes

    def document(self) -> Any:
        return jsonio.loads(self.body)


@dataclass
class Receiver:
    """What arrived so far; ``statuses`` are the answers to come, then 200."""

    url: str
    requests: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)

    def wait_for(self, count: int, deadline_s: float = 15.0) -> list[Received]:
        wait_until(lambda: len(self.requests) >= count, deadline_s)
        return list(self.requests)


def wait_until(condition: Callable[[], bool], deadline_s: float = 15.0) -> None:
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, "It did not happen in time."
        threading.Event().wait(0.02)


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """A receiver on a free port, or on the given one."""
    receiver = Receiver("")
    receiver.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.may_answer.wait(20)
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.requests.append(Received(headers, body))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.may_answer.set()
        server.shutdown()
        server.server_close()
        thread.join()
