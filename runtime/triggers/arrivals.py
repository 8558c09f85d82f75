"""Events on their way into the database, whatever brought them, and the runs they start."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.ids import new_id
from runtime import lanes, sql
from runtime.effects import payloads
from runtime.engine import RunStatus
from runtime.limits.kept import note_announced
from runtime.live.news import tell_change, trigger_of
from runtime.models import Deployment, Event, MissedEvent, Run

Place = tuple[str, str, str]  # workspace, environment, identity
LIVE, BACKFILL = 0, 1  # priorities: a lower number is carried first


@dataclass(frozen=True, slots=True)
class Arrival:
    """One verified event, and how to find who listens to it."""

    workspace_id: str
    environment: str
    source: str
    event: connectors.Event
    flow_id: str | None  # some triggers belong to one flow

    @property
    def identity(self) -> str:
        """Digest of (source, entity, id, revision): equal for one change, however it came."""
        parts = (self.source, self.event.entity, self.event.id, self.event.revision)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()

    @property
    def place(self) -> Place:
        """What names the event among all workspaces and environments."""
        return (self.workspace_id, self.environment, self.identity)


@dataclass(frozen=True, slots=True)
class Start:
    """A flow to be started, and what its runs are called."""

    deployment: Deployment
    kind: str = "live"
    priority: int = LIVE
    backfill_id: str | None = None

    def run(self, row: Event, business_key: str, settle_s: float = 0.0) -> Run:
        """A queued run for an event; not saved yet. It begins once the event has settled."""
        return Run(
            id=new_id("run"),
            workspace_id=row.workspace_id,
            environment=row.environment,
            flow_id=self.deployment.flow_id,
            release_id=self.deployment.release_id,
            kind=self.kind,
            priority=self.priority,
            backfill_id=self.backfill_id,
            status=RunStatus.QUEUED,
            trigger_node=self.deployment.trigger_node,
            trigger=row.payload,
            source_key=fitted(f"{row.source}/{row.entity}/{row.entity_id}", 300),
            business_key=business_key.replace("\0", "")[:120],
            due_at=row.received_at + timedelta(seconds=settle_s),
            event=row,
            revision=row.revision,
            created_at=row.received_at,
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of arrivals: run ids by place.

    ``new`` holds every event that was not known before, also if it started nothing; ``late`` the
    runs of known events that a switched-off flow had missed.
    """

    new: dict[Place, list[str]]
    late: dict[Place, list[str]]


def fitted(text: str, most: int) -> str:
    """``text`` in a form that a column holds; texts that differ stay different."""
    clean = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if len(clean) <= most and clean == text:
        return text
    return f"{clean[: most - 33]}#{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def store(arrivals: Sequence[Arrival], *, only: Start | None = None) -> Stored:
    """Write events that are new, and the runs they start, inside the caller's transaction.

    A flow that is switched off gets no run but a note (MissedEvent), so that the event can still
    start one: when somebody asks for it after switching on, or when it is delivered again. With
    ``only``, no other flow is started; they get a note too.
    """
    rows, kept = _write(arrivals)
    new = [(row, arrival) for row, arrival in rows.values() if row.id in kept]
    deployments = listeners([arrival for _, arrival in new])
    runs: list[tuple[Run, Deployment]] = []
    missed: list[MissedEvent] = []
    found: dict[Place, list[str]] = {arrival.place: [] for _, arrival in new}
    for row, arrival in new:
        for deployment in deployments:
            if not listens(deployment, arrival):
                continue
            start = only or Start(deployment)
            if start.deployment.pk != deployment.pk:
                missed.append(_missed(deployment, row, arrival, MissedEvent.Reason.HISTORY))
            elif only or deployment.active:
                run = start.run(row, arrival.event.business_key, arrival.event.settle_s)
                runs.append((run, deployment))
                found[arrival.place].append(run.id)
            else:
                missed.append(_missed(deployment, row, arrival, MissedEvent.Reason.OFF))
                tell_change(row.workspace_id, row.environment, trigger_of(deployment.flow_id))
    save(runs)
    MissedEvent.objects.bulk_create(missed, ignore_conflicts=True)
    known = [arrival for place, (_, arrival) in rows.items() if place not in found]
    return Stored(found, revive(known) if known and only is None else {})


def save(runs: Sequence[tuple[Run, Deployment]]) -> None:
    """Insert new runs, in the order of arrival; those that must wait for others stand in line."""
    lanes.enter(runs, clock.now())
    _RUNS.insert([_RUNS.row_of(run) for run, _ in runs])


_RUNS = sql.Table(
    "runtime_run",
    {
        "id": "text",
        "workspace_id": "text",
        "environment": "text",
        "flow_id": "text",
        "release_id": "text",
        "kind": "text",
        "priority": "int2",
        "backfill_id": "text",
        "status": "text",
        "trigger_node": "text",
        "trigger": "text",
        "source_key": "text",
        "business_key": "text",
        "state": "text",
        "current_node": "text",
        "seq": "int",
        "fence": "int",
        "owner": "text",
        "in_vain": "int",
        "due_at": "timestamptz",
        "event_id": "text",
        "replay_of": "text",
        "revision": "text",
        "parent_id": "text",
        "family_id": "text",
        "created_at": "timestamptz",
        "finished_at": "timestamptz",
        "lane": "text",
        "slot": "text",
        "waits_in": "text",
        "position": "int8",
    },
)
_EVENTS = sql.Table(
    "runtime_event",
    {
        "id": "text",
        "workspace_id": "text",
        "environment": "text",
        "identity": "text",
        "source": "text",
        "entity": "text",
        "entity_id": "text",
        "revision": "text",
        "payload": "text",
        "received_at": "timestamptz",
    },
)


def _write(
    arrivals: Sequence[Arrival],
) -> tuple[dict[Place, tuple[Event, Arrival]], set[str]]:
    """Rows by place, inserted unless their identity is known, and ids of those that are new."""
    now = clock.now()
    rows: dict[Place, tuple[Event, Arrival]] = {}
    boxes: dict[str, payloads.PayloadBox] = {}
    for arrival in arrivals:
        if arrival.place in rows:
            continue
        box = boxes.setdefault(arrival.workspace_id, payloads.PayloadBox(arrival.workspace_id))
        event = arrival.event
        row = Event(
            id=new_id("ev"),
            workspace_id=arrival.workspace_id,
            environment=arrival.environment,
            identity=arrival.identity,
            source=arrival.source,
            entity=fitted(event.entity, 80),
            entity_id=fitted(event.id, 200),
            revision=fitted(event.revision, 120),
            payload=box.keep(event.document),
            received_at=now,
        )
        rows[arrival.place] = (row, arrival)
    payloads.write([row for box in boxes.values() for row in box.rows()])
    in_order = sorted(rows.values(), key=lambda pair: pair[0].identity)
    return rows, _EVENTS.insert_new([_EVENTS.row_of(row) for row, _ in in_order])


def announce(stored: Stored, arrivals: Iterable[Arrival]) -> None:
    """Answers kept about records that have changed are old; for after the commit."""
    changed: dict[connectors.ConnectionRef, set[str]] = {}
    for arrival in arrivals:
        if arrival.flow_id is None and arrival.place in stored.new:
            ref = connectors.ConnectionRef(
                arrival.workspace_id, arrival.environment, arrival.source
            )
            changed.setdefault(ref, set()).add(arrival.event.entity)
    note_announced(changed)


def revive(arrivals: Iterable[Arrival]) -> dict[Place, list[str]]:
    """Run ids by place for known events that flows had missed and that are on again."""
    places = {arrival.place for arrival in arrivals}
    notes = [
        note
        for note in MissedEvent.objects.select_for_update(of=("self",))
        .filter(event__identity__in={place[2] for place in places}, deployment__active=True)
        .exclude(reason=MissedEvent.Reason.DISMISSED)
        .select_related("event", "deployment")
        .order_by("id")
        if _place(note.event) in places
    ]
    found: dict[Place, list[str]] = {}
    for note, run in zip(notes, start_missed(notes), strict=True):
        found.setdefault(_place(note.event), []).append(run.id)
    return found


def start_missed(notes: Sequence[MissedEvent]) -> list[Run]:
    """The runs of missed events, whose notes (locked by the caller) are gone then."""
    runs = [Start(note.deployment).run(note.event, note.business_key) for note in notes]
    now = clock.now()
    for run in runs:
        run.created_at = now  # due since the event came: older ones go first
    save([(run, note.deployment) for run, note in zip(runs, notes, strict=True)])
    MissedEvent.objects.filter(id__in=[note.id for note in notes]).delete()
    return runs


def start_known(start: Start, arrivals: Sequence[Arrival], *, dismissed: bool) -> list[str]:
    """Ids of new runs for known events that never started this flow.

    Events are locked, so two readers of the same past start one run. Without ``dismissed``, what
    a person has dismissed stays so.
    """
    if not arrivals:
        return []
    keys = {arrival.identity: arrival.event.business_key for arrival in arrivals}
    first = start.deployment
    events = list(
        Event.objects.select_for_update()
        .filter(workspace_id=first.workspace_id, environment=first.environment, identity__in=keys)
        .order_by("id")
    )
    ids = [event.id for event in events]
    taken = set(
        Run.objects.filter(event_id__in=ids, flow_id=first.flow_id).values_list("event", flat=True)
    )
    notes = MissedEvent.objects.filter(deployment=first, event_id__in=ids)
    if not dismissed:
        refused = notes.filter(reason=MissedEvent.Reason.DISMISSED)
        taken |= set(refused.values_list("event", flat=True))
    runs = [start.run(event, keys[event.identity]) for event in events if event.id not in taken]
    now = clock.now()
    for run in runs:
        run.created_at = now  # due since the event came: older ones go first
    save([(run, first) for run in runs])
    notes.filter(event_id__in=[run.event_id for run in runs]).delete()
    return [run.id for run in runs]


def listeners(arrivals: Iterable[Arrival]) -> list[Deployment]:
    """Deployments that listen to the sources of the arrivals, switched off ones too."""
    wanted = Q(pk__in=[])
    for arrival in {(a.workspace_id, a.environment, a.source, a.flow_id) for a in arrivals}:
        workspace_id, environment, source, flow_id = arrival
        place = Q(workspace_id=workspace_id, environment=environment)
        wanted |= place & (Q(flow_id=flow_id) if flow_id else Q(connection=source))
    return list(Deployment.objects.filter(wanted))


def listens(deployment: Deployment, arrival: Arrival) -> bool:
    """Whether this event is one that starts this flow."""
    if (deployment.workspace_id, deployment.environment) != (
        arrival.workspace_id,
        arrival.environment,
    ):
        return False
    if arrival.flow_id:
        return bool(deployment.flow_id == arrival.flow_id)
    return bool(
        deployment.connection == arrival.source and deployment.operation in arrival.event.triggers
    )


def _place(row: Event) -> Place:
    return (row.workspace_id, row.environment, row.identity)


def _missed(deployment: Deployment, row: Event, arrival: Arrival, reason: str) -> MissedEvent:
    return MissedEvent(
        workspace_id=row.workspace_id,
        environment=row.environment,
        deployment=deployment,
        event=row,
        business_key=arrival.event.business_key.replace("\0", "")[:120],
        reason=reason,
        received_at=row.received_at,
    )
