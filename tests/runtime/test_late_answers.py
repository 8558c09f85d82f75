"""A call had left when its run was cancelled: its answer is noted, and nothing follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runtime import control, reading
from runtime.effects.flight import Flight
from runtime.models import Attempt, DeadLetter, Effect, Run
from tests.faults.yard.scene import Scene, scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def it(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


def cancelled_in_flight(it: Scene, *, noticed: bool = False, again: bool = False) -> Run:
    """A run that is cancelled while its call is away; the worker may have ``noticed`` that before
    the answer came."""
    (run_id,) = it.bring("p")
    worker, flight = it.stage.worker, Flight()
    hands = it.claim()
    worker._turn(hands, flight)
    control.cancel(it.stage.workspace_id, run_id, by="Ana")
    if again:  # somebody does the same document again, before the answer is there
        Run.objects.filter(id=run_id).update(fence=hands[0].claim.fence + 2)
    if noticed:
        worker._renew(hands)
    ready = worker._gather(flight)
    if ready:
        worker._turn(ready, flight)
    assert not flight
    return it.stage.run(run_id)


@pytest.mark.parametrize("noticed", [False, True])
def test_what_was_done_counts_as_done(it: Scene, noticed: bool) -> None:
    it.publish_post("post_keyed")
    run = cancelled_in_flight(it, noticed=noticed)
    assert (run.status, run.state["a"]["status"], run.due_at) == ("cancelled", "succeeded", None)
    effect = Effect.objects.get(run_id=run.id)
    assert (effect.state, effect.result) == ("confirmed", run.state["a"]["output"])
    assert Attempt.objects.filter(run_id=run.id, outcome="ok").exists()
    texts = [entry["text"] for entry in reading.journal(it.stage.workspace_id, run.id, 0)]
    assert texts[-1].endswith("the answer came after the run was cancelled; it is done")
    again = control.replay(it.stage.workspace_id, run.id)
    it.play()
    assert (it.stage.run(again).status, it.papers("p")) == ("succeeded", 1)


def test_what_was_refused_asks_nobody(it: Scene) -> None:
    it.publish_post("post_keyed")
    it.manners.refused = 1000
    run = cancelled_in_flight(it)
    assert (run.status, run.state["a"]["status"]) == ("cancelled", "failed")
    assert Effect.objects.get(run_id=run.id).state == "refused"
    assert not DeadLetter.objects.exists()
    it.manners.refused = 0
    again = control.replay(it.stage.workspace_id, run.id)
    it.play()
    assert (it.stage.run(again).status, it.papers("p")) == ("succeeded", 1)


def test_what_may_have_arrived_stays_open_and_is_looked_for(it: Scene) -> None:
    it.publish_post("post_searched")
    it.manners.lost = 1000
    run = cancelled_in_flight(it)
    it.manners.lost = 0
    assert (run.status, run.state["a"]["status"]) == ("cancelled", "in_doubt")
    assert Effect.objects.get(run_id=run.id).state == "intended"
    assert it.papers("p") == 1
    again = control.replay(it.stage.workspace_id, run.id)
    it.play()
    assert (it.stage.run(again).status, it.papers("p")) == ("succeeded", 1)


def test_an_answer_for_a_run_that_somebody_has_taken_up_changes_nothing(it: Scene) -> None:
    it.publish_post("post_keyed")
    run = cancelled_in_flight(it, again=True)
    assert run.state["a"]["status"] == "running"
    assert Effect.objects.get(run_id=run.id).state == "intended"
