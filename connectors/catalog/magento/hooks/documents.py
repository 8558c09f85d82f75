"""Invoices, shipments and credit memos of an order, each made once.

Magento takes no key of ours. With a reference of one's own, it is written into the document's
comment and searched there; without, a document of the same quantities counts as ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.catalog.magento.hooks.orders import found_record
from connectors.sdk import ConnectorError, OperationContext, Recovery, needed

_GETS = {"invoice": "/V1/invoices", "shipment": "/V1/shipment", "credit_memo": "/V1/creditmemo"}


def create_invoice(context: OperationContext, inputs: dict[str, Any]) -> Any:
    """The invoice, read again as the shop made it."""
    body = {**_body(inputs), "capture": bool(inputs.get("capture"))}
    number = context.send("POST", f"/V1/order/{_order(inputs)}/invoice", body=body)
    return _whole(context, "invoice", number)


def create_shipment(context: OperationContext, inputs: dict[str, Any]) -> Any:
    """The shipment, read again as the shop made it."""
    body: dict[str, Any] = {**_body(inputs), "tracks": inputs.get("tracks") or []}
    if inputs.get("packages"):
        body["packages"] = inputs["packages"]
    if inputs.get("source_code"):
        body["arguments"] = {"extension_attributes": {"source_code": inputs["source_code"]}}
    number = context.send("POST", f"/V1/order/{_order(inputs)}/ship", body=body)
    return _whole(context, "shipment", number)


def create_credit_memo(context: OperationContext, inputs: dict[str, Any]) -> Any:
    """The credit memo, read again; of an invoice (through its payment) or of the order."""
    names = ("shipping_amount", "adjustment_positive", "adjustment_negative")
    arguments: dict[str, Any] = {
        name: inputs[name] for name in names if inputs.get(name) is not None
    }
    if inputs.get("return_to_stock"):
        returned = [item["order_item_id"] for item in inputs.get("items") or []]
        arguments["extension_attributes"] = {"return_to_stock_items": returned}
    body = {**_body(inputs), "arguments": arguments}
    if inputs.get("invoice_id"):
        body["isOnline"] = bool(inputs.get("online"))
        path = f"/V1/invoice/{quote(str(inputs['invoice_id']), safe='')}/refund"
    else:
        path = f"/V1/order/{_order(inputs)}/refund"
    return _whole(context, "credit_memo", context.send("POST", path, body=body))


def _order(inputs: Mapping[str, Any]) -> str:
    if not inputs.get("order_id"):
        raise needed("order_id", "Order id")
    return quote(str(inputs["order_id"]), safe="")


def _body(inputs: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "items": inputs.get("items") or [],
        "notify": bool(inputs.get("notify")),
    }
    parts = [str(inputs.get(name) or "") for name in ("comment", "reference")]
    text = " ".join(part for part in parts if part)
    if text:
        body["appendComment"] = True
        visible = int(bool(inputs.get("visible_on_front")))
        body["comment"] = {"comment": text, "is_visible_on_front": visible}
    return body


def _whole(context: OperationContext, kind: str, number: Any) -> Any:
    if number in (None, "", False):
        raise ConnectorError(
            "The shop did not tell the number of the document it made.",
            code="magento.document_unnamed",
            recovery=Recovery.RETRY,
            executed="unknown",
            hint="It is searched for before anything is sent again.",
        )
    return context.send("GET", f"{_GETS[kind]}/{quote(str(number), safe='')}")


def find_invoice_of_order(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The newest invoice of the order with that reference, or of those quantities."""
    return _find(context, "list_invoices", inputs)


def find_shipment_of_order(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The newest shipment of the order with that reference, or of those quantities."""
    return _find(context, "list_shipments", inputs)


def find_credit_memo_of_order(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The newest credit memo of the order with that reference, or of those quantities."""
    return _find(context, "list_credit_memos", inputs)


def _find(context: OperationContext, listed: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    found = context.call(listed, {"order_id": inputs["order_id"], "limit": 500})["items"]
    for document in reversed(found):
        if _ours(inputs, document):
            return found_record(document, "entity_id")
    return found_record(None, "entity_id")


def find_paid_invoice(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The invoice, if its payment was taken."""
    return _in_state(context, inputs, 2)


def find_voided_invoice(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The invoice, if it was voided."""
    return _in_state(context, inputs, 3)


def _in_state(context: OperationContext, inputs: Mapping[str, Any], state: int) -> dict[str, Any]:
    invoice = context.call("get_invoice", {"id": inputs["id"]})
    return found_record(invoice if invoice.get("state") == state else None, "entity_id")


def same_invoice(inputs: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether ``found`` is the invoice that ``inputs`` asked for."""
    return _ours(inputs, found)


same_shipment = same_credit_memo = same_invoice


def _ours(inputs: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    if str(document.get("order_id")) != str(inputs.get("order_id")):
        return False
    reference = str(inputs.get("reference") or "")
    if reference:
        comments = document.get("comments") or []
        return any(reference in str(entry.get("comment") or "") for entry in comments)
    wanted = _quantities(inputs.get("items") or [])
    return not wanted or wanted == _quantities(document.get("items") or [])


def _quantities(items: list[Any]) -> dict[str, Decimal]:
    return {str(item.get("order_item_id")): Decimal(str(item.get("qty") or 0)) for item in items}
