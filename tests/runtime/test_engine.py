"""The engine alone: graphs, failures, doubts. Nothing here touches a database or the clock."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipaas.core import jsonio
from ipaas.core.errors import Recovery
from runtime.engine import (
    Call,
    Failure,
    Moment,
    Outcome,
    Plan,
    Program,
    RunStatus,
    Snapshot,
    StepStatus,
    advance,
    resume,
)

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
WRITE = {"connector": "acme", "writes": True}
READ = {"connector": "acme", "writes": False}


def field(path: str) -> dict[str, Any]:
    return {"op": "field", "path": path}


def node(node_id: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"id": node_id, "type": kind, "name": node_id, "config": config}


def action(node_id: str) -> dict[str, Any]:
    rules = [{"id": "r", "target": "n", "expr": field("trigger.n")}]
    return node(
        node_id,
        "action",
        connection="acme",
        operation="do",
        input={"schema": 1, "rules": rules},
    )


def wires(*pairs: str) -> list[dict[str, Any]]:
    """Edges from texts such as ``a>b`` or ``a.error>b``."""
    found = []
    for number, pair in enumerate(pairs):
        source, target = pair.split(">")
        source, _, port = source.partition(".")
        found.append(
            {"id": f"e{number}", "source": source, "source_port": port or "out", "target": target}
        )
    return found


def program(nodes: list[Any], edges: list[Any], **facts: Any) -> Program:
    body = {"document": {"schema": 1, "nodes": nodes, "edges": edges}, "facts": facts}
    return Program.compile("rel", "ws/test", "flow", "Flow", 1, body)


class Table:
    """A run played by hand: a clock that moves when told, and kept documents."""

    def __init__(self, compiled: Program, trigger: Any = None) -> None:
        self.program = compiled
        self.now = START
        self.kept: dict[str, Any] = {}
        self.trigger = {"n": 1} if trigger is None else trigger
        self.snapshot = Snapshot("run_1", "start", self.keep(self.trigger), "acme/order/1")
        self.journal: list[Any] = []
        self.plan: Plan | None = None
        self.crashed = False

    def keep(self, document: Any) -> str:
        digest = hashlib.sha256(jsonio.canonical(document)).hexdigest()
        self.kept[digest] = document
        return digest

    @property
    def moment(self) -> Moment:
        return Moment(self.now, lambda: 0.5, self.keep)

    @property
    def data(self) -> dict[str, Any]:
        steps = {
            n: self.kept[s.output] for n, s in self.snapshot.steps.items() if s.output is not None
        }
        return {"trigger": self.kept[self.snapshot.trigger], "steps": steps, "vars": {}}

    def go(self, *outcomes: Outcome) -> Plan:
        claimed, self.crashed = self.crashed, False
        self.plan = advance(
            self.program, self.snapshot, self.data, self.moment, outcomes, claimed=claimed
        )
        return self.take(self.plan)

    def take(self, plan: Plan) -> Plan:
        # What is stored is JSON: going through it each time proves that nothing else is needed.
        states = {n: type(s).from_json(s.as_json()) for n, s in plan.snapshot.steps.items()}
        self.snapshot = replace(plan.snapshot, steps=states)
        self.journal.extend(plan.entries)
        return plan

    def crash(self) -> None:
        self.crashed = True

    def statuses(self) -> dict[str, str]:
        return {n: str(s.status) for n, s in self.snapshot.steps.items()}


def ok(call: Call, **output: Any) -> Outcome:
    return Outcome(call, output={"id": "7", **output})


def lost(call: Call) -> Outcome:
    return Outcome(
        call, failure=Failure("net.cut", "Cut.", recovery=Recovery.RETRY, executed="unknown")
    )


LINE = [node("start", "trigger.manual"), action("a"), action("b")]
LINE_WIRES = wires("start>a", "a>b")


def test_steps_run_one_after_the_other_and_see_earlier_outputs() -> None:
    table = Table(program(LINE, LINE_WIRES, a=READ, b=WRITE))
    first = table.go()
    assert [call.node_id for call in first.calls] == ["a"]
    second = table.go(ok(first.calls[0]))
    assert [call.node_id for call in second.calls] == ["b"]
    last = table.go(ok(second.calls[0]))
    assert last.snapshot.status is RunStatus.SUCCEEDED
    assert table.data["steps"]["b"] == {"id": "7"}


def test_the_way_not_taken_is_skipped_and_skipping_spreads() -> None:
    condition = {
        "op": "call",
        "fn": "gt",
        "args": [field("trigger.n"), {"op": "const", "value": 5}],
    }
    compiled = program(
        [
            node("start", "trigger.manual"),
            node("big", "if", condition=condition),
            node("m1", "map", mapping={"schema": 1, "rules": []}),
            node("m2", "map", mapping={"schema": 1, "rules": []}),
            node("m3", "map", mapping={"schema": 1, "rules": []}),
            node("join", "map", mapping={"schema": 1, "rules": []}),
        ],
        wires("start>big", "big.true>m1", "m1>m2", "big.false>m3", "m2>join", "m3>join"),
    )
    table = Table(compiled)
    table.go()
    assert table.statuses() == {
        "start": "succeeded",
        "big": "succeeded",
        "m1": "skipped",
        "m2": "skipped",
        "m3": "succeeded",
        "join": "succeeded",
    }


def test_a_failure_takes_the_error_port_when_one_is_wired() -> None:
    compiled = program(
        [*LINE, node("mend", "map", mapping={"schema": 1, "rules": []})],
        wires("start>a", "a>b", "a.error>mend"),
        a=READ,
        b=READ,
    )
    table = Table(compiled)
    call = table.go().calls[0]
    refused = Failure("acme.422", "No such thing.", recovery=Recovery.FIX_DATA)
    plan = table.go(Outcome(call, failure=refused))
    assert table.statuses()["mend"] == "succeeded"
    assert table.statuses()["b"] == "skipped"
    assert not plan.dead_letters
    assert plan.snapshot.status is RunStatus.SUCCEEDED


def test_a_failure_without_an_error_port_becomes_a_dead_letter_that_can_be_retried() -> None:
    table = Table(program(LINE, LINE_WIRES, a=READ, b=WRITE))
    call = table.go().calls[0]
    plan = table.go(Outcome(call, failure=Failure("x", "No.", recovery=Recovery.FIX_DATA)))
    assert [letter.node_id for letter in plan.dead_letters] == ["a"]
    assert plan.snapshot.status is RunStatus.FAILED
    edited = table.keep({"n": 2})
    again = resume.retry(
        table.program, table.snapshot, table.moment, from_start=False, trigger=edited
    )
    table.take(again)
    assert again.snapshot.status is RunStatus.QUEUED
    assert again.due_at == START
    assert table.go().calls[0].inputs == {"n": 2}


def test_a_throttled_call_waits_as_long_as_the_vendor_asked_and_keeps_its_key() -> None:
    table = Table(program(LINE, LINE_WIRES, a=WRITE, b=READ))
    call = table.go().calls[0]
    slow = Failure("acme.429", "Slow down.", recovery=Recovery.RETRY, retry_after_s=60)
    plan = table.go(Outcome(call, failure=slow))
    assert plan.snapshot.status is RunStatus.WAITING
    assert plan.due_at is not None
    assert plan.due_at - START >= timedelta(seconds=60)
    assert not table.go().calls, "nothing may leave before its time"
    table.now = plan.due_at
    again = table.go().calls[0]
    assert (again.vendor_key, again.attempt) == (call.vendor_key, 2)


def test_retries_end_in_a_dead_letter() -> None:
    table = Table(program(LINE, LINE_WIRES, a=READ, b=READ))
    down = Failure("acme.500", "Broken.", recovery=Recovery.RETRY)
    tries = 0
    plan = table.go()
    while plan.calls or plan.due_at:
        for call in plan.calls:
            tries += 1
            plan = table.go(Outcome(call, failure=down))
        table.now = plan.due_at or table.now
        plan = table.go() if plan.due_at else plan
    assert tries == 10
    assert table.snapshot.status is RunStatus.FAILED


def test_a_lost_reply_is_searched_for_and_never_sent_again_blindly() -> None:
    facts = {**WRITE, "can_probe": True, "has_key": True, "visibility_delay_s": 2}
    table = Table(program(LINE, LINE_WIRES, a=facts, b=READ))
    call = table.go().calls[0]
    probe = table.go(lost(call)).calls[0]
    assert (probe.purpose, probe.key) == ("probe", call.key)
    absent = table.go(Outcome(probe, found=False))
    assert not absent.calls
    assert absent.due_at == START + timedelta(seconds=2)
    table.now = absent.due_at
    second = table.go().calls[0]
    assert second.purpose == "probe"
    resent = table.go(Outcome(second, found=False)).calls[0]
    assert (resent.purpose, resent.vendor_key) == ("send", call.vendor_key)


def test_a_document_found_by_the_search_is_adopted() -> None:
    facts = {**WRITE, "can_probe": True, "visibility_delay_s": 2}
    table = Table(program(LINE, LINE_WIRES, a=facts, b=READ))
    probe = table.go(lost(table.go().calls[0])).calls[0]
    table.go(Outcome(probe, output={"id": "9"}))
    assert table.statuses()["a"] == "succeeded"
    assert table.data["steps"]["a"] == {"id": "9"}


def test_where_nothing_can_be_known_a_person_decides() -> None:
    table = Table(program(LINE, LINE_WIRES, a=WRITE, b=READ))
    plan = table.go(lost(table.go().calls[0]))
    assert plan.snapshot.status is RunStatus.IN_DOUBT
    assert not plan.calls
    assert plan.due_at is None
    table.crash()
    assert not table.go().calls, "a crash must not turn a doubt into a second send"
    table.take(
        resume.decide(
            table.program, table.snapshot, table.moment, node_id="a", choice="adopt", output={}
        )
    )
    assert [call.node_id for call in table.go().calls] == ["b"]


def test_a_call_under_way_when_the_worker_died_is_in_doubt_for_writes_and_repeated_for_reads() -> (
    None
):
    facts = {**WRITE, "can_probe": True}
    table = Table(program(LINE, LINE_WIRES, a=READ, b=facts))
    call = table.go().calls[0]
    table.crash()
    again = table.go().calls[0]
    assert (again.purpose, again.node_id) == ("send", "a")
    table.go(ok(call))
    table.crash()
    assert table.go().calls[0].purpose == "probe"


def test_the_same_source_document_gives_the_same_key_and_another_gives_another() -> None:
    compiled = program(LINE, LINE_WIRES, a=WRITE, b=WRITE)
    a, b = compiled.graph.nodes["a"], compiled.graph.nodes["b"]
    assert compiled.effect_key(a, "shop/order/1") == compiled.effect_key(a, "shop/order/1")
    keys = {
        compiled.effect_key(a, "shop/order/1"),
        compiled.effect_key(a, "shop/order/2"),
        compiled.effect_key(b, "shop/order/1"),
    }
    assert len(keys) == 3
    assert all(len(key) <= 36 for key in keys)


def test_cancelling_leaves_no_timer_behind() -> None:
    table = Table(program(LINE, LINE_WIRES, a=READ, b=READ))
    down = Failure("acme.500", "Broken.", recovery=Recovery.RETRY)
    table.go(Outcome(table.go().calls[0], failure=down))
    plan = resume.cancel(table.program, table.snapshot, table.moment)
    assert plan.snapshot.status is RunStatus.CANCELLED
    assert plan.due_at is None


def test_a_retry_by_a_person_searches_before_it_sends_a_write_again() -> None:
    facts = {**WRITE, "can_probe": True, "has_key": True}
    table = Table(program(LINE, LINE_WIRES, a=facts, b=READ))
    call = table.go().calls[0]
    table.go(Outcome(call, failure=Failure("x", "No.", recovery=Recovery.FIX_DATA)))
    table.take(
        resume.retry(
            table.program,
            table.snapshot,
            table.moment,
            from_start=False,
            trigger=table.snapshot.trigger,
        )
    )
    probe = table.go().calls[0]
    assert probe.purpose == "probe"
    assert table.go(Outcome(probe, found=False)).calls[0].purpose == "send"


FATES = st.sampled_from(
    ["ok", "lost_after", "lost_before", "throttled", "down", "crash_before", "crash_after"]
)


@settings(max_examples=300, deadline=None)
@given(fates=st.lists(FATES, max_size=12), keyed=st.booleans(), searchable=st.booleans())
def test_no_document_is_ever_made_twice_whatever_happens(
    fates: list[str], keyed: bool, searchable: bool
) -> None:
    """A vendor with an idempotency key, a search, or both: one document at most, and no hang."""
    if not keyed and not searchable:
        keyed = True
    facts = {**WRITE, "can_probe": searchable, "has_key": keyed, "visibility_delay_s": 1}
    table = Table(program(LINE, LINE_WIRES, a=facts, b=facts))
    ledger: dict[str, list[str]] = {}
    queue = list(fates)

    def vendor(call: Call) -> Outcome | None:
        """What comes back; None means the worker died."""
        documents = ledger.setdefault(call.key, [])
        if call.purpose == "probe":
            return Outcome(call, output={"id": "1"}, found=bool(documents))
        fate = queue.pop(0) if queue else "ok"
        arrives = fate in ("ok", "lost_after", "crash_after")
        if arrives and not (keyed and documents):
            documents.append(call.vendor_key)
        if fate == "ok":
            return ok(call)
        if fate in ("lost_after", "lost_before"):
            return lost(call)
        if fate == "throttled":
            failure = Failure("429", "Slow.", recovery=Recovery.RETRY, retry_after_s=5)
            return Outcome(call, failure=failure)
        if fate == "down":
            return Outcome(call, failure=Failure("500", "Down.", recovery=Recovery.RETRY))
        return None

    plan = table.go()
    for _ in range(200):
        if plan.calls:
            answers = [vendor(call) for call in plan.calls]
            if None in answers:
                table.crash()
                plan = table.go()
            else:
                plan = table.go(*[answer for answer in answers if answer])
        elif plan.due_at is not None:
            table.now = max(table.now, plan.due_at)
            plan = table.go()
        else:
            break
    else:
        pytest.fail("the run never came to rest")
    assert all(len(documents) <= 1 for documents in ledger.values())
    assert table.snapshot.status in (RunStatus.SUCCEEDED, RunStatus.FAILED)
    if table.snapshot.status is RunStatus.SUCCEEDED:
        assert [len(documents) for documents in ledger.values()] == [1, 1]
    assert [entry.seq for entry in table.journal] == list(range(1, len(table.journal) + 1))


def test_only_moves_of_the_table_are_possible() -> None:
    table = Table(program(LINE, LINE_WIRES, a=READ, b=READ))
    first = table.go().calls[0]
    table.go(ok(first))
    assert table.snapshot.step("a").status is StepStatus.SUCCEEDED
    from runtime.engine.states import IllegalMove, check_move

    with pytest.raises(IllegalMove):
        check_move(StepStatus.SUCCEEDED, StepStatus.RUNNING)
