"""A server that keeps what it is sent and answers as it is told, as fixtures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from connectors import facade
from connectors.http import guard
from ipaas.core.ids import new_id
from ipaas.tenancy import facade as tenancy


@dataclass
class Receiver:
    """Requests as (headers, body), newest last."""

    url: str = ""
    status: int = 200
    answer: bytes = b"ok"
    cut: bool = False
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Listens on this machine, on premise."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.seen.append(({k.lower(): v for k, v in self.headers.items()}, body))
            if made.cut:
                self.close_connection = True
                return
            self.send_response(made.status)
            self.send_header("Content-Length", str(len(made.answer)))
            self.end_headers()
            self.wfile.write(made.answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}/in/T0SECRETADDRESS"
    monkeypatch.setenv("CAUSEWAY_ON_PREMISE_NETWORKS", "127.0.0.0/8")
    guard._on_premise_networks.cache_clear()
    yield made
    guard._on_premise_networks.cache_clear()
    server.shutdown()
    server.server_close()


@pytest.fixture
def connect(db: None) -> Callable[..., facade.Connection]:
    """Makes a connection on premise."""

    def make(connector: str, **given: Any) -> facade.Connection:
        mark = new_id("t")[2:].replace("_", "")
        user = get_user_model().objects.create_user(f"tester-{mark}")
        workspace = tenancy.create_workspace(f"t{mark}"[:40], "Tests", user)
        return facade.create_connection(
            workspace.id, "test", connector=connector, name="It", on_premise=True, **given
        )

    return make
