"""One run in trouble: it fails alone, it says so, and nothing of it is posted twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from ipaas.core import clock
from runtime import control, deployments, reading, store
from runtime.effects.hands import Flight, Worker
from runtime.engine import RunStatus
from runtime.models import DeadLetter, Deployment, Effect, Payload, Release, Run
from runtime.triggers.intake import receive
from tests.kit.order_flow import LaterClock, OrderFlow, make_order_flow, settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=8)
    yield made
    made.close()


def announce_many(flow: OrderFlow, count: int) -> list[str]:
    orders = [flow.place(random=True, seed=seed) for seed in range(count)]
    answers = receive([flow.delivery(order) for order in orders])
    return [run for answer in answers for run in answer.runs]  # type: ignore[union-attr]


def statuses(*run_ids: str) -> list[str]:
    return [Run.objects.get(id=run_id).status for run_id in run_ids]


@contextmanager
def refusing_attempts_of(run_id: str) -> Iterator[None]:
    """The database refuses to store attempts of one run."""
    wrong = f"NEW.run_id = '{run_id}'"
    if connection.vendor == "sqlite":
        begin = [
            f"CREATE TRIGGER refuse BEFORE INSERT ON runtime_attempt WHEN {wrong}"
            " BEGIN SELECT RAISE(ABORT, 'refused'); END"
        ]
        end = ["DROP TRIGGER refuse"]
    else:
        begin = [
            "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN"
            " RAISE check_violation USING MESSAGE = 'refused'; END $$ LANGUAGE plpgsql",
            "CREATE TRIGGER refuse BEFORE INSERT ON runtime_attempt FOR EACH ROW"
            f" WHEN ({wrong}) EXECUTE FUNCTION refuse()",
        ]
        end = ["DROP TRIGGER refuse ON runtime_attempt", "DROP FUNCTION refuse()"]
    with connection.cursor() as cursor:
        for statement in begin:
            cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for statement in end:
                cursor.execute(statement)


def test_a_run_that_the_database_refuses_fails_alone(flow: OrderFlow, worker: Worker) -> None:
    bad, *good = announce_many(flow, 5)
    with refusing_attempts_of(bad):
        settle(worker)
    assert statuses(*good) == ["succeeded"] * 4
    assert statuses(bad) == ["failed"]
    letter = DeadLetter.objects.get()
    assert (letter.run_id, letter.code) == (bad, "step.bug")
    control.retry_dead_letter(
        flow.workspace_id,
        letter.id,
        from_start=False,
        newest=False,
        document=None,
        edited=False,
        by="Ana",
        reason="",
    )
    settle(worker)
    assert statuses(bad) == ["succeeded"]
    assert len(flow.invoices()) == 5


@pytest.mark.parametrize("harm", ["damaged", "gone"])
def test_a_run_whose_document_cannot_be_read_fails_alone(
    flow: OrderFlow, worker: Worker, harm: str
) -> None:
    bad, *good = announce_many(flow, 4)
    rows = Payload.objects.filter(digest=flow.run(bad).trigger)
    if harm == "damaged":
        rows.update(sealed=b"nonsense")
    else:
        rows.delete()
    settle(worker)
    assert statuses(*good) == ["succeeded"] * 3
    letter = DeadLetter.objects.get()
    assert letter.run_id == bad
    assert len(flow.invoices()) == 3
    shown = reading.list_runs(flow.workspace_id, "test")[0].items
    assert next(run for run in shown if run["id"] == bad)["error"]["code"] == letter.code


def test_a_release_that_cannot_be_compiled_fails_its_runs_and_no_others(
    flow: OrderFlow, worker: Worker
) -> None:
    (good,) = announce_many(flow, 1)
    body = {"document": {"schema": 1, "nodes": [{"id": "a", "type": "gone"}], "edges": []}}
    broken = Release.objects.create(
        id="rel_broken",
        workspace_id=flow.workspace_id,
        flow_id=flow.flow_id,
        flow_name="Broken",
        version=9,
        environment="test",
        body=body,
        created_at=clock.now(),
    )
    bad = control.replay(flow.workspace_id, good)
    Run.objects.filter(id=bad).update(release=broken)
    settle(worker)
    assert statuses(good, bad) == ["succeeded", "failed"]
    assert DeadLetter.objects.get().code == "release.broken"
    assert len(reading.list_runs(flow.workspace_id, "test")[0].items) == 2
    control.retry_dead_letter(
        flow.workspace_id,
        DeadLetter.objects.get().id,
        from_start=True,
        newest=True,
        document=None,
        edited=False,
        by="Ana",
        reason="",
    )
    settle(worker)
    assert statuses(bad) == ["succeeded"]
    assert len(flow.invoices()) == 1


def test_a_run_that_kills_its_workers_is_taken_alone_and_then_given_up(
    flow: OrderFlow, worker: Worker
) -> None:
    bad, *good = announce_many(flow, 3)
    later = LaterClock()
    with clock.use(later):
        for _ in range(store.WEARY):
            assert len(store.claim(1, "dies")) == 1
            later.skipped += store.LEASE + timedelta(seconds=1)
            Run.objects.filter(id=bad).update(due_at=clock.now() - timedelta(minutes=1))
        for _ in range(store.WEARY, store.HOPELESS):
            (alone,) = store.claim(32, "dies too")
            assert alone.run_id == bad
            later.skipped += store.LEASE + timedelta(seconds=1)
            Run.objects.filter(id=bad).update(due_at=clock.now() - timedelta(minutes=1))
        while worker.work_once(32):
            pass
    assert statuses(*good) == ["succeeded"] * 2
    assert DeadLetter.objects.get(run_id=bad).code == "run.hopeless"


def test_a_write_that_failed_without_a_definite_no_keeps_its_key(
    flow: OrderFlow, worker: Worker
) -> None:
    flow.fault("quickbooks", "server_error", match="/invoice")
    run_id = flow.announce(flow.place())
    settle(worker)
    assert statuses(run_id) == ["failed"]
    effect = Effect.objects.get(run_id=run_id, node_id="post")
    assert (effect.state, effect.generation) == ("intended", 0)
    flow.fault("quickbooks", "server_error", active=False)
    retry(flow, from_start=True)
    settle(worker)
    assert statuses(run_id) == ["succeeded"]
    assert len(flow.invoices()) == 1
    effect.refresh_from_db()
    assert (effect.state, effect.generation) == ("confirmed", 0)


def retry(flow: OrderFlow, *, from_start: bool, newest: bool = False) -> None:
    letter = DeadLetter.objects.get(status="open")
    control.retry_dead_letter(
        flow.workspace_id,
        letter.id,
        from_start=from_start,
        newest=newest,
        document=None,
        edited=False,
        by="Ana",
        reason="",
    )


def test_two_runs_of_one_batch_never_take_over_the_same_key(
    flow: OrderFlow, worker: Worker
) -> None:
    first = flow.announce(flow.place())
    settle(worker)
    Effect.objects.filter(run_id=first, node_id="post").update(state="refused")
    flow.fault("quickbooks", "requestid_memory_off")
    before = len(flow.invoices())
    runs = [control.replay(flow.workspace_id, first) for _ in range(3)]
    for _ in range(3):
        worker.work_once(32)
        holders = Effect.objects.filter(node_id="post", state="intended").count()
        assert holders <= 1
    settle(worker)
    assert statuses(*runs) == ["succeeded"] * 3
    assert len(flow.invoices()) == before + 1  # the refused one was in truth there: a test's lie
    posted = [e for run in runs for e in reading.journal(flow.workspace_id, run, 0)]
    assert sum("posted before" in e["text"] for e in posted if e["node_id"] == "post") == 2


def test_a_person_cannot_push_a_run_while_a_worker_holds_it_but_can_cancel_it(
    flow: OrderFlow, worker: Worker
) -> None:
    run_id = flow.announce(flow.place())
    claims = store.claim(1, worker.name)
    hands = worker._take(claims)
    with pytest.raises(control.RunMoving):
        control.hurry(flow.workspace_id, run_id)
    control.cancel(flow.workspace_id, run_id)
    worker._renew(hands)
    assert not hands[0].held
    futures = Flight()
    worker._turn(hands, futures)
    assert not futures
    assert statuses(run_id) == [RunStatus.CANCELLED]
    settle(worker)
    assert not flow.invoices()


def test_a_call_that_waited_in_line_does_not_leave_after_its_run_was_lost(
    flow: OrderFlow, worker: Worker
) -> None:
    run_id = flow.announce(flow.place())
    (claim,) = store.claim(1, worker.name)
    (hand,) = worker._take([claim])
    Run.objects.filter(id=run_id).update(fence=claim.fence + 1)  # somebody else has it
    before = hand.lease_ends
    worker._renew([hand])
    assert hand.lease_ends == before, "a lease that is not ours must not grow"
    call: Any = type("Call", (), {"node_id": "post"})()
    assert worker._carrier._call(hand, call).failure is not None


def test_a_doubt_that_a_person_settles_confirms_the_intent(flow: OrderFlow, worker: Worker) -> None:
    run_id = flow.announce(flow.place())
    settle(worker)
    run = flow.run(run_id)
    doubt = {"status": "in_doubt", "person": True, "attempts": 1}
    Run.objects.filter(id=run_id).update(
        status="in_doubt", state={**run.state, "post": doubt, "remember": {"status": "pending"}}
    )
    Effect.objects.filter(run_id=run_id, node_id="post").update(state="intended", result="")
    control.decide(flow.workspace_id, run_id, "post", "adopt", {"Id": "145"})
    settle(worker)
    assert statuses(run_id) == ["succeeded"]
    assert Effect.objects.get(run_id=run_id, node_id="post").state == "confirmed"
    again = control.replay(flow.workspace_id, run_id)
    settle(worker)
    assert statuses(again) == ["succeeded"]
    assert len(flow.invoices()) == 1


def test_cancelled_and_failed_runs_leave_no_key_that_blocks_the_next(
    flow: OrderFlow, worker: Worker
) -> None:
    first = flow.announce(flow.place())
    settle(worker)
    Effect.objects.filter(run_id=first, node_id="post").update(state="intended", result="")
    Run.objects.filter(id=first).update(status="cancelled")
    again = control.replay(flow.workspace_id, first)
    settle(worker)
    assert statuses(again) == ["succeeded"]
    assert len(flow.invoices()) == 1


def test_retrying_on_a_newer_version_with_another_trigger_does_the_work(
    flow: OrderFlow, worker: Worker
) -> None:
    order = flow.place(sample="no-lines")
    run_id = flow.announce(order)
    settle(worker)
    live = Deployment.objects.select_related("release").get(flow_id=flow.flow_id)
    body = live.release.body
    for found in body["document"]["nodes"]:
        found["id"] = {"placed": "begun"}.get(found["id"], found["id"])
    for edge in body["document"]["edges"]:
        edge["source"] = {"placed": "begun"}.get(edge["source"], edge["source"])
    newer = deployments.create_release(
        flow.workspace_id,
        "test",
        flow_id=flow.flow_id,
        flow_name="Newer",
        version=2,
        body=body,
    )
    deployments.deploy(flow.workspace_id, "test", flow_id=flow.flow_id, release_id=newer)
    retry(flow, from_start=True, newest=True)
    settle(worker)
    run = flow.run(run_id)
    assert run.status == "failed", "skipping every step is not success"
    assert run.state["begun"]["status"] == "succeeded"


def test_a_cancelled_run_leaves_no_open_record(flow: OrderFlow, worker: Worker) -> None:
    run_id = flow.announce(flow.place(sample="no-lines"))
    settle(worker)
    control.cancel(flow.workspace_id, run_id)
    assert DeadLetter.objects.get(run_id=run_id).status == "skipped"
