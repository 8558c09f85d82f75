"""What a vendor tells us when something changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one vendor object.

    (connection, ``entity``, ``id``, ``revision``) is its identity: two events with the same four
    are one. ``business_key`` is what people call the object (an order number). ``triggers`` names
    the trigger operations it starts; hooks leave it empty, the platform fills it in.

    ``settle_s`` is for vendors that tell the time of a change in whole seconds: a run that starts
    so much later than the event came reads every change that bears the same identity.
    """

    entity: str
    id: str
    revision: str
    topic: str
    business_key: str
    document: dict[str, Any]
    triggers: tuple[str, ...] = ()
    settle_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Polled:
    """What one look at a vendor found, oldest change first.

    ``cursor`` is where the next look goes on; keep it only together with the events. ``more``
    says that something is known to wait already.
    """

    events: tuple[Event, ...]
    cursor: dict[str, Any]
    more: bool = False
