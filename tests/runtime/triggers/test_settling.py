"""A vendor that tells times in whole seconds: the run waits until the second is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import transaction

from connectors import facade as connectors
from runtime import store as rows
from runtime.models import Run
from runtime.triggers.arrivals import Arrival, store
from tests.runtime.triggers.conftest import Place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


def arrived(place: Place, settle_s: float) -> Arrival:
    event = connectors.Event(
        "invoice", "145", "updated 09:12:33", "updated", "145", {}, ("invoice_changed",), settle_s
    )
    return Arrival(place.workspace_id, "test", "books", event, None)


@pytest.mark.parametrize("settle_s", [0.0, 1.0])
def test_a_run_begins_when_no_change_can_bear_its_identity_any_more(
    place: Place, advance: Callable[..., datetime], settle_s: float
) -> None:
    flow = place.publish("trigger.event", {"connection": "books", "operation": "invoice_changed"})
    with transaction.atomic():
        store([arrived(place, settle_s)])
    assert [run.status for run in place.runs(flow)] == ["queued"]
    claimed = rows.claim(10, "at once")
    assert len(claimed) == (0 if settle_s else 1)
    advance(seconds=0.5)
    with transaction.atomic():
        store([arrived(place, settle_s)])  # a second change within that second
    assert Run.objects.filter(flow_id=flow).count() == 1
    advance(seconds=0.6)
    assert len(rows.claim(10, "later")) == (1 if settle_s else 0)
