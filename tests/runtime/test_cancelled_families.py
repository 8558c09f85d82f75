"""A loop is cancelled under each failure policy, with workers that die: every step of every run
says what it is, nothing is sent any more, and nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ipaas.core import clock
from runtime import control, store
from runtime.effects.flight import Flight
from runtime.models import DeadLetter, Effect, Family, Run
from tests.faults.yard.flows import item_post
from tests.faults.yard.scene import Scene, scene
from tests.kit.drawing import node, path
from tests.kit.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
POLICIES = ("stop", "continue", "collect")
MOVING = {"running", "retrying", "waiting"}


@pytest.fixture
def it(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


def loop(it: Scene, policy: str, many: int = 6) -> str:
    """The id of a run with a loop over so many papers, not yet begun."""
    each = node("each", "for_each", list=path("trigger.items"), parallel=3, on_failure=policy)
    behind = item_post("z", "post_keyed", "trigger.last")
    it.publish(
        [each, item_post("x", "post_searched", "item.paper"), behind],
        "start>each each.item>x each>z",
    )
    items = [{"paper": f"i{number}"} for number in range(many)]
    (run_id,) = it.bring("order", items=items, last="last")
    return run_id


def said(run_id: str) -> set[str]:
    """Words of all steps of the run and of those below it."""
    rows = [Run.objects.get(id=run_id), *Run.objects.filter(parent_id=run_id)]
    return {step["status"] for row in rows for step in row.state.values()}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("dies", [False, True])
def test_a_loop_that_is_cancelled_while_its_items_are_sent(
    it: Scene, policy: str, dies: bool
) -> None:
    run_id = loop(it, policy)
    worker, flight = it.stage.worker, Flight()
    with clock.use(it.stage.later):
        worker._turn(it.claim(), Flight())
        it.stage.skip(store.LEASE.total_seconds() + 1)
    with clock.use(it.stage.later):
        worker._turn(it.claim("dies"), flight)
        until(lambda: it.ledger.arrived >= 3, what="the calls of three items to arrive")
        control.cancel(it.stage.workspace_id, run_id, by="Ana")
        assert not said(run_id) & MOVING
        out = [row for row in Run.objects.filter(parent_id=run_id) if row.state]
        assert [row.state["x"]["away"] for row in out] == [True] * 3
        while flight and not dies:
            ready = worker._gather(flight)
            if ready:
                worker._turn(ready, flight)
        if dies:
            while flight:
                flight.landed(10)
    it.play()
    assert Run.objects.get(id=run_id).status == "cancelled"
    assert not Run.objects.exclude(status__in=("cancelled", "succeeded")).exists()
    assert not Run.objects.filter(due_at__isnull=False).exists()
    assert not said(run_id) & MOVING
    assert not DeadLetter.objects.filter(status="open").exists()
    assert it.papers("last") == 0
    assert all(len(times) == 1 for times in it.ledger.papers.values())
    for row in Run.objects.filter(parent_id=run_id):
        assert not any(step.get("away") for step in row.state.values())
    for effect in Effect.objects.filter(state="confirmed", node_id="x"):
        assert Run.objects.get(id=effect.run_id).state["x"]["status"] == "succeeded"


@pytest.mark.parametrize("policy", POLICIES)
def test_a_loop_that_is_cancelled_while_items_have_failed_and_others_are_tried_again(
    it: Scene, policy: str
) -> None:
    run_id = loop(it, policy, many=5)
    it.manners.refused = 600
    for _ in range(3):
        it.stage.work()
    it.manners.refused = 0
    said_before = said(run_id)
    control.cancel(it.stage.workspace_id, run_id, by="Ana")
    assert "retrying" in said_before, "some are to be tried again"
    before = {name: list(times) for name, times in it.ledger.papers.items()}
    assert not said(run_id) & MOVING
    it.play()
    assert it.ledger.papers == before, "nothing is sent any more"
    assert not DeadLetter.objects.filter(status="open").exists()
    assert not Run.objects.filter(due_at__isnull=False).exists()
    family = Family.objects.get(run_id=run_id)
    assert family.succeeded + family.failed + family.cancelled == family.made
