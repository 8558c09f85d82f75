"""Writing records: create, change, void, delete, send, several at once; custom fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.catalog.quickbooks.hooks import faults
from connectors.catalog.quickbooks.hooks.entities import KINDS, Kind, held, kind_of, text
from connectors.sdk import ConnectorError, OperationContext, Recovery, VendorError, needed, pick

_TRIES = 3
_REQUEST_ID_LENGTH = 36
_CUSTOM_NAME = "SalesFormsPrefs.SalesCustomName"
_CUSTOM_LENGTH = 31


def custom_fields(context: OperationContext) -> dict[str, Any]:
    """The company's custom fields of sales forms, by the number of their definition."""
    groups = pick(context.send("GET", "/preferences"), "/Preferences/SalesFormsPrefs/CustomField")
    found: dict[str, Any] = {}
    for group in groups or []:
        for entry in group.get("CustomField") or []:
            name = str(entry.get("Name") or "")
            if name.startswith(_CUSTOM_NAME) and entry.get("StringValue"):
                found[name.removeprefix(_CUSTOM_NAME)] = {
                    "type": "string",
                    "title": str(entry["StringValue"]),
                    "maxLength": _CUSTOM_LENGTH,
                }
    return found


def written(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as QuickBooks takes it: custom fields by number become its list of them."""
    body = {name: value for name, value in record.items() if name != "custom_fields"}
    given = record.get("custom_fields")
    if isinstance(given, Mapping) and given:
        body["CustomField"] = [
            *(body.get("CustomField") or []),
            *(
                {"DefinitionId": str(number), "Type": "StringType", "StringValue": text(value)}
                for number, value in given.items()
            ),
        ]
    return body


def create_record(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The new record."""
    kind = kind_of(context)
    return held(context.send("POST", kind.path, body=written(inputs)), kind.name)


def update_record(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The changed record; fields not given stay, unless ``full`` is set.

    Without ``sync_token`` the change is applied to whatever version is there now, and again if
    somebody else was quicker.
    """
    kind, number = kind_of(context), _id_of(inputs)
    changes = written(inputs.get("changes") or {})
    given = text(inputs.get("sync_token"))
    for attempt in range(_TRIES):
        token = given or text(_read(context, kind, number).get("SyncToken"))
        body = {**changes, "Id": number, "SyncToken": token, "sparse": not inputs.get("full")}
        try:
            return held(_post(context, kind, body, {}, attempt), kind.name)
        except ConnectorError as error:
            if not error.code.endswith(".stale") or attempt == _TRIES - 1:
                raise
            if given:
                raise _outdated(error) from error
    raise AssertionError("the last try returns or raises")


def _outdated(error: ConnectorError) -> ConnectorError:
    """The refusal of a version that the flow names: to send it again would be refused again."""
    return ConnectorError(
        "Somebody changed this record in QuickBooks since the version that the flow has seen.",
        code=error.code,
        recovery=Recovery.FIX_DATA,
        executed="no",
        hint="Let the flow get the newest version first, or leave the version out of the step.",
        status=error.vendor_status,
        exchanges=error.exchanges,
    )


def delete_record(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """``{"Id", "status": "Deleted"}``; a record that is gone already counts as deleted."""
    kind, number = kind_of(context), _id_of(inputs)
    token = text(inputs.get("sync_token"))
    try:
        token = token or text(_read(context, kind, number).get("SyncToken"))
    except ConnectorError as error:
        if not error.code.endswith(".not_found"):
            raise
        return {"Id": number, "status": "Deleted"}
    body = {"Id": number, "SyncToken": token}
    return held(_post(context, kind, body, {"operation": "delete"}, 0), kind.name)


def void_record(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The record with all its amounts zero; one that is void already is returned as it is."""
    kind, number = kind_of(context), _id_of(inputs)
    record = _read(context, kind, number)
    if str(record.get("PrivateNote") or "").startswith("Voided") and not record.get("TotalAmt"):
        return record
    token = text(inputs.get("sync_token")) or text(record.get("SyncToken"))
    body: dict[str, Any] = {"Id": number, "SyncToken": token}
    if kind.name == "Invoice":
        return held(_post(context, kind, body, {"operation": "void"}, 0), kind.name)
    body["sparse"] = True
    return held(
        _post(context, kind, body, {"operation": "update", "include": "void"}, 0), kind.name
    )


def send_document(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The document after QuickBooks mailed it."""
    kind, number = kind_of(context), _id_of(inputs)
    to = text(inputs.get("to"))
    response = context.exchange(
        "POST",
        f"{kind.path}/{number}/send",
        query={"sendTo": to} if to else {},
        content=b"",
        headers={"Content-Type": "application/octet-stream"},
    )
    return held(response.document(), kind.name)


def _id_of(inputs: Mapping[str, Any]) -> str:
    number = text(inputs.get("id"))
    if not number:
        raise needed("id", "QuickBooks id")
    return number


def _read(context: OperationContext, kind: Kind, number: str) -> dict[str, Any]:
    return held(context.send("GET", f"{kind.path}/{number}"), kind.name)


def _post(
    context: OperationContext,
    kind: Kind,
    body: Mapping[str, Any],
    query: dict[str, str],
    attempt: int,
) -> Any:
    """Reply to one write. A later try has a request id of its own: the first one's refusal could
    be replayed."""
    key = context.idempotency_key
    if key and attempt:
        query = {**query, "requestid": f"{key[: _REQUEST_ID_LENGTH - 2]}-{attempt}"}
    return context.send("POST", kind.path, query=query, body=dict(body))


# --- several at once


def create_batch(
    context: OperationContext, inputs: list[dict[str, Any]], keys: list[str]
) -> list[Any]:
    """A new record, or what QuickBooks says against it, for each of ``inputs`` in their order."""
    del keys
    kind = kind_of(context)
    items: list[dict[str, Any]] = [
        {"operation": "create", kind.name: written(record)} for record in inputs
    ]
    return [
        answer if isinstance(answer, VendorError | ConnectorError) else held(answer, kind.name)
        for answer in _batch(context, items)
    ]


def run_batch(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Results of up to thirty writes and queries, in their order; each stands alone."""
    items: list[dict[str, Any]] = []
    for entry in inputs.get("items") or []:
        if entry.get("query"):
            items.append({"Query": str(entry["query"])})
            continue
        kind = KINDS.get(text(entry.get("entity")))
        if kind is None:
            raise needed("items", "Kind of record of each item")
        operation = text(entry.get("operation")) or "create"
        items.append({"operation": operation, kind.name: written(entry.get("record") or {})})
    return {"results": [_outcome(answer) for answer in _batch(context, items)]}


def _outcome(answer: Any) -> dict[str, Any]:
    if isinstance(answer, VendorError):
        return {
            "ok": False,
            "error": {"code": answer.code, "message": answer.detail or answer.message},
        }
    if isinstance(answer, ConnectorError):
        raise answer
    rows = pick(answer, "/QueryResponse")
    if isinstance(rows, dict):
        return {"ok": True, "rows": next((v for v in rows.values() if isinstance(v, list)), [])}
    record = next(value for value in answer.values() if isinstance(value, dict))
    return {"ok": True, "record": record, "id": str(record.get("Id", ""))}


def _batch(context: OperationContext, items: list[dict[str, Any]]) -> list[Any]:
    """Answers in the order of ``items``, matched by their number and not by their place."""
    body = {
        "BatchItemRequest": [{"bId": str(n), **item} for n, item in enumerate(items, 1)],
    }
    key = context.idempotency_key
    query = {"requestid": key[:_REQUEST_ID_LENGTH]} if key else {}
    document = context.send("POST", "/batch", query=query, body=body)
    answers = {str(each.get("bId")): each for each in document["BatchItemResponse"]}
    return [_answer(answers.get(str(number))) for number in range(1, len(items) + 1)]


def _answer(answer: Any) -> Any:
    if answer is None:
        return ConnectorError(
            "QuickBooks' answer does not say what became of this record.",
            code="connector.batch_item_missing",
            recovery=Recovery.RETRY,
            executed="unknown",
            hint="It is looked up before anything is sent again.",
        )
    return faults.of_document(answer) or answer
