"""A relay in front of a sandbox that changes the vendor's replies: schemas drift."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from connectors.sandbox_kit.testing import Answer, send
from ipaas.core import jsonio

Change = Callable[[Any], Any]
_KEPT = ("content-type", "retry-after", "link", "www-authenticate")


def added(document: Any) -> Any:
    """The document with a new member in every object."""
    if isinstance(document, dict):
        return {**{k: added(v) for k, v in document.items()}, "brandNewMember": {"by": "vendor"}}
    return [added(item) for item in document] if isinstance(document, list) else document


def emptied(document: Any) -> Any:
    """The document with every value gone, its outermost members too."""
    return [] if isinstance(document, list) else {}


def turned(document: Any) -> Any:
    """The document with every object a text, every text a list, every number a text."""
    if isinstance(document, dict):
        return {name: _turned(value) for name, value in document.items()}
    return [_turned(item) for item in document] if isinstance(document, list) else [document]


def _turned(value: Any) -> Any:
    if isinstance(value, dict):
        return "was an object"
    if isinstance(value, list):
        return {"was": "a list"}
    return ["was", "a text"] if isinstance(value, str) else f"n{value}"


def nulled(document: Any) -> Any:
    """The document with every value null."""
    if isinstance(document, dict):
        return dict.fromkeys(document)
    return [None for _ in document] if isinstance(document, list) else None


@contextmanager
def relay(base_url: str, change: Change, *, repeat: bool = False) -> Iterator[str]:
    """Address on 127.0.0.1 that answers like ``base_url``, JSON replies with 2xx changed.

    With ``repeat`` the first good answer of a path is given again for ever, whatever the query.
    """
    first: dict[str, Answer] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in ("host", "content-length", "accept-encoding", "connection")
            }
            headers["host"] = urlsplit(base_url).netloc
            path = self.path.split("?")[0]
            answer = first.get(path) or send(
                self.command, f"{base_url}{self.path}", body=body or None, headers=headers
            )
            if repeat and answer.status < 300:
                first[path] = answer
            content = answer.body
            if answer.status < 300 and "json" in answer.headers.get("content-type", ""):
                content = jsonio.dumps(change(jsonio.loads(content)))
            self.send_response(answer.status)
            for name in _KEPT:
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            if repeat:
                more = f"http://{self.headers['host']}{path}?page=2"
                self.send_header("link", f'<{more}>; rel="next"')
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
