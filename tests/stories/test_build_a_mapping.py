"""The whole way from a shop's order to an invoice is mapped from nothing, by mouse and by keys."""

from __future__ import annotations

import secrets
from typing import Any

from playwright.sync_api import expect

from ipaas.core import jsonio
from tests.stories.mapping import demo_document, open_mapper, sample_order
from tests.stories.office import Desk, Vendors, cents

STEP = "Sales order to invoice"
ORDER = "steps.order."
LINE = "steps.order.lines[]."


def test_an_invoice_is_mapped_from_nothing_by_mouse_and_posted(
    desk: Desk, vendors: Vendors
) -> None:
    mark = secrets.token_hex(3)
    flow_id = desk.make_flow(f"By mouse {mark}", demo_document(desk))
    mapper = open_mapper(desk, flow_id, STEP)

    mapper.draw("steps.customer.id", "CustomerRef.value")
    mapper.draw(ORDER + "number", "DocNumber")
    mapper.draw(ORDER + "placed_at", "TxnDate")
    mapper.draw(ORDER + "customer.email", "BillEmail.Address", shows="@")
    mapper.draw(ORDER + "billing_address.first_name", "BillAddr.Line1")
    mapper.draw(ORDER + "billing_address.last_name", "BillAddr.Line1", shows="Ana Silva")
    mapper.draw(ORDER + "billing_address.city", "BillAddr.City")
    mapper.draw(ORDER + "billing_address.postal_code", "BillAddr.PostalCode")

    # A field of the order's lines makes the rows; the others join them.
    mapper.draw(LINE + "name", "Line[].Description")
    mapper.draw(LINE + "amount", "Line[b1].Amount")
    detail = "Line[b1].SalesItemLineDetail"
    mapper.draw(LINE + "quantity", f"{detail}.Qty")
    mapper.draw(LINE + "sku", f"{detail}.ItemRef.value")
    mapper.type_value("Line[b1].DetailType", "SalesItemLineDetail")
    mapper.choose(f"{detail}.ItemRef.value")
    mapper.put_function("Look up in a list")
    mapper.details.get_by_role("button", name="list: SKU").click()
    mapper.take_field("steps.items.items[]", whole=True)
    mapper.give("key_field", "Sku")
    mapper.pick_field("key", LINE + "sku")
    mapper.give("value_field", "Id")

    # Shipping is one row more, if there is any.
    mapper.add_row("Line")
    mapper.draw(ORDER + "shipping_amount", "Line[b2].Amount")
    mapper.type_value("Line[b2].DetailType", "SalesItemLineDetail")
    mapper.type_value("Line[b2].SalesItemLineDetail.ItemRef.value", "SHIPPING_ITEM_ID")
    mapper.choose("Line[b2]")
    mapper.only_if_positive(ORDER + "shipping_amount")
    mapper.draw(ORDER + "tax_amount", "TxnTaxDetail.TotalTax")
    expect(desk.page.get_by_text("All required fields filled")).to_be_visible()
    mapper.save()
    invoice_is_posted(desk, vendors, flow_id, f"M-{mark}")


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
    # Shipping is added to the first line of the memo only, so that the total stays the goods' own.
    mapper.connect(ORDER + "number", "CustomerMemo.value")
    expect(page.get_by_text("All required fields filled")).to_be_visible()
    page.keyboard.press("ControlOrMeta+s")
    expect(mapper.targets).to_be_hidden()
    invoice_is_posted(desk, vendors, flow_id, f"K-{mark}", shipping=False)


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
