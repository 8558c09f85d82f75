"""What runs leave behind holds no secret: journal, attempts, exchanges, documents, dead letters."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps

from connectors import credentials
from connectors.models import ConnectionRow
from runtime.effects import payloads
from runtime.effects.hands import Worker
from runtime.models import DeadLetter, Payload
from tests.kit.order_flow import OrderFlow, make_order_flow, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=4)
    yield made
    made.close()


def secrets_of(workspace_id: str) -> set[str]:
    rows = ConnectionRow.objects.select_related("credential").filter(workspace_id=workspace_id)
    found: set[str] = set()
    for row in rows:
        found |= {str(value) for value in credentials.open_row(row).secrets.values()}
    return {each for each in found if len(each) >= 8}


def kept(workspace_id: str) -> str:
    """All that the app has stored, as one text; documents are opened."""
    found: list[str] = []
    for model in apps.get_app_config("runtime").get_models():
        found += [repr(row) for row in model._default_manager.values()]
    digests = Payload.objects.filter(workspace_id=workspace_id).values_list("digest", flat=True)
    found += [repr(each) for each in payloads.load(workspace_id, list(digests)).values()]
    return "\n".join(found)


def test_what_a_run_leaves_behind_holds_no_secret(
    sandbox: Any, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    flow: OrderFlow = make_order_flow()
    caplog.clear()  # of the consent, which the test itself played in the browser's place
    known = secrets_of(flow.workspace_id)
    good = flow.announce(flow.place())
    settle(worker)
    books = ConnectionRow.objects.get(workspace_id=flow.workspace_id, slug="quickbooks")
    held = credentials.open_row(books)
    wrong = {**held.secrets, "token": "a-token-nobody-gave", "refresh_token": "a-wrong-refresh"}
    credentials.replace(flow.workspace_id, books.id, wrong, version=None)
    known |= secrets_of(flow.workspace_id)
    flow.announce(flow.place(random=True, seed=3))
    while worker.work_once(32):
        pass
    bad = flow.announce(flow.place(sample="no-lines"))
    settle(worker)
    assert flow.run(good).status == "succeeded"
    assert DeadLetter.objects.filter(run_id=bad).exists()
    assert len(known) >= 4
    text = kept(flow.workspace_id)
    assert "quickbooks" in text and len(text) > 10_000, "there is something to look at"
    leaks = [each[:4] for each in known if each in text or each in caplog.text]
    assert leaks == []
