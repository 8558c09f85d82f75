"""The vendor sandboxes as a real process of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.kit import processes


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox server."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def running_sandbox(url: str, data_dir: Path) -> Iterator[Sandbox]:
    """Sandboxes of all vendors at ``url`` for the time of the block."""
    log = data_dir / "sandbox.log"
    port = urlsplit(url).port
    process = processes.spawn(
        processes.python(
            "-m", "connectors.sandbox_kit", "--port", str(port), "--data", str(data_dir / "ledgers")
        ),
        log=log,
    )
    try:
        processes.wait_for_http(f"{url}/_control/health", process, log)
        yield Sandbox(url, process, log)
    finally:
        processes.stop(process)
