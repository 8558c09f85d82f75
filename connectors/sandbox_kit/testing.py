"""Starts the real sandbox process for tests and hands out its control API."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from ipaas.core import jsonio

_PROJECT = Path(__file__).resolve().parents[2]
START_DEADLINE_S = 20.0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def document(self) -> Any:
        return jsonio.loads(self.body)


def send(
    method: str,
    url: str,
    *,
    document: Any = None,
    form: Mapping[str, str] | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One HTTP exchange on a connection of its own; follows no redirect.

    A connection that is cut raises http.client.RemoteDisconnected or ConnectionError.
    """
    target = urlsplit(url)
    sent = {"accept": "application/json", **(headers or {})}
    if document is not None:
        body = jsonio.dumps(document)
        sent.setdefault("content-type", "application/json")
    elif form is not None:
        body = urlencode(form).encode()
        sent.setdefault("content-type", "application/x-www-form-urlencoded")
    connection = http.client.HTTPConnection(target.netloc, timeout=30)
    try:
        connection.request(
            method,
            (target.path or "/") + (f"?{target.query}" if target.query else ""),
            body=body,
            headers=sent,
        )
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, content)


class ControlRefused(AssertionError):
    """The control API did not answer 200."""


@dataclass(frozen=True)
class Control:
    """Control API of one instance of a running sandbox."""

    base_url: str
    instance: str

    def vendor_url(self, vendor: str) -> str:
        return f"{self.base_url}/{self.instance}/{vendor}"

    def call(self, method: str, path: str, document: Any = None) -> Any:
        """JSON answer of /_control/<instance>/<path>."""
        url = f"{self.base_url}/_control/{self.instance}/{path}".rstrip("/")
        answer = send(method, url, document=document)
        if answer.status != 200:
            raise ControlRefused(f"{method} {path}: {answer.status} {answer.body.decode()}")
        return answer.document()

    def overview(self) -> Any:
        return self.call("GET", "")

    def settings(self, vendor: str) -> Any:
        return self.call("GET", f"{vendor}/settings")

    def change_settings(self, vendor: str, **changes: Any) -> Any:
        return self.call("PUT", f"{vendor}/settings", changes)

    def fault_on(self, vendor: str, name: str, **options: Any) -> Any:
        """Switch a fault on; options: times, match (part of the path), skip."""
        return self.call("PUT", f"{vendor}/faults/{name}", {"active": True, **options})

    def fault_off(self, vendor: str, name: str) -> Any:
        return self.call("PUT", f"{vendor}/faults/{name}", {"active": False})

    def records(self, vendor: str, entity: str, *, offset: int = 0, limit: int = 500) -> Any:
        """{"items": newest first, "total"}."""
        return self.call("GET", f"{vendor}/records/{entity}?offset={offset}&limit={limit}")

    def webhooks(self, vendor: str) -> Any:
        return self.call("GET", f"{vendor}/webhooks")

    def reset(self, vendor: str) -> Any:
        return self.call("POST", f"{vendor}/reset", {})

    def edit_record(self, vendor: str, entity: str, record_id: str, body: Any) -> Any:
        """The record as it is kept after a person's change."""
        return self.call("PUT", f"{vendor}/records/{entity}/{record_id}", body)

    def calls(self, vendor: str) -> list[Any]:
        """The latest calls on the vendor, newest first."""
        items: list[Any] = self.call("GET", f"{vendor}/calls")["items"]
        return items

    def move_webhook(self, vendor: str, number: int, wish: str) -> Any:
        """Have one message sent ("send"), held back ("hold") or dropped ("drop")."""
        return self.call("POST", f"{vendor}/webhooks/{number}/{wish}", {})

    def advance(self, seconds: int) -> Any:
        """Move the clock of all vendors of the instance."""
        return self.call("PUT", "clock", {"advance_s": seconds})

    def place_order(self, **wish: Any) -> Any:
        """{"order", "orders"} of Magento; wish: sample, random, seed, count, order or place."""
        return self.call("POST", "magento/orders", wish)


@dataclass
class SandboxHandle:
    """A running sandbox process."""

    base_url: str
    process: subprocess.Popen[str]
    data_dir: Path
    arguments: list[str] = field(default_factory=list)

    def control(self, instance: str) -> Control:
        return Control(self.base_url, instance)

    def stop(self) -> int:
        """End it cleanly; returns the exit code."""
        self.process.terminate()
        return self._wait()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.process.kill()
        self._wait()

    def restart(self) -> None:
        """Start again on the same port and data."""
        port = urlsplit(self.base_url).port or 0
        self.process, self.base_url = _launch(self.data_dir, port, self.arguments)

    def _wait(self) -> int:
        code = self.process.wait(timeout=15)
        if self.process.stdout:
            self.process.stdout.close()
        return code


def start_sandbox(
    tmp_path: Path, *, port: int = 0, arguments: tuple[str, ...] = ()
) -> SandboxHandle:
    """Start `python -m connectors.sandbox_kit` on a free port with its ledgers in ``tmp_path``.

    The caller ends it with ``stop()``; it ends with the test process in any case.
    """
    data_dir = tmp_path / "sandbox"
    process, base_url = _launch(data_dir, port, list(arguments))
    return SandboxHandle(base_url, process, data_dir, list(arguments))


def _launch(data_dir: Path, port: int, arguments: list[str]) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "connectors.sandbox_kit", "--port", str(port)]
    command += ["--data", str(data_dir), "--exit-with-parent", *arguments]
    process = subprocess.Popen(command, cwd=_PROJECT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    if "http://" not in line:
        raise RuntimeError(f"The sandbox did not start (exit code {process.wait(timeout=5)}).")
    return process, line.split()[-1]
