"""What starts flows, over HTTP, as the screens use it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from ipaas.core import clock
from runtime.triggers.intake import Delivery, Receipt, receive
from tests.kit.cast import ApiClient, Cast
from tests.runtime.triggers.conftest import Place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
BASE = "/api/v1/w/north"
Advance = Callable[..., datetime]


@pytest.fixture
def north(cast: Cast) -> Place:
    """Alice's workspace."""
    return Place(cast.north.id)


def drawn(trigger: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": 1,
        "nodes": [
            {"id": "start", "name": "Start", "config": {}, **trigger},
            {"id": "end", "type": "stop", "name": "End", "config": {}},
        ],
        "edges": [{"id": "e", "source": "start", "source_port": "out", "target": "end"}],
    }


def published(alice: ApiClient, trigger: dict[str, Any]) -> str:
    """Id of a flow that was drawn and published over the API."""
    made = alice.post(f"{BASE}/flows", {"name": "Nightly", "document": drawn(trigger)})
    assert made.status == 201, made
    flow_id = made.json["id"]
    answer = alice.post(
        f"{BASE}/flows/{flow_id}/publish", {"revision": 1, "environment": "test", "note": ""}
    )
    assert answer.status == 201, answer
    return str(flow_id)


def test_a_schedule_is_looked_at_drawn_published_and_run_now(alice: ApiClient) -> None:
    wish = {"preset": {"kind": "weekdays", "at": "06:00"}, "timezone": "Europe/Paris"}
    seen = alice.post(f"{BASE}/schedules/preview", {**wish, "after": "2026-03-27T12:00:00Z"})
    assert [fire["at"][:16] for fire in seen.json["next"]][:2] == [
        "2026-03-30T04:00",
        "2026-03-31T04:00",
    ]
    assert "Monday through Friday" in seen.json["description"]
    flow = published(alice, {"type": "trigger.schedule", "config": wish})
    found = alice.get(f"{BASE}/flows/{flow}/trigger").json
    assert (found["kind"], len(found["timer"]["next"])) == ("trigger.schedule", 5)
    started = alice.post(f"{BASE}/flows/{flow}/start")
    assert started.status == 201
    assert alice.get(f"{BASE}/runs/{started.json['run_id']}").status == 200
    wrong = alice.post(f"{BASE}/schedules/preview", {"cron": "every day"})
    assert (wrong.status, wrong.json["code"]) == (422, "schedule.wrong")


def test_a_wrong_trigger_is_not_published(alice: ApiClient) -> None:
    for trigger in (
        {"type": "trigger.schedule", "config": {"cron": "0 0 30 2 *"}},
        {"type": "trigger.webhook", "config": {"signature": {"kind": "hmac"}}},
        {"type": "trigger.manual", "config": {"form": {"type": "nonsense"}}},
    ):
        made = alice.post(f"{BASE}/flows", {"name": "Wrong", "document": drawn(trigger)})
        answer = alice.post(
            f"{BASE}/flows/{made.json['id']}/publish",
            {"revision": 1, "environment": "test", "note": ""},
        )
        assert answer.status == 422, trigger
        assert answer.json["code"] == "flow.not_publishable"


def test_a_form_is_shown_filled_in_and_checked(alice: ApiClient, vera: ApiClient) -> None:
    form = {
        "type": "object",
        "required": ["number"],
        "properties": {"number": {"type": "integer"}},
    }
    flow = published(alice, {"type": "trigger.manual", "config": {"form": form}})
    assert alice.get(f"{BASE}/flows/{flow}/start-form").json["form"] == form
    wrong = alice.post(f"{BASE}/flows/{flow}/start", {"input": {"number": "seven"}})
    assert wrong.status == 422
    assert wrong.json["fields"][0]["pointer"] == "/number"
    body = {"input": {"number": 7}, "key": "once"}
    first = alice.post(f"{BASE}/flows/{flow}/start", body)
    again = alice.post(f"{BASE}/flows/{flow}/start", body)
    assert (first.json["new"], again.json["new"]) == (True, False)
    assert first.json["run_id"] == again.json["run_id"]
    assert vera.post(f"{BASE}/flows/{flow}/start", body).status == 403


def test_an_address_is_set_up_from_a_draft_to_the_first_delivery(
    alice: ApiClient, vera: ApiClient
) -> None:
    trigger = {"type": "trigger.webhook", "config": {"signature": {"kind": "token"}}}
    made = alice.post(f"{BASE}/flows", {"name": "Hook", "document": drawn(trigger)})
    flow = made.json["id"]
    hook = f"{BASE}/flows/{flow}/hook"
    assert alice.get(hook).status == 404
    wish = {"node_id": "start", "settings": trigger["config"], "seconds": 600}
    url = alice.post(f"{hook}/listen", wish).json["url"]
    secret = alice.post(f"{hook}/secret", {"kind": "token"}).json["secret"]
    assert "secret" not in alice.get(hook).json
    token = url.rsplit("/", 1)[1]
    receive([Delivery(token, {"authorization": f"Bearer {secret}"}, b'{"order": 7}')])
    samples = alice.get(f"{hook}/samples").json
    assert samples["items"][0]["document"] == {"order": 7}
    assert samples["schema"]["properties"]["order"]["type"] == "integer"
    assert vera.get(f"{hook}/samples").status == 403
    body = {"revision": 1, "environment": "test", "note": ""}
    assert alice.post(f"{BASE}/flows/{flow}/publish", body).status == 201
    assert alice.get(f"{BASE}/flows/{flow}/trigger").json["webhook_url"] == url
    tried = alice.post(f"{hook}/try", {"document": {"order": 8}}).json
    assert (tried["status"], len(tried["runs"])) == (200, 1)
    assert alice.delete(f"{hook}/samples").status == 200
    assert alice.delete(f"{hook}/secret").status == 200


def test_what_came_while_a_flow_was_off_is_offered(alice: ApiClient, north: Place) -> None:
    flow = published(alice, {"type": "trigger.webhook"})
    token = north.token(flow)
    activate = f"{BASE}/flows/{flow}/activate"
    alice.post(activate, {"environment": "test", "active": False})
    for number in range(3):
        (answer,) = receive([Delivery(token, {}, b'{"n": %d}' % number)])
        assert isinstance(answer, Receipt)
        assert answer.runs == ()
    alice.post(activate, {"environment": "test", "active": True})
    assert alice.get(f"{BASE}/flows/{flow}/trigger").json["missed"] == 3
    page = alice.get(f"{BASE}/flows/{flow}/missed?limit=2").json
    assert (len(page["items"]), page["total"]) == (2, 3)
    assert page["next"]
    done = alice.post(f"{BASE}/flows/{flow}/missed", {"action": "start"}).json
    assert done == {"done": 3, "left": 0}
    assert len(north.runs(flow)) == 3


def test_only_what_has_a_past_is_read_again(alice: ApiClient) -> None:
    flow = published(alice, {"type": "trigger.webhook"})
    body = {"flow_id": flow, "since": clock.now().isoformat()[:10] + "T00:00:00Z"}
    answer = alice.post(f"{BASE}/backfills", body)
    assert (answer.status, answer.json["code"]) == (422, "backfill.impossible")
    assert alice.get(f"{BASE}/backfills?flow={flow}").json["items"] == []
    assert alice.post(f"{BASE}/flows/{flow}/trigger/poll-now").status == 409
