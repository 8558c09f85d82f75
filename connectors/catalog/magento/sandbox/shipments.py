"""Shipments of an order, and their track numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.catalog.magento.sandbox import (
    catalogue,
    documents,
    events,
    inventory,
    lifecycle,
    members,
)
from connectors.catalog.magento.sandbox.errors import NO_ENTITY, no_such, refused, required
from connectors.sandbox_kit.money import plain

_SHIPMENT_REFUSED = (
    "Shipment Document Validation Error(s):\nThe order does not allow a shipment to be created."
)


def ship(shop: events.Shop, order: dict[str, Any], body: Mapping[str, Any]) -> str:
    """Ship all or the given rows; returns the id."""
    if order.get("state") in ("canceled", "closed", "holded", "complete") or order.get(
        "is_virtual"
    ):
        raise refused(400, _SHIPMENT_REFUSED)
    documents.check_arguments(body, "ShipmentItemCreationInterface")
    source = _source(body)
    for track in body.get("tracks") or []:
        members.check("ShipmentTrack", track)
        for name in ("track_number", "title", "carrier_code"):
            if not track.get(name):
                raise required(name)
    chosen = [
        (row, qty)
        for row, qty in lifecycle.chosen(order, body.get("items") or [], "qty_shipped", "ship")
        if not row.get("is_virtual")
    ]
    if not chosen:
        raise refused(400, _SHIPMENT_REFUSED)
    rows = [
        {
            "order_item_id": row["item_id"],
            "product_id": row.get("product_id"),
            "sku": row.get("sku"),
            "name": row.get("name"),
            "price": row.get("price"),
            "weight": row.get("weight"),
            "qty": plain(qty),
        }
        for row, qty in chosen
    ]
    document = {
        **documents.new_document(shop, order, "shipment", rows),
        "total_qty": plain(sum((qty for _, qty in chosen), lifecycle.ZERO)),
        "packages": body.get("packages") or [],
        "tracks": [],
        "comments": documents.comment_of(body),
        "extension_attributes": {"source_code": source},
    }
    document["tracks"] = [_track(shop, document, track) for track in body.get("tracks") or []]
    for row, qty in chosen:
        lifecycle.count(order, row, "qty_shipped", qty)
        catalogue.take_from_stock(shop.ledger, row.get("sku", ""), qty, source)
        inventory.reserve(shop.ledger, row.get("sku", ""), -qty)
    lifecycle.advance(order)
    documents.put(shop, "shipment", document)
    lifecycle.saved(shop, order)
    shop.announce(events.SHIPMENT_SAVED, document)
    return str(document["entity_id"])


def _source(body: Mapping[str, Any]) -> str:
    """Where the goods leave from; raises Refused."""
    creation = "Magento\\Sales\\Api\\Data\\ShipmentCreationArguments"
    wished = body.get("arguments") or {}
    members.known(wished, ("extension_attributes",), f"{creation}Interface")
    extension = wished.get("extension_attributes") or {}
    members.known(extension, ("source_code",), f"{creation}ExtensionInterface")
    source = str(extension.get("source_code") or inventory.DEFAULT)
    if source not in inventory.source_codes():
        raise no_such("source_code", source)
    return source


def _track(shop: events.Shop, shipment: Mapping[str, Any], track: Mapping[str, Any]) -> Any:
    return {
        "title": "",
        "carrier_code": "custom",
        "weight": 0,
        "qty": 0,
        **track,
        "entity_id": shop.ledger.next_number("track"),
        "parent_id": shipment["entity_id"],
        "order_id": shipment["order_id"],
        "created_at": catalogue.stamp(shop.ledger.now()),
    }


def add_track(shop: events.Shop, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Add a track number to a shipment; raises Refused."""
    members.check("ShipmentTrack", wish)
    for name in ("order_id", "parent_id", "carrier_code", "title", "track_number"):
        if not wish.get(name):
            raise required(name)
    shipment = documents.read(shop, "shipment", str(wish["parent_id"]))
    track = _track(shop, shipment, wish)
    shipment["tracks"].append(track)
    _touch_shipment(shop, shipment)
    return dict(track)


def delete_track(shop: events.Shop, number: str) -> bool:
    """Remove a track number; raises Refused."""
    for shipment in shop.ledger.all("shipment"):
        left = [track for track in shipment["tracks"] if str(track["entity_id"]) != number]
        if len(left) < len(shipment["tracks"]):
            shipment["tracks"] = left
            _touch_shipment(shop, shipment)
            return True
    raise refused(404, NO_ENTITY)


def _touch_shipment(shop: events.Shop, shipment: dict[str, Any]) -> None:
    shipment["updated_at"] = catalogue.stamp_after(shop.ledger, shipment["updated_at"])
    documents.put(shop, "shipment", shipment)
    shop.announce(events.SHIPMENT_SAVED, shipment)
