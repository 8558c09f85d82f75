"""What can be done with each kind of record, and an example of each: the page's table, as data."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[4] / "docs" / "connectors" / "quickbooks.md"
VERBS = ("create", "read", "update", "delete", "void", "query", "batch", "event")
YES, NOT = "yes", "not at the vendor"
Body = dict[str, Any]
Make = Callable[[str, Body], Body]  # makes another record that an example refers to


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of record; ``change`` is an update, ``missing`` the verbs the vendor lacks."""

    name: str
    entity: str
    example: Callable[[Make, str], Body]
    change: Body
    missing: tuple[str, ...] = ()
    key: tuple[str, str] = ("", "")

    def cell(self, verb: str) -> str:
        return NOT if verb in self.missing else YES

    def has(self, verb: str) -> bool:
        return verb not in self.missing


_LIST = ("delete", "void")
_FIXED = ("update", "delete", "void", "batch", "event")
_NO_VOID = ("void",)
_NOTE = {"PrivateNote": "Changed by a test"}
_NUMBER = ("doc_number", "DocNumber")
_NAME = ("name", "Name")


def sold(amount: Any = 25, **detail: Any) -> Body:
    """A sale of two red mugs."""
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "Description": "Red mug",
        "SalesItemLineDetail": {
            "ItemRef": {"value": "10"},
            "Qty": 2,
            "UnitPrice": 12.5,
            "TaxCodeRef": {"value": "NON"},
            **detail,
        },
    }


def spent(amount: Any = 30) -> Body:
    """Something bought, on the account for goods sold."""
    return {
        "DetailType": "AccountBasedExpenseLineDetail",
        "Amount": amount,
        "Description": "Clay",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "80"}},
    }


def _named(**more: Any) -> Callable[[Make, str], Body]:
    return lambda make, mark: {"Name": f"N {mark}", **more}


def _sale(**more: Any) -> Callable[[Make, str], Body]:
    return lambda make, mark: {
        "CustomerRef": {"value": "1"},
        "DocNumber": mark,
        "TxnDate": "2026-05-04",
        "Line": [sold()],
        **more,
    }


def _purchase(**more: Any) -> Callable[[Make, str], Body]:
    return lambda make, mark: {
        "VendorRef": {"value": "30"},
        "DocNumber": mark,
        "TxnDate": "2026-05-04",
        "Line": [spent()],
        **more,
    }


def _payment(make: Make, mark: str) -> Body:
    invoice = make("Invoice", _sale()(make, f"{mark}i"))
    link = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
    return {
        "CustomerRef": {"value": "1"},
        "TotalAmt": 20,
        "PaymentRefNum": mark,
        "PaymentMethodRef": {"value": "3"},
        "Line": [{"Amount": 20, "LinkedTxn": [link]}],
    }


def _bill_payment(make: Make, mark: str) -> Body:
    bill = make("Bill", _purchase()(make, f"{mark}b"))
    link = {"TxnId": bill["Id"], "TxnType": "Bill"}
    return {
        "VendorRef": {"value": "30"},
        "TotalAmt": 10,
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": "35"}},
        "DocNumber": mark,
        "Line": [{"Amount": 10, "LinkedTxn": [link]}],
    }


def _journal(make: Make, mark: str) -> Body:
    def line(side: str, account: str) -> Body:
        detail = {"PostingType": side, "AccountRef": {"value": account}}
        return {
            "DetailType": "JournalEntryLineDetail",
            "Amount": 12.5,
            "JournalEntryLineDetail": detail,
        }

    return {"DocNumber": mark, "Line": [line("Debit", "80"), line("Credit", "35")]}


def _deposit(make: Make, mark: str) -> Body:
    line = {
        "DetailType": "DepositLineDetail",
        "Amount": 40,
        "DepositLineDetail": {"AccountRef": {"value": "79"}},
    }
    return {"DocNumber": mark, "DepositToAccountRef": {"value": "35"}, "Line": [line]}


def _tax_code(make: Make, mark: str) -> Body:
    rate = {"TaxRateName": f"R {mark}", "RateValue": 12, "TaxAgencyId": "1"}
    return {"TaxCode": f"T {mark}", "TaxRateDetails": [{**rate, "TaxApplicableOn": "Sales"}]}


_PARTY = ("display_name", "DisplayName")
_DISPLAYED = {"CompanyName": "Changed Ltd"}
ROWS = (
    Row(
        "customer",
        "Customer",
        lambda make, mark: {
            "DisplayName": f"C {mark}",
            "PrimaryEmailAddr": {"Address": f"{mark}@x.example"},
        },
        _DISPLAYED,
        _LIST,
        _PARTY,
    ),
    Row("vendor", "Vendor", lambda m, k: {"DisplayName": f"V {k}"}, _DISPLAYED, _LIST, _PARTY),
    Row(
        "item",
        "Item",
        lambda make, mark: {
            "Name": f"I {mark}",
            "Sku": mark,
            "Type": "Inventory",
            "TrackQtyOnHand": True,
            "QtyOnHand": 5,
            "InvStartDate": "2026-01-01",
            "UnitPrice": 6.5,
            "IncomeAccountRef": {"value": "79"},
            "ExpenseAccountRef": {"value": "80"},
            "AssetAccountRef": {"value": "81"},
        },
        {"Description": "Changed"},
        _LIST,
        ("sku", "Sku"),
    ),
    Row(
        "account",
        "Account",
        _named(AccountType="Expense"),
        {"Description": "Changed"},
        _LIST,
        _NAME,
    ),
    Row("term", "Term", _named(DueDays=14), {"DueDays": 21}, _LIST, _NAME),
    Row(
        "payment_method",
        "PaymentMethod",
        _named(Type="CREDIT_CARD"),
        {"Active": False},
        _LIST,
        _NAME,
    ),
    Row("class", "Class", _named(), {"Active": False}, _LIST, _NAME),
    Row("department", "Department", _named(), {"Active": False}, _LIST, _NAME),
    Row("tax_code", "TaxCode", _tax_code, {}, _FIXED, _NAME),
    Row("tax_rate", "TaxRate", _named(), {}, ("create", *_FIXED), _NAME),
    Row("invoice", "Invoice", _sale(), _NOTE, (), _NUMBER),
    Row("sales_receipt", "SalesReceipt", _sale(), _NOTE, (), _NUMBER),
    Row("payment", "Payment", _payment, _NOTE, (), ("reference_number", "PaymentRefNum")),
    Row("credit_memo", "CreditMemo", _sale(), _NOTE, _NO_VOID, _NUMBER),
    Row(
        "refund_receipt",
        "RefundReceipt",
        _sale(DepositToAccountRef={"value": "35"}),
        _NOTE,
        _NO_VOID,
        _NUMBER,
    ),
    Row("estimate", "Estimate", _sale(), {"TxnStatus": "Accepted"}, _NO_VOID, _NUMBER),
    Row("bill", "Bill", _purchase(), _NOTE, _NO_VOID, _NUMBER),
    Row("bill_payment", "BillPayment", _bill_payment, _NOTE, (), _NUMBER),
    Row(
        "purchase_order",
        "PurchaseOrder",
        _purchase(APAccountRef={"value": "33"}),
        {"Memo": "Changed"},
        _NO_VOID,
        _NUMBER,
    ),
    Row("vendor_credit", "VendorCredit", _purchase(), _NOTE, _NO_VOID, _NUMBER),
    Row(
        "purchase",
        "Purchase",
        lambda make, mark: {
            "PaymentType": "Check",
            "AccountRef": {"value": "35"},
            "DocNumber": mark,
            "Line": [spent()],
        },
        _NOTE,
        _NO_VOID,
        _NUMBER,
    ),
    Row("journal_entry", "JournalEntry", _journal, _NOTE, _NO_VOID, _NUMBER),
    Row("deposit", "Deposit", _deposit, _NOTE, _NO_VOID, _NUMBER),
)


def promised() -> dict[str, dict[str, str]]:
    """What the connector's page says: by kind of record, the cell of each verb."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text().splitlines()
        if line.startswith("| ")
    ]
    first = next(number for number, row in enumerate(rows) if row == ["record", *VERBS])
    table = itertools.takewhile(lambda row: len(row) == len(VERBS) + 1, rows[first + 1 :])
    return {row[0]: dict(zip(VERBS, row[1:], strict=True)) for row in table}


def yes(entity: str) -> set[str]:
    """Verbs that the page promises of that kind of record."""
    return {verb for verb, cell in promised()[entity].items() if cell == YES}


def table() -> str:
    """The table of the connector's page."""
    rows = [
        "| record | " + " | ".join(VERBS) + " |",
        "|---|" + "---|" * len(VERBS),
        *(
            f"| {row.entity} | " + " | ".join(row.cell(verb) for verb in VERBS) + " |"
            for row in ROWS
        ),
    ]
    return "\n".join(rows)
