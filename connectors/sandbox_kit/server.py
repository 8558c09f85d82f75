"""The sandbox process: application, socket, signals, and an end when the parent ends."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from connectors.sandbox_kit.control import Control
from connectors.sandbox_kit.discovery import find_vendors
from connectors.sandbox_kit.host import Instances, VendorGate
from connectors.sandbox_kit.vendor import Vendor
from connectors.sandbox_kit.webhooks import Dispatcher

_PR_SET_PDEATHSIG = 1
_PARENT_CHECK_S = 0.5
_GRACE_S = 2


def build_app(
    data_dir: Path,
    *,
    vendors: Mapping[str, Vendor] | None = None,
    control_from_anywhere: bool = False,
) -> Starlette:
    """ASGI application with all vendors (or the given ones) over the ledgers in ``data_dir``."""
    problems: list[str] = []
    if vendors is None:
        vendors, problems = find_vendors()
    instances = Instances(data_dir, vendors)
    dispatcher = Dispatcher()

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        sending = asyncio.create_task(dispatcher.run(instances.on_disk))
        yield
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending
        instances.close()

    control = Control(instances, dispatcher, problems, control_from_anywhere)
    return Starlette(
        routes=[
            Route("/_control/{path:path}", endpoint=control),
            Route("/{path:path}", endpoint=VendorGate(instances, dispatcher)),
        ],
        lifespan=lifespan,
    )


class _Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's protocol, with the socket's transport in reach so that it can be cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}  # type: ignore[has-type]
        super().connection_made(transport)


class _Server(uvicorn.Server):
    """uvicorn without its signal handling: a wish to stop is a clean end, exit code 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Bound socket; raises OSError when the port is taken."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


def serve(
    listener: socket.socket,
    data_dir: Path,
    *,
    exit_with_parent: bool,
    control_from_anywhere: bool,
    log_level: str,
) -> None:
    """Serve until SIGTERM, SIGINT or, if asked for, the end of the parent process."""
    parent = os.getppid()
    config = uvicorn.Config(
        build_app(data_dir, control_from_anywhere=control_from_anywhere),
        http=_Protocol,
        ws="none",
        lifespan="on",
        proxy_headers=False,
        access_log=False,
        log_level=log_level,
        timeout_graceful_shutdown=_GRACE_S,
        server_header=False,
    )
    server = _Server(config)

    def stop(*_args: object) -> None:
        server.should_exit = True

    def stop_if_orphan(*_args: object) -> None:
        if os.getppid() != parent:
            server.should_exit = True

    async def run() -> None:
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        watching = None
        if exit_with_parent:
            watching = asyncio.create_task(_watch(stop_if_orphan))
            _ask_for_signal_at_parents_death(stop_if_orphan)
        host, port = listener.getsockname()[:2]
        sys.stdout.write(f"Sandboxes listen on http://{host}:{port}\n")
        sys.stdout.flush()
        await server.serve(sockets=[listener])
        if watching:
            watching.cancel()

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(run())


async def _watch(stop_if_orphan: Callable[..., None]) -> None:
    while True:
        await asyncio.sleep(_PARENT_CHECK_S)
        stop_if_orphan()


def _ask_for_signal_at_parents_death(stop_if_orphan: Callable[..., None]) -> None:
    """Linux tells at once when the parent *thread* ends; the handler asks if all of it ended."""
    if not sys.platform.startswith("linux"):
        return
    signal.signal(signal.SIGUSR1, stop_if_orphan)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGUSR1)
