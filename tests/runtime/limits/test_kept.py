"""Answers that change seldom are asked for once, and again when they may have changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from connectors import facade as connectors
from connectors import registry
from connectors.manifest.parts import Cache
from ipaas.core import clock
from runtime.effects.performer import perform
from runtime.engine import Call, Outcome
from runtime.limits.keeper import KEEPER
from runtime.limits.kept import KEPT, note_changes
from runtime.triggers import arrivals
from runtime.triggers.arrivals import Arrival
from tests.kit.order_flow import OrderFlow, make_order_flow

pytestmark = [pytest.mark.django_db(transaction=True)]
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def flow(sandbox: Any) -> Iterator[OrderFlow]:
    operations = registry.get("quickbooks").manifest.operations
    before = operations["query"]
    object.__setattr__(before, "cache", Cache(600, ("account",)))
    KEPT.clear()
    KEEPER._kept.clear()
    yield make_order_flow()
    object.__setattr__(before, "cache", None)
    KEPT.clear()


def ask(flow: OrderFlow, statement: str = "select * from Account") -> Outcome:
    inputs = {"statement": statement}
    call = Call(
        "q", "send", "action", "quickbooks", "quickbooks", "query", inputs, False, "k", 0, 1
    )
    outcome = perform(flow.workspace_id, "test", call)
    assert outcome.failure is None, outcome.failure
    return outcome


def test_the_second_question_is_answered_without_the_vendor(flow: OrderFlow) -> None:
    first, second, other = ask(flow), ask(flow), ask(flow, "select * from Item")
    assert (first.kept, second.kept, other.kept) == (False, True, False)
    assert second.output == first.output and first.output["rows"]
    assert second.exchanges == ()


def test_whoever_gets_a_kept_answer_may_change_its_copy(flow: OrderFlow) -> None:
    ask(flow)
    ask(flow).output["rows"].clear()
    assert ask(flow).output["rows"]


def test_an_answer_grows_old(flow: OrderFlow) -> None:
    with clock.use(clock.VirtualClock(START)) as time:
        assert isinstance(time, clock.VirtualClock)
        ask(flow)
        time.advance(timedelta(seconds=601))
        assert not ask(flow).kept


def test_an_answer_kept_by_a_clock_that_ran_ahead_grows_old_too(flow: OrderFlow) -> None:
    with clock.use(clock.VirtualClock(START)) as time:
        assert isinstance(time, clock.VirtualClock)
        time.advance(timedelta(days=2))
        ask(flow)
        time.advance(timedelta(days=-2))
        assert not ask(flow).kept


def test_an_announced_change_makes_answers_old_and_others_stay(flow: OrderFlow) -> None:
    ask(flow)
    ref = connectors.ConnectionRef(flow.workspace_id, "test", "quickbooks")
    note_changes(ref, "quickbooks", {"customer"})
    assert ask(flow).kept
    note_changes(ref, "quickbooks", {"account"})
    assert not ask(flow).kept


def test_an_event_that_comes_in_makes_answers_about_its_record_old(flow: OrderFlow) -> None:

    def come(entity: str, number: str) -> None:
        event = connectors.Event(entity, number, "1", f"{entity}.changed", number, {})
        arrived = [Arrival(flow.workspace_id, "test", "quickbooks", event, None)]
        with transaction.atomic():
            stored = arrivals.store(arrived)
        arrivals.announce(stored, arrived)

    ask(flow)
    come("customer", "1")
    assert ask(flow).kept
    come("account", "2")
    assert not ask(flow).kept
    assert ask(flow).kept
    come("account", "2")  # known already
    assert ask(flow).kept
