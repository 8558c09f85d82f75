"""Every other kind of step, on real parts: what it makes, which way it takes, how it fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ipaas.core.errors import Recovery
from ipaas.mapping.resources import GivenResources
from runtime.engine import Failure, Program
from runtime.engine.evaluate import evaluate
from tests.kit.drawing import call, const, document, mapping, node, path
from tests.kit.played import Stage, make_stage

ORDER = {
    "lines": [
        {"sku": "A", "qty": 2, "price": Decimal("0.10"), "group": "x", "kg": 1},
        {"sku": "B", "qty": 1, "price": Decimal("0.20"), "group": "y", "kg": 2},
        {"sku": "C", "qty": 5, "price": Decimal("0.30"), "group": "x", "kg": None},
    ],
    "currency": "EUR",
    "total": Decimal("10.00"),
    "placed": "2024-05-31 14:05:00",
}
RESOURCES = GivenResources(
    tables={"Accounts": {"17": {"code": "4000", "name": "Sales"}}},
    rates={("EUR", "USD"): {date(2024, 5, 31): Decimal("1.0852")}},
)


def worked(step: dict[str, Any], trigger: Any = ORDER) -> Any:
    """What one step makes of a document, in memory."""
    body = {"document": document([node("start", "trigger.manual"), step], f"start>{step['id']}")}
    program = Program.compile("r", "w/test", "f", "F", 1, body)
    context = {"trigger": trigger, "steps": {}, "vars": {}}
    return evaluate(program, program.graph.nodes[step["id"]], context, RESOURCES)


def test_a_switch_takes_the_first_way_that_holds_and_otherwise_the_last() -> None:
    branches = [
        {"id": "big", "name": "Big", "condition": call("gt", path("trigger.total"), const(100))},
        {"id": "some", "condition": call("gt", path("trigger.total"), const(5))},
        {"id": "any", "condition": call("gt", path("trigger.total"), const(1))},
    ]
    step = node("s", "switch", branches=branches)
    assert worked(step).port == "some"
    assert worked(step, {"total": 0}).port == "otherwise"


def test_a_switch_has_an_exit_for_each_of_its_ways() -> None:
    ways = node("s", "switch", branches=[{"id": "a"}, {"id": "b"}])
    body = document([node("start", "trigger.manual"), ways, node("m", "stop")], "start>s s.b>m")
    graph = Program.compile("r", "w", "f", "F", 1, {"document": body}).graph
    assert graph.nodes["s"].ports == ("a", "b", "otherwise", "error")


def test_a_filter_keeps_entries_and_counts_them() -> None:
    condition = call("gt", path("item.qty"), const(1))
    done = worked(node("f", "filter", list=path("trigger.lines"), condition=condition))
    assert [line["sku"] for line in done.output["items"]] == ["A", "C"]
    assert (done.output["count_in"], done.output["count_out"], done.port) == (3, 2, "out")


def test_a_filter_without_a_list_lets_the_record_go_on_or_not() -> None:
    step = node("f", "filter", condition=call("gt", path("trigger.total"), const(100)))
    assert worked(step).port == "rejected"
    assert worked(step, {"total": 101}).port == "out"


def test_an_aggregate_is_exact_and_keeps_the_order_of_its_groups() -> None:
    amount = call("multiply", path("item.qty"), path("item.price"))
    figures = [
        {"name": "total", "do": "sum", "value": amount},
        {"name": "weighed", "do": "count", "value": path("item.kg")},
        {"name": "dearest", "do": "max", "value": path("item.price")},
        {"name": "mean", "do": "avg", "value": path("item.price"), "digits": 2},
        {"name": "first", "do": "first", "value": path("item.sku")},
        {"name": "skus", "do": "collect", "value": path("item.sku")},
    ]
    keys = [{"name": "group", "value": path("item.group")}]
    done = worked(node("a", "aggregate", list=path("trigger.lines"), keys=keys, figures=figures))
    first, second = done.output["groups"]
    assert first == {
        "group": "x",
        "total": Decimal("1.70"),
        "weighed": 1,
        "dearest": Decimal("0.30"),
        "mean": Decimal("0.20"),
        "first": "A",
        "skus": ["A", "C"],
    }
    assert second["total"] == Decimal("0.20")


def test_amounts_that_are_equal_make_one_group_however_they_are_written() -> None:
    keys = [{"name": "price", "value": path("item.p")}]
    step = node("a", "aggregate", list=path("trigger.l"), keys=keys, figures=[])
    done = worked(step, {"l": [{"p": Decimal("1.0")}, {"p": Decimal("1.00")}, {"p": 1}]})
    assert done.output["count_out"] == 1


def test_a_whole_number_and_the_same_with_decimals_make_one_group() -> None:
    keys = [{"name": "price", "value": path("item.p")}]
    step = node("a", "aggregate", list=path("trigger.l"), keys=keys, figures=[])
    prices = [100, Decimal("100.00"), Decimal("1E+2"), -20, Decimal("-20.0"), 0, Decimal("0.0")]
    done = worked(step, {"l": [{"p": price} for price in prices]})
    assert done.output["count_out"] == 3


def test_long_numbers_that_differ_make_two_groups() -> None:
    keys = [{"name": "price", "value": path("item.p")}]
    step = node("a", "aggregate", list=path("trigger.l"), keys=keys, figures=[])
    long = [Decimal("1." + "0" * 40 + end) for end in "12"]
    done = worked(step, {"l": [{"p": price} for price in long]})
    assert done.output["count_out"] == 2


def test_the_whole_list_is_one_group_without_keys_also_when_it_is_empty() -> None:
    figures = [{"name": "n", "do": "count"}, {"name": "s", "do": "sum", "value": path("item.x")}]
    done = worked(
        node("a", "aggregate", list=path("trigger.lines"), figures=figures), {"lines": []}
    )
    assert done.output["groups"] == [{"n": 0, "s": 0}]


@pytest.mark.parametrize(
    ("policy", "expected"), [("fail", False), ("person", True), ("default", None)]
)
def test_a_lookup_follows_its_policy_for_a_miss(policy: str, expected: bool | None) -> None:
    step = node(
        "l",
        "lookup",
        table="Accounts",
        key=path("trigger.code"),
        column="code",
        on_miss=policy,
        default=const("9999"),
    )
    assert worked(step, {"code": 17}).output == {"found": True, "key": 17, "value": "4000"}
    missed = worked(step, {"code": 18})
    if policy == "default":
        assert missed.output["value"] == "9999"
    else:
        assert isinstance(missed, Failure)
        assert (missed.code, missed.recovery) == ("lookup.missing", Recovery.FIX_DATA)
        assert missed.for_person is expected


def test_a_conversion_changes_the_chosen_fields_of_a_copy() -> None:
    fields = [
        {"path": "lines[].kg", "fn": "convert_unit", "args": [const("kg"), const("g")]},
        {
            "path": "total",
            "fn": "convert_currency",
            "args": [path("trigger.currency"), const("USD"), path("trigger.placed")],
        },
        {"path": "placed", "fn": "format_date", "args": [const("dd.MM.yyyy")]},
        {"path": "not.there", "fn": "upper", "args": []},
    ]
    done = worked(node("c", "convert", source="trigger", fields=fields))
    assert [line["kg"] for line in done.output["lines"]] == [1000, 2000, None]
    assert (done.output["total"], done.output["placed"]) == (Decimal("10.85"), "31.05.2024")
    assert ORDER["lines"][0]["kg"] == 1, "the document itself is left as it was"


# What follows needs a database.


@pytest.fixture
def stage(transactional_db: None) -> Iterator[Stage]:
    made = make_stage()
    yield made
    made.worker.close()


START = node("start", "trigger.manual")


@pytest.mark.both_stacks
def test_a_wait_holds_no_worker_and_ends_at_its_time(stage: Stage) -> None:
    steps = [START, node("w", "wait", mode="for", amount=2, unit="days"), node("s", "stop")]
    run = stage.play(steps, "start>w w>s", {})
    assert (run.status, run.owner) == ("waiting", "")
    stage.skip(2 * 86_400 - 60)
    stage.work()
    assert stage.run(run.id).status == "waiting"
    stage.skip(61)
    stage.work()
    assert stage.run(run.id).status == "succeeded"


def test_a_wait_until_a_date_that_is_past_goes_on_at_once(stage: Stage) -> None:
    steps = [START, node("w", "wait", mode="until", until=path("trigger.at"))]
    assert stage.play(steps, "start>w", {"at": "2020-01-01"}).status == "succeeded"
    bad = stage.play(steps, "start>w", {})
    assert (bad.status, bad.error["code"]) == ("failed", "wait.invalid")


CALLED = document(
    [
        node("begin", "trigger.manual"),
        node("check", "if", condition=call("eq", path("trigger.n"), const(13))),
        node("no", "fail", message=const("Thirteen.")),
        node("m", "map", mapping=mapping(twice="trigger.n")),
        node("give", "return", value=path("steps.m")),
    ],
    "begin>check check.true>no check.false>m m>give",
)
CALLER = [
    START,
    node("c", "call_flow", flow="called", input=mapping(n="trigger.n")),
    node("after", "map", mapping=mapping(got="steps.c.result.twice")),
]


@pytest.mark.both_stacks
def test_a_called_flow_gives_its_result_back(stage: Stage) -> None:
    stage.deploy("called", CALLED)
    run = stage.play(CALLER, "start>c c>after", {"n": 4})
    assert run.status == "succeeded", run.error
    assert stage.output(run, "after") == {"got": 4}
    (child,) = stage.children(run)
    assert (child.flow_id, child.trigger_node) == ("called", "begin")


@pytest.mark.both_stacks
def test_a_called_flow_that_fails_holds_its_caller_up_until_it_is_mended(stage: Stage) -> None:
    from runtime import control
    from runtime.models import DeadLetter

    stage.deploy("called", CALLED)
    run = stage.play(CALLER, "start>c c>after", {"n": 13})
    assert (run.status, run.error["code"]) == ("failed", "call_flow.failed")
    letter = DeadLetter.objects.get()
    assert letter.run_id == stage.children(run)[0].id
    control.retry_dead_letter(
        stage.workspace_id,
        letter.id,
        from_start=True,
        newest=False,
        document={"n": 14},
        edited=True,
        by="Ana",
        reason="Not thirteen.",
    )
    stage.work()
    run = stage.run(run.id)
    assert run.status == "succeeded", run.error
    assert stage.output(run, "after") == {"got": 14}


def test_a_called_flow_that_fails_takes_the_error_exit(stage: Stage) -> None:
    from runtime.models import DeadLetter

    stage.deploy("called", CALLED)
    steps = [*CALLER, node("mend", "map", mapping=mapping(why="steps.c.error.code"))]
    run = stage.play(steps, "start>c c>after c.error>mend", {"n": 13})
    assert run.status == "succeeded", run.error
    assert stage.output(run, "mend") == {"why": "call_flow.failed"}
    assert not DeadLetter.objects.exists()


def test_a_caller_that_does_not_wait_goes_on_at_once(stage: Stage) -> None:
    stage.deploy("called", CALLED)
    steps = [START, node("c", "call_flow", flow="called", input=mapping(n="trigger.n"), wait=False)]
    run = stage.play(steps, "start>c", {"n": 13})
    assert run.status == "succeeded", run.error
    (child,) = stage.children(run)
    assert child.status == "failed"
    assert stage.output(run, "c") == {"run_id": child.id}


def test_a_flow_that_is_not_live_cannot_be_called(stage: Stage) -> None:
    run = stage.play(CALLER, "start>c c>after", {"n": 1})
    assert (run.status, run.error["code"]) == ("failed", "call_flow.not_live")


def test_a_flow_that_calls_itself_ends(stage: Stage) -> None:
    from runtime.models import Run

    body = document([START, node("c", "call_flow", flow="again")], "start>c")
    stage.start(stage.deploy("again", body), {})
    stage.work()
    deepest = Run.objects.order_by("-id")[0]
    assert (deepest.status, deepest.error["code"]) == ("failed", "run.too_deep")
    assert Run.objects.count() == 9


def test_a_step_that_cannot_reach_our_database_is_tried_again_and_not_buried() -> None:
    from datetime import UTC, datetime

    from runtime.engine import Moment, RunStatus, Snapshot, advance
    from runtime.surroundings import NotAnswering

    class Away(GivenResources):
        def lookup(self, table: str, key: str, column: str | None) -> Any:
            raise NotAnswering("Away.")

    step = node("l", "lookup", table="Accounts", key=const(17))
    body = {"document": document([START, step], "start>l")}
    program = Program.compile("r", "w", "f", "F", 1, body)
    moment = Moment(datetime(2026, 5, 4, tzinfo=UTC), lambda: 0.5, lambda d: "x", Away())
    snapshot = Snapshot("run_1", "start", "x", "k")
    plan = advance(program, snapshot, {"trigger": {}, "steps": {}, "vars": {}}, moment)
    assert (plan.snapshot.status, plan.dead_letters) == (RunStatus.WAITING, ())
    assert plan.due_at is not None
