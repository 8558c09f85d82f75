"""The kinds of nodes a flow can hold, with their ports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Work(StrEnum):
    """Who does the work of a node."""

    TRIGGER = "trigger"  # starts a run; nothing to do inside one
    PURE = "pure"  # decided in memory by the engine
    CALL = "call"  # leaves the process: a connector operation
    RECORD = "record"  # written by the store in the same transaction as the run
    WAIT = "wait"  # waits for a time or a person; no worker is held
    FAMILY = "family"  # waits for runs of its own: items of a list, or a called flow


@dataclass(frozen=True, slots=True)
class NodeKind:
    """What the engine and the designer must know of one node type.

    ``branches`` names the setting whose entries are ports of their own, before ``ports``.
    """

    type: str
    title: str
    description: str
    shape: str
    work: Work
    ports: tuple[str, ...]
    icon: str
    branches: str = ""

    @property
    def is_trigger(self) -> bool:
        """True for nodes that start a run."""
        return self.work is Work.TRIGGER

    def ports_of(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        """Exits of a node of this kind with these settings."""
        if not self.branches:
            return self.ports
        entries = config.get(self.branches)
        entries = entries if isinstance(entries, list) else []
        own = [str(entry["id"]) for entry in entries if isinstance(entry, dict) and entry.get("id")]
        return (*dict.fromkeys(own), *self.ports)


LOOP = "for_each"
ITEM = "item"  # the port of a loop at which the steps done for each item begin

_TRIGGERS = (
    NodeKind(
        "trigger.event",
        "When something happens",
        "Starts when the connected system announces a change by a signed webhook.",
        "trigger",
        Work.TRIGGER,
        ("out",),
        "bolt",
    ),
    NodeKind(
        "trigger.webhook",
        "Incoming webhook",
        "Starts when any system sends a message to an address of the flow's own.",
        "trigger",
        Work.TRIGGER,
        ("out",),
        "webhook",
    ),
    NodeKind(
        "trigger.poll",
        "Ask for changes",
        "Asks the connected system regularly what has changed, and starts for each change.",
        "trigger",
        Work.TRIGGER,
        ("out",),
        "refresh",
    ),
    NodeKind(
        "trigger.schedule",
        "At set times",
        "Starts at times of the day, the week or the month, in a time zone.",
        "trigger",
        Work.TRIGGER,
        ("out",),
        "clock",
    ),
    NodeKind(
        "trigger.cloudevents",
        "Incoming CloudEvent",
        "Starts for each CloudEvent that is sent to an address of the flow's own.",
        "trigger",
        Work.TRIGGER,
        ("out",),
        "cloud",
    ),
    NodeKind(
        "trigger.called",
        "When another flow calls",
        "Starts when another flow calls this one and gives it a document.",
        "trigger",
        Work.TRIGGER,
        ("out",),
        "phone",
    ),
    NodeKind(
        "trigger.error",
        "When another flow fails",
        "Starts when a record of other flows needs a person.",
        "trigger",
        Work.TRIGGER,
        ("out",),
        "alert",
    ),
    NodeKind(
        "trigger.manual",
        "Start by hand",
        "Starts when a person presses Run, fills in its form or gives it a document.",
        "trigger",
        Work.TRIGGER,
        ("out",),
        "hand",
    ),
)

_ACTIONS = (
    NodeKind(
        "action",
        "Do something in a system",
        "Calls one operation of a connection.",
        "action",
        Work.CALL,
        ("out", "error"),
        "plug",
    ),
    NodeKind(
        "find_or_create",
        "Find or create",
        "Looks a record up by its natural key and creates it if it is not there.",
        "action",
        Work.CALL,
        ("out", "error"),
        "search",
    ),
    NodeKind(
        "xref",
        "Remember the pair",
        "Records which record in one system belongs to which in the other.",
        "action",
        Work.RECORD,
        ("out", "error"),
        "link",
    ),
)

_DATA = (
    NodeKind(
        "map",
        "Map",
        "Turns documents into another shape, field by field.",
        "transform",
        Work.PURE,
        ("out", "error"),
        "map",
    ),
    NodeKind(
        "validate",
        "Check",
        "Checks a document against its schema and your own rules.",
        "transform",
        Work.PURE,
        ("out", "error"),
        "check",
    ),
    NodeKind(
        "filter",
        "Filter",
        "Keeps the entries of a list that meet a condition; without a list, lets the record go on "
        "or not.",
        "transform",
        Work.PURE,
        ("out", "rejected", "error"),
        "filter",
    ),
    NodeKind(
        "aggregate",
        "Group and sum",
        "Groups a list and works out sums, counts, averages and more, to the cent.",
        "transform",
        Work.PURE,
        ("out", "error"),
        "sum",
    ),
    NodeKind(
        "lookup",
        "Look up",
        "Translates a code by a lookup table.",
        "transform",
        Work.PURE,
        ("out", "error"),
        "table",
    ),
    NodeKind(
        "convert",
        "Convert",
        "Converts units, currencies, dates and texts of chosen fields.",
        "transform",
        Work.PURE,
        ("out", "error"),
        "convert",
    ),
)

_CONTROL = (
    NodeKind(
        "if",
        "If",
        "Takes one of two ways.",
        "control",
        Work.PURE,
        ("true", "false", "error"),
        "split",
    ),
    NodeKind(
        "switch",
        "Switch",
        "Takes the first of several ways whose condition holds, otherwise the last.",
        "control",
        Work.PURE,
        ("otherwise", "error"),
        "switch",
        branches="branches",
    ),
    NodeKind(
        LOOP,
        "For each",
        "Does the steps at its “item” exit for every entry of a list, several at once if wanted.",
        "control",
        Work.FAMILY,
        (ITEM, "out", "error"),
        "loop",
    ),
    NodeKind(
        "call_flow",
        "Call a flow",
        "Starts another flow with a document, and waits for its result or not.",
        "control",
        Work.FAMILY,
        ("out", "error"),
        "flow",
    ),
    NodeKind(
        "wait",
        "Wait",
        "Waits for some time, or until a date.",
        "control",
        Work.WAIT,
        ("out", "error"),
        "clock",
    ),
    NodeKind(
        "approval",
        "Ask a person",
        "Waits until somebody approves or rejects, or the time for it has passed.",
        "control",
        Work.WAIT,
        ("approved", "rejected", "error"),
        "person",
    ),
    NodeKind(
        "return",
        "Give back a result",
        "Says what a called flow, or the steps of one item, hand back.",
        "control",
        Work.PURE,
        ("out", "error"),
        "return",
    ),
    NodeKind(
        "fail",
        "Raise an error",
        "Stops this record with a message of your own.",
        "control",
        Work.PURE,
        (),
        "alert",
    ),
    NodeKind("stop", "Stop", "Ends this way of the flow.", "control", Work.PURE, (), "stop"),
)

NODE_KINDS: dict[str, NodeKind] = {
    kind.type: kind for kind in (*_TRIGGERS, *_ACTIONS, *_DATA, *_CONTROL)
}
