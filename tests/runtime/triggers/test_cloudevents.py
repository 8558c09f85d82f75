"""CloudEvents over HTTP: three modes, one identity, and the sender's question before it sends."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from ipaas.core import jsonio
from ipaas.core.errors import IpaasError
from runtime.models import Run
from runtime.triggers.gate import Gate
from runtime.triggers.intake import Delivery, Receipt, receive
from tests.runtime.triggers.conftest import Place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "A-1",
    "source": "/shop/1",
    "type": "shop.order.placed",
    "subject": "order 7",
    "time": "2026-03-02T12:00:00Z",
    "shopregion": "north",
    "data": {"total": 10},
}
STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
PICTURE = b"\x89PNG\xff"
BATCH = {"content-type": "application/cloudevents-batch+json"}


def send(place: Place, flow: str, headers: dict[str, str], body: bytes) -> Receipt | IpaasError:
    (answer,) = receive([Delivery(place.token(flow), headers, body)])
    return answer


def binary(event: dict[str, Any]) -> dict[str, str]:
    found = {f"ce-{name}": str(value) for name, value in event.items() if name != "data"}
    return {**found, "content-type": "application/json"}


def test_one_event_in_three_modes_is_one_event(place: Place) -> None:
    flow = place.publish("trigger.cloudevents")
    bodies = [
        (binary(EVENT), jsonio.dumps(EVENT["data"])),
        (STRUCTURED, jsonio.dumps(EVENT)),
        (BATCH, jsonio.dumps([EVENT])),
    ]
    answers = [send(place, flow, headers, body) for headers, body in bodies]
    assert [a.accepted for a in answers if isinstance(a, Receipt)] == [1, 0, 0]
    (run,) = place.runs(flow)
    assert place.document(run) == {**EVENT, "datacontenttype": "application/json"}
    assert run.business_key == "order 7"


def test_source_and_id_together_name_an_event(place: Place) -> None:
    flow = place.publish("trigger.cloudevents")
    events = [
        EVENT,
        {**EVENT, "id": "A-2"},
        {**EVENT, "source": "/shop/2"},
        {**EVENT, "type": "shop.order.changed"},  # the same source and id: the same event
    ]
    answer = send(place, flow, BATCH, jsonio.dumps(events))
    assert isinstance(answer, Receipt)
    assert (answer.accepted, answer.duplicates, len(answer.runs)) == (3, 1, 3)
    assert Run.objects.values("source_key").distinct().count() == 3


def test_binary_mode_decodes_attributes_and_keeps_what_is_no_json(place: Place) -> None:
    flow = place.publish("trigger.cloudevents")
    headers = {**binary(EVENT), "ce-subject": "caf%C3%A9 %E2%82%AC", "content-type": "image/png"}
    send(place, flow, headers, PICTURE)
    (run,) = place.runs(flow)
    assert place.document(run)["subject"] == "caf\u00e9 \u20ac"
    assert place.document(run)["data_base64"] == base64.b64encode(PICTURE).decode()


def test_only_wanted_types_start_runs_and_others_are_acknowledged(place: Place) -> None:
    flow = place.publish("trigger.cloudevents", {"types": ["shop.order.*"], "respond": 204})
    other = {**EVENT, "type": "shop.stock.changed"}
    for event, count in ((other, 0), (EVENT, 1)):
        answer = send(place, flow, STRUCTURED, jsonio.dumps(event))
        assert isinstance(answer, Receipt)
        assert (answer.status, len(place.runs(flow))) == (204, count)


WRONG: list[tuple[dict[str, str], Any, int]] = [
    ({"content-type": "application/json"}, EVENT, 400),
    (STRUCTURED, [EVENT], 400),
    (STRUCTURED, {**EVENT, "id": ""}, 400),
    (STRUCTURED, {**EVENT, "specversion": "0.3"}, 400),
    (STRUCTURED, {**EVENT, "source": "two words"}, 400),
    (STRUCTURED, {**EVENT, "data_base64": "eA=="}, 400),
    (STRUCTURED, {**EVENT, "Wrong-Name": 1}, 400),
    (BATCH, EVENT, 400),
    (BATCH, [EVENT] * 1001, 400),
    (BATCH, [EVENT, {"id": "half"}], 400),
    ({"content-type": "application/cloudevents+avro"}, EVENT, 415),
    ({"content-type": "application/cloudevents-batch+xml"}, [EVENT], 415),
]


@pytest.mark.parametrize(("headers", "body", "status"), WRONG, ids=range(len(WRONG)))
def test_what_is_no_cloud_event_is_refused_whole(
    place: Place, headers: dict[str, str], body: Any, status: int
) -> None:
    flow = place.publish("trigger.cloudevents")
    answer = send(place, flow, headers, jsonio.dumps(body))
    assert isinstance(answer, IpaasError)
    assert answer.status == status
    assert place.runs(flow) == []


def ask(place: Place, flow: str, origin: str) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer to a sender that asks whether it may deliver."""
    sent: list[Any] = []

    async def receive_message() -> Any:
        return {"type": "http.request", "body": b""}

    async def send_message(message: Any) -> None:
        sent.append(message)

    async def go() -> None:
        gate = Gate()
        raw = [(b"webhook-request-origin", origin.encode()), (b"webhook-request-rate", b"120")]
        scope = {
            "type": "http",
            "method": "OPTIONS",
            "path": f"/hooks/{place.token(flow)}",
            "query_string": b"",
            "headers": raw,
        }
        await gate(scope, receive_message, send_message)
        await asyncio.to_thread(gate.close)

    place.token(flow)
    asyncio.run(go())
    return sent[0]["status"], {n.decode(): v.decode() for n, v in sent[0]["headers"]}


def test_a_sender_that_asks_first_is_allowed_or_not(place: Place, monkeypatch: Any) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    flow = place.publish("trigger.cloudevents", {"origins": ["eventgrid.example"]})
    status, headers = ask(place, flow, "eventgrid.example")
    assert status == 200
    assert headers["webhook-allowed-origin"] == "eventgrid.example"
    assert headers["webhook-allowed-rate"] == "120"
    status, headers = ask(place, flow, "stranger.example")
    assert status == 401
    assert "webhook-allowed-origin" not in headers
