"""Asynchronous and bulk calls: accepted at once, carried out when their status is asked for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from connectors.catalog.magento.sandbox import catalogue, criteria
from connectors.catalog.magento.sandbox.errors import NOT_HERE, no_such, refused
from connectors.catalog.magento.sandbox.events import Shop
from connectors.sandbox_kit.vendor import Call, Refused, Reply, json_reply
from ipaas.core import jsonio

COMPLETE, RETRIABLE, FAILED, OPEN, REJECTED = 1, 2, 3, 4, 5
MOST = 5000
Route = Callable[[Shop, Call, list[str]], Any]
_PLACE = re.compile(r"^by([A-Z]\w*)$")
# Where the value of a place ``byName`` stands in the item.
_HELD = {
    "Sku": ("/product/sku", "/sku"),
    "CategoryId": ("/productLink/category_id", "/categoryId", "/category/id"),
    "CustomerId": ("/customer/id", "/customerId"),
    "OrderId": ("/orderId", "/order_id"),
    "Id": ("/id",),
}


def accept(shop: Shop, call: Call, parts: list[str], *, many: bool) -> Reply:
    """202 with the id of the whole; raises Refused."""
    if call.method == "GET":
        raise refused(404, "Request does not match any route.")
    document = call.document()
    items = document if many else [document]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise refused(400, "The request body must be a JSON array of objects.")
    if len(items) > MOST:
        raise refused(400, 'Maximum items of type "%type" is %max', {"type": "async", "max": MOST})
    uuid = str(uuid4())
    topic = ".".join(("async", "V1", *[p.lower() for p in parts if p], call.method.lower()))
    operations = [
        {
            "id": number,
            "topic_name": topic,
            "status": OPEN,
            "result_message": None,
            "error_code": None,
            "method": call.method,
            "parts": parts,
            "body": item,
        }
        for number, item in enumerate(items)
    ]
    whole = {
        "bulk_uuid": uuid,
        "description": f"Topic {topic}",
        "start_time": catalogue.stamp(shop.ledger.now()),
        "user_type": 1,
        "user_id": 1,
        "asked": 0,
        "store": shop.store,
        "operations": operations,
    }
    shop.ledger.put("bulk", uuid, whole, keys={"start_time": whole["start_time"]})
    return json_reply(
        {
            "bulk_uuid": uuid,
            "request_items": [
                {"id": number, "data_hash": _hash(item), "status": "accepted"}
                for number, item in enumerate(items)
            ],
            "errors": False,
        },
        202,
    )


def _hash(item: Any) -> str:
    return hashlib.sha256(jsonio.dumps(item)).hexdigest()


def answer(shop: Shop, call: Call, rest: list[str], route: Route) -> Any:
    """``/V1/bulk``; ``route`` carries out one operation."""
    match (call.method, *rest):
        case ("GET",):
            wanted = criteria.parse(call.query)
            wanted.require_columns({"start_time", "user_id", "bulk_uuid", "description", "uuid"})
            records, total = criteria.matching(shop.ledger.all("bulk"), wanted)
            items = [_summary(each) for each in records]
            return {"items": items, "search_criteria": wanted.echo(), "total_count": total}
        case ("GET", uuid, "status"):
            whole = _worked(shop, call, uuid, route)
            names = ("id", "status", "result_message", "error_code")
            return {
                **_summary(whole),
                "operations_list": [
                    {name: op[name] for name in names} for op in whole["operations"]
                ],
            }
        case ("GET", uuid, "detailed-status"):
            whole = _worked(shop, call, uuid, route)
            return {**_summary(whole), "operations_list": [_detail(o) for o in whole["operations"]]}
        case ("GET", uuid, "operation-status", status):
            whole = _worked(shop, call, uuid, route)
            return len([o for o in whole["operations"] if str(o["status"]) == status])
    return NOT_HERE


def _summary(whole: dict[str, Any]) -> dict[str, Any]:
    names = ("description", "start_time", "user_type", "user_id")
    return {
        "bulk_id": whole["bulk_uuid"],
        **{name: whole[name] for name in names},
        "operation_count": len(whole["operations"]),
    }


def _detail(operation: dict[str, Any]) -> dict[str, Any]:
    result = operation.get("result")
    return {
        **{name: operation[name] for name in ("id", "topic_name", "status", "result_message")},
        "error_code": operation["error_code"],
        "serialized_data": jsonio.dumps(operation["body"]).decode(),
        "result_serialized_data": None if result is None else jsonio.dumps(result).decode(),
    }


def _worked(shop: Shop, call: Call, uuid: str, route: Route) -> dict[str, Any]:
    """The whole with the operations done whose turn has come; cron and consumer take their time."""
    whole: dict[str, Any] | None = shop.ledger.get("bulk", uuid)
    if whole is None:
        raise no_such("bulk_uuid", uuid)
    whole["asked"] += 1
    if whole["asked"] > int(shop.ledger.setting("bulk_delay_looks", 1)):
        for operation in whole["operations"]:
            if operation["status"] == OPEN:
                _carry_out(replace(shop, store=whole["store"]), call, operation, route)
    shop.ledger.put("bulk", uuid, whole, keys={"start_time": whole["start_time"]})
    return whole


def _carry_out(shop: Shop, call: Call, operation: dict[str, Any], route: Route) -> None:
    body = operation["body"]
    parts = [_filled(part, body) for part in operation["parts"]]
    inner = replace(call, method=operation["method"], raw_query="", body=jsonio.dumps(body))
    try:
        with shop.ledger.savepoint():
            result = route(shop, inner, parts)
    except Refused as refusal:
        said = jsonio.loads(refusal.reply.body)
        operation.update(
            status=FAILED, result_message=said["message"], error_code=refusal.reply.status
        )
    else:
        operation.update(
            status=COMPLETE, result_message="Service execution success", error_code=0, result=result
        )


def _filled(part: str, body: dict[str, Any]) -> str:
    match = _PLACE.match(part)
    if match is None:
        return part
    for pointer in _HELD.get(match.group(1), ()):
        value: Any = body
        for name in pointer.split("/")[1:]:
            value = value.get(name) if isinstance(value, dict) else None
        if value not in (None, ""):
            return str(value)
    raise refused(400, '"%fieldName" is required. Enter and try again.', {"fieldName": part})
