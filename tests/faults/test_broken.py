"""Deliberately broken variants: each leaves one safety out, and one scene must notice it.

A scene is a short play with one danger in it; unbroken, it ends well. ``docs/faults.md`` lists the
variants.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import Error

from connectors.http import pool
from ipaas.core import clock
from runtime import children, comebacks, control, faults, holding, intents, lanes, store
from runtime.effects import hands
from runtime.effects.flight import Flight
from runtime.engine import Program, answers
from runtime.engine import late as engine_late
from runtime.models import Effect, Pause, Run
from runtime.triggers.arrivals import Arrival
from tests.faults.yard.flows import item_post
from tests.faults.yard.scene import Scene, scene
from tests.kit.drawing import node, path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
Play = Callable[[Scene], bool]
Break = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made
    faults.arrange("")


# Scenes: True if all ended well


def a_worker_dies_after_sending(it: Scene) -> bool:
    it.publish_post("post_searched")
    it.bring("p")
    it.send_and_die()
    it.play()
    return it.papers("p") == 1 and it.statuses() == ["succeeded"]


def a_reply_is_lost(it: Scene) -> bool:
    it.publish_post("post_searched")
    it.bring("p")
    it.manners.lost = 1000
    it.stage.work()
    it.manners.lost = 0
    it.play()
    return it.papers("p") == 1 and it.statuses() == ["succeeded"]


def a_reply_is_lost_and_nothing_can_be_known(it: Scene) -> bool:
    it.publish_post("post_blind")
    it.bring("p")
    it.manners.lost = 1000
    it.stage.work()
    it.manners.lost = 0
    it.play()
    return it.papers("p") == 1 and it.statuses() == ["in_doubt"]


def the_first_search_overlooks_the_paper(it: Scene) -> bool:
    it.publish_post("post_searched")
    it.bring("p")
    it.manners.lost = 1000
    it.ledger.overlooks = 1
    it.stage.work()
    it.manners.lost = 0
    it.play()
    return it.papers("p") == 1


def a_worker_comes_back_after_its_lease(it: Scene) -> bool:
    it.publish_post("post_searched")
    it.bring("p")
    late = it.claim("late")
    it.stage.skip(store.LEASE.total_seconds() + 1)
    it.play()
    before = Run.objects.get()
    with clock.use(it.stage.later):
        try:
            flight = Flight()
            it.stage.worker._turn(late, flight)
            flight.landed(5)
        except Error:
            return False
    after = Run.objects.get()
    same = (before.status, before.seq, before.state) == (after.status, after.seq, after.state)
    return same and it.papers("p") == 1


def a_call_waits_in_line_while_its_run_is_taken(it: Scene) -> bool:
    it.publish_post("post_searched")
    it.bring("p")
    with clock.use(it.stage.later):
        (late,) = it.claim("late")
        record = it.stage.worker._record(late)
        granted = store.checkpoint([record])[late.claim.run_id].granted
    it.stage.skip(store.LEASE.total_seconds() + 1)
    it.play()
    with clock.use(it.stage.later):
        it.stage.worker._carrier._call(late, granted[0])
    return it.papers("p") == 1


def two_workers_want_one_run(it: Scene) -> bool:
    it.publish_post("post_keyed")
    it.bring("p")
    return len(it.claim("one")) == 1 and it.claim("two") == []


def a_message_comes_twice(it: Scene) -> bool:
    it.publish_post("post_keyed")
    return [len(it.bring("p", "e1")), len(it.bring("p", "e1"))] == [1, 0]


def a_run_is_replayed(it: Scene) -> bool:
    it.publish_post("post_keyed")
    (run_id,) = it.bring("p")
    it.play()
    control.replay(it.stage.workspace_id, run_id)
    it.play()
    return it.papers("p") == 1 and it.statuses() == ["succeeded"] * 2


def a_blind_post_is_replayed(it: Scene) -> bool:
    it.publish_post("post_blind")
    (run_id,) = it.bring("p")
    it.play()
    control.replay(it.stage.workspace_id, run_id)
    it.play()
    return it.papers("p") == 1 and it.statuses() == ["succeeded"] * 2


def a_loop_waits_for_its_items(it: Scene) -> bool:
    it.publish(
        [
            node("each", "for_each", list=path("trigger.items"), parallel=2),
            item_post("x", "post_keyed", "item.name"),
            item_post("z", "post_keyed", "trigger.name"),
        ],
        "start>each each.item>x each>z",
    )
    it.bring("p", items=[{"name": f"i{n}"} for n in range(5)])
    it.play()
    return all(it.papers(name) == 1 for name in ("p", "i0", "i1", "i2", "i3", "i4"))


def two_changes_of_one_record(it: Scene) -> bool:
    it.publish_post("post_keyed", order="by_key")
    (first,) = it.bring("p1", line="k", n=1)
    it.bring("p2", line="k", n=2)
    return [hand.claim.run_id for hand in it.claim()] == [first]


def a_reply_comes_twice(it: Scene) -> bool:
    it.publish_post("post_keyed")
    it.manners.doubled = 1000
    for name in ("p1", "p2", "p3"):
        it.bring(name)
        it.play()
    rows = list(Run.objects.order_by("id"))
    return [it.stage.output(row, "a")["name"] for row in rows] == ["p1", "p2", "p3"]


def a_run_is_cancelled_and_its_worker_dies(it: Scene) -> bool:
    it.publish_post("post_searched")
    (run_id,) = it.bring("p")
    with clock.use(it.stage.later):
        flight = Flight()
        it.stage.worker._turn(it.claim("dies"), flight)
        assert flight.landed(10)
        control.cancel(it.stage.workspace_id, run_id)
    it.play()
    run = it.stage.run(run_id)
    state = (run.status, run.state["a"]["status"], Effect.objects.get().state)
    return it.papers("p") == 1 and state == ("cancelled", "succeeded", "confirmed")


def a_pause_ends_just_as_a_run_is_parked(it: Scene) -> bool:
    """Who took it away has looked before the run was there."""
    it.publish_post("post_keyed")
    it.bring("p")
    holding.pause(it.stage.workspace_id, "test", "flow", "f", by="Ana", reason="")
    with clock.use(it.stage.later):
        hands = it.claim()
        whole = store.checkpoint
        store.checkpoint = lambda records: (Pause.objects.all().delete(), whole(records))[1]
        try:
            it.stage.worker._turn(hands, Flight())
        finally:
            store.checkpoint = whole
    it.stage.work()
    return it.papers("p") == 1 and it.statuses() == ["succeeded"]


# Variants: what is left out


def intents_are_skipped(patch: pytest.MonkeyPatch) -> None:
    faults.arrange("intent=skip")


def fence_and_journal_let_anybody_write(patch: pytest.MonkeyPatch) -> None:
    """Either alone keeps a late worker out."""

    class Any_(int):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = int.__hash__

    patch.setattr(store, "_fences", lambda ids: {run_id: Any_(0) for run_id in ids})
    open_journal = SimpleNamespace(insert=partial(store._JOURNAL.insert, new_only=True))
    patch.setattr(store, "_JOURNAL", open_journal)


def unknown_is_taken_for_no(patch: pytest.MonkeyPatch) -> None:
    whole = answers.not_answered

    def careless(draft: Any, node: Any, facts: Any, state: Any, failure: Any, *more: Any) -> None:
        whole(draft, node, facts, state, replace(failure, executed="no"), *more)

    patch.setattr(answers, "not_answered", careless)


def one_search_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(answers, "PROBES_BEFORE_RESEND", 1)
    patch.setattr(advancing_module(), "PROBES_BEFORE_RESEND", 1)


def advancing_module() -> Any:
    import importlib

    return importlib.import_module("runtime.engine.advance")


def the_lease_is_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hands.Hand, "held", property(lambda self: True))


def claims_take_no_lease(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(store, "LEASE", store.LEASE * 0)


def nothing_is_known_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Arrival, "identity", property(lambda self: secrets.token_hex(16)))


def keys_hold_chance(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Program, "effect_key", lambda *ignored: secrets.token_hex(16))


def answers_do_not_settle_intents(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(intents, "settle", lambda records, now: None)


def the_run_above_is_not_woken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(children, "wake_runs", lambda run_ids, now: None)


def ended_items_are_not_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(children, "_count", lambda changes, now: None)


def lanes_are_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lanes, "enter", lambda runs, now: None)


def nobody_looks_at_cancelled_runs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(engine_late, "looked_at", lambda *ignored: None)


def what_is_put_down_is_not_looked_at_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(comebacks, "look_again", lambda records: None)


def leftovers_on_the_wire_are_read(patch: pytest.MonkeyPatch) -> None:
    """Either alone may do: the rest lets a second answer arrive, the look at the wire sees it."""
    patch.setattr(pool, "REST_S", 0.0)
    patch.setattr(pool, "_has_news", lambda sock: False)


CAUGHT: list[tuple[Break, Play]] = [
    (intents_are_skipped, a_worker_dies_after_sending),
    (fence_and_journal_let_anybody_write, a_worker_comes_back_after_its_lease),
    (unknown_is_taken_for_no, a_reply_is_lost),
    (unknown_is_taken_for_no, a_reply_is_lost_and_nothing_can_be_known),
    (one_search_is_believed, the_first_search_overlooks_the_paper),
    (the_lease_is_not_looked_at, a_call_waits_in_line_while_its_run_is_taken),
    (claims_take_no_lease, two_workers_want_one_run),
    (nothing_is_known_again, a_message_comes_twice),
    (keys_hold_chance, a_run_is_replayed),
    (answers_do_not_settle_intents, a_blind_post_is_replayed),
    (the_run_above_is_not_woken, a_loop_waits_for_its_items),
    (ended_items_are_not_counted, a_loop_waits_for_its_items),
    (lanes_are_open, two_changes_of_one_record),
    (leftovers_on_the_wire_are_read, a_reply_comes_twice),
    (nobody_looks_at_cancelled_runs, a_run_is_cancelled_and_its_worker_dies),
    (what_is_put_down_is_not_looked_at_again, a_pause_ends_just_as_a_run_is_parked),
]
PLAYS = list(dict.fromkeys(play for _, play in CAUGHT))


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.__name__)
def test_a_danger_is_survived(played: Scene, play: Play) -> None:
    assert play(played)


@pytest.mark.parametrize(("variant", "play"), CAUGHT, ids=lambda each: each.__name__)
def test_a_variant_without_a_safety_is_caught(
    played: Scene, monkeypatch: pytest.MonkeyPatch, variant: Break, play: Play
) -> None:
    variant(monkeypatch)
    try:
        good = play(played)
    except AssertionError:
        good = False  # the runs never came to rest
    assert not good, f"{variant.__name__} was not noticed"
