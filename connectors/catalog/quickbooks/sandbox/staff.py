"""What people do in QuickBooks' own screens: change a record, make one, count the stock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.catalog.quickbooks.sandbox import books, checks
from connectors.catalog.quickbooks.sandbox.company import Company
from connectors.catalog.quickbooks.sandbox.errors import unsupported_operation
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import RecordRef

_OPTIONS = {"operation": "", "include": ""}


def edit(ledger: Ledger, record: RecordRef, body: Mapping[str, Any]) -> None:
    """Save a record with a new version; totals, balances and messages follow as by the API.

    The newest version is meant: a person sees the record that is changed.
    """
    company = Company(ledger, record.scope)
    entity = checks.rules_of(record.entity)
    before = company.get(record.entity, record.id) if entity else None
    if entity is None or before is None or entity.kind == "fixed":
        ledger.rewrite(record.entity, record.id, body, scope=record.scope)
        return
    given = {**body, "Id": record.id, "SyncToken": before["SyncToken"], "sparse": False}
    if entity.name == "Item" and before.get("Type") == "Inventory":
        counted = checks.number("QtyOnHand", given.pop("QtyOnHand", before["QtyOnHand"]))
        given["QtyOnHand"] = counted
        if counted != before["QtyOnHand"]:
            company.touch("Item", {**before, "QtyOnHand": counted})  # a count of the stock
    books.write(company, entity, given, _OPTIONS)


def create(ledger: Ledger, entity: str, body: Mapping[str, Any]) -> None:
    """A new record in the first company; raises Refused with QuickBooks' complaint."""
    rules = checks.rules_of(entity)
    if rules is None or rules.kind == "fixed":
        raise unsupported_operation(f"write {entity}")
    given = {name: value for name, value in body.items() if name not in ("Id", "SyncToken")}
    company = Company(ledger, ledger.setting("realm_ids")[0])
    books.write(company, rules, given, _OPTIONS)
