"""Runs and the runs that they make, played in memory: a small copy of what the store guarantees."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ipaas.core import jsonio
from runtime.context import context
from runtime.engine import (
    FINISHED_RUN,
    Call,
    Family,
    Live,
    Moment,
    Outcome,
    Plan,
    Program,
    RunStatus,
    Snapshot,
    Spawn,
    advance,
    result_of,
)

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
Vendor = Callable[[Call], Outcome | None]


@dataclass
class Kin:
    """A family as the store keeps it."""

    spawn: Spawn
    run_ids: list[str]
    released: int = 0
    version: int = 0
    closed: bool = False


class World:
    """All runs of one source document; ``vendor`` answers calls, None means the worker died."""

    def __init__(self, program: Program, trigger: Any, vendor: Vendor) -> None:
        self.programs = {"": program}
        self.program = program
        self.vendor = vendor
        self.now = START
        self.kept: dict[str, Any] = {}
        self.runs: dict[str, Snapshot] = {}
        self.due: dict[str, datetime | None] = {}
        self.families: dict[str, Kin] = {}
        self.most_at_once: dict[str, int] = {}
        self.buried: list[tuple[str, str]] = []
        self.begun_after_failure = 0
        self.live: dict[str, Live] = {}
        self._number = 0
        self.add(Snapshot(self.mint(), "start", self.keep(trigger), "shop/order/1"))

    def mint(self) -> str:
        self._number += 1
        return f"run_{self._number:04d}"

    def keep(self, document: Any) -> str:
        digest = hashlib.sha256(jsonio.canonical(document)).hexdigest()
        self.kept[digest] = document
        return digest

    def add(self, snapshot: Snapshot, due: bool = True) -> None:
        self.runs[snapshot.run_id] = snapshot
        self.due[snapshot.run_id] = self.now if due else None

    # One turn of one run

    def turn(self, run_id: str) -> None:
        """Claim a due run and carry it until it waits, ends, or its worker dies."""
        snapshot = self.runs[run_id]
        data = context(snapshot, self.kept)
        outcomes: list[Outcome] = []
        claimed = True
        for _ in range(500):
            moment = Moment(
                self.now,
                lambda: 0.5,
                self.keep,
                families=self._views(run_id),
                live=self.live.get,
                mint=self.mint,
            )
            plan = advance(self.program, snapshot, data, moment, outcomes, claimed=claimed)
            claimed = False
            before, snapshot = snapshot.status, self._stored(plan)
            self._commit(run_id, before, snapshot, plan)
            answers = [self.vendor(call) for call in plan.calls]
            if None in answers:
                self.due[run_id] = self.now + timedelta(seconds=10)
                return
            outcomes = [answer for answer in answers if answer is not None]
            if not outcomes:
                return
        raise AssertionError("a run never let its worker go")

    def _stored(self, plan: Plan) -> Snapshot:
        """What is stored is JSON: going through it proves that nothing else is needed."""
        steps = {n: type(s).from_json(s.as_json()) for n, s in plan.snapshot.steps.items()}
        scope = plan.snapshot.scope
        again = None if scope is None else type(scope).from_json(scope.as_json())
        assert again == scope
        return replace(plan.snapshot, steps=steps)

    def _commit(self, run_id: str, before: RunStatus, snapshot: Snapshot, plan: Plan) -> None:
        self.runs[run_id], self.due[run_id] = snapshot, plan.due_at
        self.buried += [(run_id, letter.node_id) for letter in plan.dead_letters]
        for spawn in plan.spawns:
            self._make(spawn)
        for name in plan.ended_families:
            if name in self.families:
                self._close(self.families[name])
        scope = snapshot.scope
        if scope is not None and before != snapshot.status:
            ended = {before, snapshot.status} & FINISHED_RUN
            if ended:
                self._told(self.families[scope.family], scope.parent)
        for name, seen in plan.watched.items():
            if name in self.families and self.families[name].version > seen:
                self.due[run_id] = self.now

    def _make(self, spawn: Spawn) -> None:
        kin = self.families.setdefault(spawn.family, Kin(spawn, []))
        for child in spawn.children:
            assert len(kin.run_ids) == child.index, "items are made once and in order"
            kin.run_ids.append(child.run_id)
            self.add(
                Snapshot(
                    child.run_id,
                    child.trigger_node,
                    child.trigger,
                    child.source_key,
                    scope=child.scope,
                ),
                due=False,
            )
        self._release(kin)

    def _counts(self, kin: Kin) -> dict[RunStatus, int]:
        found = dict.fromkeys(FINISHED_RUN, 0)
        for run_id in kin.run_ids:
            status = self.runs[run_id].status
            if status in found:
                found[status] += 1
        return found

    def _release(self, kin: Kin) -> None:
        counts = self._counts(kin)
        if kin.closed or (kin.spawn.stops and counts[RunStatus.FAILED]):
            return
        while (
            kin.released < len(kin.run_ids)
            and kin.released - sum(counts.values()) < kin.spawn.parallel
        ):
            self.due[kin.run_ids[kin.released]] = self.now
            kin.released += 1
        moving = kin.released - sum(counts.values())
        name = kin.spawn.family
        self.most_at_once[name] = max(self.most_at_once.get(name, 0), moving)

    def _told(self, kin: Kin, parent: str) -> None:
        self._release(kin)
        ended = sum(self._counts(kin).values())
        at_rest = len(kin.run_ids) == kin.spawn.total and ended >= kin.released
        if kin.spawn.waits and at_rest:
            kin.version += 1
            if self.runs[parent].status in (RunStatus.WAITING, RunStatus.FAILED):
                self.due[parent] = self.now

    def _close(self, kin: Kin) -> None:
        kin.closed = True
        for run_id in kin.run_ids[kin.released :]:
            self.runs[run_id] = replace(self.runs[run_id], status=RunStatus.CANCELLED)
            self.due[run_id] = None
        kin.released = len(kin.run_ids)

    def _views(self, run_id: str) -> dict[str, Family]:
        found = {}
        for node_id, state in self.runs[run_id].steps.items():
            kin = self.families.get(f"{run_id}/{node_id}/{state.generation}")
            if kin is None:
                continue
            counts = self._counts(kin)
            found[node_id] = Family(
                kin.version,
                kin.spawn.total,
                len(kin.run_ids),
                kin.released,
                counts[RunStatus.SUCCEEDED],
                counts[RunStatus.FAILED],
                counts[RunStatus.CANCELLED],
                lambda wanted, kin=kin: self._gather(kin),
            )
        return found

    def _gather(self, kin: Kin) -> dict[str, Any]:
        results, failures = [], []
        for index, run_id in enumerate(kin.run_ids):
            snapshot = self.runs[run_id]
            done = snapshot.status is RunStatus.SUCCEEDED
            results.append(self.kept.get((done and result_of(self.program, snapshot)) or ""))
            if snapshot.status is RunStatus.FAILED:
                failures.append({"index": index, "run_id": run_id, "error": {}})
        return {"results": results, "failures": failures, "run_ids": kin.run_ids}

    # All of them

    def play(self, choose: Callable[[list[str]], str], turns: int = 3_000) -> None:
        """Carry runs in the order that ``choose`` likes until nothing is due any more."""
        for _ in range(turns):
            due = sorted(r for r, at in self.due.items() if at is not None and at <= self.now)
            if not due:
                later = [at for at in self.due.values() if at is not None]
                if not later:
                    return
                self.now = min(later)
                continue
            self.turn(choose(due))
        raise AssertionError("the runs never came to rest")
