"""Other ways to start: a form, another flow's failure, and events that came while it was off."""

from __future__ import annotations

from typing import Any

import pytest

from runtime import control
from runtime.effects.hands import Worker
from runtime.models import DeadLetter, MissedEvent, Run
from runtime.triggers import manual, missed, status
from runtime.triggers.intake import Delivery, Receipt, receive
from tests.runtime.triggers.conftest import Place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
FORM = {
    "type": "object",
    "required": ["number", "since"],
    "additionalProperties": False,
    "properties": {
        "number": {"type": "integer", "minimum": 1},
        "since": {"type": "string", "format": "date"},
        "mode": {"enum": ["all", "new"], "default": "new"},
    },
}


def start(place: Place, flow: str, given: Any, key: str = "") -> tuple[str, bool]:
    return manual.start(place.workspace_id, "test", flow, given=given, key=key)


def test_a_form_is_checked_and_every_wrong_field_is_named(place: Place) -> None:
    flow = place.publish("trigger.manual", {"form": FORM, "business_key": "/number"})
    with pytest.raises(manual.InputRefused) as refused:
        start(place, flow, {"number": 0, "since": "soon", "other": 1})
    pointers = [field["pointer"] for field in refused.value.facts["fields"]]
    assert sorted(pointers) == ["", "/number", "/since"]
    run_id, new = start(place, flow, {"number": 7, "since": "2026-01-01"})
    (run,) = place.runs(flow)
    assert (run.id, new, run.kind, run.business_key) == (run_id, True, "manual", "7")
    assert place.document(run) == {"number": 7, "since": "2026-01-01", "mode": "new"}


def test_a_start_that_is_sent_twice_with_one_key_is_one_run(place: Place) -> None:
    flow = place.publish("trigger.manual")
    first = start(place, flow, {"a": 1}, "press-1")
    assert start(place, flow, {"a": 1}, "press-1") == (first[0], False)
    assert start(place, flow, {"a": 1})[0] != start(place, flow, {"a": 1})[0]


def test_a_start_whose_run_is_no_longer_kept_says_so(place: Place) -> None:
    flow = place.publish("trigger.manual")
    run_id, _ = start(place, flow, {"a": 1}, "press-1")
    Run.objects.filter(id=run_id).delete()
    with pytest.raises(manual.NotByHand, match="no longer kept"):
        start(place, flow, {"a": 1}, "press-1")


def test_what_is_not_started_by_hand_says_so(place: Place) -> None:
    hook = place.publish("trigger.webhook")
    off = place.publish("trigger.manual")
    place.switch(off, False)
    for flow in (hook, off):
        with pytest.raises(manual.NotByHand):
            start(place, flow, {})
    with pytest.raises(manual.TriggerNotFound):
        start(place, "flow_nobody", {})


def carry(worker: Worker) -> None:
    while worker.work_once(32):
        pass


def test_a_failure_starts_the_flows_that_listen_to_it(place: Place, worker: Worker) -> None:
    failing = place.publish("trigger.manual", then="fail")
    everything = place.publish("trigger.error")
    elsewhere = place.publish("trigger.error", {"flows": ["flow_other"]})
    by_code = place.publish("trigger.error", {"codes": ["flow.*", "step.*"]})
    run_id, _ = start(place, failing, {"order": 7})
    carry(worker)
    letter = DeadLetter.objects.get(run_id=run_id)
    (heard,) = place.runs(everything)
    document = place.document(heard)
    assert document["run"]["id"] == run_id
    assert document["error"]["code"] == letter.code
    assert document["dead_letter_id"] == letter.id
    assert place.runs(elsewhere) == []
    assert len(place.runs(by_code)) == int(letter.code.startswith(("flow.", "step.")))


def test_flows_that_hear_of_failures_cannot_chase_each_other(place: Place, worker: Worker) -> None:
    failing = place.publish("trigger.manual", then="fail")
    one = place.publish("trigger.error", then="fail")
    two = place.publish("trigger.error", then="fail")
    start(place, failing, {})
    carry(worker)
    assert (len(place.runs(one)), len(place.runs(two))) == (1, 1)
    assert Run.objects.count() == 3
    assert DeadLetter.objects.count() == 3


def test_a_failure_that_is_retried_and_fails_again_is_heard_again(
    place: Place, worker: Worker
) -> None:
    failing = place.publish("trigger.manual", then="fail")
    listening = place.publish("trigger.error")
    start(place, failing, {})
    carry(worker)
    control.retry_dead_letter(
        place.workspace_id,
        DeadLetter.objects.get().id,
        from_start=True,
        newest=False,
        document=None,
        edited=False,
        by="Ana",
        reason="",
    )
    carry(worker)
    assert len(place.runs(listening)) == 2


def send(place: Place, token: str, number: int) -> Receipt:
    headers = {"x-webhook-id": f"m{number}"}
    (answer,) = receive([Delivery(token, headers, b'{"n": %d}' % number)])
    assert isinstance(answer, Receipt), answer
    return answer


def test_what_comes_while_a_flow_is_off_is_kept_and_started_on_demand(place: Place) -> None:
    flow = place.publish("trigger.webhook")
    token = place.token(flow)
    send(place, token, 1)
    place.switch(flow, False)
    for number in (2, 3, 3, 4):
        answer = send(place, token, number)
        assert (answer.status, answer.runs) == (200, ())
    assert status.trigger_status(place.workspace_id, "test", flow)["missed"] == 3
    with pytest.raises(manual.NotByHand):
        missed.settle(place.workspace_id, "test", flow, "start")
    place.switch(flow, True)
    assert len(place.runs(flow)) == 1  # nothing starts unasked
    page, total = missed.page(place.workspace_id, "test", flow, None, 2)
    assert (total, [item["entity_id"] for item in page.items]) == (3, ["m4", "m3"])
    assert missed.settle(place.workspace_id, "test", flow, "start") == (3, 0)
    assert missed.settle(place.workspace_id, "test", flow, "start") == (0, 0)
    waiting = sorted(place.runs(flow)[1:], key=lambda run: run.due_at)
    assert [place.document(run)["n"] for run in waiting] == [2, 3, 4]


def test_a_delivery_that_is_sent_again_after_switching_on_is_not_lost(place: Place) -> None:
    flow = place.publish("trigger.webhook")
    token = place.token(flow)
    place.switch(flow, False)
    send(place, token, 1)
    send(place, token, 2)
    place.switch(flow, True)
    answer = send(place, token, 1)
    assert (answer.duplicates, len(answer.runs)) == (1, 1)
    assert send(place, token, 1).runs == ()
    assert missed.settle(place.workspace_id, "test", flow, "start") == (1, 0)
    assert len(place.runs(flow)) == 2


def test_what_was_dismissed_starts_nothing_any_more(place: Place) -> None:
    flow = place.publish("trigger.webhook")
    token = place.token(flow)
    place.switch(flow, False)
    send(place, token, 1)
    assert missed.settle(place.workspace_id, "test", flow, "dismiss") == (1, 0)
    place.switch(flow, True)
    assert send(place, token, 1).runs == ()
    assert MissedEvent.objects.get().reason == "dismissed"
    assert status.trigger_status(place.workspace_id, "test", flow)["missed"] == 0
