"""Where a process spends its time, by part: samples of py-spy, if it is installed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil

FOLDER = Path(".")

# The innermost frame that matches names the part of a sample.
PARTS = (
    ("live messages", ("live/publisher", "live/summaries", "live/counts", "channels/", "_change ")),
    ("HTTP out and its record", ("connectors/", "urllib3/", "http/client", "performer.py")),
    ("documents: seal, compress, load", ("effects/payloads",)),
    ("engine and mappings", ("runtime/engine/", "ipaas/mapping/")),
    ("claim", ("claim (runtime/store", "store/claim")),
    ("checkpoint: intents", ("runtime/intents",)),
    ("checkpoint: state and journal", ("runtime/store",)),
    ("intake", ("triggers/intake",)),
    ("HTTP in", ("triggers/gate", "uvicorn/", "ipaas/asgi")),
    ("wake-ups and scheduler", ("workers/actors", "workers/scheduler", "dramatiq/")),
    ("worker's loop", ("effects/hands",)),
)


@dataclass
class Profiler:
    """A py-spy that watches one process."""

    name: str
    process: subprocess.Popen[bytes]
    path: Path


def start(named: dict[str, psutil.Process]) -> list[Profiler]:
    """Watch the Python processes among ``named``."""
    beside = Path(sys.executable).with_name("py-spy")
    program = str(beside) if beside.exists() else shutil.which("py-spy")
    if not program:
        print("py-spy is not installed: no parts")
        return []
    found = []
    for name, process in named.items():
        if name in ("postgres", "valkey"):
            continue
        path = FOLDER / f"{name}.profile"
        command = [program, "record", "-p", str(process.pid), "-f", "raw", "-o", str(path)]
        command += ["-r", "200", "-d", "600", "--gil"]
        found.append(
            Profiler(
                name,
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
                path,
            )
        )
    return found


def report(profilers: list[Profiler], used_ms: dict[str, float]) -> None:
    """Print processor ms per run by process and part."""
    for profiler in profilers:
        profiler.process.send_signal(signal.SIGINT)
    for profiler in profilers:
        profiler.process.wait(60)
        samples: Counter[str] = Counter()
        for line in profiler.path.read_text().splitlines():
            stack, _, count = line.rpartition(" ")
            samples[_part(stack)] += int(count)
        whole = sum(samples.values()) or 1
        for part, number in samples.most_common():
            ms = used_ms[profiler.name] * number / whole
            print(f"| {profiler.name}: {part} | {ms:.2f} |")


def _part(stack: str) -> str:
    for frame in reversed(stack.split(";")):
        for part, marks in PARTS:
            if any(mark in frame for mark in marks):
                return part
    return "other"
