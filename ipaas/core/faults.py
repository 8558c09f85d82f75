"""Named dangerous lines. In tests a process can be made to die, or to leave out a step, at one.

``CAUSEWAY_FAULTS="checkpoint.before_commit=kill:0.05,intent=skip"`` kills with SIGKILL in one of
twenty passes and leaves intents uncommitted. Without the variable a point costs one look at an
empty dictionary.
"""

from __future__ import annotations

import os
import random
import signal


def _parse(text: str) -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for part in filter(None, text.split(",")):
        name, _, action = part.partition("=")
        verb, _, share = action.partition(":")
        found[name] = (verb, float(share or 1))
    return found


_active = _parse(os.environ.get("CAUSEWAY_FAULTS", ""))


def arrange(text: str) -> None:
    """Put other faults in force in this process; "" for none."""
    global _active
    _active = _parse(text)


def point(name: str) -> None:
    """Die here if a test asked for it."""
    if not _active:
        return
    verb, share = _active.get(name, ("", 0.0))
    if verb == "kill" and random.random() < share:
        os.kill(os.getpid(), signal.SIGKILL)


def skipped(name: str) -> bool:
    """True if a test asked to leave this safety out, to prove that it matters."""
    return bool(_active) and _active.get(name, ("", 0))[0] == "skip"
