"""Every field that can be written is kept, for every kind of record."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connectors.catalog.quickbooks.sandbox import checks
from connectors.catalog.quickbooks.tests.sandbox.company import App, Books, link
from connectors.catalog.quickbooks.tests.verbs import ROWS, Body, Row
from connectors.testing.documents import kept

REFERENCES = {
    "Account": "35",
    "Class": "1",
    "Customer": "2",
    "Department": "2",
    "Item": "4",
    "PaymentMethod": "3",
    "TaxCode": "TAX",
    "Term": "3",
    "Vendor": "31",
}
SHAPES: dict[str, Body] = {
    "ref": {"value": "1", "name": "One"},
    "phone": {"FreeFormNumber": "555-0134"},
    "web": {"URI": "https://harborlane.example"},
    "memo": {"value": "Thank you"},
    "tax": {"TotalTax": Decimal("1.65")},
    "contact": {"Type": "TelephoneNumber", "Telephone": {"FreeFormNumber": "555"}},
    "group": {"ItemGroupLine": [{"ItemRef": {"value": "10"}, "Qty": 2}]},
    "card": {"CreditChargeInfo": {"Type": "Visa", "CcExpiryMonth": 5, "CcExpiryYear": 2030}},
    "check": {"CheckNum": "77", "AcctNum": "12"},
    "cash_back": {"AccountRef": {"value": "4"}, "Amount": 3, "Memo": "Till"},
}
# What other fields forbid, or what says where a document came from (it is tried elsewhere).
LEFT_OUT = {
    "Item": {"SubItem", "ItemGroupDetail", "PrintGroupedItems"},
    "Bill": {"LinkedTxn"},
    "BillPayment": {"CreditCardPayment"},
    "JournalEntry": {"TxnTaxDetail"},
    "Deposit": {"TxnTaxDetail"},
}
NOT_IN_THE_US = {"Bill", "VendorCredit", "PurchaseOrder", "Purchase"}
HOME = {"CurrencyRef": {"value": "USD"}}
NUMBERS = {"ExchangeRate": 1, "Deposit": 5, "DiscountDays": 10, "DueDays": 30, "DayOfMonthDue": 0}
ADDRESS = {
    "Line1": "12 Quay St",
    "Line2": "Rear",
    "City": "Portland",
    "CountrySubDivisionCode": "ME",
    "PostalCode": "04101",
    "Country": "USA",
}


def value_of(name: str, kind: str) -> Any:
    word, _, rest = kind.partition(" ")
    match word:
        case "text":
            return f"{name} 7"[: int(rest or 20)]
        case "number":
            return NUMBERS.get(name, Decimal("3.5"))
        case "bool":
            return True
        case "date":
            return "2026-05-06"
        case "enum":
            return rest.split("|")[0]
        case "ref":
            return {"value": REFERENCES[rest]}
        case "currency":
            return {"value": "USD"}
        case "email":
            return {"Address": "ap@harborlane.example"}
        case "address":
            return ADDRESS
        case "custom":
            return [{"DefinitionId": "1", "StringValue": "100045"}]
        case "party":
            return {"value": "31", "type": "Vendor"}
        case "shape":
            return SHAPES[rest]
    raise LookupError(f"{name}: {kind}")


def everything(row: Row, make: Callable[[str, Body], Body]) -> Body:
    """The example with a value in every other field that a client may write."""
    rules = checks.rules_of(row.entity)
    assert rules is not None
    body = row.example(make, "R-9")
    for name, kind in rules.fields.items():
        if kind.endswith(" ro") or kind == "list" or name in body:
            continue
        if name in LEFT_OUT.get(row.entity, ()):
            continue
        if name == "TxnTaxDetail" and row.entity in NOT_IN_THE_US:
            continue
        body[name] = value_of(name, kind)
    return body


WRITTEN = [row for row in ROWS if row.has("update")]


@pytest.mark.parametrize("row", WRITTEN, ids=[row.name for row in WRITTEN])
def test_every_field_that_is_written_is_kept(books: Books, row: Row) -> None:
    books.control.change_settings("quickbooks", multi_currency=True)
    body = everything(row, lambda entity, given: books.write(entity, {**given, **HOME}))
    made = books.write(row.entity, body)
    if body.get("TaxIdentifier"):
        assert made["TaxIdentifier"].startswith("XXXXX"), "it is masked"
        body.pop("TaxIdentifier")
    if "Line" in body and row.entity == "Invoice":
        assert made["Balance"] == made["TotalAmt"] - 5
    lost = {name: (value, made.get(name)) for name, value in body.items()}
    lost = {name: pair for name, pair in lost.items() if not kept(*pair, unless=("name",))}
    assert lost == {}
    read = books.read(row.entity, made["Id"])
    assert read == made
    again = books.write(row.entity, {**read, "sparse": False})
    changed = {name for name in made if again.get(name) != made[name]}
    assert changed <= {"SyncToken", "MetaData"}


def test_a_bill_keeps_the_order_it_came_from_with_its_lines(books: Books) -> None:
    row = next(row for row in ROWS if row.name == "purchase_order")
    order = books.write("PurchaseOrder", row.example(lambda e, b: b, "PO-1"))
    bill = next(row for row in ROWS if row.name == "bill").example(lambda e, b: b, "B-1")
    named = {**link("PurchaseOrder", order), "TxnLineId": "1"}
    bill["Line"][0]["LinkedTxn"] = [named]
    made = books.write("Bill", bill)
    assert made["Line"][0]["LinkedTxn"] == [named]
    assert books.read("PurchaseOrder", order["Id"])["POStatus"] == "Closed"
    assert books.write("Bill", {**made, "sparse": False})["Line"] == made["Line"]


def test_outside_the_us_lines_keep_their_tax_codes_and_what_they_hold(app: App) -> None:
    uk = app.connect_uk()
    detail = {"ItemRef": {"value": "10"}, "TaxCodeRef": {"value": "2"}, "TaxInclusiveAmt": 120}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 100, "SalesItemLineDetail": detail}
    wish = {"CustomerRef": {"value": "1"}, "GlobalTaxCalculation": "TaxInclusive", "Line": [line]}
    made = uk.write("Invoice", wish)
    assert kept(wish, made, unless=("name",))
    assert (made["TotalAmt"], made["TxnTaxDetail"]["TotalTax"]) == (120, 20)
    again = uk.write("Invoice", {**made, "sparse": False})
    assert {k: v for k, v in again.items() if k not in ("SyncToken", "MetaData")} == {
        k: v for k, v in made.items() if k not in ("SyncToken", "MetaData")
    }
