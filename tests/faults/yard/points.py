"""Where the next process dies, and how wrong its clock is."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

# Commits that the yard's flows reach, by role; all others are tried now and then.
HOT = {
    "web": ("intake", "topology.enter"),
    "work": ("claim", "checkpoint", "checkpoint", "checkpoint", "extend", "limits"),
    "schedule": (
        "schedule",
        "poll",
        "poll",
        "polling.claim",
        "backfill.carry",
        "backfill.claim",
        "children.sweep",
        "leadership.found",
    ),
}
SENDS = {"work": ("call", "together", "door"), "schedule": ("poll", "backfill"), "web": ()}
WRONG_CLOCKS = (2.0, -2.0, 8.0, -8.0, 30.0, -30.0)


@dataclass(frozen=True, slots=True)
class Wish:
    """A point at which a process dies by itself; empty for none."""

    name: str = ""
    text: str = ""


@cache
def every_commit() -> tuple[str, ...]:
    """Names of all commits of the runtime, as its sources say."""
    from tests.faults.test_points import commits

    return tuple(commits())


def choose(role: str) -> Wish:
    """A point for the next process of a role, or none: it dies at any instant then."""
    roles = ("web", "work", "schedule") if role == "web" else (role,)
    chance = random.random()
    if chance < 0.45 or role == "people":
        return Wish()
    if chance < 0.5:
        commit = random.choice(every_commit())
        return _at(f"{commit}.{random.choice(('before', 'after'))}_commit")
    role = random.choice(roles)
    if SENDS[role] and random.random() < 0.4:
        send = random.choice(SENDS[role])
        last = "after_send" if send == "door" else "after_reply"
        return _at(f"{send}.{random.choice(('before_send', last))}")
    commit = random.choice(HOT[role])
    return _at(f"{commit}.{random.choice(('before', 'after'))}_commit")


def _at(name: str) -> Wish:
    return Wish(name, f"{name}=kill:{random.choice((0.05, 0.2, 0.5, 1))}")


def wrong_clock(role: str) -> tuple[float, float, float] | None:
    """Offset, jump and when it jumps, for one process in ten."""
    if random.random() > 0.1:
        return None
    return (random.choice((0.0, *WRONG_CLOCKS)), random.choice(WRONG_CLOCKS),
            random.uniform(0.2, 1.5))  # fmt: skip
