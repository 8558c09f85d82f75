"""What names an effect: two things that are to be done are never taken for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from connectors import facade as connectors
from runtime.triggers import arrivals
from runtime.triggers.arrivals import Arrival
from tests.faults.yard.flows import item_post
from tests.faults.yard.scene import Scene, scene
from tests.kit.drawing import document, mapping, node, path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


def test_two_flows_that_call_the_same_one_about_one_record_are_both_done(played: Scene) -> None:
    listens = {"connection": "shop", "operation": "changed"}
    for flow in ("one", "two"):
        steps = [
            node("start", "trigger.event", **listens),
            node("call", "call_flow", flow="called", input=mapping(paper=f"trigger.{flow}")),
        ]
        played.stage.deploy(flow, document(steps, "start>call"))
    event = connectors.Event(
        entity="order",
        id="7",
        revision="1",
        topic="order",
        business_key="7",
        document={"one": "first", "two": "second"},
        triggers=("changed",),
    )
    with transaction.atomic():
        arrivals.store([Arrival(played.stage.workspace_id, "test", "shop", event, None)])
    played.play()
    assert (played.papers("first"), played.papers("second")) == (1, 1)


def test_an_item_without_a_key_is_not_taken_for_one_whose_key_is_its_number(played: Scene) -> None:
    each = node("each", "for_each", list=path("trigger.items"), key=path("item.key"))
    played.publish([each, item_post("x", "post_keyed", "item.paper")], "start>each each.item>x")
    played.bring("m", items=[{"key": "2", "paper": "keyed"}, {"key": "", "paper": "unnamed"}])
    played.play()
    assert (played.papers("keyed"), played.papers("unnamed")) == (1, 1)
