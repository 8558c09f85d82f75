"""What the manifest cannot say about QuickBooks Online: its queries, its faults, its messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.sdk import (
    Event,
    HttpResponse,
    OperationContext,
    VendorError,
    needed,
)

SKUS_PER_QUERY = 30


def read_fault(response: HttpResponse) -> VendorError | None:
    """The first error of a fault envelope, in either letter case; also inside a 200 reply."""
    document = response.document()
    if not isinstance(document, Mapping):
        return None
    fault = document.get("Fault") or document.get("fault")
    if not isinstance(fault, Mapping):
        return None
    errors = fault.get("Error") or fault.get("error") or [{}]
    first = errors[0] if isinstance(errors, list) else errors
    return VendorError(
        code=str(first.get("code") or ""),
        message=str(first.get("Message") or first.get("message") or fault.get("type") or "Fault"),
        detail=str(first.get("Detail") or first.get("detail") or ""),
        field=str(first["element"]) if first.get("element") else None,
    )


def quoted(text: Any) -> str:
    """A text of the query language; quotes and backslashes inside are escaped."""
    return "'" + str(text).replace("\\", "\\\\").replace("'", "\\'") + "'"


def query(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Rows of one statement; ``count`` is set for count queries only."""
    statement = str(inputs.get("statement") or "").strip()
    if not statement:
        raise needed("statement", "Statement")
    document = context.send("GET", "/query", query={"query": statement})
    answer = (document or {}).get("QueryResponse") or {}
    # The rows stand under the entity's name, which is missing when nothing matches.
    rows = next((value for value in answer.values() if isinstance(value, list)), [])
    return {"rows": rows, "count": answer.get("totalCount")}


def _rows(context: OperationContext, statement: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = context.call("query", {"statement": statement})["rows"]
    return rows


def find_customer(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The customer with that e-mail, else the one with that display name.

    Of several customers with one e-mail, the one that bears the name wins, then the oldest.
    Names are unique without regard to letter case.
    """
    email, name = _text(inputs.get("email")), _text(inputs.get("display_name"))
    if not email and not name:
        raise needed("email", "E-mail or display name")
    if email:
        found = _rows(
            context,
            f"select * from Customer where PrimaryEmailAddr = {quoted(email)}"
            " orderby Id startposition 1 maxresults 100",
        )
        named = [row for row in found if name and _folded(row.get("DisplayName")) == _folded(name)]
        if named or found:
            return _result((named or sorted(found, key=_number))[0])
    if name:
        found = _rows(context, f"select * from Customer where DisplayName = {quoted(name)}")
        if found:
            return _result(found[0])
    return _result(None)


def same_customer(inputs: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether ``found`` can be the customer that ``inputs`` made: same name, same e-mail."""
    wanted = _text(inputs.get("DisplayName"))
    if wanted and _folded(found.get("DisplayName")) != _folded(wanted):
        return False
    email = _text((inputs.get("PrimaryEmailAddr") or {}).get("Address"))
    has = _text((found.get("PrimaryEmailAddr") or {}).get("Address"))
    return not email or _folded(email) == _folded(has)


def find_items_by_sku(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Items of the SKUs in the order asked for, and the SKUs that no active item has."""
    skus = _distinct(inputs.get("skus"))
    by_sku: dict[str, dict[str, Any]] = {}
    for start in range(0, len(skus), SKUS_PER_QUERY):
        wanted = ", ".join(quoted(sku) for sku in skus[start : start + SKUS_PER_QUERY])
        # “select *” alone does not always return Sku.
        for row in _rows(
            context, f"select *, Sku from Item where Sku in ({wanted}) maxresults 1000"
        ):
            if row.get("Active", True):
                by_sku.setdefault(_text(row.get("Sku")), row)
    return {
        "items": [by_sku[sku] for sku in skus if sku in by_sku],
        "missing": [sku for sku in skus if sku not in by_sku],
    }


def find_item(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The item with that SKU, else the one with that name."""
    sku, name = _text(inputs.get("sku")), _text(inputs.get("name"))
    if not sku and not name:
        raise needed("sku", "SKU or name")
    for field, value in (("Sku", sku), ("Name", name)):
        if value:
            rows = _rows(context, f"select *, Sku from Item where {field} = {quoted(value)}")
            if rows:
                return _result(rows[0])
    return _result(None)


def same_item(inputs: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether ``found`` can be the item that ``inputs`` made: same name, same SKU."""
    if _folded(inputs.get("Name")) != _folded(found.get("Name")):
        return False
    return not inputs.get("Sku") or _text(inputs["Sku"]) == _text(found.get("Sku"))


def find_invoice_by_number(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The invoice with that number."""
    number = _text(inputs.get("doc_number"))
    if not number:
        raise needed("doc_number", "Invoice number")
    rows = _rows(context, f"select * from Invoice where DocNumber = {quoted(number)}")
    return _result(rows[0] if rows else None)


def same_invoice(inputs: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether ``found`` is what ``inputs`` asked for: customer, number, and every line's amount.

    QuickBooks adds a subtotal line of its own, and computes totals we did not send.
    """
    if _text(found.get("DocNumber")) != _text(inputs.get("DocNumber")):
        return False
    if _text((found.get("CustomerRef") or {}).get("value")) != _text(
        (inputs.get("CustomerRef") or {}).get("value")
    ):
        return False
    if _amounts(inputs.get("Line")) != _amounts(found.get("Line")):
        return False
    tax = (inputs.get("TxnTaxDetail") or {}).get("TotalTax")
    return tax is None or _cents(tax) == _cents((found.get("TxnTaxDetail") or {}).get("TotalTax"))


def _amounts(lines: Any) -> list[tuple[str, Decimal | None]]:
    return sorted(
        (str(line.get("DetailType")), _cents(line.get("Amount")))
        for line in lines or []
        if line.get("DetailType") not in ("SubTotalLineDetail", "DescriptionOnly")
    )


def _cents(value: Any) -> Decimal:
    try:
        return Decimal(str(value if value is not None else 0)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return Decimal(-1)


def read_events(headers: Mapping[str, str], document: Any, account: str) -> list[Event]:
    """Events of this connection's company, from either form that Intuit sends.

    Intuit delivers the events of all companies of an app to one address; what belongs to other
    companies is left out here.
    """
    del headers
    events: list[Event] = []
    if isinstance(document, list):
        for entry in document:
            _, entity, verb, *_ = str(entry["type"]).split(".")
            if str(entry["intuitaccountid"]) == account:
                events.append(
                    _event(entity, entry["intuitentityid"], verb, str(entry["time"]), entry["id"])
                )
        return events
    for notification in document["eventNotifications"]:
        if str(notification["realmId"]) != account:
            continue
        for entry in notification["dataChangeEvent"]["entities"]:
            verb = _VERBS.get(str(entry["operation"]).lower(), str(entry["operation"]).lower())
            events.append(_event(entry["name"], entry["id"], verb, str(entry["lastUpdated"]), None))
    return events


_VERBS = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "merge": "merged",
    "void": "voided",
    "emailed": "emailed",
}


def _event(entity: Any, identity: Any, verb: str, at: str, event_id: Any) -> Event:
    name = str(entity).lower()
    return Event(
        entity=name,
        id=str(identity),
        revision=f"{verb} {event_id or at}",
        topic=verb,
        business_key=str(identity),
        document={
            "entity": name,
            "id": str(identity),
            "operation": verb,
            "changed_at": at,
        },
    )


def customer_options(context: OperationContext, q: str) -> list[tuple[str, str]]:
    """Customers whose display name holds ``q``."""
    return _options(context, "Customer", "DisplayName", q)


def item_options(context: OperationContext, q: str) -> list[tuple[str, str]]:
    """Items whose name holds ``q``."""
    return _options(context, "Item", "Name", q)


def account_options(context: OperationContext, q: str) -> list[tuple[str, str]]:
    """Accounts whose name holds ``q``, with their type."""
    return _options(context, "Account", "Name", q, more="AccountType")


def tax_code_options(context: OperationContext, q: str) -> list[tuple[str, str]]:
    """Tax codes whose name holds ``q``; in the US lines know only TAX and NON."""
    return _options(context, "TaxCode", "Name", q)


def term_options(context: OperationContext, q: str) -> list[tuple[str, str]]:
    """Payment terms whose name holds ``q``."""
    return _options(context, "Term", "Name", q)


def _options(
    context: OperationContext, entity: str, label: str, q: str, *, more: str = ""
) -> list[tuple[str, str]]:
    where = f" where {label} like {quoted('%' + q + '%')}" if q else ""
    rows = _rows(context, f"select * from {entity}{where} orderby {label} maxresults 100")
    return [
        (
            str(row["Id"]),
            f"{row.get(label, '')} ({row[more]})" if row.get(more) else str(row.get(label, "")),
        )
        for row in rows
    ]


def _result(record: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "found": record is not None,
        "record": record,
        "id": str(record["Id"]) if record else "",
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _folded(value: Any) -> str:
    return _text(value).casefold()


def _number(row: Mapping[str, Any]) -> int:
    text = str(row.get("Id", ""))
    return int(text) if text.isdigit() else 0


def _distinct(values: Any) -> list[str]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        values = [values]
    return list(dict.fromkeys(text for value in values if (text := _text(value))))
