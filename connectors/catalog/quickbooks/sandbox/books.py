"""Calls on a company's books: routes, single records, e-mail, and replay by requestid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.catalog.quickbooks.sandbox import (
    changes,
    checks,
    files,
    lists,
    pdf,
    seed,
    tax,
    transactions,
)
from connectors.catalog.quickbooks.sandbox.company import Company, EntityRules
from connectors.catalog.quickbooks.sandbox.errors import (
    Fault,
    business,
    deleted_transaction,
    missing,
    not_found,
    stale,
    too_many_mails,
    unknown_parameter,
    unsupported_operation,
    unsupported_property,
)
from connectors.sandbox_kit.vendor import Call, Refused, Reply, json_reply
from ipaas.core.jsonio import MalformedJson

REQUESTID_MEMORY_OFF = "requestid_memory_off"
_REPLIES = "_reply"
_PRUNE_EVERY = 500
_DAY_S = 86_400
_MAX_REQUESTID = 50
_MAX_BATCH_REQUESTID = 36
_PRINTED = ("Invoice", "SalesReceipt", "Estimate", "CreditMemo", "RefundReceipt", "Payment")
_MAILED = (*_PRINTED, "PurchaseOrder")
# What clients send with any call; other parameters belong to some resources only.
_PARAMETERS = {"minorversion", "requestid", "format", "operation", "include"}
_INCLUDES = ("", "void", "allowduplicatedocnum", "invoicelink")
_OWN_PARAMETERS = {
    "query": {"query"},
    "cdc": {"entities", "changedsince"},
    "send": {"sendto"},
}


def answer(company: Company, call: Call, parts: tuple[str, ...]) -> Reply:
    """Reply to /v3/company/<realm>/<parts>."""
    request_id = call.param("requestid")
    resource = parts[0].lower() if parts else ""
    _check_parameters(company, call, parts)
    if call.method == "POST" and resource != "query" and request_id:
        return _once(company, call, parts, request_id)
    return _execute(company, call, parts)


def _check_parameters(company: Company, call: Call, parts: tuple[str, ...]) -> None:
    if company.ledger.setting("unknown_parameters") != "refuse":
        return
    known = set(_PARAMETERS)
    for part in parts:
        known |= _OWN_PARAMETERS.get(part.lower(), set())
    for name, value in call.query:
        if name.lower() not in known:
            raise unknown_parameter(name)
        if name.lower() == "format" and value.lower() != "json":
            raise unknown_parameter(f"format={value}")
        if name.lower() == "minorversion" and not value.isdigit():
            raise unknown_parameter(f"minorversion={value}")
        if name.lower() == "include":
            for part in value.split(","):
                if part.strip().lower() not in _INCLUDES:
                    raise unknown_parameter(f"include={part}")


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
            return _enveloped(company, {"QueryResponse": changes.query(company, statement)})
        case ("GET", "cdc"):
            found = changes.capture(company, call)
            return _enveloped(company, {"CDCResponse": [{"QueryResponse": found}]})
        case ("POST", "batch"):
            found = changes.batch(company, _body(call), write)
            return _enveloped(company, {"BatchItemResponse": found})
        case ("GET", "companyinfo", *_):
            return _enveloped(company, {"CompanyInfo": company.info()})
        case ("GET", "preferences", *_):
            return _enveloped(company, {"Preferences": seed.preferences(company)})
        case ("POST", "taxservice", "taxcode" | "Taxcode"):
            return json_reply(tax.create_code(company, _body(call)))
        case ("POST", "upload"):
            entity = checks.rules_of("Attachable")
            assert entity is not None
            stored = files.upload(company, entity, call)
            return _enveloped(company, {"AttachableResponse": stored})
    entity = checks.rules_of(resource)
    if entity is None:
        raise unsupported_operation(resource)
    match (call.method, *parts[1:]):
        case ("GET", number):
            record = _read(company, entity, number)
            if "invoicelink" in (call.param("include") or "").lower() and entity.name == "Invoice":
                record = {**record, "InvoiceLink": f"{call.base_url}/pay/{number}"}
            return _enveloped(company, {entity.name: record})
        case ("GET", number, "pdf") if entity.name in _PRINTED:
            name = company.info()["CompanyName"]
            printed = pdf.of_document(name, entity.name, _read(company, entity, number))
            return Reply(200, printed, content_type="application/pdf")
        case ("POST", number, "send") if entity.name in _MAILED:
            return _enveloped(company, {entity.name: _send(company, entity, number, call)})
        case ("POST",):
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
        call.body.decode("utf-8")
        document = call.document()
    except UnicodeDecodeError:
        raise unsupported_operation("a body that is not UTF-8") from None
    except MalformedJson:
        raise unsupported_property("The request body is not valid JSON and") from None
    if not isinstance(document, dict):
        raise unsupported_property("The request body is not an object and")
    return document


def _read(company: Company, entity: EntityRules, record_id: str) -> dict[str, Any]:
    record = company.get(entity.name, record_id)
    if record is None:
        raise not_found()
    return record


def _send(company: Company, entity: EntityRules, number: str, call: Call) -> dict[str, Any]:
    """E-mail a document to its address or to ``sendTo``; both are noted on it."""
    record = _read(company, entity, number)
    address = call.param("sendTo") or (record.get("BillEmail") or {}).get("Address")
    address = address or (record.get("POEmail") or {}).get("Address")
    if not address:
        raise business("An e-mail address is needed to send this document.")
    checks.email(company, "sendTo", {"Address": address})
    _count_mail(company)
    sent = {"DeliveryType": "Email", "DeliveryTime": company.time_text()}
    mailed = {"POEmail" if entity.name == "PurchaseOrder" else "BillEmail": {"Address": address}}
    after = {**record, **mailed, "EmailStatus": "EmailSent", "DeliveryInfo": sent}
    return company.change(entity.name, after, "Emailed")


def _count_mail(company: Company) -> None:
    """A test company sends so many e-mails a day (fact sheet A12); 0 switches that off."""
    most = int(company.ledger.setting("emails_per_day"))
    now = company.ledger.now_s()
    name = f"mails:{company.realm}"
    recent = [at for at in company.ledger.recent_calls.get(name, []) if now - _DAY_S < at <= now]
    if most and len(recent) >= most:
        raise too_many_mails(most)
    company.ledger.recent_calls[name] = [*recent, now]


def write(
    company: Company, entity: EntityRules, body: Mapping[str, Any], options: Mapping[str, str]
) -> dict[str, Any]:
    """Create, update, void or delete one record; returns the member of the answer."""
    operation = options["operation"]
    if not isinstance(body.get("sparse", False), bool) and body["sparse"] not in ("", None):
        raise unsupported_property("sparse must be true or false. The value specified", "sparse")
    if entity.kind == "fixed":
        raise unsupported_operation(f"write {entity.name}")
    if operation not in ("", "create", "update", "delete", "void"):
        raise unsupported_operation(operation)
    if operation == "delete":
        return _delete(company, entity, body)
    voids = operation == "void" or options["include"] == "void"
    number = body.get("Id")
    if not number or str(number) == "0":  # clients send 0 for “new”
        if voids:
            raise missing("Id")
        return _create(company, entity, body, options)
    before = _current(company, entity, body)
    if voids:
        return transactions.void(company, entity, before)
    if entity.is_transaction:
        allow = _allows_duplicate(options)
        return transactions.update(company, entity, before, body, allow_duplicate=allow)
    if entity.kind == "file":
        return files.update(company, entity, before, body)
    return lists.update(company, entity, before, body)


def _create(
    company: Company, entity: EntityRules, body: Mapping[str, Any], options: Mapping[str, str]
) -> dict[str, Any]:
    if entity.is_transaction:
        allow = _allows_duplicate(options)
        return transactions.create(company, entity, body, allow_duplicate=allow)
    if entity.kind == "file":
        return files.create(company, entity, body)
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
    if not entity.is_transaction and entity.kind != "file":
        raise unsupported_operation(f"delete {entity.name}")
    if not body.get("Id"):
        raise missing("Id")
    record = _current(company, entity, body)
    if entity.is_transaction:
        return transactions.delete(company, entity, record)
    company.delete(entity.name, record)
    return {"status": "Deleted", "domain": "QBO", "Id": record["Id"]}
