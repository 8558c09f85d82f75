"""Customers, vendors, items, accounts and other lists (fact sheet A4): create and update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.catalog.quickbooks.sandbox import accounts, checks, currency
from connectors.catalog.quickbooks.sandbox.company import Company, EntityRules
from connectors.catalog.quickbooks.sandbox.errors import (
    Fault,
    business,
    duplicate_name,
    missing,
    unsupported_property,
)

_NAMED = ("Customer", "Vendor", "Employee")
_NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
_STOCK_ONLY = ("AssetAccountRef", "QtyOnHand", "InvStartDate")


def complete(
    company: Company, entity: EntityRules, fields: dict[str, Any], before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """``fields`` (the whole next state) with defaults and derived fields, or a Fault."""
    own_id = before["Id"] if before else None
    if entity.kind == "names":
        return _complete_name(company, entity, fields, own_id, before)
    _check_unique(company, entity, fields, own_id)
    fields.setdefault("Active", True)
    match entity.name:
        case "Item":
            return _complete_item(company, fields, before)
        case "Account":
            return _complete_account(company, fields)
        case "Class" | "Department":
            return _complete_branch(company, entity.name, fields)
        case "PaymentMethod":
            fields.setdefault("Type", "NON_CREDIT_CARD")
        case "Term":
            fields.setdefault("Type", "STANDARD")
    return fields


def _complete_name(
    company: Company,
    entity: EntityRules,
    fields: dict[str, Any],
    own_id: str | None,
    before: Mapping[str, Any] | None,
) -> dict[str, Any]:
    name = fields.get("DisplayName")
    if not name:
        name = " ".join(str(fields[part]) for part in _NAME_PARTS if fields.get(part))
        name = name or str(fields.get("CompanyName") or "")
    if not name:
        raise missing("DisplayName")
    if any(character in name for character in ":\t\n"):
        raise business("The name must not contain a colon, a tab or a new line.")
    for other_kind in _NAMED:
        for other in company.find(other_kind, "DisplayName", name):
            if (other_kind, other["Id"]) != (entity.name, own_id):
                raise duplicate_name()
    fields["DisplayName"] = name
    fields.setdefault("Active", True)
    fields.setdefault("PrintOnCheckName", fields.get("CompanyName") or name)
    if before is None:
        currency.of_new_party(company, fields)
    else:
        fields["CurrencyRef"] = before["CurrencyRef"]  # fixed at creation
    fields.setdefault("Balance", 0)
    if entity.name == "Customer":
        parent = (
            company.get("Customer", fields["ParentRef"]["value"])
            if (fields.get("ParentRef"))
            else None
        )
        fields["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{name}" if parent else name
        fields["Level"] = parent.get("Level", 0) + 1 if parent else 0
        fields.setdefault("Taxable", True)
        fields.setdefault("Job", False)
        fields.setdefault("BillWithParent", False)
        fields.setdefault("BalanceWithJobs", 0)
        fields.setdefault("PreferredDeliveryMethod", "None")
    else:
        fields.setdefault("Vendor1099", False)
        if fields.get("TaxIdentifier") and (not before or "X" not in fields["TaxIdentifier"]):
            fields["TaxIdentifier"] = "XXXXX" + fields["TaxIdentifier"][-4:]
    return fields


def _check_unique(
    company: Company, entity: EntityRules, fields: Mapping[str, Any], own_id: str | None
) -> None:
    name = fields.get("Name")
    if not name:
        raise missing("Name")
    parent = (fields.get("ParentRef") or {}).get("value")
    for other in company.find(entity.name, "Name", name):
        if other["Id"] != own_id and (other.get("ParentRef") or {}).get("value") == parent:
            raise duplicate_name(entity.name.lower())
    number = fields.get("AcctNum")
    if entity.name == "Account" and number:
        for other in company.find("Account", "AcctNum", number):
            if other["Id"] != own_id:
                raise Fault(
                    "6480", "Account number already used", f"Account number {number} is in use."
                )


def _complete_item(
    company: Company, fields: dict[str, Any], before: Mapping[str, Any] | None
) -> dict[str, Any]:
    name = fields["Name"]
    if any(character in name for character in ':\t\n"'):
        raise business("The item name must not contain a colon, tab, new line or double quote.")
    kind = fields.get("Type") or "Service"
    fields["Type"] = kind
    if kind in ("Service", "NonInventory", "Inventory") and not fields.get("IncomeAccountRef"):
        raise missing("IncomeAccountRef")
    if kind == "Inventory":
        for wanted in ("ExpenseAccountRef", *_STOCK_ONLY):
            if fields.get(wanted) is None:
                raise missing(wanted)
        if not fields.get("TrackQtyOnHand"):
            raise missing("TrackQtyOnHand")
        _check_stock_change(company, fields, before)
    elif kind in ("Service", "NonInventory"):
        for name in _STOCK_ONLY:
            if fields.get(name) is not None:
                raise unsupported_property(f"{name} on an item of type {kind}", name)
        fields["TrackQtyOnHand"] = False
    parent = company.get("Item", fields["ParentRef"]["value"]) if fields.get("ParentRef") else None
    fields["FullyQualifiedName"] = (
        f"{parent['FullyQualifiedName']}:{fields['Name']}" if parent else fields["Name"]
    )
    if parent:
        fields["Level"] = parent.get("Level", 0) + 1
    if kind != "Category":
        fields.setdefault("UnitPrice", 0)
        fields.setdefault("PurchaseCost", 0)
        fields.setdefault("Taxable", kind != "Service")
    return fields


def _check_stock_change(
    company: Company, fields: Mapping[str, Any], before: Mapping[str, Any] | None
) -> None:
    """Stock of an existing item changes by transactions; the setting allows more."""
    if before is None or fields.get("QtyOnHand") == before.get("QtyOnHand"):
        return
    if not company.ledger.setting("quantity_on_hand_writable"):
        raise business("The quantity on hand is changed by transactions, not on the item.")


def _complete_account(company: Company, fields: dict[str, Any]) -> dict[str, Any]:
    if not fields.get("AccountType") and not fields.get("AccountSubType"):
        raise missing("AccountType")
    fields.setdefault("AccountType", "Expense")
    fields.setdefault("Classification", classification(fields["AccountType"]))
    named = fields.get("ParentRef")
    parent = company.get("Account", named["value"]) if named else None
    name = fields["Name"]
    fields["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{name}" if parent else name
    fields["SubAccount"] = parent is not None
    fields.setdefault("CurrentBalance", 0)
    fields.setdefault("CurrentBalanceWithSubAccounts", 0)
    fields.setdefault("CurrencyRef", company.info()["CurrencyRef"])
    return fields


def _complete_branch(company: Company, entity: str, fields: dict[str, Any]) -> dict[str, Any]:
    """A class or a location, which may lie under another one."""
    if ":" in fields["Name"]:
        raise business("The name must not contain a colon.")
    named = fields.get("ParentRef")
    parent = company.get(entity, named["value"]) if named else None
    name = fields["Name"]
    fields["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{name}" if parent else name
    fields["SubClass" if entity == "Class" else "SubDepartment"] = parent is not None
    return fields


def classification(account_type: str) -> str:
    if "Liability" in account_type or account_type in ("Accounts Payable", "Credit Card"):
        return "Liability"
    if account_type in ("Income", "Other Income"):
        return "Revenue"
    if account_type in ("Expense", "Other Expense", "Cost of Goods Sold"):
        return "Expense"
    return "Equity" if account_type == "Equity" else "Asset"


def create(company: Company, entity: EntityRules, body: Mapping[str, Any]) -> dict[str, Any]:
    fields = checks.writable(company, entity, body)
    fields = {name: value for name, value in fields.items() if value is not None}
    record = company.add(entity.name, complete(company, entity, fields, None))
    if record.get("Type") == "Inventory":
        accounts.open_stock(company, record)
    return record


def update(
    company: Company,
    entity: EntityRules,
    before: Mapping[str, Any],
    body: Mapping[str, Any],
) -> dict[str, Any]:
    changes = checks.writable(company, entity, body)
    after = checks.merged(entity, before, changes, sparse=body.get("sparse") is True)
    return company.change(entity.name, complete(company, entity, after, before))
