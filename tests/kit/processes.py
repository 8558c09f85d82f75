"""Child processes of tests: started on free ports, waited for, and ended for certain."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A TCP port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def spawn(
    command: list[str], *, log: Path, env: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start ``command`` in the project's folder, in a process group of its own."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab") as output:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            start_new_session=True,
        )


def python(*arguments: str) -> list[str]:
    """Command line of this interpreter."""
    return [sys.executable, *arguments]


def wait_for_http(
    url: str, process: subprocess.Popen[bytes], log: Path, *, deadline_s: float = 60.0
) -> None:
    """Return once ``url`` answers below 500; AssertionError with the log's end otherwise."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"The process stopped with {process.returncode}:\n{tail(log)}")
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                if answer.status < 500:
                    return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{url} did not answer within {deadline_s:g} s:\n{tail(log)}")


def stop(process: subprocess.Popen[bytes], *, within_s: float = 15.0) -> None:
    """End the process and all it started: ask first, then force."""
    if process.poll() is None:
        _signal_group(process, signal.SIGTERM)
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            pass
    kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and all it started at once, as a power cut would."""
    _signal_group(process, signal.SIGKILL)
    process.wait(10)


def wait_until_free(port: int, *, deadline_s: float = 15.0) -> None:
    """Return once nobody listens on the port any more; AssertionError at the deadline."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
        except OSError:
            return
        time.sleep(0.02)
    raise AssertionError(f"somebody still listens on port {port} after {deadline_s:g} s")


def tail(log: Path, characters: int = 3000) -> str:
    """The end of a log file."""
    return log.read_text(errors="replace")[-characters:] if log.exists() else ""


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass
