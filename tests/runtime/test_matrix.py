"""Every kind of step in every kind of trouble; a kind without a row fails the test.

The rows are held against the register of kinds, so a new kind of step cannot be forgotten here.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.tables.store import create_table
from designer.publish import release_body
from ipaas.core import clock
from runtime import control, store
from runtime.effects.hands import Worker
from runtime.graph import NODE_KINDS
from runtime.models import DeadLetter, Effect, Run
from tests.kit.drawing import call, const, document, mapping, node, path
from tests.kit.order_flow import control as sandbox_control
from tests.kit.order_flow import make_order_flow
from tests.kit.played import Stage, make_stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]

Nodes = list[dict[str, Any]]
GOOD = {"n": 3, "list": [{"n": 1}, {"n": 2}], "at": "2026-01-01"}
BAD = {**GOOD, "n": "three", "list": "none", "at": "soon", "name": ""}


def number(base: str) -> dict[str, Any]:
    """An expression that fails for a bad document."""
    return call("add", path(f"{base}.n"), const(1))


def over(base: str) -> dict[str, Any]:
    return call("gt", number(base), const(2))


@dataclass(frozen=True)
class Row:
    """How a kind is tried. ``x`` is the step; it reads its document at a path."""

    x: Callable[[str], dict[str, Any]]
    port: str = "out"  # the exit it takes for a good document; "" if it has none
    fails: bool = True  # for a bad document
    more: Nodes = field(default_factory=list)
    wires: str = ""
    ends: str = "succeeded"
    calls: bool = False  # it makes one customer


def step(kind: str, config: Callable[[str], dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    return lambda base: node("x", kind, **config(base))


CUSTOMER = {"connection": "quickbooks", "connector": "quickbooks"}


def named(base: str, *targets: str) -> dict[str, Any]:
    return {
        "schema": 1,
        "rules": [
            {"id": f"r{n}", "target": target, "expr": path(f"{base}.name")}
            for n, target in enumerate(targets)
        ],
    }


ROWS: dict[str, Row] = {
    "action": Row(
        step(
            "action",
            lambda b: {
                **CUSTOMER, "operation": "create_customer", "input": named(b, "DisplayName")},
        ),
        calls=True,
    ),
    "find_or_create": Row(
        step(
            "find_or_create",
            lambda b: {
                **CUSTOMER,
                "entity": "customer",
                "find": named(b, "display_name"),
                "create": named(b, "DisplayName"),
            },
        ),
        calls=True,
    ),
    "xref": Row(
        step(
            "xref",
            lambda b: {
                "entity": "order",
                "left": {"connection": "a", "id": number(b)},
                "right": {"connection": "b", "id": path(f"{b}.n")},
            },
        )
    ),
    "map": Row(
        step("map", lambda b: {"mapping": {"schema": 1, "rules": [
            {"id": "r", "target": "m", "expr": number(b)}]}})
    ),
    "validate": Row(
        step("validate", lambda b: {"source": b, "rules": [{"check": over(b), "message": "Low."}]})
    ),
    "filter": Row(step("filter", lambda b: {"condition": over(b)})),
    "aggregate": Row(
        step("aggregate", lambda b: {"list": path(f"{b}.list"), "figures": [
            {"name": "sum", "do": "sum", "value": path("item.n")}]})
    ),
    "lookup": Row(
        step("lookup", lambda b: {
            "table": "codes", "key": call("add", path(f"{b}.n"), const(1)),
            "on_miss": "default", "default": const(7)}),
    ),
    "convert": Row(
        step("convert", lambda b: {"source": b, "fields": [
            {"path": "n", "fn": "add", "args": [const(1)]}]})
    ),
    "if": Row(step("if", lambda b: {"condition": over(b)}), port="true"),
    "switch": Row(
        step("switch", lambda b: {"branches": [{"id": "high", "condition": over(b)}]}), port="high"
    ),
    "for_each": Row(
        step("for_each", lambda b: {"list": path(f"{b}.list")}),
        more=[node("inner", "map", mapping=mapping(n="item.n"))],
        wires="x.item>inner",
    ),
    "call_flow": Row(
        step("call_flow", lambda b: {"flow": "called", "input": {"schema": 1, "rules": [
            {"id": "r", "target": "n", "expr": number(b)}]}})
    ),
    "wait": Row(step("wait", lambda b: {"mode": "until", "until": path(f"{b}.at")})),
    "approval": Row(
        step("approval", lambda b: {
            "text": number(b), "assignee": "role:analyst",
            "expires_after": 1, "expires_unit": "hours", "on_expiry": "approve"}),
        port="approved",
    ),
    "return": Row(step("return", lambda b: {"value": number(b)})),
    "fail": Row(
        step("fail", lambda b: {"message": const("No.")}), port="", ends="failed", fails=False
    ),
    "stop": Row(step("stop", lambda b: {}), port="", fails=False),
}  # fmt: skip
KINDS = [kind.type for kind in NODE_KINDS.values() if not kind.is_trigger]
CALLED = document(
    [node("begin", "trigger.manual"), node("m", "map", mapping=mapping(n="trigger.n"))], "begin>m"
)


def test_every_kind_of_step_has_a_row() -> None:
    assert set(KINDS) == set(ROWS)


@pytest.fixture
def stage(request: Any) -> Iterator[Stage]:
    if ROWS[request.getfixturevalue("kind")].calls:
        request.getfixturevalue("sandbox")
        flow = make_order_flow()
        made = Stage(flow.workspace_id, flow.slug, flow.owner, Worker("test", calls_at_once=4))
    else:
        made = make_stage()
    columns = [{"name": "code", "title": "Code", "type": "number", "key": True}, {"name": "to"}]
    place = (made.workspace_id, "test")
    create_table(*place, name="Codes", actor=made.owner, columns=columns)
    yield made
    made.worker.close()


def good(number: int = 0) -> dict[str, Any]:
    return {**GOOD, "name": f"Customer {number} {secrets.token_hex(3)}"}


def fragment(kind: str, base: str = "trigger") -> tuple[Nodes, str]:
    """The step with something behind its good exit and behind its error exit."""
    row = ROWS[kind]
    nodes = [row.x(base), *row.more]
    wires = [row.wires]
    if row.port:
        nodes.append(node("end", "map", mapping=mapping(done=f"{base}.n")))
        wires.append(f"x.{row.port}>end")
    if row.fails:
        nodes.append(node("mended", "map", mapping=mapping(code="steps.x.error.code")))
        wires.append("x.error>mended")
    return nodes, " ".join(wires)


def release(stage: Stage, name: str, nodes: Nodes, wires: str) -> str:
    """A release, with the facts that publishing finds."""
    stage.deploy("called", CALLED)
    body = document(nodes, wires)
    facts = release_body(stage.workspace_id, "test", body)["facts"]
    return stage.deploy(name, body, facts)


def plain(stage: Stage, kind: str) -> str:
    nodes, wires = fragment(kind)
    return release(stage, "plain", [node("start", "trigger.manual"), *nodes], f"start>x {wires}")


def made(stage: Stage, *names: str) -> list[int]:
    """How many customers of these names the books hold."""
    found = sandbox_control("GET", f"{stage.slug}/quickbooks/records/Customer?limit=500")["items"]
    return [sum(row["DisplayName"] == name for row in found) for name in names]


def ended_well(stage: Stage, kind: str, run: Run) -> None:
    row = ROWS[kind]
    assert run.status == row.ends, run.error
    if row.port:
        assert run.state["x"]["port"] == row.port
        assert run.state["end"]["status"] == "succeeded"
    assert not Effect.objects.filter(state="intended").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_that_fails_takes_its_error_exit(stage: Stage, kind: str) -> None:
    """A vendor's refusal for calls, a document that cannot be worked on for the others."""
    row = ROWS[kind]
    run_id = stage.start(plain(stage, kind), BAD)
    stage.work_on()
    run = stage.run(run_id)
    if row.fails:
        assert run.status == "succeeded", run.error
        assert run.state["x"]["port"] == "error"
        assert stage.output(run, "mended")["code"]
        assert not DeadLetter.objects.exists()
    else:
        assert run.status == row.ends
        assert DeadLetter.objects.count() == (row.ends == "failed")


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_that_dies_at_any_turn_loses_and_doubles_nothing(stage: Stage, kind: str) -> None:
    trigger = good()
    run_id = stage.start(plain(stage, kind), trigger)
    for dies_after_commit in (False, True, False, True, False, True):
        with clock.use(stage.later):
            claims = store.claim(32, "doomed")
            if claims and dies_after_commit:
                hands = stage.worker._take(claims)
                store.checkpoint([stage.worker._record(hand) for hand in hands])
        stage.skip(store.LEASE.total_seconds() + 1)
    stage.work_on()
    ended_well(stage, kind, stage.run(run_id))
    if ROWS[kind].calls:
        assert made(stage, trigger["name"]) == [1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_that_comes_back_too_late_changes_nothing(stage: Stage, kind: str) -> None:
    trigger = good()
    run_id = stage.start(plain(stage, kind), trigger)
    with clock.use(stage.later):
        hands = stage.worker._take(store.claim(1, "slow"))
    stage.skip(store.LEASE.total_seconds() + 1)
    stage.work_on()
    before = stage.run(run_id)
    with clock.use(stage.later):
        assert store.checkpoint([stage.worker._record(hand) for hand in hands]) == {}
    after = stage.run(run_id)
    assert (after.seq, after.state, after.status) == (before.seq, before.state, before.status)
    ended_well(stage, kind, after)


@pytest.mark.parametrize("kind", KINDS)
def test_a_replayed_run_ends_the_same_and_posts_nothing_twice(stage: Stage, kind: str) -> None:
    trigger = good()
    first = stage.start(plain(stage, kind), trigger)
    stage.work_on()
    second = control.replay(stage.workspace_id, first)
    stage.work_on()
    for run_id in (first, second):
        ended_well(stage, kind, stage.run(run_id))
    if ROWS[kind].calls:
        assert made(stage, trigger["name"]) == [1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_works_for_each_item_of_a_list(stage: Stage, kind: str) -> None:
    items = [good(1), good(2), good(3)]
    nodes, wires = fragment(kind, "item")
    loop = [node("start", "trigger.manual"), node("loop", "for_each", list=path("trigger.items"))]
    chosen = release(stage, "loop", [*loop, *nodes], f"start>loop loop.item>x {wires}")
    run_id = stage.start(chosen, {"items": items})
    stage.work_on()
    run = stage.run(run_id)
    assert run.status == "succeeded", run.error
    children = stage.children(run)
    assert len(children) == 3
    for child in children:
        ended_well(stage, kind, child)
    if ROWS[kind].calls:
        assert made(stage, *[item["name"] for item in items]) == [1, 1, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_works_in_a_called_flow(stage: Stage, kind: str) -> None:
    trigger = good()
    plain(stage, kind)
    fields = mapping(**{name: f"trigger.{name}" for name in trigger})
    caller = [node("start", "trigger.manual"), node("c", "call_flow", flow="plain", input=fields)]
    run_id = stage.start(release(stage, "caller", caller, "start>c"), trigger)
    stage.work_on()
    run = stage.run(run_id)
    (child,) = stage.children(run)
    ended_well(stage, kind, child)
    assert run.status == ROWS[kind].ends
    if ROWS[kind].calls:
        assert made(stage, trigger["name"]) == [1]
