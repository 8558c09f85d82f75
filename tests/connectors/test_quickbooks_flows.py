"""QuickBooks in flows: a change starts a run that reads it whole, and files pass through."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from connectors import facade as connectors
from connectors.sandbox_kit.webhooks import signature
from designer import flows, publish
from runtime.effects import payloads
from runtime.effects.hands import Worker
from runtime.models import Run
from runtime.triggers.intake import Delivery, Receipt, receive
from tests.kit.drawing import const, document, mapping, node
from tests.kit.order_flow import OrderFlow, control, make_order_flow, settle

pytestmark = [pytest.mark.django_db(transaction=True)]
BOOKS = {"connection": "quickbooks", "connector": "quickbooks"}


def action(name: str, operation: str, rules: dict[str, Any]) -> dict[str, Any]:
    return node(name, "action", operation=operation, input=rules, **BOOKS)


def filed(**fixed: str) -> dict[str, Any]:
    """The printed invoice, attached to the invoice it shows."""
    rules = mapping(file="steps.pdf", id="trigger.id")
    for target, value in fixed.items():
        rules["rules"].append({"id": target, "target": target, "expr": const(value)})
    return rules


FLOW = document(
    [
        node("start", "trigger.event", operation="invoice_changed", **BOOKS),
        action("read", "get_invoice", mapping(id="trigger.id")),
        action("pdf", "invoice_pdf", mapping(id="trigger.id")),
        action("file", "upload_attachment", filed(entity="invoice", note="As printed")),
    ],
    "start>read read>pdf pdf>file",
)


@pytest.fixture
def place(sandbox: Any) -> OrderFlow:
    made = make_order_flow(silent=["magento"])
    user = made.owner
    flow = flows.create(
        made.workspace_id, name="File invoices", description="", document=FLOW, user=user
    )
    publish.publish(made.workspace_id, flow.id, revision=1, environment="test", note="", user=user)
    return made


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=4)
    yield made
    made.close()


def ref(place: OrderFlow) -> connectors.ConnectionRef:
    return connectors.ConnectionRef(place.workspace_id, "test", "quickbooks")


def told(place: OrderFlow, *messages: dict[str, Any]) -> list[Receipt]:
    """Messages as the sandbox wrote them, delivered to the connection's address."""
    connection = connectors.get_connection(place.workspace_id, "test", "quickbooks")
    verifier = control("GET", f"{place.slug}/quickbooks/settings")["verifier_token"]
    found = []
    for message in messages:
        body = message["body"].encode()
        headers = {"intuit-signature": signature(verifier, body)}
        token = connection.webhook_url.rsplit("/", 1)[1]
        (answer,) = receive([Delivery(token, headers, body)])
        assert isinstance(answer, Receipt), answer
        found.append(answer)
    return found


def output(place: OrderFlow, run: Run, step: str) -> Any:
    reference = run.state[step]["output"]
    return payloads.load(place.workspace_id, [reference])[reference]


def messages(place: OrderFlow) -> list[dict[str, Any]]:
    """What the sandbox would send, oldest first."""
    return list(reversed(control("GET", f"{place.slug}/quickbooks/webhooks")["items"]))


def test_changes_within_one_second_start_one_run_that_reads_the_last(
    place: OrderFlow, worker: Worker
) -> None:
    sold = {"DetailType": "SalesItemLineDetail", "Amount": 25, "SalesItemLineDetail": {}}
    body = {"CustomerRef": {"value": "1"}, "Line": [sold]}
    made = connectors.call(ref(place), "create_invoice", body, idempotency_key="k").reference
    for number in range(3):
        changes = {"id": made, "changes": {"PrivateNote": f"Note {number}"}}
        connectors.call(ref(place), "update_invoice", changes, idempotency_key=f"k{number}")
    sent = [each for each in messages(place) if "Invoice" in each["body"]]
    assert len(sent) == 4
    receipts = told(place, *sent)
    assert sum(len(each.runs) for each in receipts) <= 4
    settle(worker)
    runs = list(Run.objects.filter(trigger_node="start", status="succeeded").order_by("created_at"))
    assert runs and not Run.objects.exclude(status="succeeded").exists()
    assert output(place, runs[-1], "read")["PrivateNote"] == "Note 2", "nothing was missed"


def test_a_printed_invoice_is_a_file_in_the_run_and_reaches_another_step(
    place: OrderFlow, worker: Worker
) -> None:
    sold = {"DetailType": "SalesItemLineDetail", "Amount": 25, "SalesItemLineDetail": {}}
    body = {"CustomerRef": {"value": "1"}, "Line": [sold]}
    made = connectors.call(ref(place), "create_invoice", body, idempotency_key="k").reference
    told(place, messages(place)[-1])
    settle(worker)
    (run,) = Run.objects.all()
    assert run.status == "succeeded", run.error
    printed = output(place, run, "pdf")
    content = base64.b64decode(printed["base64"])
    assert content.startswith(b"%PDF-") and printed["content_type"] == "application/pdf"
    assert printed["size"] == len(content)
    stored = output(place, run, "file")
    assert (stored["Size"], stored["ContentType"]) == (len(content), "application/pdf")
    named = {"field": "AttachableRef.EntityRef.value", "value": made}
    found = connectors.call(ref(place), "list_attachments", {"conditions": [named]}).output
    assert [each["Id"] for each in found["items"]] == [stored["Id"]]
