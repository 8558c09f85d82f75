"""What a shop tells: our module's messages, Adobe's two kinds, and stock that is asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from connectors.sdk import Event, OperationContext, Polled

ENTITIES = {
    "sales_order_save_after": "order",
    "sales_order_invoice_save_after": "invoice",
    "sales_order_shipment_save_after": "shipment",
    "sales_order_creditmemo_save_after": "credit_memo",
    "catalog_product_save_after": "product",
    "catalog_category_save_after": "category",
    "cataloginventory_stock_item_save_after": "stock_item",
    "inventory_source_item_save_after": "source_item",
    "customer_save_after_data_object": "customer",
}
MOST_STOCK = 20_000
# The shop tells the time of a change in whole seconds: a second change within that second bears
# the same identity, so the run begins when it is over (the manifest says the same of looks).
SECOND_S = 1.0


def read_events(headers: Mapping[str, str], document: Any, account: str) -> list[Event]:
    """The events of a message of our module, of Adobe I/O Events or of Adobe's webhooks."""
    del account
    found = document if isinstance(document, list) else [document]
    if not found:
        raise ValueError("the message holds no event")
    return [event for each in found for event in _events(headers, each)]


def _events(headers: Mapping[str, str], document: Any) -> Iterator[Event]:
    if not isinstance(document, Mapping):
        raise ValueError("the message is no object")
    # The signature covers the body only, so the body's word counts, not the header's.
    moment: Any = document.get("occurred_at")
    if isinstance(document.get("event"), Mapping):
        told = document["event"]
        topic, data = str(told["type"]).rsplit(".", 1)[-1], told["data"]["value"]
        moment = moment or document.get("event_id")
    elif "eventCode" in document:
        topic, data = str(document["eventCode"]).rsplit(".", 1)[-1], document["payload"]
    else:
        topic, data = str(document["event"]), document["data"]
    if not isinstance(data, Mapping):
        raise ValueError("data must be an object")
    identity = data.get("entity_id", data.get("id", document.get("entity_id")))
    if identity in (None, ""):
        raise ValueError("the entity has no id")
    changed_at = data.get("updated_at")
    # Adobe's webhooks name neither message nor time: each counts, rather than none the second time.
    revision = changed_at or moment or headers.get("x-webhook-id") or uuid4().hex
    yield Event(
        entity=ENTITIES.get(topic, topic),
        id=str(identity),
        revision=str(revision),
        topic=topic,
        business_key=str(
            data.get("increment_id") or data.get("sku") or data.get("email") or identity
        ),
        document=dict(data),
        settle_s=SECOND_S if changed_at else 0.0,
    )


def poll_stock(
    context: OperationContext,
    cursor: dict[str, Any] | None,
    inputs: dict[str, Any],
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> Polled:
    """Quantities that differ from those seen last time: the shop keeps no time of their change.

    The first look only remembers. Each change counts up, so one that goes back is one too.
    """
    del since, until
    wanted = {"source_code": inputs.get("source_code"), "limit": MOST_STOCK}
    rows = context.call("list_source_items", wanted)["items"]
    before: dict[str, Any] = dict((cursor or {}).get("seen", {}))
    events: list[Event] = []
    waiting = False
    for row in rows:
        place = f"{row['sku']}@{row['source_code']}"
        mark = hashlib.sha256(f"{row['quantity']} {row['status']}".encode()).hexdigest()[:8]
        held = before.get(place)
        if held is not None and held[0] == mark:
            continue
        count = (held[1] if held else 0) + 1
        if cursor is not None:
            if len(events) >= limit:
                waiting = True
                continue
            events.append(_stock_event(place, f"{mark}-{count}", row))
        before[place] = [mark, count]
    return Polled(tuple(events), {"seen": before}, waiting)


def _stock_event(place: str, revision: str, row: Mapping[str, Any]) -> Event:
    return Event(
        entity="source_item",
        id=place,
        revision=revision,
        topic="inventory_source_item_save_after",
        business_key=str(row["sku"]),
        document=dict(row),
    )
