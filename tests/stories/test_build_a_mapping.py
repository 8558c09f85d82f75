"""The whole way from a shop's order to an invoice is mapped from nothing, by mouse and by keys."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from ipaas.core import jsonio
from tests.stories.mapping import demo_document, open_mapper, sample_order
from tests.stories.mapping_hands import Hand, Keys, Mouse
from tests.stories.office import Desk, Vendors, cents

STEP = "Sales order to invoice"
SHIPPED = jsonio.loads(
    (
        Path(__file__).resolve().parents[2]
        / "connectors/catalog/quickbooks/mappings/sales_order_to_invoice.json"
    ).read_bytes()
)


LONG = bool(os.environ.get("CAUSEWAY_LONG"))  # every rule by keys takes minutes
ORDER = "steps.order."
LINE = "steps.order.lines[]."


@pytest.mark.parametrize(
    ("hand", "letter"),
    [(Mouse, "M"), pytest.param(Keys, "K", marks=pytest.mark.only_if(LONG))],
)
def test_the_whole_invoice_is_mapped_from_nothing_and_posted(
    desk: Desk, vendors: Vendors, hand: type[Hand], letter: str
) -> None:
    mark = secrets.token_hex(3)
    flow_id = desk.make_flow(f"{hand.__name__} {mark}", demo_document(desk))
    mapper = open_mapper(desk, flow_id, STEP)
    if hand is Keys:
        mapper.enter()
    hand(desk, mapper).draw(SHIPPED["rules"])
    expect(desk.page.get_by_text("All required fields filled")).to_be_visible()
    desk.page.keyboard.press("ControlOrMeta+s")
    expect(mapper.targets).to_be_hidden()
    desk.draft_is("Saved")
    drawn = desk.read(f"/flows/{flow_id}")["draft"]["document"]
    mapping = next(n for n in drawn["nodes"] if n["id"] == "invoice")["config"]["mapping"]
    assert len(mapping["rules"]) == len(SHIPPED["rules"])
    samples = desk.read(f"/flows/{flow_id}/samples")["items"]
    for sample in [s for s in samples if s["kind"] == "sandbox"]:
        made = [result(desk, flow_id, drawn, m, sample) for m in (mapping, SHIPPED)]
        assert made[0] == made[1], sample["title"]
    invoice_is_posted(desk, vendors, flow_id, f"{letter}-{mark}")


def test_an_invoice_is_mapped_from_nothing_by_keyboard_and_posted(
    desk: Desk, vendors: Vendors
) -> None:
    mark = secrets.token_hex(3)
    flow_id = desk.make_flow(f"By keys {mark}", demo_document(desk))
    mapper = open_mapper(desk, flow_id, STEP)
    page = desk.page

    mapper.enter()
    mapper.connect("steps.customer.id", "CustomerRef.value")
    mapper.connect(ORDER + "number", "DocNumber")
    mapper.connect(ORDER + "placed_at", "TxnDate")
    mapper.connect(ORDER + "customer.email", "BillEmail.Address")
    mapper.connect(ORDER + "billing_address.first_name", "BillAddr.Line1")
    mapper.connect(ORDER + "billing_address.last_name", "BillAddr.Line1")
    mapper.connect(LINE + "name", "Line[].Description")
    mapper.connect(LINE + "amount", "Line[b1].Amount")
    mapper.connect(LINE + "quantity", "Line[b1].SalesItemLineDetail.Qty")
    mapper.key_in("Line[b1].DetailType", "SalesItemLineDetail")
    mapper.key_in("Line[b1].SalesItemLineDetail.ItemRef.value", "SHIPPING_ITEM_ID")
    mapper.connect(ORDER + "tax_amount", "TxnTaxDetail.TotalTax")
    mapper.connect(ORDER + "number", "CustomerMemo.value")
    expect(page.get_by_text("All required fields filled")).to_be_visible()
    page.keyboard.press("ControlOrMeta+s")
    expect(mapper.targets).to_be_hidden()
    # Shipping has no row of its own here, so that the total is the goods' own.
    invoice_is_posted(desk, vendors, flow_id, f"K-{mark}", shipping=False)


def result(desk: Desk, flow_id: str, document: Any, mapping: Any, sample: Any) -> Any:
    """What a mapping makes of a document."""
    answer = desk.api(
        "POST",
        f"/flows/{flow_id}/preview",
        {
            "document": document,
            "node_id": "invoice",
            "mapping": mapping,
            "sample": {"document": sample["document"]},
        },
    )
    assert answer.ok, answer.text()
    return jsonio.loads(answer.text())["output"]


def invoice_is_posted(
    desk: Desk, vendors: Vendors, flow_id: str, number: str, *, shipping: bool = True
) -> None:
    """The flow, tried on an order of its own, leaves one invoice over the order's total."""
    page = desk.page
    desk.draft_is("Saved")
    order = sample_order(desk, flow_id, number)
    desk.flow_tools.get_by_role("button", name="Test").click()
    box = page.get_by_role("textbox", name="Document to test with")
    expect(box).not_to_have_value("{}")  # the example that it offers is there
    box.fill(jsonio.dumps(order).decode())
    page.get_by_role("button", name="Run test").click()
    expect(desk.node("Create the invoice")).to_contain_text("Succeeded", timeout=30_000)
    (invoice,) = vendors.invoices(number)
    assert invoice["BillEmail"]["Address"] == order["customer_email"]
    assert invoice["BillAddr"]["Line1"] == "Ana Silva"
    lines = sold(invoice)
    goods = [item for item in order["items"] if not item.get("parent_item_id")]
    assert [line["Description"] for line in lines[: len(goods)]] == [i["name"] for i in goods]
    paid = cents(order["grand_total"])
    assert cents(invoice["TotalAmt"]) == paid - (
        0 if shipping else cents(order.get("shipping_amount", 0))
    )


def sold(invoice: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines that are goods or shipping, without the sum that the books add."""
    return [line for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail"]
