"""``manage.py up``: the whole product on the embedded default, with demo data."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import urllib3
import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ipaas.core.errors import IpaasError
from runtime import facade as runtime

LEAST_FREE_BYTES = 200 * 1024 * 1024


class Command(BaseCommand):
    """Start web, workers, scheduler and sandboxes; Ctrl-C stops all of it."""

    help = "Start the whole product on this machine, with demo data and vendor sandboxes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Switches for tests and for people with their own data."""
        parser.add_argument("--no-demo", action="store_true", help="load no demo workspace")
        parser.add_argument(
            "--no-sandbox", action="store_true", help="the sandboxes run elsewhere already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped."""
        started_s = time.monotonic()
        self._require_room()
        self._require_alone()
        self._require_port(settings.PORT, "CAUSEWAY_PORT")
        # The server re-raises the signal that ended it; both must lead through the clean-up below.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _leave)
        call_command("migrate", verbosity=0, interactive=False)
        sandbox = None if options["no_sandbox"] else self._start_sandbox()
        try:
            if not options["no_demo"]:
                call_command("load_demo")
            self._serve(started_s, demo=not options["no_demo"])
        finally:
            if sandbox is not None:
                sandbox.terminate()
                try:
                    sandbox.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    sandbox.kill()
            runtime.free_folder()

    def _require_alone(self) -> None:
        """The embedded default is one process: a lock that dies with it keeps a second one out."""
        try:
            runtime.hold_folder()
        except IpaasError as error:
            raise CommandError(error.message) from error

    def _require_room(self) -> None:
        free = shutil.disk_usage(settings.DATA_DIR).free
        if free < LEAST_FREE_BYTES:
            raise CommandError(
                f"Only {free // 1024 // 1024} MB are free where the data is kept "
                f"({settings.DATA_DIR}); make room or set CAUSEWAY_DATA_DIR to another disk."
            )

    def _require_port(self, port: int, variable: str) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise CommandError(
                    f"Port {port} is taken by another program; stop it, or choose another port "
                    f"with {variable}, for example: {variable}={port + 1} make run"
                ) from error

    def _start_sandbox(self) -> subprocess.Popen[bytes]:
        port = urlsplit(settings.SANDBOX_URL).port or 8701
        self._require_port(port, "CAUSEWAY_SANDBOX_URL (its port)")
        data = settings.DATA_DIR / "sandbox"
        data.mkdir(exist_ok=True)
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "connectors.sandbox_kit",
                "--port",
                str(port),
                "--data",
                str(data),
                "--exit-with-parent",
            ],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is ours to pass on
        )
        deadline = time.monotonic() + 20
        http = urllib3.PoolManager(retries=False, timeout=1)
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise CommandError("The vendor sandboxes did not start; the lines above say why.")
            try:
                if http.request("GET", f"{settings.SANDBOX_URL}/_control/health").status == 200:
                    return process
            except urllib3.exceptions.HTTPError:
                time.sleep(0.05)
        process.terminate()
        raise CommandError("The vendor sandboxes did not answer within 20 seconds.")

    def _serve(self, started_s: float, *, demo: bool) -> None:
        config = uvicorn.Config(
            "ipaas.asgi:application",
            host=os.environ.get("CAUSEWAY_HOST", "127.0.0.1"),
            port=settings.PORT,
            log_level="warning",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=5,
            ws_ping_interval=20,
        )
        server = _AnnouncingServer(config)
        server.announcement = self._announcement(started_s, demo)
        try:
            server.run()
        finally:
            self.stdout.write("Stopped.")

    def _announcement(self, started_s: float, demo: bool) -> Any:
        def say() -> None:
            took_s = time.monotonic() - started_s
            self.stdout.write(f"\nCauseway is up ({took_s:.1f} s):  {settings.PUBLIC_URL}")
            if demo:
                self.stdout.write("Log in as  demo  with the password  causeway")
            self.stdout.write("Ctrl-C stops it; the next start goes on where this one stopped.\n")
            self.stdout.flush()

        return say


def _leave(number: int, frame: Any) -> None:
    raise SystemExit(0)


class _AnnouncingServer(uvicorn.Server):
    """Says so when it really listens."""

    announcement: Any = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then announce."""
        await super().startup(sockets)
        if self.started and self.announcement is not None:
            self.announcement()
