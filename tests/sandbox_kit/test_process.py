"""The sandbox as a process: start, end, memory, and what survives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connectors.sandbox_kit.testing import SandboxHandle, send, start_sandbox
from connectors.sandbox_kit.webhook_receiver import wait_until

PROJECT = Path(__file__).resolve().parents[2]


def test_health_names_the_vendors_and_no_problems(sandbox_process: SandboxHandle) -> None:
    health = send("GET", f"{sandbox_process.base_url}/_control/health").document()
    assert health["ok"]
    assert {"magento", "quickbooks"} <= set(health["vendors"])


def test_it_runs_without_django() -> None:
    script = (
        "import sys; from connectors.sandbox_kit import server, discovery; "
        "vendors, problems = discovery.find_vendors(); assert not problems, problems; "
        "assert len(vendors) >= 2; sys.exit(int('django' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=False).returncode == 0


@pytest.mark.only_if(sys.platform.startswith("linux"))  # reads /proc
def test_many_instances_need_little_memory_and_few_open_files(tmp_path: Path) -> None:
    running = start_sandbox(tmp_path)
    try:
        for number in range(80):
            running.control(f"memory-{number}").overview()
        folder = Path(f"/proc/{running.process.pid}")
        used_kb = int((folder / "status").read_text().split("VmRSS:")[1].split()[0])
        assert used_kb < 60_000
        assert len(list((folder / "fd").iterdir())) < 250
        first = running.control("memory-0")
        first.place_order(sample="ordinary")
        assert first.records("magento", "order")["total"] == 4
    finally:
        running.stop()


def test_a_taken_port_gives_one_sentence_and_exit_code_2(
    sandbox_process: SandboxHandle, tmp_path: Path
) -> None:
    port = str(urlsplit(sandbox_process.base_url).port)
    command = [sys.executable, "-m", "connectors.sandbox_kit", "--port", port]
    ended = subprocess.run(
        [*command, "--data", str(tmp_path)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.strip().splitlines() == [
        f"Port {port} on 127.0.0.1 is taken by another program: stop it, or choose another "
        "with --port."
    ]


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT])
def test_a_wish_to_stop_is_a_clean_end(tmp_path: Path, wish: signal.Signals) -> None:
    running = start_sandbox(tmp_path)
    running.control("a").overview()
    running.process.send_signal(wish)
    assert running.process.wait(timeout=10) == 0


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    running = start_sandbox(tmp_path)
    control = running.control("a")
    placed = control.place_order(sample="ordinary")["order"]
    token = control.settings("magento")["access_token"]
    control.fault_on("magento", "slow")
    running.kill()
    running.restart()
    try:
        after = running.control("a")
        assert after.records("magento", "order")["items"][0] == placed
        assert after.settings("magento")["access_token"] == token
        faults = {fault["name"]: fault for fault in after.call("GET", "magento")["faults"]}
        assert faults["slow"]["active"]
    finally:
        running.stop()


def _start_through_a_parent(tmp_path: Path, *flags: str) -> tuple[subprocess.Popen[str], int]:
    """A parent that starts a sandbox and waits; returns the parent and the sandbox's pid."""
    script = (
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-m', 'connectors.sandbox_kit', '--port', '0', "
        f"'--data', {str(tmp_path)!r}, *{list(flags)!r}], stdout=subprocess.PIPE, text=True)\n"
        "p.stdout.readline(); print(p.pid, flush=True); sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


def _alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return "State:\tZ" not in status


@pytest.mark.only_if(sys.platform.startswith("linux"))  # reads /proc
def test_it_ends_when_its_parent_is_killed_if_asked_to(tmp_path: Path) -> None:
    parent, pid = _start_through_a_parent(tmp_path, "--exit-with-parent")
    parent.kill()
    parent.wait()
    wait_until(lambda: not _alive(pid), 10)


@pytest.mark.only_if(sys.platform.startswith("linux"))  # reads /proc
def test_it_outlives_its_parent_otherwise(tmp_path: Path) -> None:
    parent, pid = _start_through_a_parent(tmp_path)
    try:
        parent.kill()
        parent.wait()
        with pytest.raises(AssertionError):
            wait_until(lambda: not _alive(pid), 1.5)
    finally:
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not _alive(pid), 10)
