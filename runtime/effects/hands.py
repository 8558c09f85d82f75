"""Runs in a worker's hands: advance in memory, commit, call concurrently, commit again.

One worker takes many runs at once. Their pure steps are decided in memory, all intents are
committed together, calls leave concurrently, and answers are committed in groups as they come: a
slow call holds up no other run.
"""

from __future__ import annotations

import logging
import random
import threading
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import close_old_connections

from ipaas.core import clock
from runtime import store
from runtime.effects import payloads
from runtime.effects.performer import perform
from runtime.engine import (
    FINISHED_RUN,
    Call,
    Entry,
    Moment,
    Outcome,
    Plan,
    Program,
    Snapshot,
    advance,
    recover,
)
from runtime.live.counts import tell_count
from runtime.live.publisher import RunChange, publish
from runtime.live.summaries import run_summary, step_summary
from runtime.models import Release

log = logging.getLogger(__name__)

MAX_CONCURRENT_CALLS = 16
GATHER_S = 0.003  # answers that come within this time are committed together
HEARTBEAT_S = 3.0


class Programs:
    """Compiled releases; they never change, so they are kept until room is needed."""

    def __init__(self, room: int = 200) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Program] = OrderedDict()

    def get(self, release_ids: Iterable[str]) -> dict[str, Program]:
        """Programs by release id; missing ones are loaded in one query."""
        wanted = set(release_ids)
        with self._lock:
            found = {i: self._kept[i] for i in wanted if i in self._kept}
        missing = wanted - found.keys()
        for release in Release.objects.filter(id__in=missing) if missing else ():
            found[release.id] = program_of(release)
        with self._lock:
            for release_id, program in found.items():
                self._kept[release_id] = program
                self._kept.move_to_end(release_id)
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
        return found


PROGRAMS = Programs()


def program_of(release: Release) -> Program:
    """Compiled form of a release row."""
    scope = f"{release.workspace_id}/{release.environment}"
    return Program.compile(
        release.id, scope, release.flow_id, release.flow_name, release.version, release.body
    )


def _change(hand: Hand, plan: Plan, from_seq: int) -> RunChange:
    """What browsers are told about a committed turn."""
    claim, snapshot, now = hand.claim, plan.snapshot, clock.now()
    summary = run_summary(
        run_id=claim.run_id,
        flow=(claim.flow_id, hand.program.flow_name),
        version=hand.program.version,
        kind=claim.kind,
        environment=claim.environment,
        business_key=claim.business_key,
        created_at=claim.created_at,
        started_at=claim.started_at or now,
        finished_at=now if snapshot.status in FINISHED_RUN else None,
        snapshot=snapshot,
        graph=hand.program.graph,
    )
    steps = {node: step_summary(node, snapshot.step(node)) for node in plan.changed}
    return RunChange(claim.workspace_id, claim.environment, from_seq, summary, steps)


@dataclass(slots=True)
class Hand:
    """One claimed run while this worker has it."""

    claim: store.Claim
    program: Program
    snapshot: Snapshot
    data: dict[str, Any]
    box: payloads.PayloadBox
    lease_ends: datetime
    earlier: tuple[Entry, ...] = ()
    outcomes: list[Outcome] = field(default_factory=list)
    waiting_for: int = 0


class Worker:
    """Takes due runs and carries them as far as they go."""

    def __init__(self, name: str, calls_at_once: int = MAX_CONCURRENT_CALLS) -> None:
        self.name = name
        self._pool = ThreadPoolExecutor(calls_at_once, thread_name_prefix="call")

    def close(self) -> None:
        """Wait for calls under way and free the threads."""
        self._pool.shutdown(wait=True)

    def work_once(self, limit: int) -> int:
        """Claim due runs, carry each until it ends or waits; how many there were."""
        claims = store.claim(limit, self.name)
        if not claims:
            return 0
        hands = self._take(claims)
        futures: dict[Future[Outcome], Hand] = {}
        ready = list(hands)
        beat_s = clock.monotonic_s()
        while ready or futures:
            if ready:
                self._turn(ready, futures)
            ready = [hand for hand in ready if hand.outcomes] or self._gather(futures)
            if clock.monotonic_s() - beat_s > HEARTBEAT_S:
                beat_s = clock.monotonic_s()
                self._renew({id(h): h for h in [*futures.values(), *ready]}.values())
        return len(claims)

    def _take(self, claims: list[store.Claim]) -> list[Hand]:
        programs = PROGRAMS.get(claim.release_id for claim in claims)
        wanted: dict[str, set[str | None]] = {}
        for claim in claims:
            references = wanted.setdefault(claim.workspace_id, set())
            references.add(claim.snapshot.trigger)
            references.update(state.output for state in claim.snapshot.steps.values())
        documents = {ws: payloads.load(ws, refs) for ws, refs in wanted.items()}
        hands = []
        for claim in claims:
            found = documents[claim.workspace_id]
            program = programs[claim.release_id]
            box = payloads.PayloadBox(claim.workspace_id)
            snapshot, entries = claim.snapshot, tuple[Entry, ...]()
            if not claim.fresh:
                snapshot, entries = recover(program, snapshot, self._moment(box))
            data = {
                "trigger": found.get(snapshot.trigger),
                "steps": {
                    node: found.get(state.output)
                    for node, state in snapshot.steps.items()
                    if state.output is not None
                },
                "vars": {},
            }
            hands.append(
                Hand(claim, program, snapshot, data, box, claim.lease_ends, tuple(entries))
            )
        return hands

    def _moment(self, box: payloads.PayloadBox) -> Moment:
        return Moment(clock.now(), random.random, box.keep)

    def _turn(self, hands: list[Hand], futures: dict[Future[Outcome], Hand]) -> None:
        """Advance these runs, commit, and let the calls that were granted leave."""
        records = []
        for hand in hands:
            outcomes, hand.outcomes = hand.outcomes, []
            plan = advance(hand.program, hand.snapshot, hand.data, self._moment(hand.box), outcomes)
            claim = replace(hand.claim, lease_ends=hand.lease_ends)
            records.append(store.Record(claim, plan, hand.box, outcomes, hand.earlier))
        verdicts = store.checkpoint(records)
        published = []
        for hand, record in zip(hands, records, strict=True):
            verdict = verdicts.get(hand.claim.run_id)
            if verdict is None:
                log.warning("run %s was taken over by another worker", hand.claim.run_id)
                continue
            first = hand.snapshot.seq - len(hand.earlier)
            published.append(_change(hand, record.plan, first))
            hand.snapshot, hand.earlier = record.plan.snapshot, ()
            if hand.claim.started_at is None:
                hand.claim = replace(hand.claim, started_at=clock.now())
            hand.outcomes.extend(verdict.settled)
            hand.waiting_for = len(verdict.granted)
            for call in verdict.granted:
                futures[self._pool.submit(self._call, hand, call)] = hand
        publish(published)
        for place in {
            (hand.claim.workspace_id, hand.claim.environment)
            for hand, record in zip(hands, records, strict=True)
            if record.plan.dead_letters
        }:
            tell_count(*place)

    def _call(self, hand: Hand, call: Call) -> Outcome:
        if clock.now() >= hand.lease_ends:
            # Somebody else may own the run by now: a call that has not left must not leave.
            raise RuntimeError("the lease ended before the call could leave")
        try:
            return perform(hand.claim.workspace_id, hand.claim.environment, call)
        finally:
            close_old_connections()

    def _gather(self, futures: dict[Future[Outcome], Hand]) -> list[Hand]:
        """Hands with new answers; waits for the first, then a moment for others."""
        if not futures:
            return []
        wait(futures, timeout=HEARTBEAT_S, return_when=FIRST_COMPLETED)
        if len(futures) > 1:
            wait(futures, timeout=GATHER_S)
        ready: dict[int, Hand] = {}
        for future in [f for f in futures if f.done()]:
            hand = futures.pop(future)
            try:
                hand.outcomes.append(future.result())
            except RuntimeError as error:
                log.warning("run %s: %s", hand.claim.run_id, error)
                continue
            ready[id(hand)] = hand
        return list(ready.values())

    def _renew(self, hands: Iterable[Hand]) -> None:
        hands = list(hands)
        ends = store.extend(hand.claim for hand in hands)
        for hand in hands:
            hand.lease_ends = ends
