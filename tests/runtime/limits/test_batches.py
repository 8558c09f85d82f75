"""Writes that leave together obey the vendor's limit of such requests, and are never held up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors import facade as connectors
from ipaas.core import clock
from runtime.effects.performer import perform_together
from runtime.engine import Call, Outcome
from runtime.limits.keeper import KEEPER
from tests.kit.order_flow import LaterClock, OrderFlow, control, make_order_flow

pytestmark = [pytest.mark.django_db(transaction=True)]
MOST = 40


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    KEEPER._kept.clear()
    return make_order_flow()


@pytest.fixture
def later() -> Iterator[LaterClock]:
    made = LaterClock()
    with clock.use(made):
        yield made


def call(number: int) -> Call:
    node, books = f"n{number}", "quickbooks"
    inputs = {"DisplayName": f"Customer {number}"}
    return Call(node, "send", "action", books, books, "create_customer", inputs, True, node, 0, 1)


def sent(flow: OrderFlow, first: int) -> list[Outcome]:
    """Two writes that were gathered."""
    return perform_together(flow.workspace_id, "test", [call(first), call(first + 1)])


def by_batch(outcomes: list[Outcome]) -> bool:
    return all(
        each.exchanges[-1].request["url"].split("?")[0].endswith("/batch") for each in outcomes
    )


def test_above_the_limit_of_batches_writes_leave_one_by_one(
    flow: OrderFlow, later: LaterClock
) -> None:
    found = [sent(flow, 2 * number) for number in range(MOST + 5)]
    assert all(outcome.failure is None for pair in found for outcome in pair)
    assert [by_batch(pair) for pair in found] == [True] * MOST + [False] * 5
    names = {outcome.output["DisplayName"] for pair in found for outcome in pair}
    assert len(names) == 2 * (MOST + 5), "each is made once"
    later.skipped += timedelta(seconds=70)
    control("PUT", f"{flow.slug}/quickbooks/settings", {"clock_offset_s": 70})
    assert by_batch(sent(flow, 1_000))


def test_the_operation_batch_and_gathered_writes_count_for_the_same(flow: OrderFlow) -> None:
    ref = connectors.ConnectionRef(flow.workspace_id, "test", "quickbooks")
    (scope,) = connectors.batch_scopes(ref, "create_customer")
    assert scope in connectors.limit_scopes(ref, "batch")
    assert [(limit.count, limit.window_s) for limit in scope.limits] == [(MOST, 60)]
    assert scope not in connectors.limit_scopes(ref, "create_customer")


def test_a_write_without_company_is_no_batch(flow: OrderFlow) -> None:
    (alone,) = perform_together(flow.workspace_id, "test", [call(1)])
    assert alone.failure is None and not by_batch([alone])
