"""Calls on a company's books: entities, query, batch, CDC, and replay by requestid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox import checks, lists, payments, query, sales, seed
from connectors.catalog.quickbooks.sandbox.company import PACIFIC, Company, EntityRules
from connectors.catalog.quickbooks.sandbox.errors import (
    Fault,
    business,
    deleted_transaction,
    missing,
    not_found,
    stale,
    unsupported_operation,
    unsupported_property,
)
from connectors.sandbox_kit.vendor import Call, Refused, Reply, json_reply
from ipaas.core.jsonio import MalformedJson

REQUESTID_MEMORY_OFF = "requestid_memory_off"
_REPLIES = "_reply"
MAX_BATCH = 30
_PRUNE_EVERY = 500
_MAX_REQUESTID = 50
_MAX_BATCH_REQUESTID = 36
_LOOK_BACK = timedelta(days=30)
_NO_CDC = ("TaxCode", "TaxRate", "CompanyInfo", "Preferences")


def answer(company: Company, call: Call, parts: tuple[str, ...]) -> Reply:
    """Reply to /v3/company/<realm>/<parts>."""
    request_id = call.param("requestid")
    resource = parts[0].lower() if parts else ""
    if call.method == "POST" and resource != "query" and request_id:
        return _once(company, call, parts, request_id)
    return _execute(company, call, parts)


def _once(company: Company, call: Call, parts: tuple[str, ...], request_id: str) -> Reply:
    """Execute, or give the stored reply of the same requestid again (fact sheet A11)."""
    setting = company.ledger.setting
    limit = _MAX_BATCH_REQUESTID if parts[0].lower() == "batch" else _MAX_REQUESTID
    if len(request_id) > limit:
        raise Fault(
            "2050",
            "String length is either shorter or longer than supported by specification",
            f"requestid has more than {limit} characters.",
            element="requestid",
        )
    if company.ledger.faults.state(REQUESTID_MEMORY_OFF)[0]:
        return _execute(company, call, parts)
    now = company.ledger.now_s()
    stored = company.ledger.get(_REPLIES, request_id, scope=company.realm)
    if stored and now - stored["at"] < setting("requestid_ttl_s"):
        return Reply(stored["status"], stored["body"].encode())
    try:
        with company.ledger.savepoint():
            reply = _execute(company, call, parts)
    except Refused as refused:
        if not setting("requestid_replays_failures"):
            raise
        reply = refused.reply
    company.ledger.put(
        _REPLIES,
        request_id,
        {"at": int(now), "status": reply.status, "body": reply.body.decode()},
        keys={"at": f"{int(now):012d}"},
        scope=company.realm,
    )
    if company.ledger.next_number("replies kept") % _PRUNE_EVERY == 0:
        oldest = int(now) - int(setting("requestid_ttl_s"))
        company.ledger.remove_below(_REPLIES, "at", f"{oldest:012d}", scope=company.realm)
    return reply


def _execute(company: Company, call: Call, parts: tuple[str, ...]) -> Reply:
    resource = parts[0].lower() if parts else ""
    match (call.method, resource, *parts[1:]):
        case ("GET" | "POST", "query"):
            statement = call.param("query")
            if statement is None:
                statement = call.body.decode("utf-8", "replace")
            return _enveloped(company, {"QueryResponse": _query(company, statement)})
        case ("GET", "cdc"):
            return _enveloped(company, {"CDCResponse": [{"QueryResponse": _cdc(company, call)}]})
        case ("POST", "batch"):
            return _enveloped(company, {"BatchItemResponse": _batch(company, _body(call))})
        case ("GET", "companyinfo", *_):
            return _enveloped(company, {"CompanyInfo": company.info()})
        case ("GET", "preferences", *_):
            return _enveloped(company, {"Preferences": seed.preferences(company)})
    entity = checks.rules_of(resource)
    if entity is None:
        raise unsupported_operation(resource)
    if call.method == "GET" and len(parts) == 2:
        return _enveloped(company, {entity.name: _read(company, entity, parts[1])})
    if call.method == "POST" and len(parts) == 1:
        options = {
            "operation": (call.param("operation") or "").lower(),
            "include": (call.param("include") or "").lower(),
        }
        return _enveloped(company, {entity.name: write(company, entity, _body(call), options)})
    raise unsupported_operation(f"{call.method} {'/'.join(parts)}")


def _enveloped(company: Company, document: dict[str, Any]) -> Reply:
    return json_reply({**document, "time": company.time_text()})


def _body(call: Call) -> dict[str, Any]:
    try:
        document = call.document()
    except MalformedJson:
        raise unsupported_property("The request body is not valid JSON and") from None
    if not isinstance(document, dict):
        raise unsupported_property("The request body is not an object and")
    return document


def _query(company: Company, statement: str) -> dict[str, Any]:
    asked = query.parse(statement)
    if asked.entity.name == "Preferences":
        found = [seed.preferences(company)]
        return {"Preferences": found, "startPosition": 1, "maxResults": 1}
    return query.run(company, statement)


def _read(company: Company, entity: EntityRules, record_id: str) -> dict[str, Any]:
    record = company.get(entity.name, record_id)
    if record is None:
        raise not_found()
    return record


def write(
    company: Company, entity: EntityRules, body: Mapping[str, Any], options: Mapping[str, str]
) -> dict[str, Any]:
    """Create, update, void or delete one record; returns the member of the answer."""
    operation = options["operation"]
    if entity.kind == "fixed":
        raise unsupported_operation(f"write {entity.name}")
    if operation == "delete":
        if entity.kind != "transaction":
            raise unsupported_operation(f"delete {entity.name}")
        return _delete(company, entity, body)
    void = operation == "void" or options["include"] == "void"
    if not body.get("Id"):
        if void:
            raise missing("Id")
        return _create(company, entity, body, options)
    before = _current(company, entity, body)
    if void:
        if entity.name == "Invoice":
            return sales.void(company, before)
        if entity.name == "Payment":
            return payments.void(company, before)
        raise unsupported_operation(f"void {entity.name}")
    if entity.name == "Invoice":
        return sales.update(
            company, entity, before, body, allow_duplicate_number=_allows_duplicate(options)
        )
    if entity.name == "Payment":
        return payments.update(company, entity, before, body)
    return lists.update(company, entity, before, body)


def _create(
    company: Company, entity: EntityRules, body: Mapping[str, Any], options: Mapping[str, str]
) -> dict[str, Any]:
    if entity.name == "Invoice":
        return sales.create(
            company, entity, body, allow_duplicate_number=_allows_duplicate(options)
        )
    if entity.name == "Payment":
        return payments.create(company, entity, body)
    return lists.create(company, entity, body)


def _allows_duplicate(options: Mapping[str, str]) -> bool:
    return "allowduplicatedocnum" in options["include"]


def _current(company: Company, entity: EntityRules, body: Mapping[str, Any]) -> dict[str, Any]:
    """The record the body is about, if the body holds its newest version."""
    record = company.get(entity.name, body["Id"])
    if record is None:
        gone = company.get(f"_deleted_{entity.name}", body["Id"])
        raise deleted_transaction() if gone else not_found()
    if body.get("SyncToken") in (None, ""):
        raise missing("SyncToken")
    if str(body["SyncToken"]) != record["SyncToken"]:
        raise stale()
    return record


def _delete(company: Company, entity: EntityRules, body: Mapping[str, Any]) -> dict[str, Any]:
    if not body.get("Id"):
        raise missing("Id")
    record = _current(company, entity, body)
    if entity.name == "Payment":
        payments.delete(company, record)
    else:
        payments.release_invoice(company, record)
        sales.move_customer_balance(company, record, -Decimal(record["Balance"]))
        company.delete(entity.name, record)
    return {"status": "Deleted", "domain": "QBO", "Id": record["Id"]}


# --- change data capture, batch


def _cdc(company: Company, call: Call) -> list[dict[str, Any]]:
    since_text = call.param("changedSince") or ""
    try:
        since = datetime.fromisoformat(since_text.replace(" ", "+"))
    except ValueError:
        raise business(f"changedSince is not a date: {since_text}", "2090") from None
    if since.tzinfo is None:
        since = since.replace(tzinfo=PACIFIC)
    if company.ledger.now() - since > _LOOK_BACK:
        raise business("changedSince is more than 30 days ago.")
    found: list[dict[str, Any]] = []
    for name in (call.param("entities") or "").split(","):
        entity = checks.rules_of(name.strip())
        if entity is None or entity.name in _NO_CDC:
            raise business(f"Change data capture does not know the entity {name.strip()!r}.")
        changed = company.changed_since(entity.name, since)
        if changed:
            found.append(
                {entity.name: changed[:1000], "startPosition": 1, "maxResults": len(changed[:1000])}
            )
        else:
            found.append({})
    return found


def _batch(company: Company, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = body.get("BatchItemRequest")
    if not isinstance(items, list) or not items:
        raise missing("BatchItemRequest")
    if len(items) > MAX_BATCH:
        raise Fault(
            "1040",
            "Batch is too big",
            f"The batch has {len(items)} items; the maximum is {MAX_BATCH}.",
        )
    return [_batch_item(company, item) for item in items]


def _batch_item(company: Company, item: Mapping[str, Any]) -> dict[str, Any]:
    """Result of one item; each stands alone, a refused one undoes only itself."""
    number = {"bId": item.get("bId")}
    try:
        with company.ledger.savepoint():
            if "Query" in item:
                return {**number, "QueryResponse": _query(company, str(item["Query"]))}
            for name, body in item.items():
                entity = checks.rules_of(name)
                if entity is not None and isinstance(body, dict):
                    operation = str(item.get("operation", "")).lower()
                    options = str(item.get("optionsData", "")).lower()
                    wish = {
                        "operation": "delete" if operation == "delete" else "",
                        "include": options,
                    }
                    return {**number, entity.name: write(company, entity, body, wish)}
            raise unsupported_operation(f"batch item {item.get('bId')}")
    except Fault as fault:
        return {**number, "Fault": fault.document}
