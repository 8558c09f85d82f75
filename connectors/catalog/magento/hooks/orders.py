"""Orders: comments, numbers, tracking."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from connectors.sdk import OperationContext, needed


def find_order(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The order with that number, or with that number of another system."""
    wanted = {name: inputs.get(name) for name in ("increment_id", "ext_order_id")}
    if not any(wanted.values()):
        raise needed("increment_id", "Order number")
    found = context.call("list_orders", {**wanted, "limit": 1})["items"]
    return found_record(found[0] if found else None, "entity_id")


def found_record(record: dict[str, Any] | None, id_name: str) -> dict[str, Any]:
    """The shape of every search for one record."""
    identity = "" if record is None else str(record.get(id_name, ""))
    return {"found": record is not None, "record": record, "id": identity}


def same_order(inputs: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether ``found`` is the order that ``inputs`` asked for."""
    return str(found.get("ext_order_id")) == str((inputs.get("entity") or {}).get("ext_order_id"))


def add_order_comment(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The comment that was written; a status that is not given stays as it is."""
    order_id, comment = inputs.get("order_id"), inputs.get("comment")
    if not order_id:
        raise needed("order_id", "Order id")
    if not comment:
        raise needed("comment", "Comment")
    history: dict[str, Any] = {
        "comment": str(comment),
        "is_customer_notified": int(bool(inputs.get("notify_customer"))),
        "is_visible_on_front": int(bool(inputs.get("visible_on_front"))),
        "parent_id": int(str(order_id)) if str(order_id).isdigit() else order_id,
    }
    if inputs.get("status"):
        history["status"] = inputs["status"]
    done = context.send(
        "POST",
        f"/V1/orders/{quote(str(order_id), safe='')}/comments",
        body={"statusHistory": history},
    )
    return {"done": done is not False, "order_id": str(order_id), "comment": str(comment)}


def find_order_comment(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Whether the order holds exactly that comment already."""
    order_id = quote(str(inputs["order_id"]), safe="")
    found = context.send("GET", f"/V1/orders/{order_id}/comments")
    for entry in (found or {}).get("items") or []:
        if _same_text(entry.get("comment"), inputs["comment"]):
            record = {
                "done": True,
                "order_id": str(inputs["order_id"]),
                "comment": str(entry["comment"]),
            }
            return {"found": True, "record": record, "id": str(entry.get("entity_id", ""))}
    return {"found": False, "record": None, "id": ""}


def same_comment(inputs: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether ``found`` is the comment that ``inputs`` asked for."""
    return str(found["order_id"]) == str(inputs["order_id"]) and _same_text(
        found["comment"], inputs["comment"]
    )


def _same_text(one: Any, other: Any) -> bool:
    return " ".join(str(one or "").split()) == " ".join(str(other or "").split())


_TRACK = ("order_id", "track_number", "title", "carrier_code", "weight", "qty", "description")


def add_tracking(context: OperationContext, inputs: dict[str, Any]) -> Any:
    """The tracking number as the shop keeps it."""
    if not inputs.get("shipment_id"):
        raise needed("shipment_id", "Shipment id")
    entity = {name: inputs[name] for name in _TRACK if inputs.get(name) is not None}
    entity["parent_id"] = inputs["shipment_id"]
    return context.send("POST", "/V1/shipment/track", body={"entity": entity})


def find_tracking(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The tracking number of a shipment, if it is there."""
    shipment_id = quote(str(inputs["shipment_id"]), safe="")
    shipment = context.send("GET", f"/V1/shipment/{shipment_id}")
    for track in shipment.get("tracks") or []:
        if str(track.get("track_number")) == str(inputs["track_number"]):
            return found_record(track, "entity_id")
    return found_record(None, "entity_id")


def same_tracking(inputs: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether ``found`` is the tracking that ``inputs`` asked for."""
    return str(found.get("track_number")) == str(inputs.get("track_number"))
