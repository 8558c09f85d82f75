"""Statements of QuickBooks' query language, pages of rows, and records found by what names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors.catalog.quickbooks.hooks.entities import Kind, folded, kind_of, text
from connectors.sdk import ConnectorError, OperationContext, Recovery, needed

SKUS_PER_QUERY = 30
PAGE = 1000
_OPERATORS = ("=", "<", ">", "<=", ">=", "like", "in")
_USUAL_LIMIT, _MOST = 100, 10_000


def quoted(value: Any) -> str:
    """A text of the query language; quotes and backslashes inside are escaped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


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


def rows_of(context: OperationContext, statement: str) -> list[dict[str, Any]]:
    """Rows of a statement, as a call of the operation ``query``."""
    rows: list[dict[str, Any]] = context.call("query", {"statement": statement})["rows"]
    return rows


def columns(kind: Kind) -> str:
    """What to select; “select *” alone does not always return an item's Sku."""
    return "*, Sku" if kind.name == "Item" else "*"


def list_records(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Records that meet all conditions, page by page, at most ``limit``."""
    kind = kind_of(context)
    limit = min(int(inputs.get("limit") or _USUAL_LIMIT), _MOST)
    where = _where(inputs)
    order = text(inputs.get("order_by"))
    order = f" orderby {order}{' desc' if inputs.get('descending') else ''}" if order else ""
    found: dict[str, dict[str, Any]] = {}
    while len(found) < limit:
        size = min(PAGE, limit - len(found))
        page = rows_of(
            context,
            f"select {columns(kind)} from {kind.name}{where}{order}"
            f" startposition {len(found) + 1} maxresults {size}",
        )
        fresh = {str(row["Id"]): row for row in page if str(row["Id"]) not in found}
        if page and not fresh:
            raise ConnectorError(
                "QuickBooks gives the same page again and again.",
                code="connector.paging_endless",
                recovery=Recovery.GIVE_UP,
                hint="Narrow the search with a condition, and tell QuickBooks' support.",
            )
        found |= fresh
        if len(page) < size:
            break
    return {"items": list(found.values()), "count": len(found)}


def _where(inputs: Mapping[str, Any]) -> str:
    conditions = [_condition(entry) for entry in inputs.get("conditions") or []]
    if inputs.get("changed_since"):
        since = str(inputs["changed_since"])
        try:
            datetime.fromisoformat(since)
        except ValueError:
            raise _wrong(f"“{since}” is not a time.") from None
        conditions.append(f"MetaData.LastUpdatedTime >= {quoted(since)}")
    if inputs.get("inactive_too"):
        conditions.append("Active in (true, false)")
    return f" where {' and '.join(conditions)}" if conditions else ""


def _condition(entry: Mapping[str, Any]) -> str:
    field, operator = text(entry.get("field")), folded(entry.get("operator") or "=")
    value = entry.get("value")
    if not field or not all(part.isidentifier() for part in field.split(".")):
        raise _wrong(f"“{field}” is not the name of a field.")
    if operator not in _OPERATORS:
        raise _wrong(f"“{operator}” is not one of {', '.join(_OPERATORS)}.")
    if operator == "in":
        values = value if isinstance(value, list) else [value]
        return f"{field} in ({', '.join(quoted(each) for each in values)})"
    return f"{field} {operator} {quoted('' if value is None else value)}"


def _wrong(what: str) -> ConnectorError:
    return ConnectorError(
        f"The condition cannot be asked of QuickBooks: {what}",
        code="quickbooks.condition",
        recovery=Recovery.FIX_DATA,
        hint="Correct the condition of the step.",
    )


def result(record: dict[str, Any] | None) -> dict[str, Any]:
    """What every search answers."""
    return {
        "found": record is not None,
        "record": record,
        "id": str(record["Id"]) if record else "",
    }


def find_record(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The oldest record that one of its natural keys names; the keys are tried in their order."""
    kind = kind_of(context)
    if not any(text(inputs.get(name)) for name, _ in kind.keys):
        raise needed(kind.keys[0][0], " or ".join(name for name, _ in kind.keys))
    for name, field in kind.keys:
        wanted = text(inputs.get(name))
        if wanted:
            found = rows_of(
                context, f"select * from {kind.name} where {field} = {quoted(wanted)} orderby Id"
            )
            if found:
                return result(found[0])
    return result(None)


def find_party(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The customer or vendor with that e-mail, else the one with that display name.

    Of several with one e-mail, the one that bears the name wins, then the oldest.
    Names are unique without regard to letter case.
    """
    entity = kind_of(context).name
    email, name = text(inputs.get("email")), text(inputs.get("display_name"))
    if not email and not name:
        raise needed("email", "E-mail or display name")
    if email:
        found = rows_of(
            context,
            f"select * from {entity} where PrimaryEmailAddr = {quoted(email)}"
            " orderby Id startposition 1 maxresults 100",
        )
        named = [row for row in found if name and folded(row.get("DisplayName")) == folded(name)]
        if named or found:
            return result((named or sorted(found, key=_number))[0])
    if name:
        found = rows_of(context, f"select * from {entity} where DisplayName = {quoted(name)}")
        if found:
            return result(found[0])
    return result(None)


def find_items_by_sku(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Items of the SKUs in the order asked for, and the SKUs that no active item has."""
    skus = _distinct(inputs.get("skus"))
    by_sku: dict[str, dict[str, Any]] = {}
    for start in range(0, len(skus), SKUS_PER_QUERY):
        wanted = ", ".join(quoted(sku) for sku in skus[start : start + SKUS_PER_QUERY])
        for row in rows_of(
            context, f"select *, Sku from Item where Sku in ({wanted}) maxresults 1000"
        ):
            if row.get("Active", True):
                by_sku.setdefault(text(row.get("Sku")), row)
    return {
        "items": [by_sku[sku] for sku in skus if sku in by_sku],
        "missing": [sku for sku in skus if sku not in by_sku],
    }


def find_item(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The item with that SKU, else the one with that name."""
    sku, name = text(inputs.get("sku")), text(inputs.get("name"))
    if not sku and not name:
        raise needed("sku", "SKU or name")
    for field, value in (("Sku", sku), ("Name", name)):
        if value:
            rows = rows_of(context, f"select *, Sku from Item where {field} = {quoted(value)}")
            if rows:
                return result(rows[0])
    return result(None)


def _number(row: Mapping[str, Any]) -> int:
    number = str(row.get("Id", ""))
    return int(number) if number.isdigit() else 0


def _distinct(values: Any) -> list[str]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        values = [values]
    return list(dict.fromkeys(found for value in values if (found := text(value))))
