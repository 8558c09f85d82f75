"""Records whose code a lookup table lacks: they wait, say for what, and go on once it is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors import lookups
from connectors.tables import rows, store
from runtime import held
from runtime.models import DeadLetter, Parked
from tests.kit.drawing import call, const, mapping, node, path
from tests.kit.played import Stage, make_stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
START = node("start", "trigger.manual")
AFTER = node("after", "map", mapping=mapping(got="steps.look.value"))


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = make_stage()
    yield made
    made.worker.close()


def make_table(stage: Stage, policy: str = "fail") -> Any:
    return store.create_table(
        stage.workspace_id,
        "test",
        name="Accounts",
        actor=stage.owner,
        columns=[{"name": "code", "key": True}, {"name": "account"}],
        on_miss={"policy": policy},
    )


def add(stage: Stage, table: Any, code: str, account: str) -> None:
    newest = store.get_table(stage.workspace_id, table.id).version
    rows.change_rows(
        stage.workspace_id,
        table.id,
        based_on=newest,
        put=[{"values": {"code": code, "account": account}}],
        actor=stage.owner,
    )


def look(**more: Any) -> dict[str, Any]:
    return node("look", "lookup", table="accounts", key=path("trigger.code"), **more)


def mapped(policy: str) -> dict[str, Any]:
    """A mapping that looks the account up by a function."""
    found = call("lookup_table", const("Accounts"), path("trigger.code"), const(""), const(policy))
    rules = [{"id": "r1", "target": "value", "expr": found}]
    return node("look", "map", mapping={"schema": 1, "rules": rules})


@pytest.mark.parametrize(
    ("policy", "step"),
    [
        ("fail", look(on_miss="person")),
        ("hold", look(on_miss="fail")),
        ("fail", mapped("hold")),
        ("hold", mapped("fail")),
    ],
)
def test_a_record_waits_for_its_code_and_goes_on_once_it_is_added(
    stage: Stage, policy: str, step: dict[str, Any]
) -> None:
    table = make_table(stage, policy)
    mend = node("mend", "map", mapping=mapping(why="steps.look.error.code"))
    edges = "start>look look>after look.error>mend"
    if step["type"] == "map":
        edges = "start>look look>after"
    run = stage.play(
        [START, step, AFTER, mend][: 4 if "mend" in edges else 3], edges, {"code": "17"}
    )
    assert run.status == "failed", "a person can see it, and the error exit is not taken"
    letter = DeadLetter.objects.get(status="open")
    assert "17" in letter.message and "accounts" in letter.message.lower()
    assert store.awaited_keys(table) == {"17": 1}
    add(stage, table, "18", "4100")
    stage.work()
    assert stage.run(run.id).status == "failed"
    add(stage, table, "17", "4000")
    stage.work()
    run = stage.run(run.id)
    assert run.status == "succeeded", run.error
    assert stage.output(run, "after") == {"got": "4000"}
    assert store.awaited_keys(table) == {}
    letter.refresh_from_db()
    assert (letter.status, letter.edits[-1]["by"]) == ("retried", "Lookup table")
    assert not Parked.objects.exists()


def test_what_nobody_was_told_of_is_found_by_the_scheduler(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_table(stage)
    run = stage.play([START, look(on_miss="person"), AFTER], "start>look look>after", {"code": "9"})
    monkeypatch.setattr("connectors.tables.saving._listeners", [])
    add(stage, table, "9", "4900")
    stage.work()
    assert stage.run(run.id).status == "failed"
    assert held.sweep() == 1
    stage.work()
    assert stage.run(run.id).status == "succeeded"


def test_a_record_that_a_person_dealt_with_is_left_alone(stage: Stage) -> None:
    from runtime import control

    table = make_table(stage)
    run = stage.play([START, look(on_miss="person"), AFTER], "start>look look>after", {"code": "9"})
    control.skip_dead_letter(
        stage.workspace_id, DeadLetter.objects.get().id, by="Ana", reason="A test order."
    )
    assert store.awaited_keys(table) == {}
    add(stage, table, "9", "4900")
    stage.work()
    assert stage.run(run.id).status == "failed"
    assert not Parked.objects.exists()


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (look(on_miss="default", default=const("0")), "0"),
        (mapped("missing"), None),
    ],
)
def test_a_step_that_says_what_to_use_instead_overrules_the_table(
    stage: Stage, step: dict[str, Any], expected: Any
) -> None:
    make_table(stage, "hold")
    run = stage.play([START, step, AFTER], "start>look look>after", {"code": "9"})
    assert run.status == "succeeded", run.error
    assert stage.output(run, "after").get("got") == expected


def test_a_record_without_a_code_fails_for_no_table_can_help_it(stage: Stage) -> None:
    table = make_table(stage, "hold")
    run = stage.play([START, look(on_miss="fail")], "start>look", {"code": ""})
    assert run.status == "failed"
    assert store.awaited_keys(table) == {}


def test_a_code_of_another_environment_lets_nothing_go_on(stage: Stage) -> None:
    table = make_table(stage)
    run = stage.play([START, look(on_miss="person")], "start>look", {"code": "9"})
    other = store.create_table(
        stage.workspace_id,
        "production",
        name="Accounts",
        actor=stage.owner,
        columns=[{"name": "code", "key": True}, {"name": "account"}],
    )
    add(stage, other, "9", "4900")
    stage.work()
    assert stage.run(run.id).status == "failed"
    assert store.awaited_keys(table) == {"9": 1}


@pytest.mark.parametrize("in_memory", [0, 1_000])
def test_the_sweep_asks_for_many_keys_at_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr("connectors.lookups.IN_MEMORY_ROWS", in_memory)
    table = make_table(stage)
    add(stage, table, "k", "4000")
    steps = [START, look(on_miss="person"), AFTER], "start>look look>after"

    def statements() -> int:
        lookups._remembered.clear()  # the scheduler is another process
        with CaptureQueriesContext(connection) as asked:
            assert held.sweep() == 0
        return len(asked)

    stage.play(*steps, {"code": "0"})
    few = statements()
    for number in range(1, 12):
        stage.play(*steps, {"code": str(number)})
    assert statements() == few
    monkeypatch.setattr("connectors.tables.saving._listeners", [])
    for code in ("3", "5"):
        add(stage, table, code, "4900")
    assert held.sweep() == 2
    stage.work()
    assert Parked.objects.count() == 10
