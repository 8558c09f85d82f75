"""Loops on real parts: items are runs of their own, their parent waits without a worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection

from ipaas.core import clock
from runtime import children, control, store
from runtime.models import DeadLetter, Family, Run
from tests.kit.drawing import call, const, mapping, node, path
from tests.kit.played import Stage, make_stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]

BAD = call("eq", path("item.ok"), const(False))


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = make_stage()
    yield made
    made.worker.close()


def loop(**config: Any) -> list[dict[str, Any]]:
    """Items that say ``ok: false`` fail; the others are mapped."""
    return [
        node("start", "trigger.manual"),
        node("each", "for_each", list=path("trigger.items"), **config),
        node("check", "if", condition=BAD),
        node("no", "fail", message=const("Not this one.")),
        node("m", "map", mapping=mapping(n="item.n", at="index", order="trigger.order")),
        node("after", "map", mapping=mapping(done="steps.each.succeeded")),
    ]


WIRES = "start>each each.item>check check.true>no check.false>m each.out>after"


def items(*flags: bool) -> dict[str, Any]:
    return {"order": "A1", "items": [{"n": n, "ok": ok} for n, ok in enumerate(flags)]}


def letter_of(run: Run) -> DeadLetter:
    return DeadLetter.objects.get(run_id=run.id, status="open")


def mend(stage: Stage, run: Run, item: Any) -> None:
    control.retry_dead_letter(
        stage.workspace_id,
        letter_of(run).id,
        from_start=True,
        newest=False,
        document=item,
        edited=True,
        by="Ana",
        reason="Corrected.",
    )
    stage.work()


def test_each_item_is_a_run_of_its_own_and_the_results_keep_their_order(stage: Stage) -> None:
    run = stage.play(loop(parallel=3), WIRES, items(*[True] * 7))
    assert run.status == "succeeded", run.error
    assert [child.status for child in stage.children(run)] == ["succeeded"] * 7
    output = stage.output(run, "each")
    assert (output["count"], output["succeeded"], output["failed"]) == (7, 7, 0)
    assert output["results"] == [{"n": n, "at": n, "order": "A1"} for n in range(7)]
    assert stage.output(run, "after") == {"done": 7}


def test_an_empty_list_goes_on_at_once(stage: Stage) -> None:
    run = stage.play(loop(), WIRES, {"items": []})
    assert run.status == "succeeded"
    assert stage.output(run, "each")["count"] == 0


def test_what_is_no_list_is_said_so(stage: Stage) -> None:
    run = stage.play(loop(), WIRES, {"items": "A1"})
    assert (run.status, run.error["code"]) == ("failed", "step.not_a_list")


def test_no_more_items_move_at_once_than_asked_for(stage: Stage) -> None:
    steps = loop(parallel=2)
    steps[4] = node("m", "wait", mode="for", amount=1, unit="hours")
    run = stage.play(steps, WIRES, items(*[True] * 5))
    moving = Run.objects.filter(parent_id=run.id, status="waiting").count()
    held = Run.objects.filter(parent_id=run.id, due_at=None, status="queued").count()
    assert (moving, held) == (2, 3)
    assert (run.status, run.due_at, run.owner) == ("waiting", None, "")
    stage.work_on()
    assert stage.run(run.id).status == "succeeded"


def test_an_ordered_loop_does_one_after_the_other(stage: Stage) -> None:
    run = stage.play(loop(ordered=True, parallel=8), WIRES, items(*[True] * 4))
    times = [(c.started_at, c.finished_at) for c in stage.children(run)]
    assert all(ended <= began for (_, ended), (began, _) in zip(times, times[1:], strict=False))


def test_continue_leaves_a_failed_item_to_a_person_and_goes_on(stage: Stage) -> None:
    run = stage.play(loop(on_failure="continue"), WIRES, items(True, False, True))
    assert run.status == "succeeded"
    output = stage.output(run, "each")
    assert (output["succeeded"], output["failed"]) == (2, 1)
    (failure,) = output["failures"]
    failed = stage.children(run)[1]
    assert (failure["index"], failure["run_id"]) == (1, failed.id)
    assert failure["item"] == {"n": 1, "ok": False}
    assert letter_of(failed).node_id == "no"
    mend(stage, failed, {"n": 1, "ok": True})
    assert stage.run(failed.id).status == "succeeded"
    assert stage.run(run.id).finished_at == run.finished_at, "the run above has long gone on"


def test_collect_hands_failures_to_the_flow_and_troubles_nobody(stage: Stage) -> None:
    run = stage.play(loop(on_failure="collect"), WIRES, items(False, True, False))
    assert run.status == "succeeded"
    assert [f["index"] for f in stage.output(run, "each")["failures"]] == [0, 2]
    assert not DeadLetter.objects.exists()


def test_stop_starts_no_more_items_until_the_failed_one_is_mended(stage: Stage) -> None:
    run = stage.play(loop(on_failure="stop", parallel=1), WIRES, items(True, False, True, True))
    assert (run.status, run.error["code"]) == ("failed", "for_each.item_failed")
    failed = stage.children(run)[1]
    assert run.error["run_id"] == failed.id
    assert [c.status for c in stage.children(run)] == ["succeeded", "failed", "queued", "queued"]
    assert DeadLetter.objects.filter(status="open").count() == 1, "one cause, one record"
    mend(stage, failed, {"n": 1, "ok": True})
    run = stage.run(run.id)
    assert run.status == "succeeded", run.error
    assert stage.output(run, "each")["succeeded"] == 4


def test_an_item_that_a_person_leaves_out_no_longer_stops_the_others(stage: Stage) -> None:
    run = stage.play(loop(on_failure="stop", parallel=1), WIRES, items(False, True))
    letter = letter_of(stage.children(run)[0])
    control.skip_dead_letter(stage.workspace_id, letter.id, by="Ana", reason="Not needed.")
    stage.work()
    run = stage.run(run.id)
    assert run.status == "succeeded", run.error
    assert stage.output(run, "each")["cancelled"] == 1


def test_stop_takes_the_error_exit_when_it_is_wired_and_cancels_the_rest(stage: Stage) -> None:
    steps = [
        *loop(on_failure="stop", parallel=1),
        node("mend", "map", mapping=mapping(f="steps.each.failures")),
    ]
    run = stage.play(steps, f"{WIRES} each.error>mend", items(False, True))
    assert run.status == "succeeded", run.error
    assert [c.status for c in stage.children(run)] == ["failed", "cancelled"]
    assert stage.output(run, "mend")["f"][0]["index"] == 0
    assert not DeadLetter.objects.exists(), "the flow deals with it"


def test_loops_within_loops_see_every_item_above_them(stage: Stage) -> None:
    steps = [
        node("start", "trigger.manual"),
        node("orders", "for_each", list=path("trigger.orders")),
        node("lines", "for_each", list=path("item.lines")),
        node(
            "m",
            "map",
            mapping=mapping(sku="item.sku", order="loops.orders.item.id", at="loops.orders.index"),
        ),
        node("give", "return", value=path("steps.lines.results")),
    ]
    orders = [{"id": f"O{n}", "lines": [{"sku": f"S{n}{m}"} for m in range(2)]} for n in range(3)]
    run = stage.play(
        steps,
        "start>orders orders.item>lines lines.item>m lines.out>give",
        {"orders": orders},
    )
    assert run.status == "succeeded", run.error
    assert stage.output(run, "orders")["results"][2] == [
        {"sku": "S20", "order": "O2", "at": 2},
        {"sku": "S21", "order": "O2", "at": 2},
    ]


def test_cancelling_a_run_cancels_what_is_below_it(stage: Stage) -> None:
    steps = loop(parallel=2)
    steps[4] = node("m", "wait", mode="for", amount=1, unit="days")
    run = stage.play(steps, WIRES, items(*[True] * 4))
    control.cancel(stage.workspace_id, run.id)
    stage.work_on()
    assert stage.run(run.id).status == "cancelled"
    assert {c.status for c in stage.children(run)} == {"cancelled"}


def test_many_items_are_made_in_chunks(stage: Stage) -> None:
    run = stage.play(loop(parallel=50, results=False), WIRES, items(*[True] * 1_203))
    assert run.status == "succeeded", run.error
    output = stage.output(run, "each")
    assert (output["succeeded"], output["results"]) == (1_203, [])


def test_results_that_do_not_fit_are_refused_in_words(stage: Stage) -> None:
    steps = loop()
    steps[4] = node("m", "map", mapping=mapping(text="item.text"))
    big = {"items": [{"ok": True, "text": "x" * 500_000 + str(n)} for n in range(12)]}
    run = stage.play(steps, WIRES, big)
    assert (run.status, run.error["code"]) == ("failed", "for_each.results_too_large")


def test_the_sweeper_mends_what_a_lost_wake_up_would_have_left(stage: Stage) -> None:
    steps = loop(parallel=1)
    steps[4] = node("m", "wait", mode="for", amount=1, unit="hours")
    run = stage.play(steps, WIRES, items(True, True))
    # As no code of ours leaves it: the first item has ended and nobody was told.
    Run.objects.filter(id=stage.children(run)[0].id).update(status="cancelled", due_at=None)
    Family.objects.update(cancelled=1)
    assert children.sweep(lambda: None) == 1
    stage.work_on()
    assert stage.run(run.id).status == "succeeded"


def test_a_run_given_up_while_its_items_move_goes_on_with_them_and_needs_nobody_then(
    stage: Stage,
) -> None:
    steps = loop(parallel=1)
    steps[4] = node("m", "wait", mode="for", amount=1, unit="hours")
    run = stage.play(steps, WIRES, items(True, True))
    # Its workers have died under it, as they do on a machine without memory.
    Run.objects.filter(id=run.id).update(in_vain=store.HOPELESS, due_at=clock.now())
    stage.work()
    assert (stage.run(run.id).status, letter_of(run).code) == ("failed", "run.hopeless")
    stage.work_on()
    assert stage.run(run.id).status == "succeeded"
    letter = DeadLetter.objects.get(run_id=run.id)
    assert (letter.status, letter.edits[-1]["did"]) == ("retried", "went_on")
    assert letter.closed_at is not None


def test_a_failed_step_stays_with_a_person_while_the_items_beside_it_go_on(stage: Stage) -> None:
    steps = loop(parallel=1)
    steps[4] = node("m", "wait", mode="for", amount=1, unit="hours")
    beside = node("beside", "fail", message=const("Not this order."))
    run = stage.play([*steps, beside], f"{WIRES} start>beside", items(True, True))
    stage.work_on()
    assert stage.run(run.id).status == "failed"
    assert letter_of(run).node_id == "beside"


def test_a_database_that_goes_away_while_results_are_gathered_troubles_nobody(
    stage: Stage,
) -> None:
    steps = loop(parallel=1)
    steps[4] = node("m", "wait", mode="for", amount=1, unit="hours")
    run = stage.play(steps, WIRES, items(True, True))
    lost: list[str] = []

    def cut(execute: Any, statement: str, *rest: Any) -> Any:
        if not lost and "ORDER BY" in statement and "item_index" in statement.split("WHERE")[-1]:
            lost.append(statement)
            raise OperationalError("server closed the connection unexpectedly")
        return execute(statement, *rest)

    with connection.execute_wrapper(cut):
        stage.work_on()
    assert lost
    run = stage.run(run.id)
    assert run.status == "succeeded", run.error
    assert not DeadLetter.objects.exists()
