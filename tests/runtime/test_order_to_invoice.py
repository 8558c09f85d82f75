"""The main path on real parts: webhook, database, worker, both vendors' sandboxes over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import IpaasError
from runtime import control, reading, store
from runtime.effects.hands import Flight, Worker
from runtime.engine import RunStatus
from runtime.models import Attempt, DeadLetter, Effect, Event, Payload, Run
from runtime.records import reading as records
from runtime.triggers.intake import Delivery, Receipt, receive
from tests.kit.order_flow import LaterClock, OrderFlow, cents, make_order_flow, settle
from tests.kit.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=8)
    yield made
    made.close()


@pytest.mark.parametrize("sample", ["ordinary", "discount", "configurable", "guest", "fractional"])
def test_an_order_becomes_one_invoice_with_the_same_total(
    flow: OrderFlow, worker: Worker, sample: str
) -> None:
    samples = {s["id"]: s for s in _samples(flow)}
    chosen = next(s for name, s in samples.items() if sample in name)
    order = flow.place(sample=chosen["id"])
    run_id = flow.announce(order)
    settle(worker)
    run = flow.run(run_id)
    assert run.status == RunStatus.SUCCEEDED, run.error
    (invoice,) = flow.invoices(order["increment_id"])
    assert cents(invoice["TotalAmt"]) == cents(order["grand_total"])
    assert str(order["entity_id"]) in invoice["PrivateNote"]
    (pair,) = connectors.list_xrefs(flow.workspace_id, "test").items
    assert (pair.left_id, pair.right_id) == (str(order["entity_id"]), invoice["Id"])


def _samples(flow: OrderFlow) -> list[dict[str, Any]]:
    from tests.kit.order_flow import control as sandbox_control

    found = sandbox_control("GET", f"{flow.slug}/magento/order-samples")
    items: list[dict[str, Any]] = found["items"] if isinstance(found, dict) else found
    return items


def test_many_random_orders_agree_to_the_cent(flow: OrderFlow, worker: Worker) -> None:
    orders = [flow.place(random=True, seed=seed) for seed in range(25)]
    receive([flow.delivery(order) for order in orders])
    settle(worker)
    totals = {i["DocNumber"]: cents(i["TotalAmt"]) for i in flow.invoices()}
    for order in orders:
        assert totals[order["increment_id"]] == cents(order["grand_total"])
    assert not Run.objects.exclude(status="succeeded").exists()


def test_an_event_is_taken_once_however_often_it_is_delivered(
    flow: OrderFlow, worker: Worker
) -> None:
    order = flow.place()
    first, again = receive([flow.delivery(order), flow.delivery(order)])
    (third,) = receive([flow.delivery(order)])
    assert isinstance(first, Receipt)
    assert isinstance(again, Receipt)
    assert isinstance(third, Receipt)
    # One message tells two things: the order was placed (once), and it was saved (each time).
    assert [first.accepted, again.accepted, third.accepted] == [2, 0, 0]
    settle(worker)
    assert Event.objects.count() == 2
    assert Run.objects.count() == len(flow.invoices()) == 1


def test_a_reply_lost_after_the_commit_leads_to_one_invoice(
    flow: OrderFlow, worker: Worker
) -> None:
    flow.fault("quickbooks", "lost_reply", times=1, match="/invoice")
    order = flow.place()
    run_id = flow.announce(order)
    settle(worker)
    assert flow.run(run_id).status == RunStatus.SUCCEEDED
    assert len(flow.invoices(order["increment_id"])) == 1


def test_a_lost_reply_leads_to_one_invoice_also_when_the_vendor_forgets_request_ids(
    flow: OrderFlow, worker: Worker
) -> None:
    flow.fault("quickbooks", "requestid_memory_off")
    flow.fault("quickbooks", "lost_reply", times=1, match="/invoice")
    order = flow.place()
    run_id = flow.announce(order)
    settle(worker)
    assert flow.run(run_id).status == RunStatus.SUCCEEDED
    assert len(flow.invoices(order["increment_id"])) == 1
    outcomes = Attempt.objects.filter(run_id=run_id, node_id="post").values_list(
        "purpose", "outcome"
    )
    assert list(outcomes) == [("send", "unknown"), ("probe", "found")]


def test_throttling_and_server_errors_are_waited_out(flow: OrderFlow, worker: Worker) -> None:
    flow.fault("quickbooks", "rate_limited", times=2)
    flow.fault("quickbooks", "server_error", times=2, match="/invoice")
    order = flow.place()
    run_id = flow.announce(order)
    settle(worker)
    assert flow.run(run_id).status == RunStatus.SUCCEEDED
    assert len(flow.invoices(order["increment_id"])) == 1


def test_an_expired_token_is_refreshed_in_the_middle_of_a_run(
    flow: OrderFlow, worker: Worker
) -> None:
    flow.fault("quickbooks", "token_expired", times=1, match="/invoice")
    run_id = flow.announce(flow.place())
    settle(worker)
    assert flow.run(run_id).status == RunStatus.SUCCEEDED
    assert len(flow.invoices()) == 1


def test_a_broken_order_becomes_a_dead_letter_that_is_edited_and_retried(
    flow: OrderFlow, worker: Worker
) -> None:
    order = flow.place(sample=next(s["id"] for s in _samples(flow) if "lines" in s["id"]))
    run_id = flow.announce(order)
    settle(worker)
    letter = DeadLetter.objects.get(run_id=run_id)
    assert letter.node_id == "check"
    assert "no lines" in letter.message
    assert not flow.invoices()
    good = flow.place(random=True, seed=1)
    mended = {**order, "items": good["items"], "grand_total": good["grand_total"]}
    for name in ("subtotal", "tax_amount", "discount_amount", "shipping_amount"):
        mended[name] = good[name]
    control.retry_dead_letter(
        flow.workspace_id,
        letter.id,
        from_start=True,
        newest=False,
        document=mended,
        edited=True,
        by="Ana",
        reason="The shop sent no lines",
    )
    settle(worker)
    assert flow.run(run_id).status == RunStatus.SUCCEEDED, flow.run(run_id).error
    (invoice,) = flow.invoices(order["increment_id"])
    assert cents(invoice["TotalAmt"]) == cents(good["grand_total"])
    shown = records.get(flow.workspace_id, letter.id)
    assert shown["status"] == "retried"
    assert shown["edits"][0]["reason"] == "The shop sent no lines"


@pytest.mark.parametrize("sample", ["bad-price", "new-product"])
def test_bad_data_names_the_field_and_posts_nothing(
    flow: OrderFlow, worker: Worker, sample: str
) -> None:
    order = flow.place(sample=sample)
    run_id = flow.announce(order)
    settle(worker)
    letter = DeadLetter.objects.get(run_id=run_id)
    assert letter.message
    assert letter.hint
    assert not flow.invoices()
    assert flow.run(run_id).status == RunStatus.FAILED


def test_a_replay_finds_what_was_posted_and_posts_nothing_twice(
    flow: OrderFlow, worker: Worker
) -> None:
    order = flow.place()
    run_id = flow.announce(order)
    settle(worker)
    again = control.replay(flow.workspace_id, run_id)
    settle(worker)
    assert flow.run(again).status == RunStatus.SUCCEEDED
    assert len(flow.invoices(order["increment_id"])) == 1
    texts = [e["text"] for e in reading.journal(flow.workspace_id, again, 0)]
    assert any("posted before" in text for text in texts)


def test_a_run_whose_worker_died_goes_on_when_its_lease_ends(
    flow: OrderFlow, worker: Worker
) -> None:
    order = flow.place()
    run_id = flow.announce(order)
    (claim,) = store.claim(10, "a worker that dies")
    assert claim.run_id == run_id
    assert worker.work_once(10) == 0, "nobody may have it before the lease ends"
    later = LaterClock()
    later.skipped = store.LEASE + timedelta(seconds=1)
    with clock.use(later):
        assert worker.work_once(10) == 1
    assert flow.run(run_id).status == RunStatus.SUCCEEDED
    assert len(flow.invoices(order["increment_id"])) == 1


def test_a_worker_that_comes_late_changes_nothing(flow: OrderFlow, worker: Worker) -> None:
    run_id = flow.announce(flow.place())
    (late,) = store.claim(10, "late")
    hands = worker._take([late])
    later = LaterClock()
    later.skipped = store.LEASE + timedelta(seconds=1)
    with clock.use(later):
        settle(worker)
    before = flow.run(run_id).seq
    futures = Flight()
    worker._turn(hands, futures)
    assert not futures, "a late worker must not call anybody"
    assert flow.run(run_id).seq == before


def _drain(worker: Worker) -> None:
    """Work in real time, beside others, until every run has come to rest."""
    try:
        until(
            lambda: not worker.work_once(4) and store.next_due() is None,
            what="all runs at rest",
        )
    finally:
        connection.close()


def test_two_workers_at_once_post_every_order_once(flow: OrderFlow) -> None:
    orders = [flow.place(random=True, seed=seed) for seed in range(12)]
    receive([flow.delivery(order) for order in orders])
    workers = [Worker(f"w{n}", calls_at_once=4) for n in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(_drain, workers))
    for each in workers:
        each.close()
    for order in orders:
        assert len(flow.invoices(order["increment_id"])) == 1
    assert Effect.objects.exclude(state="confirmed").count() == 0


def test_two_flows_of_one_order_share_no_effect_but_two_events_do(
    flow: OrderFlow, worker: Worker
) -> None:
    order = flow.place()
    first = flow.announce(order)
    settle(worker)
    run = flow.run(first)
    assert Run.objects.filter(source_key=run.source_key).count() == 1
    keys = set(Effect.objects.filter(run_id=first).values_list("key", flat=True))
    assert len(keys) == 2  # the customer and the invoice


def test_refused_deliveries_disturb_no_other(flow: OrderFlow) -> None:
    order = flow.place()
    good = flow.delivery(order)
    forged = flow.delivery(flow.place(), secret="somebody else's")
    torn = Delivery(good.token, good.headers, good.body[:-20])
    nobody = Delivery("nobody-listens-here", {}, b"{}")
    answers = receive([forged, torn, nobody, good])
    statuses = [a.status for a in answers if isinstance(a, IpaasError)]
    assert len(statuses) == 3
    assert statuses[0] in (401, 403)
    assert statuses[2] == 404
    assert isinstance(answers[3], Receipt)
    assert len(answers[3].runs) == 1
    assert Run.objects.count() == 1


def test_what_is_stored_of_a_run_is_sealed(flow: OrderFlow, worker: Worker) -> None:
    order = flow.place()
    run_id = flow.announce(order)
    settle(worker)
    email = order["customer_email"].encode()
    for payload in Payload.objects.all():
        assert email not in bytes(payload.sealed)
    row = flow.run(run_id)
    assert email.decode() not in str(row.state)
    step = reading.get_step(flow.workspace_id, run_id, "post")
    text = str(step["attempts_list"])
    assert "Bearer eyJ" not in text
    assert "requestid" in text
    assert step["output"]["DocNumber"] == order["increment_id"]
