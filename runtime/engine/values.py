"""What goes into the engine and what comes out of it, as plain frozen values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ipaas.core.errors import IpaasError, Recovery
from ipaas.core.ids import new_id
from ipaas.mapping.resources import NO_RESOURCES, Resources
from runtime.engine.states import RunStatus
from runtime.engine.step import StepState

Document = Any
HELD_UP = "connector.held_up"  # whoever wanted to send it found at the wire that he may not
SENT = "_sent"  # in the context document: inputs by step, of steps that are bound to them


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step did not succeed, in words for people and in facts for the engine.

    ``executed``: "no" the other system did nothing, "yes" it did, "unknown" nobody can say.
    """

    code: str
    message: str
    hint: str = ""
    recovery: Recovery = Recovery.GIVE_UP
    executed: str = "no"
    retry_after_s: float | None = None
    adrift: bool = False  # the call may still be on its way to the other system
    for_person: bool = False  # a person must look, also where the error exit is wired
    awaits: tuple[str, ...] = ()  # places (``awaited.place``) whose filling lets it go on

    def as_json(self) -> dict[str, Any]:
        """Shape kept in the snapshot and shown to people."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "recovery": str(self.recovery),
        }


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run that another run made knows of it; the runs of one step share most of it."""

    parent: str  # the run that made it
    family: str  # what it is counted in
    depth: int
    trigger: str = ""  # payload reference of the trigger document of the whole flow; items only
    steps: Mapping[str, str] = field(default_factory=dict)  # outputs that it can read
    items: tuple[tuple[str, str, int], ...] = ()  # outermost first: loop, payload, index
    silent: bool = False  # the run above deals with its failure: no dead letter
    variables: str = ""  # payload reference of the environment's variables; items only

    def as_json(self) -> dict[str, Any]:
        """Compact form for storage."""
        found: dict[str, Any] = {
            "parent": self.parent,
            "family": self.family,
            "depth": self.depth,
        }
        if self.items:
            found |= {"trigger": self.trigger, "items": [list(item) for item in self.items]}
        if self.steps:
            found["steps"] = dict(self.steps)
        if self.silent:
            found["silent"] = True
        if self.variables:
            found["variables"] = self.variables
        return found

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Scope:
        """Scope of its stored form."""
        return cls(
            raw["parent"],
            raw["family"],
            raw["depth"],
            raw.get("trigger", ""),
            raw.get("steps", {}),
            tuple((loop, item, index) for loop, item, index in raw.get("items", ())),
            bool(raw.get("silent")),
            raw.get("variables", ""),
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A run at one instant: all the engine needs to go on.

    For an item of a loop, ``trigger_node`` is the loop and ``trigger`` the item.
    """

    run_id: str
    trigger_node: str
    trigger: str  # payload reference of the trigger document
    source_key: str  # names the source document; the same for every run about it
    steps: Mapping[str, StepState] = field(default_factory=dict)
    status: RunStatus = RunStatus.QUEUED
    seq: int = 0  # number of journal entries so far
    revision: str = ""  # of the source document
    scope: Scope | None = None

    @property
    def variables(self) -> str | None:
        """Reference of the variables of the environment as they were when the run began."""
        if self.scope is not None and self.scope.items:
            return self.scope.variables or None
        return self.step(self.trigger_node).input

    def step(self, node_id: str) -> StepState:
        """State of a node; pending if nothing happened to it yet."""
        return self.steps.get(node_id, _PENDING)

    def with_step(self, node_id: str, state: StepState) -> Snapshot:
        """Copy with one step changed."""
        return replace(self, steps={**self.steps, node_id: state})


_PENDING = StepState()


@dataclass(frozen=True, slots=True)
class Call:
    """A call that may leave the process once the checkpoint is committed."""

    node_id: str
    purpose: str  # "send" or "probe"
    kind: str  # "action" or "find_or_create"
    connection: str
    connector: str
    operation: str  # for find_or_create: the entity
    inputs: Document
    writes: bool
    key: str  # names the effect: same source document and node, same key
    generation: int
    attempt: int

    @property
    def vendor_key(self) -> str:
        """Idempotency key given to the vendor: new only when a person began a new generation."""
        return self.key if self.generation == 0 else f"{self.key}-{self.generation}"


@dataclass(frozen=True, slots=True)
class Held:
    """A call that did not leave: its vendor's limits, or its silence, forbid it until then."""

    until: datetime
    reason: str  # rate, daily, concurrency, pause, circuit
    text: str


@dataclass(frozen=True, slots=True)
class Stay:
    """Calls may not leave: a person has paused something (``key`` names it), or the worker ends."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call."""

    call: Call
    output: Document = None
    found: bool = True  # for a probe: False means the search found nothing
    failure: Failure | None = None
    already: str = ""  # this document was posted before, by the run named here
    busy: str = ""  # another run is posting the same document right now
    held: Held | None = None  # it has not left, and may not before a time
    started_at: datetime | None = None
    duration_ms: int = 0
    exchanges: tuple[Any, ...] = ()
    kept: bool = False  # the answer was known from an earlier call: nothing was sent
    requests: int = 0  # that were made for it alone

    @property
    def never_left(self) -> bool:
        """Whether it is certain that this call was not sent."""
        if self.failure is None or self.failure.executed != "no":
            return bool(self.held or self.busy)
        return self.started_at is None or self.failure.code == HELD_UP


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a run's journal."""

    seq: int
    at: datetime
    kind: str
    node_id: str | None
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Stored and shown form."""
        return {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "kind": self.kind,
            "node_id": self.node_id,
            "text": self.text,
            "data": dict(self.data),
        }


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records in two systems that belong together."""

    node_id: str
    entity: str
    left: tuple[str, str]  # connection, id
    right: tuple[str, str]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A step that needs a person."""

    node_id: str
    node_name: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class Child:
    """A run to be made."""

    run_id: str
    index: int
    trigger_node: str
    trigger: str  # payload reference
    source_key: str
    label: str
    release_id: str  # "" means: that of the run which makes it
    scope: Scope


@dataclass(frozen=True, slots=True)
class Spawn:
    """Runs to be made for a step, in the transaction that records it."""

    node_id: str
    family: str
    kind: str  # "item" or "flow"
    total: int
    parallel: int
    stops: bool  # after a failure no further one is started
    waits: bool  # the step goes on when all have ended
    children: tuple[Child, ...]

    @property
    def first(self) -> bool:
        """True if these are the first of their family."""
        return self.children[0].index == 0


class NotNow(IpaasError):
    """Something that was stored cannot be read for the moment: nothing is decided meanwhile."""

    code = "not_now"
    recovery = Recovery.RETRY


@dataclass(frozen=True, slots=True)
class Family:
    """How far the runs of one step have come."""

    version: int  # rises whenever there is something to look at
    total: int
    made: int
    released: int
    succeeded: int
    failed: int
    cancelled: int
    gather: Callable[[bool], dict[str, Any]]  # results (if wanted) and failures of the ended ones

    @property
    def ended(self) -> int:
        """How many have ended in any way."""
        return self.succeeded + self.failed + self.cancelled

    @property
    def running(self) -> int:
        """How many may move now."""
        return self.released - self.ended


@dataclass(frozen=True, slots=True)
class Ask:
    """A person to be asked."""

    node_id: str
    node_name: str
    text: str
    assignee_kind: str  # "role" or "user"
    assignee: str
    expires_at: datetime | None
    escalated: int = 0


@dataclass(frozen=True, slots=True)
class Live:
    """The release of a flow that is live where the run is."""

    release_id: str
    trigger_node: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A new snapshot, and what must be committed and then done about it."""

    snapshot: Snapshot
    entries: tuple[Entry, ...] = ()
    calls: tuple[Call, ...] = ()
    pairs: tuple[Pair, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    changed: frozenset[str] = frozenset()  # node ids whose state changed
    due_at: datetime | None = None  # when a timer must wake the run
    spawns: tuple[Spawn, ...] = ()
    ended_families: tuple[str, ...] = ()  # of these no further run is started
    asks: tuple[Ask, ...] = ()
    answered: tuple[tuple[str, str], ...] = ()  # node, and what became of the question
    parked: tuple[str, ...] = ()  # connections, and keys of lookup tables, that steps wait for
    unparked: tuple[str, ...] = ()  # and those that they waited for until now
    watched: Mapping[str, int] = field(default_factory=dict)  # families waited for: news seen


def _no_flow(flow_id: str) -> Live | None:
    return None


def _nothing_stays(connection: str) -> Stay | None:
    return None


def _no_variables() -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Moment:
    """What the engine may know of the outside: the time, a random number, a place for payloads.

    ``keep(document)`` gives the reference under which the caller will store the document.
    ``families`` holds, by node, the runs that a step waits for, as they were when the run was
    claimed. ``live(flow_id)`` gives the release that a called flow would run. ``stays(connection)``
    says whether a call may not leave now ("" asks for the making of further runs). ``variables()``
    gives those of the environment.
    """

    now: datetime
    rand: Callable[[], float]
    keep: Callable[[Document], str]
    resources: Resources = NO_RESOURCES
    families: Mapping[str, Family] = field(default_factory=dict)
    live: Callable[[str], Live | None] = _no_flow
    stays: Callable[[str], Stay | None] = _nothing_stays
    variables: Callable[[], Mapping[str, Any]] = _no_variables
    mint: Callable[[], str] = lambda: new_id("run")
