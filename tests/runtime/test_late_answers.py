"""A call had left when its run was cancelled: its answer is noted, and nothing follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from ipaas.core import clock
from runtime import control, holding, reading, store
from runtime.effects.flight import Flight
from runtime.engine.resume import NothingToDo
from runtime.models import Attempt, DeadLetter, Effect, Run
from tests.faults.yard.scene import Scene, scene
from tests.kit.waiting import until

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
    until(lambda: it.ledger.arrived, what="the call has left")
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
    assert (run.state["a"]["status"], run.state["a"]["away"]) == ("cancelled", True)
    assert Effect.objects.get(run_id=run.id).state == "intended"


# No answer comes, because the worker has died


def abandoned(it: Scene, *, sent: bool = True) -> Run:
    """A run that is cancelled while its call is away; its worker dies before the answer is taken
    in, or before the call has left."""
    (run_id,) = it.bring("p")
    worker, flight = it.stage.worker, Flight()
    with clock.use(it.stage.later):
        hands = it.claim("dies")
        if sent:
            worker._turn(hands, flight)
            assert flight.landed(10)
        else:
            store.checkpoint([worker._record(hand) for hand in hands])
        control.cancel(it.stage.workspace_id, run_id, by="Ana")
    run = it.stage.run(run_id)
    assert (run.status, run.state["a"]["status"]) == ("cancelled", "cancelled")
    assert run.state["a"]["away"]
    return run


def settled(it: Scene, before: Run) -> Run:
    it.play()
    run = it.stage.run(before.id)
    assert (run.status, run.due_at, run.owner) == ("cancelled", None, "")
    assert run.finished_at == before.finished_at
    assert not DeadLetter.objects.exists()
    return run


def once_more(it: Scene, run: Run) -> None:
    again = control.replay(it.stage.workspace_id, run.id)
    it.play()
    assert (it.stage.run(again).status, it.papers("p")) == ("succeeded", 1)


def test_what_a_dead_worker_had_sent_is_found(it: Scene) -> None:
    it.publish_post("post_searched")
    run = settled(it, abandoned(it))
    assert run.state["a"]["status"] == "succeeded"
    assert Effect.objects.get(run_id=run.id).state == "confirmed"
    texts = [entry["text"] for entry in reading.journal(it.stage.workspace_id, run.id, 0)]
    assert texts[-1].endswith("the document has arrived, though the run was cancelled; it is done")
    once_more(it, run)


def test_what_a_dead_worker_had_not_sent_is_searched_for_twice_and_never_sent(it: Scene) -> None:
    it.publish_post("post_searched")
    run = settled(it, abandoned(it, sent=False))
    assert (run.state["a"]["status"], it.papers("p")) == ("failed", 0)
    assert run.error["code"] == "run.cancelled_absent"
    once_more(it, run)


def test_the_search_goes_on_when_its_worker_dies_too(it: Scene) -> None:
    it.publish_post("post_searched")
    before = abandoned(it)
    it.stage.skip(200)
    it.send_and_die()
    assert it.stage.run(before.id).state["a"]["status"] == "in_doubt"
    assert settled(it, before).state["a"]["status"] == "succeeded"


def test_nobody_takes_a_cancelled_run_while_its_call_may_be_on_its_way(it: Scene) -> None:
    it.publish_post("post_searched")
    abandoned(it)
    it.stage.skip(store.LEASE.total_seconds() + 1)
    assert it.claim() == []


def test_what_cannot_be_searched_for_ends_as_a_doubt(it: Scene) -> None:
    it.publish_post("post_blind")
    run = settled(it, abandoned(it))
    assert run.state["a"]["status"] == "in_doubt"
    assert Effect.objects.get(run_id=run.id).state == "intended"
    with pytest.raises(NothingToDo):
        control.decide(it.stage.workspace_id, run.id, "a", "resend", None)
    assert it.papers("p") == 1


def test_a_doubt_that_was_being_searched_for_goes_on_being_searched_for(it: Scene) -> None:
    it.publish_post("post_searched")
    it.ledger.overlooks = 1
    it.manners.lost = 1000
    (run_id,) = it.bring("p")
    it.stage.work()
    it.manners.lost = 0
    control.cancel(it.stage.workspace_id, run_id, by="Ana")
    run = settled(it, it.stage.run(run_id))
    assert (run.state["a"]["status"], it.papers("p")) == ("succeeded", 1)


def test_a_paused_connection_is_not_searched_and_nobody_can_bring_the_run_back(it: Scene) -> None:
    it.publish_post("post_searched")
    before = abandoned(it)
    place = (it.stage.workspace_id, "test")
    pause = holding.pause(*place, "connection", "dock", by="Ana", reason="")
    for _ in range(3):
        it.stage.skip(400)
        it.stage.work()
    assert it.stage.run(before.id).state["a"]["status"] == "in_doubt"
    with pytest.raises(NothingToDo):
        control.hurry(it.stage.workspace_id, before.id)
    holding.resume(it.stage.workspace_id, pause["id"])
    assert settled(it, before).state["a"]["status"] == "succeeded"


def test_a_cancelled_run_that_cannot_be_looked_after_stays_cancelled(it: Scene) -> None:
    it.publish_post("post_searched")
    before = abandoned(it)
    Run.objects.filter(id=before.id).update(in_vain=store.HOPELESS)
    assert settled(it, before).state["a"]["status"] == "in_doubt"


# Every step of a cancelled run says at once what it is


def step(it: Scene, run_id: str, node_id: str = "a") -> dict[str, Any]:
    found: dict[str, Any] = reading.get_run(it.stage.workspace_id, run_id)["steps"][node_id]
    return found


def test_a_step_whose_call_is_away_is_cancelled_at_once_and_says_so(it: Scene) -> None:
    it.publish_post("post_searched")
    run = abandoned(it)
    shown = step(it, run.id)
    assert (shown["status"], shown["call_out"], shown["finished_at"]) == ("cancelled", True, None)
    assert run.current_node == ""
    texts = [entry["text"] for entry in reading.journal(it.stage.workspace_id, run.id, 0)]
    assert any(text.endswith("its call had left; its answer is awaited") for text in texts)
    settled(it, run)
    assert step(it, run.id)["call_out"] is False


def test_a_step_that_would_have_been_tried_again_is_cancelled(it: Scene) -> None:
    it.publish_post("post_keyed")
    it.manners.refused = 1000
    (run_id,) = it.bring("p")
    it.stage.work()
    assert step(it, run_id)["status"] == "retrying"
    control.cancel(it.stage.workspace_id, run_id, by="Ana")
    shown = step(it, run_id)
    assert (shown["status"], shown["call_out"]) == ("cancelled", False)
    assert (shown["next_attempt_at"], it.stage.run(run_id).due_at) == (None, None)
    assert shown["finished_at"]


def test_a_step_that_waited_for_a_pause_is_cancelled(it: Scene) -> None:
    it.publish_post("post_keyed")
    holding.pause(it.stage.workspace_id, "test", "connection", "dock", by="Ana", reason="")
    (run_id,) = it.bring("p")
    it.stage.work()
    assert step(it, run_id)["paused"]
    control.cancel(it.stage.workspace_id, run_id, by="Ana")
    shown = step(it, run_id)  # nothing of it had begun: "Not started"
    assert (shown["status"], shown["paused"], shown["next_attempt_at"]) == ("pending", False, None)


def test_a_lost_try_that_is_repeated_under_its_key_is_in_doubt_when_cancelled(it: Scene) -> None:
    it.publish_post("post_keyed")
    it.manners.lost = 1000
    (run_id,) = it.bring("p")
    it.stage.work()
    it.manners.lost = 0
    assert step(it, run_id)["status"] == "retrying"
    control.cancel(it.stage.workspace_id, run_id, by="Ana")
    shown = step(it, run_id)
    assert (shown["status"], shown["error"]["code"]) == ("in_doubt", "run.cancelled_unknown")
    assert Effect.objects.get(run_id=run_id).state == "intended"
    once_more(it, it.stage.run(run_id))


def test_a_call_that_had_not_left_is_no_longer_awaited(it: Scene) -> None:
    it.publish_post("post_searched")
    (run_id,) = it.bring("p")
    worker, flight = it.stage.worker, Flight()
    hands = it.claim()
    hands[0].prolong(clock.now() - store.LEASE, 0.0)  # held up: the lease is over
    record = worker._record(hands[0])
    granted = store.checkpoint([record])[run_id].granted
    control.cancel(it.stage.workspace_id, run_id, by="Ana")
    hands[0].lost = True
    worker._carrier.send([(hands[0], call) for call in granted], flight)
    worker._gather(flight)
    run = it.stage.run(run_id)
    assert (run.state["a"]["status"], run.due_at) == ("cancelled", None)
    assert not run.state["a"].get("away")
    assert it.papers("p") == 0
    once_more(it, run)


def test_a_run_that_an_older_version_cancelled_says_what_became_of_its_step(it: Scene) -> None:
    it.publish_post("post_searched")
    run = abandoned(it)
    old = {**run.state["a"], "status": "running"}
    del old["away"]
    Run.objects.filter(id=run.id).update(state={**run.state, "a": old})
    import_module("runtime.migrations.0005_words_of_cancelled_steps").put_right(apps, None)
    shown = step(it, run.id)
    assert (shown["status"], shown["call_out"]) == ("cancelled", True)
    assert settled(it, run).state["a"]["status"] == "succeeded"
