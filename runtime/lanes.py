"""Order and number of runs: one at a time per business key, so many at once per flow, latest wins.

A run that must wait for others has no ``due_at``, so claims never see it, and blocks nobody else.
It is let in by the transaction that ends the run before it. The rows of ``Lane`` are locked, in
the order of their ids and before any run, by whoever lets a run in or out: no run is forgotten,
none comes twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ipaas.core import clock
from runtime import faults, sql
from runtime.engine import FINISHED_RUN, RunStatus, Snapshot
from runtime.models import Deployment, Run

if TYPE_CHECKING:
    from runtime.store import Record, Turn

_LANES = sql.Table(
    "runtime_lane",
    {
        "id": "text",
        "workspace_id": "text",
        "size": "int",
        "holds_failed": "bool",
        "busy": "int",
        "last": "bigint",
    },
)
_SUPERSEDED = "superseded by a newer event of the same record before it began"


class Place(NamedTuple):
    """Where a run stands: lanes that it is in, and the one it still waits for."""

    lane: str = ""  # of its business key
    slot: str = ""  # of its flow
    waits_in: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a trigger asks for; kept with the deployment."""

    by_key: bool = False
    latest_wins: bool = False
    max_parallel: int = 0
    blocks: bool = True  # a failed run holds up its key until a person has settled it

    @classmethod
    def of_trigger(cls, config: Mapping[str, Any]) -> Rules:
        """Rules of a trigger's settings."""
        return cls(
            by_key=config.get("order") == "by_key",
            latest_wins=bool(config.get("latest_wins")),
            max_parallel=int(config.get("max_parallel") or 0),
            blocks=config.get("on_failure") != "pass",
        )

    def as_json(self) -> dict[str, Any] | None:
        """Stored form; None if runs need not wait for each other."""
        if not (self.by_key or self.latest_wins or self.max_parallel):
            return None
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class _Lane:
    id: str
    size: int
    holds_failed: bool
    busy: int
    last: int

    @property
    def free(self) -> int:
        return max(0, self.size - self.busy)


def enter(runs: Sequence[tuple[Run, Deployment]], now: datetime, *, outruns: bool = True) -> None:
    """Find every run (not saved yet, in the order of arrival) its place in line.

    Inside the transaction that saves them. Those that must wait lose their ``due_at``. Without
    ``outruns`` none takes the place of others, whatever the trigger says: it brings nothing newer.
    """
    ruled = [(run, _rules(deployment)) for run, deployment in runs if deployment.lanes]
    if not ruled:
        return
    for run, rules in ruled:
        run.lane = _key_lane(run, rules)
        run.slot = _flow_slot(run, rules)
    lanes = _opened(ruled)
    superseding: dict[str, str] = {}
    for run, rules in ruled:
        if rules.latest_wins and outruns:
            _outrun(run, [other for other, _ in ruled], now)
            superseding[run.lane] = run.id
        _let_in(run, lanes, now)
    _supersede(superseding, now)
    _save(lanes.values())


def come_back(turns: Sequence[Turn], now: datetime) -> None:
    """Runs that had stopped and move again stand in line once more, before those behind them.

    Inside the transaction that writes the turns. A run that a worker holds already waits no more.
    """
    back = {turn.run_id: turn for turn in turns if _comes_back(turn.before, turn.plan.snapshot)}
    rows = list(Run.objects.filter(id__in=back, parent_id="").order_by("id")) if back else []
    ruled = [(row, rules) for row, rules in _ruled(rows) if _misses(row, rules)]
    if not ruled:
        return
    held = {row.id: row.lane for row, _ in ruled}
    for row, rules in ruled:
        row.lane = _key_lane(row, rules)
        row.slot = _flow_slot(row, rules)
    lanes = _opened(ruled)
    for row, _ in ruled:
        row.waits_in = ""
        waits = not back[row.id].holder
        for lane in [lanes[name] for name in (row.lane, row.slot) if name]:
            if lane.id == held[row.id]:
                continue  # it has held up its key all the time
            row.position = row.position or max(lane.last + 1, int(now.timestamp() * 1_000_000))
            lane.last = max(lane.last, row.position)
            if waits and not lane.free:
                row.waits_in = lane.id
                break
            lane.busy += 1
        stands = {name: getattr(row, name) for name in ("lane", "slot", "waits_in", "position")}
        Run.objects.filter(id=row.id).update(**stands)
        if row.waits_in:
            Run.objects.filter(id=row.id).update(due_at=None)
    _save(lanes.values())


def _comes_back(before: RunStatus, after: Snapshot) -> bool:
    return _standing(before) and not _standing(after.status)


def _ruled(rows: Sequence[Run]) -> list[tuple[Run, Rules]]:
    """Runs of flows whose trigger has rules."""
    live = Deployment.objects.filter(flow_id__in={row.flow_id for row in rows})
    rules = {
        (row.workspace_id, row.environment, row.flow_id): _rules(row) for row in live if row.lanes
    }
    places = [(row, (row.workspace_id, row.environment, row.flow_id)) for row in rows]
    return [(row, rules[place]) for row, place in places if place in rules]


def _misses(row: Run, rules: Rules) -> bool:
    """Whether the run lacks a place that its flow's rules ask for."""
    return (_key_lane(row, rules), _flow_slot(row, rules)) != (row.lane, row.slot)


def _key_lane(row: Run, rules: Rules) -> str:
    return row.lane or (lane_id(row) if rules.by_key or rules.latest_wins else "")


def _flow_slot(row: Run, rules: Rules) -> str:
    slot = slot_id(row.workspace_id, row.environment, row.flow_id)
    return slot if rules.max_parallel else ""


def leave(turns: Sequence[Turn], now: datetime) -> None:
    """Free the places of runs that have ended, and let the next ones in.

    Inside the transaction that writes the turns.
    """
    ended = []
    for turn in turns:
        status = turn.plan.snapshot.status
        if _leaves(turn.place, status):
            slot_of_flow = slot_id(turn.workspace_id, turn.environment, turn.flow_id)
            ended.append((turn.run_id, turn.place, status, slot_of_flow))
    if ended:
        _leave(ended, now)


def lock(places: Iterable[tuple[Place, str]]) -> None:
    """Lock lanes before any run is locked: whoever lets a run in locks the run after its lane.

    ``places`` come with the lane of their flow.
    """
    wanted = {n for place, slot in places for n in (place.lane, place.slot, slot) if n}
    if wanted:
        _locked(wanted)


def lock_for_leaving(records: Sequence[Record]) -> None:
    """Lock the lanes that ``leave`` and ``come_back`` will need for these runs."""
    lock(
        (claim.place, slot_id(claim.workspace_id, claim.environment, claim.flow_id))
        for claim, plan in ((record.claim, record.plan) for record in records)
        if _leaves(claim.place, plan.snapshot.status)
    )
    back = [r.claim.run_id for r in records if _comes_back(r.before, r.plan.snapshot)]
    _lock_for_coming_back(back)


def _lock_for_coming_back(run_ids: Sequence[str]) -> None:
    rows = Run.objects.filter(id__in=run_ids, parent_id="") if run_ids else ()
    ruled = _ruled(list(rows)) if rows else []
    wanted = {
        name for row, rules in ruled for name in (_key_lane(row, rules), _flow_slot(row, rules))
    }
    if wanted:
        _locked(wanted)


def lock_of_run(workspace_id: str, *run_ids: str) -> None:
    """Lock the lanes in which runs stand; before the runs themselves are locked."""
    found = Run.objects.filter(id__in=run_ids, workspace_id=workspace_id)
    places = found.exclude(lane="", slot="").values_list(
        "environment", "flow_id", "lane", "slot", "waits_in"
    )
    lock(
        (Place(*place), slot_id(workspace_id, environment, flow_id))
        for environment, flow_id, *place in places
    )
    _lock_for_coming_back(
        list(found.filter(status__in=_STOPPED).values_list("id", flat=True))  # it may be retried
    )


_STOPPED = (RunStatus.FAILED, RunStatus.IN_DOUBT)


def _leaves(place: Place, status: RunStatus) -> bool:
    return bool(place.lane or place.slot) and _standing(status)


def let_go(workspace_id: str, run_id: str) -> None:
    """A person has settled a failed run without retrying it: others of its key may move."""
    with faults.commits("lanes.let_go"):
        lock_of_run(workspace_id, run_id)
        run = Run.objects.select_for_update().filter(id=run_id, workspace_id=workspace_id).first()
        if run is not None and run.lane and run.status in _STOPPED:
            place = Place(run.lane, run.slot, run.waits_in)
            slot_of_flow = slot_id(workspace_id, run.environment, run.flow_id)
            _leave([(run_id, place, RunStatus.CANCELLED, slot_of_flow)], clock.now())


def lane_id(run: Run) -> str:
    """Name of the lane of a run's business key, or of its source document if it has none."""
    parts = (run.workspace_id, run.environment, run.flow_id, run.business_key or run.source_key)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def slot_id(workspace_id: str, environment: str, flow_id: str) -> str:
    """Name of the lane that counts a flow's runs."""
    return hashlib.sha256(f"{workspace_id}\x1f{environment}\x1f{flow_id}".encode()).hexdigest()


def _rules(deployment: Deployment) -> Rules:
    return Rules(**(deployment.lanes or {}))


def _standing(status: RunStatus) -> bool:
    return status in FINISHED_RUN or status is RunStatus.IN_DOUBT


def _opened(ruled: Iterable[tuple[Run, Rules]]) -> dict[str, _Lane]:
    """The lanes of these runs, made if there are none, their rows locked."""
    rows: dict[str, sql.Row] = {}
    for run, rules in ruled:
        if run.lane:
            rows[run.lane] = (run.lane, run.workspace_id, 1, rules.by_key and rules.blocks, 0, 0)
        if run.slot:
            rows[run.slot] = (run.slot, run.workspace_id, rules.max_parallel, False, 0, 0)
    _LANES.insert_or_update(
        [rows[name] for name in sorted(rows)], ("size", "holds_failed"), key="id"
    )
    return _locked(rows)


def _locked(ids: Iterable[str]) -> dict[str, _Lane]:
    found = sql.fetch(
        "SELECT id, size, holds_failed, busy, last FROM runtime_lane WHERE id = ANY(%s)"
        " ORDER BY id FOR UPDATE",
        list(ids),
    )
    return {row[0]: _Lane(row[0], row[1], bool(row[2]), row[3], row[4]) for row in found}


def _let_in(run: Run, lanes: Mapping[str, _Lane], now: datetime) -> None:
    """Let a new run in as far as there is room; it waits where there is none."""
    for lane in [lanes[name] for name in (run.lane, run.slot) if name]:
        lane.last = run.position = max(lane.last + 1, int(now.timestamp() * 1_000_000))
        if not lane.free:
            run.waits_in, run.due_at = lane.id, None
            return
        lane.busy += 1


def _outrun(run: Run, arrived: Sequence[Run], now: datetime) -> None:
    """Mark those of the same batch that wait for the same key."""
    for other in arrived:
        if other is run:
            return
        if other.lane == run.lane and other.waits_in == run.lane and other.finished_at is None:
            other.status, other.finished_at, other.waits_in = RunStatus.SUPERSEDED, now, ""
            other.lane = other.slot = ""


def _supersede(by_lane: Mapping[str, str], now: datetime) -> None:
    """End the stored runs that wait for these keys; ``by_lane`` says for which newer run."""
    if not by_lane:
        return
    waiting = sql.fetch(
        "SELECT id, seq, waits_in FROM runtime_run WHERE waits_in = ANY(%s) FOR UPDATE",
        list(by_lane),
    )
    entry = {"at": now.isoformat(), "kind": "run.status", "node_id": None}
    entry["text"] = f"The run was {_SUPERSEDED}"
    sql.Table(
        "runtime_journalbatch",
        {"run_id": "text", "from_seq": "int", "to_seq": "int", "entries": "text"},
    ).insert(
        [
            (run_id, seq + 1, seq + 1, sql.text([{**entry, "seq": seq + 1, "data": {"by": by}}]))
            for run_id, seq, lane in waiting
            for by in [by_lane[lane]]
        ]
    )
    sql.change(
        "UPDATE runtime_run SET status = %s, finished_at = %s, seq = seq + 1, fence = fence + 1,"
        " lane = '', slot = '', waits_in = '' WHERE id = ANY(%s)",
        str(RunStatus.SUPERSEDED),
        now,
        [run_id for run_id, _, _ in waiting],
    )


def _leave(ended: Sequence[tuple[str, Place, RunStatus, str]], now: datetime) -> None:
    lanes = _locked(
        {name for _, place, _, slot in ended for name in (place.lane, place.slot, slot) if name}
    )
    freed: set[str] = set()
    for run_id, place, status, _ in ended:
        lane, slot = lanes.get(place.lane), lanes.get(place.slot)
        holds = lane is not None and lane.holds_failed and _needs_person(status)
        if place.slot and slot is not None and not place.waits_in:
            slot.busy -= 1
        if place.lane and lane is not None and not holds and place.waits_in != place.lane:
            lane.busy -= 1
        freed |= {place.slot} | (set() if holds else {place.lane})
        sql.change(
            "UPDATE runtime_run SET lane = %s, slot = '', waits_in = '' WHERE id = %s",
            place.lane if holds else "",
            run_id,
        )
    keys = {place.lane for _, place, _, _ in ended}
    slots = {slot: lanes[slot] for _, _, _, slot in ended if slot in lanes}
    empty = [
        name for name in sorted(keys & freed & lanes.keys()) if _admit(lanes[name], slots, now)
    ]
    for slot in slots.values():
        _admit(slot, {}, now)
    _save(lane for lane in lanes.values() if lane.id not in empty)
    sql.change("DELETE FROM runtime_lane WHERE id = ANY(%s)", empty)


def _needs_person(status: RunStatus) -> bool:
    return status in (RunStatus.FAILED, RunStatus.IN_DOUBT)


def _admit(lane: _Lane, slots: Mapping[str, _Lane], now: datetime) -> bool:
    """Let the next runs of a lane in, as far as there is room; whether the lane is empty now."""
    if not lane.free:
        return False
    waiting = sql.fetch(
        "SELECT id, slot FROM runtime_run WHERE waits_in = %s ORDER BY position LIMIT %s",
        lane.id,
        lane.free,
    )
    for run_id, slot_name in waiting:
        lane.busy += 1
        slot = slots.get(slot_name) if slot_name != lane.id else None
        blocked = slot is not None and not slot.free
        if slot is not None and not blocked:
            slot.busy += 1
        sql.change(
            "UPDATE runtime_run SET waits_in = %s, due_at = %s WHERE id = %s",
            slot_name if blocked else "",
            None if blocked else now,
            run_id,
        )
    return lane.busy == 0


def _save(lanes: Iterable[_Lane]) -> None:
    _BUSY.update([(lane.id, lane.busy, lane.last) for lane in lanes])


_BUSY = sql.Table("runtime_lane", {"id": "text", "busy": "int", "last": "bigint"})
