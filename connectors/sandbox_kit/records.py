"""Control routes of records: see, search, edit, remove, make, as the vendor's staff would."""

from __future__ import annotations

from typing import Any

from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import Call, RecordRef, Refused, Reply, Vendor, json_reply

MAX_PAGE = 500


def answer(call: Call, vendor: Vendor, ledger: Ledger) -> Reply:
    """Answer of /_control/<instance>/<vendor>/records/<entity>[/<id>]."""
    instance, slug, _, *rest = call.segments
    entity = next((known for known in vendor.entities if rest and known.name == rest[0]), None)
    if entity is None:
        return complaint(404, f"{vendor.name} keeps no '{rest[0] if rest else ''}' records.")
    at = f"{call.base_url}/{instance}/{slug}/"
    match (call.method, *rest[1:]):
        case ("GET",):
            return _page(call, ledger, entity.name)
        case ("POST",):
            if not entity.creatable:
                return complaint(409, f"{entity.title} are not made here: use the vendor's API.")
            with ledger.transaction():
                vendor.create(ledger, at, entity.name, object_of(call))
            return _page(call, ledger, entity.name)
    if len(rest) != 2:
        return complaint(404, "There is no such control route.")
    record = RecordRef(entity.name, rest[1], call.param("scope") or "")
    before = ledger.get(record.entity, record.id, scope=record.scope)
    if before is None:
        return complaint(404, f"There is no {entity.title} record {record.id}.")
    match call.method:
        case "GET":
            return json_reply(before)
        case "PUT":
            with ledger.transaction():
                vendor.edit(ledger, at, record, object_of(call))
            return json_reply(ledger.get(record.entity, record.id, scope=record.scope))
        case "DELETE":
            with ledger.transaction():
                ledger.remove(record.entity, record.id, scope=record.scope)
            return json_reply(before)
    return complaint(405, "Use GET, PUT or DELETE.")


def _page(call: Call, ledger: Ledger, entity: str) -> Reply:
    found, total = ledger.listed(
        entity, number_of(call, "offset", 0), limit_of(call), call.param("q") or ""
    )
    return json_reply(
        {
            "items": [body for _, body in found],
            "refs": [{"id": ref.id, "scope": ref.scope} for ref, _ in found],
            "total": total,
        }
    )


def object_of(call: Call) -> dict[str, Any]:
    """The body as a JSON object; raises Refused."""
    document = call.document()
    if not isinstance(document, dict):
        raise Refused(complaint(400, "The body must be a JSON object."))
    return document


def number_of(call: Call, name: str, otherwise: int) -> int:
    """A whole number of the query, or ``otherwise``."""
    text = call.param(name)
    return int(text) if text and text.isdecimal() else otherwise


def limit_of(call: Call) -> int:
    """Size of the page asked for."""
    return min(number_of(call, "limit", 50), MAX_PAGE)


def complaint(status: int, text: str) -> Reply:
    """A refusal of the control API."""
    return json_reply({"message": text}, status)
