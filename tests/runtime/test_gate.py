"""Webhooks in, over ASGI: what is refused says why, what is acknowledged is committed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from ipaas.core import jsonio
from runtime.models import Event, Run
from runtime.triggers.gate import MAX_BODY_BYTES, MAX_HELD_BYTES, Gate
from runtime.triggers.intake import Delivery
from runtime.workers.actors import QUEUE, broker
from tests.kit.order_flow import OrderFlow, make_order_flow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


@pytest.fixture(autouse=True)
def quiet_broker() -> Iterator[None]:
    yield
    broker.flush(QUEUE)


async def call(
    gate: Gate, path: str, body: bytes, *, method: str = "POST", headers: Any = None
) -> tuple[int, str, Any]:
    """Status, content type and document of one request, its body sent in pieces."""
    pieces = [body[i : i + 65_536] for i in range(0, len(body), 65_536)] or [b""]
    incoming = [
        {"type": "http.request", "body": piece, "more_body": n < len(pieces) - 1}
        for n, piece in enumerate(pieces)
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw}
    await gate(scope, receive, send)
    kind = dict(sent[0]["headers"])[b"content-type"].decode()
    return sent[0]["status"], kind, jsonio.loads(sent[1]["body"])


def post(deliveries: list[Delivery]) -> list[tuple[int, str, Any]]:
    """Answers to deliveries that arrive at the same time."""

    async def all_at_once() -> list[tuple[int, str, Any]]:
        gate = Gate()
        try:
            return await asyncio.gather(
                *(call(gate, f"/hooks/{d.token}", d.body, headers=d.headers) for d in deliveries)
            )
        finally:
            await asyncio.to_thread(gate.close)

    return asyncio.run(all_at_once())


def test_what_is_acknowledged_is_in_the_database(flow: OrderFlow) -> None:
    ((status, _, answer),) = post([flow.delivery(flow.place())])
    assert status == 200
    assert list(Run.objects.values_list("id", flat=True)) == answer["runs"]


def test_many_at_once_are_all_committed_and_answered(flow: OrderFlow) -> None:
    orders = [flow.place(random=True, seed=seed) for seed in range(30)]
    answers = post([flow.delivery(order) for order in orders])
    assert {status for status, _, _ in answers} == {200}
    assert Run.objects.count() == 30


@pytest.mark.parametrize(
    ("token", "body", "status", "code"),
    [
        ("nobody", b"{}", 404, "hook.unknown"),
        ("", b"{}", 404, "hook.unknown"),
        ("../../etc", b"{}", 404, "hook.unknown"),
        ("nobody", b"x" * (MAX_BODY_BYTES + 1), 413, "hook.too_large"),
        ("nobody", b"x" * 20 * 1024 * 1024, 413, "hook.too_large"),
    ],
)
def test_what_is_refused_says_why(
    flow: OrderFlow, token: str, body: bytes, status: int, code: str
) -> None:
    ((got, kind, problem),) = post([Delivery(token, {}, body)])
    assert (got, problem["code"]) == (status, code)
    assert kind == "application/problem+json"
    assert problem["hint"]
    assert Event.objects.count() == 0


def test_a_wrong_signature_is_refused_and_nothing_is_stored(flow: OrderFlow) -> None:
    ((status, _, problem),) = post([flow.delivery(flow.place(), secret="wrong")])
    assert status == 401
    assert "signature" in problem["title"].lower()
    assert Event.objects.count() == 0


def test_malformed_json_with_a_right_signature_is_refused(flow: OrderFlow) -> None:
    order = flow.place()
    good = flow.delivery(order)
    body = good.body[:-5]
    digest = hmac.digest(flow.hook_secret.encode(), body, hashlib.sha256)
    headers = {**good.headers, "x-signature": base64.b64encode(digest).decode()}
    ((status, _, problem),) = post([Delivery(good.token, headers, body)])
    assert status == 400
    assert problem["code"] == "request.malformed_json"


def test_only_post_is_accepted(flow: OrderFlow) -> None:
    async def get() -> Any:
        gate = Gate()
        try:
            return await call(gate, "/hooks/x", b"", method="GET")
        finally:
            await asyncio.to_thread(gate.close)

    status, _, problem = asyncio.run(get())
    assert status == 405
    assert problem["code"] == "hook.wrong_method"


def test_an_event_is_not_acknowledged_when_the_database_fails(flow: OrderFlow) -> None:
    delivery = flow.delivery(flow.place())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE runtime_event RENAME TO runtime_event_gone")
    try:
        ((status, _, problem),) = post([delivery])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE runtime_event_gone RENAME TO runtime_event")
    assert status == 503
    assert problem["code"] == "hook.not_committed"
    ((again, _, _),) = post([delivery])
    assert again == 200


def signed(flow: OrderFlow, order: dict[str, Any], **changes: Any) -> Delivery:
    """A right message about an order whose fields were changed."""
    return flow.delivery({**order, **changes})


def test_a_message_that_cannot_be_stored_disturbs_no_other(flow: OrderFlow) -> None:
    good = [flow.delivery(flow.place(random=True, seed=seed)) for seed in range(3)]
    order = flow.place()
    deep = b'{"a":' * 3000 + b"1" + b"}" * 3000
    digest = hmac.digest(flow.hook_secret.encode(), deep, hashlib.sha256)
    odd = [
        signed(flow, order, increment_id="10\x0001"),
        signed(flow, {**order, "entity_id": "9" * 5000}),
        signed(flow, {**order, "entity_id": "7\x007"}),
        Delivery(
            good[0].token,
            {**good[0].headers, "x-signature": base64.b64encode(digest).decode()},
            deep,
        ),
    ]
    answers = post([good[0], *odd, *good[1:]])
    assert [answers[n][0] for n in (0, 5, 6)] == [200, 200, 200]
    assert answers[4][0] == 400
    assert Run.objects.count() >= 3


def test_events_whose_ids_begin_alike_are_different_events(flow: OrderFlow) -> None:
    order = flow.place()
    ids = ["x" * 400 + end for end in ("a", "b")]
    answers = post([signed(flow, {**order, "entity_id": each}) for each in ids])
    runs = [run for _, _, answer in answers for run in answer["runs"]]
    assert len(runs) == 2
    assert Run.objects.values("source_key").distinct().count() == 2


def test_the_same_order_number_in_two_workspaces_is_two_events(flow: OrderFlow) -> None:
    other = make_order_flow()
    order = flow.place()
    mine, theirs = post([flow.delivery(order), other.delivery(order)])
    for (_, _, answer), owner in ((mine, flow), (theirs, other)):
        (run_id,) = answer["runs"]
        assert Run.objects.get(id=run_id).workspace_id == owner.workspace_id
        assert answer["duplicates"] == 0


def test_all_messages_together_may_hold_only_so_much_memory(flow: OrderFlow) -> None:
    """The database is slow, and senders of large messages do not stop."""
    count = MAX_HELD_BYTES // MAX_BODY_BYTES + 3
    freed = threading.Event()

    async def all_at_once() -> list[tuple[int, str, Any]]:
        gate = Gate()
        gate._thread.submit(freed.wait, 20)
        body = b"x" * MAX_BODY_BYTES
        waiting = [asyncio.create_task(call(gate, "/hooks/nobody", body)) for _ in range(count)]
        await asyncio.wait(waiting, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        freed.set()
        answers = await asyncio.gather(*waiting)
        assert gate._held_bytes == 0
        answers.append(await call(gate, "/hooks/nobody", b"{}"))
        await asyncio.to_thread(gate.close)
        return answers

    found = asyncio.run(all_at_once())
    statuses = [status for status, _, _ in found]
    assert statuses.count(503) == 3
    assert statuses.count(404) == count + 1 - statuses.count(503)
    assert statuses[-1] == 404, "there is room again"
