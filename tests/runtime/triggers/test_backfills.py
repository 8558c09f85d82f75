"""A backfill reads what starts its flow, while that flow is on, and behind live work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors import facade as connectors
from connectors import health
from ipaas.core import clock
from ipaas.core.errors import Recovery
from runtime import deployments, holding
from runtime.limits.keeper import KEEPER, Told, Want
from runtime.limits.reading import describe
from runtime.models import Backfill, Run, Timer
from runtime.triggers import backfill, polling
from runtime.workers import scheduler
from tests.faults.yard import setting_up
from tests.faults.yard.scene import Scene, scene
from tests.kit.drawing import document, mapping, node

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


def publish(it: Scene, flow: str, operation: str, **config: Any) -> None:
    at = {"connection": "dock", "connector": "dock", "operation": operation}
    post = {"connection": "dock", "connector": "dock", "operation": "post_searched"}
    step = node("a", "action", input=mapping(name="trigger.paper"), **post)
    start = node("start", "trigger.poll", **at, **{"every_s": 3600, **config})
    setting_up.deploy(it.stage.workspace_id, flow, document([start, step], "start>a"))


def begin(it: Scene, flow: str = "f") -> str:
    since = clock.now() - timedelta(days=5)
    place = (it.stage.workspace_id, "test", flow)
    found: str = backfill.begin(*place, since=since, until=None, by="Alice")["id"]
    return found


def happen(it: Scene, *names: str) -> None:
    at = (clock.now() - timedelta(days=1)).isoformat()
    it.ledger.past.extend({"id": name, "at": at, "paper": name} for name in names)


def test_events_of_another_trigger_start_nothing_after_publishing(played: Scene) -> None:
    happen(played, "p1", "p2")
    publish(played, "other", "changed_since")
    begin(played, "other")
    scheduler.turn()  # so these events are known
    publish(played, "f", "changed_since")
    begun = begin(played)
    piece = backfill.claim("slow")
    assert piece is not None
    publish(played, "f", "changed")
    assert backfill.carry(piece) == []
    scheduler.turn()
    assert not Run.objects.filter(flow_id="f").exists()
    found = backfill.find(played.stage.workspace_id, begun)
    assert found["status"] == "cancelled"
    assert found["error"]["code"] == "backfill.other_trigger"
    assert found["finished_at"]


def test_publishing_the_same_trigger_again_reads_on(played: Scene) -> None:
    happen(played, "p1")
    publish(played, "f", "changed_since")
    begin(played)
    publish(played, "f", "changed_since", every_s=60)
    scheduler.turn()
    assert Backfill.objects.get().status == "done"
    assert Run.objects.filter(flow_id="f").count() == 1


def test_a_flow_that_is_off_is_not_started_by_its_backfill(played: Scene) -> None:
    happen(played, "p1")
    publish(played, "f", "changed_since")
    begun = begin(played)
    piece = backfill.claim("slow")
    assert piece is not None
    place = (played.stage.workspace_id, "test", "f")
    deployments.set_active(*place, False)
    assert backfill.carry(piece) == []
    scheduler.turn()
    assert not Run.objects.exists()
    assert backfill.find(place[0], begun)["status"] == "paused"
    with pytest.raises(backfill.CannotBackfill):
        backfill.change(place[0], begun, "resume")
    deployments.set_active(*place, True)
    backfill.change(place[0], begun, "resume")
    scheduler.turn()
    assert Run.objects.filter(flow_id="f").count() == 1
    deployments.set_active(*place, False)
    with pytest.raises(backfill.CannotBackfill):
        begin(played)


def test_a_look_keeps_to_a_pause_that_the_vendor_asked_for(played: Scene) -> None:
    publish(played, "f", "changed_since")
    happen(played, "p1")
    begin(played)
    ref = connectors.ConnectionRef(played.stage.workspace_id, "test", "dock")
    KEEPER.tell([Told(Want("run:a", ref, "post_searched"), True, retry_after_s=600)])
    for claim, carry in ((polling.claim, polling.carry), (backfill.claim, backfill.carry)):
        look = claim("one")
        assert look is not None
        assert carry(look) == []
        assert claim("one") is None, "it is not due before the pause is over"
    assert Backfill.objects.get().failures == 0
    assert not Run.objects.exists()
    played.stage.skip(700)
    with clock.use(played.stage.later):
        scheduler.turn()
    assert Run.objects.filter(flow_id="f").count() == 1


def test_looks_that_get_no_answer_open_the_circuit_and_one_that_does_closes_it(
    played: Scene,
) -> None:
    publish(played, "f", "changed_since")
    ref = connectors.ConnectionRef(played.stage.workspace_id, "test", "dock")
    played.ledger.away = True
    for _ in range(6):
        played.stage.skip(4_000)
        with clock.use(played.stage.later):
            look = polling.claim("one")
            assert look is not None
            polling.carry(look)
            state = describe(ref)["circuit"]
    assert state["failures"] >= 5
    assert state["state"] == "open"
    played.ledger.away = False
    played.stage.skip(4_000)
    with clock.use(played.stage.later):
        scheduler.turn()
        assert describe(ref)["circuit"]["state"] == "closed"


def test_a_paused_connection_is_asked_nothing_and_read_on_afterwards(played: Scene) -> None:
    publish(played, "f", "changed_since")
    happen(played, "p1")
    begin(played)
    place = (played.stage.workspace_id, "test")
    made = holding.pause(*place, "connection", "dock", by="Ana", reason="They move house.")
    played.ledger.away = True  # it would be a failure to ask
    for claim, carry in ((polling.claim, polling.carry), (backfill.claim, backfill.carry)):
        look = claim("one")
        assert look is not None
        assert carry(look) == []
    assert (Timer.objects.get().failures, Backfill.objects.get().failures) == (0, 0)
    played.ledger.away = False
    holding.resume(place[0], made["id"])
    played.stage.skip(6)
    with clock.use(played.stage.later):
        scheduler.turn()
    assert Run.objects.filter(flow_id="f").count() == 1


def test_a_connection_that_works_again_is_asked_at_once(played: Scene) -> None:
    publish(played, "f", "changed_since")
    scheduler.turn()  # the first look only finds where "now" is
    happen(played, "p1")
    played.stage.skip(3_601)
    with clock.use(played.stage.later):
        begin(played)
        played.ledger.away = True
        for claim, carry in ((polling.claim, polling.carry), (backfill.claim, backfill.carry)):
            look = claim("one")
            assert look is not None
            carry(look)
            assert claim("one") is None, "it failed just now"
        assert (Timer.objects.get().failures, Backfill.objects.get().failures) == (1, 1)
        played.ledger.away = False
        health.tell_ready(played.stage.workspace_id, "test", "dock")
        scheduler.turn()
    assert (Timer.objects.get().failures, Backfill.objects.get().status) == (0, "done")
    assert Run.objects.filter(flow_id="f").count() == 1


@pytest.mark.parametrize("failures", [1, 5, 50])
def test_a_system_that_is_away_is_asked_again_within_ten_minutes(failures: int) -> None:
    away = connectors.ConnectorError("Away.", recovery=Recovery.RETRY)
    assert polling.pause_after(away, failures, 60) <= timedelta(minutes=10)
