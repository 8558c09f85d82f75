"""Runs in a worker's hands: advance in memory, commit, call concurrently, commit again.

One worker takes many runs at once. Their pure steps are decided in memory, all intents are
committed together, calls leave concurrently, and answers are committed in groups as they come: a
slow call holds up no other run.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections

from ipaas.core import clock
from runtime import children, comebacks, context, pausing, store, surroundings
from runtime.effects import late, payloads
from runtime.effects.admission import held_back
from runtime.effects.flight import ENDS, Carrier, Flight
from runtime.effects.programs import PROGRAMS
from runtime.engine import (
    LOOK_AGAIN,
    Call,
    Failure,
    Family,
    Moment,
    NotNow,
    Outcome,
    Plan,
    Program,
    RunStatus,
    Snapshot,
    Stay,
    advance,
    failure_of,
    give_up,
    settle,
)
from runtime.live.counts import tell_count
from runtime.live.families import tell_families
from runtime.live.publisher import RunChange, Unseen, publish_watched
from runtime.live.summaries import run_summary, step_summary
from runtime.records import aftermath

log = logging.getLogger(__name__)

MAX_CONCURRENT_CALLS = 32
ROUNDS = 50  # batches that one look at the queue may become
LONGEST_S = 60.0  # after which it takes no more: the broker ends what lasts for hours
LONGEST_SLOW_S = 1_200.0  # the same while nothing but slow answers is awaited
AT_ONCE_SLOW = 8  # batches in hand then
SLOW_S = 0.25  # without any answer, after which others are not kept waiting
HEARTBEAT_S = 3.0
ENDING = Stay("", ENDS)
UNSURE = Stay("", "our own database did not answer; it goes on when it does")
PATIENCE_S = (0.05, 0.2, 0.8)  # between tries to commit: deadlocks and short outages pass


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
        finished_at=store.ended_at(claim, snapshot.status, now),
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
    lease_ends_s: float  # the same by the clock that cannot be set
    trouble: Failure | None = None  # why the run cannot be carried on at all
    claimed: bool = True  # nothing was committed for it yet
    lost: bool = False  # another worker or a person has changed the run
    outcomes: list[Outcome] = field(default_factory=list)
    families: dict[str, Family] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether the run is surely still ours."""
        in_time = clock.now() < self.lease_ends and clock.monotonic_s() < self.lease_ends_s
        return in_time and not self.lost

    def prolong(self, ends: datetime, since_s: float) -> None:
        """The lease was renewed; it was asked for at ``since_s``."""
        self.lease_ends = ends
        self.lease_ends_s = since_s + store.LEASE.total_seconds()


class Worker:
    """Takes due runs and carries them as far as they go."""

    def __init__(self, name: str, calls_at_once: int = MAX_CONCURRENT_CALLS) -> None:
        self.name = name
        self._carrier = Carrier(calls_at_once)
        self._draining = False

    def drain(self) -> None:
        """Take no run any more, and let no further call leave; answers are still taken in.

        Runs whose next call did not leave are due at once, for other workers.
        """
        self._draining = self._carrier.draining = True

    def _stays(self, hand: Hand, connection: str) -> Stay | None:
        if self._draining:
            return ENDING
        claim, scope = hand.claim, hand.snapshot.scope
        above = scope.parent if scope is not None else ""
        place = (claim.workspace_id, claim.environment)
        try:
            return pausing.stay(place, claim.flow_id, (claim.run_id, above), connection)
        except DatabaseError:
            log.warning("nobody can say whether run %s is paused", claim.run_id, exc_info=True)
            return UNSURE

    def close(self) -> None:
        """Wait for calls under way and free the threads."""
        self._carrier.close()

    def work_once(self, limit: int) -> int:
        """Claim due runs, carry each until it ends or waits; how many there were.

        While many runs are due, more are claimed as others end, so that the answers of some are
        committed together with the intents of others; and while answers are slow, so that nobody
        waits for them who need not. A run that may be killing its workers stays alone.
        """
        claims = [] if self._draining else store.claim(limit, self.name)
        count, full = len(claims), len(claims) == limit
        alone = any(claim.in_vain >= store.WEARY for claim in claims)
        ready = self._take(claims) if claims else []
        flight = Flight()
        beat_s = began_s = clock.monotonic_s()
        while ready or flight:
            if ready:
                self._turn(ready, flight)
            elif flight.queue:
                self._carrier.send([], flight)
            ready = [hand for hand in ready if hand.outcomes] or self._gather(flight)
            slow = bool(flight) and not ready and not alone
            in_hand = len(flight) + len(ready)
            room = min(limit, limit * (AT_ONCE_SLOW if slow else 1) - in_hand)
            longest_s = LONGEST_SLOW_S if slow else LONGEST_S
            more = count < limit * ROUNDS and clock.monotonic_s() - began_s < longest_s
            if (full or slow) and more and not self._draining and room >= limit // 2:
                claims = store.claim(room, self.name, weary=False)
                count, full = count + len(claims), len(claims) == room
                ready += self._take(claims) if claims else []
            if clock.monotonic_s() - beat_s > HEARTBEAT_S:
                beat_s = clock.monotonic_s()
                self._renew({id(h): h for h in [*flight.hands, *ready]}.values())
        held_back((), flight.taken())  # of runs that were lost meanwhile
        return count

    def _take(self, claims: Sequence[store.Claim]) -> list[Hand]:
        """Hands with all that is needed; what cannot be read is trouble of its run alone."""
        try:
            programs = PROGRAMS.get(claim.release_id for claim in claims)
            wanted: dict[str, set[str | None]] = {}
            for claim in claims:
                references = wanted.setdefault(claim.workspace_id, set())
                references.update(context.references(claim.snapshot))
            documents = {ws: payloads.load(ws, refs) for ws, refs in wanted.items()}
            families = children.views(claims)
        except DatabaseError:
            raise
        except NotNow as error:
            if len(claims) > 1:
                return [hand for claim in claims for hand in self._take([claim])]
            log.warning("run %s waits: %s", claims[0].run_id, error.message)
            store.put_off(claims[0], LOOK_AGAIN)
            return []
        except Exception as error:
            if len(claims) > 1:
                return [hand for claim in claims for hand in self._take([claim])]
            failure = failure_of(error, f"Run {claims[0].run_id}")
            programs = PROGRAMS.get(claim.release_id for claim in claims)
            return [self._hand(claims[0], programs[claims[0].release_id], {}, failure)]
        hands = [
            self._hand(claim, programs[claim.release_id], documents[claim.workspace_id])
            for claim in claims
        ]
        for hand in hands:
            hand.families = families.get(hand.claim.run_id, {})
        return hands

    def _hand(
        self,
        claim: store.Claim,
        program: Program,
        documents: dict[str, Any],
        trouble: Failure | None = None,
    ) -> Hand:
        snapshot = claim.snapshot
        data = context.context(snapshot, documents)
        return Hand(
            claim,
            program,
            snapshot,
            data,
            payloads.PayloadBox(claim.workspace_id),
            claim.lease_ends,
            clock.monotonic_s() + store.LEASE.total_seconds(),
            trouble or _trouble(claim, program, documents),
        )

    def _moment(self, hand: Hand) -> Moment:
        place = (hand.claim.workspace_id, hand.claim.environment)
        return Moment(
            clock.now(),
            random.random,
            hand.box.keep,
            surroundings.resources(*place),
            hand.families,
            partial(surroundings.live, *place),
            stays=partial(self._stays, hand),
            variables=partial(surroundings.variables, *place),
        )

    def _turn(self, hands: list[Hand], flight: Flight) -> None:
        """Advance these runs, commit, and let the calls that were granted leave."""
        records = [self._record(hand) for hand in hands]
        began_s, began = clock.monotonic_s(), clock.now()
        verdicts = self._commit(hands, records)
        published = []
        granted: list[tuple[Hand, Call]] = []
        for hand, record in zip(hands, records, strict=True):
            verdict = verdicts.get(hand.claim.run_id)
            if verdict is None:
                log.warning("run %s is no longer this worker's", hand.claim.run_id)
                hand.lost, hand.outcomes = True, []
                late.take_in(hand.claim, hand.program, hand.box, record.outcomes)
                continue
            tell = partial(_change, hand, record.plan, hand.snapshot.seq)
            place = (hand.claim.workspace_id, hand.claim.environment)
            published.append(Unseen(*place, hand.claim.run_id, tell))
            if hand.trouble is not None:
                hand.lost = True  # given up: answers that still come are not waited for
                continue
            hand.snapshot, hand.claimed = record.plan.snapshot, False
            hand.prolong(began + store.LEASE, began_s)
            if hand.claim.started_at is None:
                hand.claim = replace(hand.claim, started_at=clock.now())
            hand.outcomes.extend(verdict.settled)
            granted.extend((hand, call) for call in verdict.granted)
        self._carrier.send(granted, flight)
        comebacks.look_again(record for record in records if record.claim.run_id in verdicts)
        publish_watched(published)
        tell_families(
            hand.snapshot.scope.parent
            for hand, record in zip(hands, records, strict=True)
            if hand.snapshot.scope is not None and record.before != hand.snapshot.status
        )
        for changed in {
            (hand.claim.workspace_id, hand.claim.environment)
            for hand, record in zip(hands, records, strict=True)
            if record.plan.dead_letters
        }:
            tell_count(*changed)
        aftermath.tell(
            (hand.claim.workspace_id, hand.claim.environment)
            for hand, record in zip(hands, records, strict=True)
            if record.plan.snapshot.status not in aftermath.MOVING
        )

    def _record(self, hand: Hand) -> store.Record:
        """What this turn leaves behind. A run that the engine cannot advance is given up."""
        outcomes, hand.outcomes = hand.outcomes, []
        moment = self._moment(hand)
        trouble = hand.trouble
        if trouble is None:
            try:
                cancelled = hand.snapshot.status is RunStatus.CANCELLED
                plan = (settle if cancelled else advance)(
                    hand.program, hand.snapshot, hand.data, moment, outcomes, claimed=hand.claimed
                )
            except Exception as error:
                trouble = hand.trouble = failure_of(error, f"Run {hand.claim.run_id}")
        if trouble is not None:
            plan = give_up(hand.program, hand.snapshot, moment, trouble)
        return store.Record(hand.claim, plan, hand.box, hand.snapshot.status, outcomes)

    def _commit(self, hands: list[Hand], records: list[store.Record]) -> dict[str, store.Verdict]:
        """Verdicts by run id. What cannot be stored is found and given up; the others go on.

        If the database is gone for long, there are no verdicts: the runs come back when their
        leases end.
        """
        for patience_s in (*PATIENCE_S, None):
            try:
                return store.checkpoint(records)
            except (OperationalError, InterfaceError):
                if patience_s is None:
                    log.exception("%d runs could not be committed", len(records))
                    return {}
                log.warning("a commit of %d runs is tried again", len(records), exc_info=True)
                close_old_connections()
                time.sleep(patience_s * random.random())
            except Exception as error:
                if len(records) == 1:
                    return self._abandon(hands[0], records, error)
                log.warning("%d runs are committed one by one", len(records), exc_info=True)
                break
        verdicts: dict[str, store.Verdict] = {}
        for hand, record in zip(hands, records, strict=True):
            alone = [record]
            verdicts |= self._commit([hand], alone)
            record.plan = alone[0].plan
        return verdicts

    def _abandon(
        self, hand: Hand, records: list[store.Record], error: Exception
    ) -> dict[str, store.Verdict]:
        """Give up a run whose turn the database refuses; its record is replaced."""
        run_id = hand.claim.run_id
        failure = hand.trouble = failure_of(error, f"Run {run_id}")
        hand.box.empty()
        plan = give_up(hand.program, hand.snapshot, self._moment(hand), failure)
        records[0] = store.Record(hand.claim, plan, hand.box, hand.snapshot.status)
        try:
            return store.checkpoint(records)
        except Exception:
            log.exception("run %s could not even be given up", run_id)
            return {}

    def _gather(self, flight: Flight) -> list[Hand]:
        """Hands with new answers."""
        ready: dict[int, Hand] = {}
        for hand, outcome in flight.landed(SLOW_S):
            flight.ended.append((hand.claim, outcome))
            if hand.lost:
                late.take_in(hand.claim, hand.program, hand.box, [outcome])
            else:
                hand.outcomes.append(outcome)
                ready[id(hand)] = hand
        return list(ready.values())

    def _renew(self, hands: Iterable[Hand]) -> None:
        """Renew the leases; a run that is no longer ours keeps its old one and is let go."""
        hands = [hand for hand in hands if not hand.lost]
        began_s = clock.monotonic_s()
        try:
            ends, held = store.extend([hand.claim for hand in hands])
        except DatabaseError:
            log.warning("%d leases could not be renewed", len(hands), exc_info=True)
            return
        for hand in hands:
            if hand.claim.run_id in held:
                hand.prolong(ends, began_s)
            else:
                hand.lost = True


def _trouble(claim: store.Claim, program: Program, documents: dict[str, Any]) -> Failure | None:
    """Why the run cannot be carried on, if it cannot."""
    if program.problem:
        hint = "Publish the flow again, then retry from the start with the newest version."
        return Failure("release.broken", program.problem, hint)
    if claim.in_vain >= store.HOPELESS:
        return Failure(
            "run.hopeless",
            f"{claim.in_vain} workers took this run, and none of them could carry it on.",
            "Look at the logs of the workers: was memory short? Retry it then.",
        )
    if not context.references(claim.snapshot) <= documents.keys():
        return Failure(
            "run.document_missing",
            "A document of this run is no longer stored, so it cannot go on.",
            "Have the other system send it again.",
        )
    return None
