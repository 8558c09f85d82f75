"""A process notices that it is to end, whoever of its threads was told."""

from __future__ import annotations

from pathlib import Path

from tests.kit import processes

ASKED = """
import signal, threading
from designer.management.ending import Ending

def told_another() -> None:
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

ending = Ending()
threading.Timer(0.3, told_another).start()
ending.wait(lambda: False)
"""


def test_a_signal_that_another_thread_was_handed_ends_the_wait(tmp_path: Path) -> None:
    process = processes.spawn(processes.python("-c", ASKED), log=tmp_path / "log")
    try:
        assert process.wait(30) == 0
    finally:
        processes.stop(process)


def test_the_wait_is_over_when_somebody_says_so(tmp_path: Path) -> None:
    said = "from designer.management.ending import Ending; Ending().wait(lambda: True)"
    assert processes.spawn(processes.python("-c", said), log=tmp_path / "log").wait(30) == 0
