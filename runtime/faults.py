"""Named dangerous lines. In tests a process can be made to die, or to leave out a step, at one.

``CAUSEWAY_FAULTS="settle.before_commit=kill:0.05,intent=skip"`` kills with SIGKILL in one of twenty
passes and leaves intents uncommitted. Without the variable a point costs one dictionary look-up.
"""

from __future__ import annotations

import os
import random
import signal

POINTS = (
    "intake.before_commit",
    "intake.after_commit",
    "schedule.before_commit",
    "schedule.after_commit",
    "poll.before_commit",
    "poll.after_commit",
    "backfill.before_commit",
    "backfill.after_commit",
    "claim.after_commit",
    "checkpoint.before_commit",
    "checkpoint.after_commit",
    "call.before_send",
    "call.after_reply",
)


def _parse(text: str) -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for part in filter(None, text.split(",")):
        name, _, action = part.partition("=")
        verb, _, share = action.partition(":")
        found[name] = (verb, float(share or 1))
    return found


_ACTIVE = _parse(os.environ.get("CAUSEWAY_FAULTS", ""))


def point(name: str) -> None:
    """Die here if a test asked for it."""
    if not _ACTIVE:
        return
    verb, share = _ACTIVE.get(name, ("", 0.0))
    if verb == "kill" and random.random() < share:
        os.kill(os.getpid(), signal.SIGKILL)


def skipped(name: str) -> bool:
    """True if a test asked to leave this safety out, to prove that it matters."""
    return bool(_ACTIVE) and _ACTIVE.get(name, ("", 0))[0] == "skip"
