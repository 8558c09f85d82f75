"""The kinds of nodes a flow can hold, with their ports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Work(StrEnum):
    """Who does the work of a node."""

    TRIGGER = "trigger"  # starts a run; nothing to do inside one
    PURE = "pure"  # decided in memory by the engine
    CALL = "call"  # leaves the process: a connector operation
    RECORD = "record"  # written by the store in the same transaction as the run


@dataclass(frozen=True, slots=True)
class NodeKind:
    """What the engine and the designer must know of one node type."""

    type: str
    title: str
    description: str
    shape: str
    work: Work
    ports: tuple[str, ...]
    icon: str

    @property
    def is_trigger(self) -> bool:
        """True for nodes that start a run."""
        return self.work is Work.TRIGGER


NODE_KINDS: dict[str, NodeKind] = {
    kind.type: kind
    for kind in (
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
            "Starts when any system posts JSON to an address of its own.",
            "trigger",
            Work.TRIGGER,
            ("out",),
            "webhook",
        ),
        NodeKind(
            "trigger.manual",
            "Start by hand",
            "Starts when a person presses Run and gives it a document.",
            "trigger",
            Work.TRIGGER,
            ("out",),
            "hand",
        ),
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
            "if",
            "If",
            "Takes one of two ways.",
            "control",
            Work.PURE,
            ("true", "false"),
            "split",
        ),
        NodeKind(
            "xref",
            "Remember the pair",
            "Records which record in one system belongs to which in the other.",
            "action",
            Work.RECORD,
            ("out",),
            "link",
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
}
