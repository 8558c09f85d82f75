"""Questions about many records at once: queries, change data capture, batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.catalog.quickbooks.sandbox import checks, seed
from connectors.catalog.quickbooks.sandbox import query as queries
from connectors.catalog.quickbooks.sandbox.company import PACIFIC, Company, EntityRules
from connectors.catalog.quickbooks.sandbox.errors import (
    Fault,
    business,
    missing,
    unsupported_operation,
)
from connectors.sandbox_kit.vendor import Call

Write = Callable[[Company, EntityRules, Mapping[str, Any], Mapping[str, str]], dict[str, Any]]
MAX_BATCH = 30
_LOOK_BACK = timedelta(days=30)
_NO_CDC = ("TaxCode", "TaxRate", "TaxAgency", "CompanyInfo", "Preferences", "Attachable")


def query(company: Company, statement: str) -> dict[str, Any]:
    """Content of ``QueryResponse``."""
    asked = queries.parse(statement)
    if asked.entity.name == "Preferences":
        found = [seed.preferences(company)]
        return {"Preferences": found, "startPosition": 1, "maxResults": 1}
    return queries.run(company, statement)


def capture(company: Company, call: Call) -> list[dict[str, Any]]:
    """What changed since a time, deleted records as stubs (fact sheet A7)."""
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


def batch(company: Company, body: Mapping[str, Any], write: Write) -> list[dict[str, Any]]:
    """A result for each item, in their order (fact sheet A10)."""
    items = checks.shaped(company, "batch", "batch", body).get("BatchItemRequest")
    if not isinstance(items, list) or not items:
        raise missing("BatchItemRequest")
    if len(items) > MAX_BATCH:
        raise Fault(
            "1040",
            "Batch is too big",
            f"The batch has {len(items)} items; the maximum is {MAX_BATCH}.",
        )
    return [_batch_item(company, item, write) for item in items]


def _batch_item(company: Company, item: Mapping[str, Any], write: Write) -> dict[str, Any]:
    """Result of one item; each stands alone, a refused one undoes only itself."""
    number = {"bId": item.get("bId")}
    try:
        with company.ledger.savepoint():
            entity, body = _subject(company, item)
            if entity is None:
                return {**number, "QueryResponse": query(company, str(item["Query"]))}
            return {**number, entity.name: write(company, entity, body, _options(item))}
    except Fault as fault:
        return {**number, "Fault": fault.document}


def _subject(
    company: Company, item: Mapping[str, Any]
) -> tuple[EntityRules | None, Mapping[str, Any]]:
    """The one record that an item is about, or None for a query; other members are refused."""
    found = []
    rest = dict(item)
    for name, body in item.items():
        entity = checks.rules_of(name)
        if entity is not None and isinstance(body, dict):
            found.append((entity, rest.pop(name)))
    known = checks.shaped(company, "batch_item", "BatchItemRequest", rest)
    if len(found) + ("Query" in known) != 1:
        raise unsupported_operation(f"batch item {item.get('bId')}")
    return found[0] if found else (None, {})


def _options(item: Mapping[str, Any]) -> dict[str, str]:
    operation = str(item.get("operation", "")).lower()
    if operation not in ("create", "update", "delete"):
        raise unsupported_operation(f"batch operation {operation}")
    return {
        "operation": "delete" if operation == "delete" else "",
        "include": str(item.get("optionsData") or "").lower(),
    }
