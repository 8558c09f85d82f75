"""The companies a new sandbox starts with (fact sheet, "Simulator checklist")."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from connectors.catalog.quickbooks.sandbox import accounts, lists
from connectors.catalog.quickbooks.sandbox.company import PACIFIC, Company, rules, seed_file
from connectors.sandbox_kit.ledger import Ledger

_LISTS = ("Account", "Term", "PaymentMethod", "Class", "Department", "Item", "Customer", "Vendor")
_REALM_DIGITS = 12


def realm_id(instance: str, number: int) -> str:
    """Company id, another one for every instance, so that a mix-up is noticed."""
    digest = hashlib.sha256(f"{instance}:{number}".encode()).hexdigest()
    return "9341" + str(int(digest, 16))[:_REALM_DIGITS]


def seed_companies(ledger: Ledger) -> None:
    for number, description in enumerate(seed_file("company.json")["companies"]):
        _seed_company(Company(ledger, realm_id(ledger.instance, number)), description)


def _seed_company(company: Company, description: Mapping[str, Any]) -> None:
    seed = seed_file("company.json")
    info = {
        "CompanyName": description["name"],
        "LegalName": description["name"],
        "Country": description["country"],
        "CurrencyRef": {"value": description["currency"]},
        "FiscalYearStartMonth": "January",
        "CompanyAddr": description["address"],
        "Email": {"Address": "owner@demo-company.example"},
        "NameValue": [{"Name": "NeoEnabled", "Value": "true"}],
        "Id": company.realm,
    }
    _keep(company, "CompanyInfo", info)
    tax = seed["tax"][description["country"]]
    _keep(company, "TaxAgency", {"Id": "1", **tax["agency"]})
    for rate in tax["TaxRate"]:
        _keep(company, "TaxRate", {**rate, "Active": True, "AgencyRef": {"value": "1"}})
    for code in tax["TaxCode"]:
        _keep(company, "TaxCode", _tax_code(code))
    for entity in _LISTS:
        for row in seed[entity]:
            fields = {name: value for name, value in row.items() if name != "Id"}
            for name, kind in rules()[entity.lower()].fields.items():
                if name in fields and kind.startswith("ref "):
                    target = company.get(kind[4:], fields[name]["value"])
                    fields[name] = {"value": target["Id"], "name": target["Name"]} if target else {}
            complete = lists.complete(company, rules()[entity.lower()], fields, None)
            _keep(company, entity, {**complete, "Id": row["Id"]})
            if complete.get("Type") == "Inventory":
                accounts.open_stock(company, complete)
        highest = max(int(row["Id"]) for row in seed[entity])
        company.ledger.count_from(f"{company.realm}:{entity}", max(highest, 57))
    company.ledger.count_from(f"{company.realm}:Txn", 144)


def _tax_code(code: Mapping[str, Any]) -> dict[str, Any]:
    details = [
        {"TaxRateRef": {"value": rate}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
        for rate in code["rates"]
    ]
    return {
        **{name: value for name, value in code.items() if name not in ("rates", "on_purchases")},
        "Active": True,
        "SalesTaxRateList": {"TaxRateDetail": details},
        "PurchaseTaxRateList": {"TaxRateDetail": details if code["on_purchases"] else []},
    }


def _keep(company: Company, entity: str, body: Mapping[str, Any]) -> None:
    now = company.ledger.now().astimezone(PACIFIC).isoformat(timespec="seconds")
    company.store(
        entity,
        {
            **body,
            "domain": "QBO",
            "sparse": False,
            "SyncToken": "0",
            "MetaData": {"CreateTime": now, "LastUpdatedTime": now},
        },
    )


def preferences(company: Company) -> dict[str, Any]:
    """The Preferences object; its switches are settings of the sandbox."""
    setting = company.ledger.setting
    return {
        "SalesFormsPrefs": {
            "CustomTxnNumbers": setting("custom_txn_numbers"),
            "AllowShipping": setting("allow_shipping"),
            "AllowDiscount": setting("allow_discount"),
            "AllowDeposit": True,
            "DefaultTerms": {"value": "3"},
            "CustomField": _custom_fields(company),
        },
        "TaxPrefs": {
            "UsingSalesTax": True,
            "PartnerTaxEnabled": setting("automated_sales_tax") and company.is_us,
        },
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": setting("multi_currency"),
            "HomeCurrency": company.info()["CurrencyRef"],
        },
        "OtherPrefs": {
            "NameValue": [
                {
                    "Name": "WarnDuplicateDocNumber",
                    "Value": str(setting("warn_duplicate_docnumber")).lower(),
                }
            ]
        },
        "domain": "QBO",
        "sparse": False,
        "Id": "1",
        "SyncToken": "0",
        "MetaData": company.info()["MetaData"],
    }


def _custom_fields(company: Company) -> list[dict[str, Any]]:
    """Definitions of the custom fields of sales forms, as Preferences tells them."""
    defined = company.ledger.setting("custom_fields")
    used = [
        {
            "Type": "BooleanType",
            "Name": f"SalesFormsPrefs.UseSalesCustom{entry['DefinitionId']}",
            "BooleanValue": True,
        }
        for entry in defined
    ]
    named = [
        {
            "Type": "StringType",
            "Name": f"SalesFormsPrefs.SalesCustomName{entry['DefinitionId']}",
            "StringValue": entry["Name"],
        }
        for entry in defined
    ]
    return [{"CustomField": used}, {"CustomField": named}] if defined else []
