"""Nothing that is sent is dropped in silence: unknown members, clauses, parameters, values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.catalog.quickbooks.tests.sandbox.company import (
    Books,
    bill,
    bought,
    expense,
    invoice,
    item_line,
)

PAID = {"CustomerRef": {"value": "1"}, "TotalAmt": 5}
TAXED = {"TotalTax": 1, "TaxLine": [{"Amount": 1, "DetailType": "TaxLineDetail"}]}


def journal(**detail: Any) -> dict[str, Any]:
    lines = [
        {
            "DetailType": "JournalEntryLineDetail",
            "Amount": 5,
            "JournalEntryLineDetail": {
                "PostingType": side,
                "AccountRef": {"value": "80"},
                **detail,
            },
        }
        for side in ("Debit", "Credit")
    ]
    return {"Line": lines}


@pytest.mark.parametrize(
    ("entity", "document", "where"),
    [
        ("Invoice", invoice(Colour="red"), "Colour"),
        ("Invoice", invoice({**item_line(5), "Shade": 1}), "Line.Shade"),
        ("Invoice", invoice(item_line(5, Tint=1)), "Line.SalesItemLineDetail.Tint"),
        ("Invoice", invoice(item_line(5, ItemRef={"value": "10", "id": "1"})), "ItemRef.id"),
        ("Invoice", invoice(item_line(5, DiscountRate=10)), "DiscountRate"),
        ("Invoice", invoice(CustomerRef={"value": "1", "Id": "1"}), "CustomerRef.Id"),
        ("Invoice", invoice(BillEmail={"Mail": "a@b.example"}), "BillEmail.Mail"),
        ("Invoice", invoice(TxnTaxDetail={"TotalTax": 1, "Rate": 7}), "TxnTaxDetail.Rate"),
        (
            "Invoice",
            invoice(TxnTaxDetail={"TaxLine": [{"Amount": 1, "Percent": 7}]}),
            "TxnTaxDetail.TaxLine.Percent",
        ),
        (
            "Invoice",
            invoice(TxnTaxDetail={"TaxLine": [{"Amount": 1, "TaxLineDetail": {"Rate": 7}}]}),
            "TxnTaxDetail.TaxLine.TaxLineDetail.Rate",
        ),
        ("Invoice", invoice(LinkedTxn=[{"TxnId": "1", "Kind": "Estimate"}]), "LinkedTxn.Kind"),
        ("Invoice", invoice(CustomField=[{"DefinitionId": "1", "Text": "x"}]), "CustomField.Text"),
        ("Payment", {**PAID, "Line": [{"Amount": 5, "Invoice": "1"}]}, "Line.Invoice"),
        ("Payment", {**PAID, "CreditCardPayment": {"Card": 1}}, "CreditCardPayment.Card"),
        ("Payment", {**PAID, "CreditCardPayment": {"CreditChargeInfo": {"Cvv": 1}}}, "Info.Cvv"),
        (
            "BillPayment",
            {
                "VendorRef": {"value": "30"},
                "TotalAmt": 1,
                "PayType": "Check",
                "CheckPayment": {"Account": "35"},
            },
            "CheckPayment.Account",
        ),
        ("Bill", bill(bought(1, 2, Weight=3)), "Line.ItemBasedExpenseLineDetail.Weight"),
        ("Bill", bill(expense(1, MarkupInfo={"Up": 3})), "MarkupInfo.Up"),
        ("JournalEntry", journal(Side="left"), "Line.JournalEntryLineDetail.Side"),
        ("JournalEntry", journal(Entity={"Kind": "Vendor"}), "Entity.Kind"),
        ("JournalEntry", journal(TaxAmount=3), "TaxAmount"),
        ("Vendor", {"DisplayName": "V", "OtherContactInfo": {"Tel": "1"}}, "OtherContactInfo.Tel"),
        ("Item", {"Name": "G", "Type": "Group", "ItemGroupDetail": {"Items": []}}, "Items"),
        (
            "Deposit",
            {
                "DepositToAccountRef": {"value": "35"},
                "CashBack": {"Sum": 1},
                "Line": [{"Amount": 5, "DepositLineDetail": {"AccountRef": {"value": "79"}}}],
            },
            "CashBack.Sum",
        ),
        ("Customer", {"Id": "1", "SyncToken": "0", "sparse": "true", "Notes": "x"}, "sparse"),
    ],
)
def test_an_unknown_member_is_refused_wherever_it_stands(
    books: Books, entity: str, document: Any, where: str
) -> None:
    error = books.fault(entity, document)
    assert error["code"] == "2010" and where in error["Detail"]


@pytest.mark.parametrize(
    ("entity", "document", "code"),
    [
        ("Invoice", invoice(ExchangeRate=2), "6000"),
        ("Invoice", invoice(LinkedTxn=[{"TxnId": "999", "TxnType": "Estimate"}]), "2500"),
        ("Invoice", invoice(LinkedTxn=[{"TxnId": "1", "TxnType": "Postcard"}]), "2170"),
        ("Invoice", invoice(item_line(5, ServiceDate="soon")), "2010"),
        ("Bill", bill(expense(5), TxnTaxDetail={"TotalTax": 1}), "6000"),
        (
            "Bill",
            bill({**expense(5), "LinkedTxn": [{"TxnId": "9", "TxnType": "PurchaseOrder"}]}),
            "2500",
        ),
        (
            "Invoice",
            invoice(
                TxnTaxDetail={
                    "TaxLine": [{"Amount": 1, "TaxLineDetail": {"TaxRateRef": {"value": "99"}}}]
                }
            ),
            "2500",
        ),
        ("Invoice", invoice(Deposit=11), "6000"),
    ],
)
def test_a_value_that_could_only_be_ignored_is_refused(
    books: Books, entity: str, document: Any, code: str
) -> None:
    assert books.fault(entity, document)["code"] == code


@pytest.mark.parametrize(
    "query",
    [
        {"expand": "all"},
        {"include": "everything"},
        {"format": "xml"},
        {"minorversion": "new"},
        {"sendTo": "a@b.example"},
        {"entities": "Invoice"},
    ],
)
def test_an_unknown_parameter_or_its_value_is_refused(books: Books, query: dict[str, str]) -> None:
    answer = books.call("GET", "customer/1", **query)
    assert answer.status == 400
    assert answer.document()["Fault"]["Error"][0]["code"] == "2010"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("select Colour from Item", "4001"),
        ("select *, Colour from Item", "4001"),
        ("select * from Item where Colour = 'red'", "4001"),
        ("select * from Item orderby Colour", "4001"),
        ("select * from Item where Name = 'a' or Name = 'b'", "4000"),
        ("select * from Item where not Name = 'a'", "4000"),
        ("select * from Item where Name != 'a'", "4000"),
        ("select * from Item group by Name", "4000"),
        ("select * from Item limit 5", "4000"),
        ("select count(Name) from Item", "4000"),
        ("select * from Item, Customer", "4000"),
        ("select * from Gadget", "4001"),
        ("select * from Item maxresults 1001", "4001"),
        ("delete from Item", "4000"),
    ],
)
def test_an_unknown_clause_or_field_of_a_query_is_refused(
    books: Books, statement: str, code: str
) -> None:
    answer = books.call("GET", "query", query=statement)
    assert answer.status == 400
    assert answer.document()["Fault"]["Error"][0]["code"] == code


@pytest.mark.parametrize(
    "body",
    [
        {"BatchItemRequest": [{"bId": "1", "Query": "select * from Term"}], "Mode": "fast"},
        {"BatchItemRequest": []},
    ],
)
def test_a_batch_with_an_unknown_member_is_refused(books: Books, body: Any) -> None:
    assert books.call("POST", "batch", body).status == 400


@pytest.mark.parametrize(
    "item",
    [
        {"operation": "create", "Gadget": {"Name": "x"}},
        {"operation": "create", "Term": {"Name": "x"}, "Priority": 1},
        {"operation": "create", "Term": {"Name": "x"}, "Customer": {"DisplayName": "y"}},
        {"operation": "create", "Term": {"Name": "x"}, "Query": "select * from Term"},
        {"operation": "upsert", "Term": {"Name": "x"}},
        {},
    ],
)
def test_an_item_of_a_batch_that_is_not_understood_is_refused(books: Books, item: Any) -> None:
    body = {"BatchItemRequest": [{"bId": "1", **item}]}
    (result,) = books.call("POST", "batch", body).document()["BatchItemResponse"]
    assert result["bId"] == "1" and result["Fault"]["Error"][0]["code"] in ("500", "2010")
    assert books.query("select * from Term where Name = 'x'") == {}


def test_an_unknown_member_of_a_new_tax_code_is_refused(books: Books) -> None:
    rate = {"TaxRateName": "R", "RateValue": 1, "TaxAgencyId": "1", "TaxApplicableOn": "Sales"}
    for wish in (
        {"TaxCode": "T", "TaxRateDetails": [rate], "Colour": 1},
        {"TaxCode": "T", "TaxRateDetails": [{**rate, "Colour": 1}]},
        {"TaxCode": "T", "TaxRateDetails": [{**rate, "TaxApplicableOn": "Mondays"}]},
    ):
        assert books.call("POST", "taxservice/taxcode", wish).status == 400


def test_a_bundle_is_the_sum_of_its_lines_and_takes_their_goods(books: Books) -> None:
    bundle = books.write("Item", {"Name": "Breakfast", "Type": "Group"})
    loaves = item_line(13, ItemRef={"value": "3"}, Qty=2, UnitPrice="6.5")
    detail = {"GroupItemRef": {"value": bundle["Id"]}, "Line": [loaves, item_line(7)]}
    line = {"DetailType": "GroupLineDetail", "GroupLineDetail": detail}
    made = books.write("Invoice", invoice(line))
    assert (made["TotalAmt"], made["Line"][0]["Amount"]) == (20, 20)
    assert books.read("Item", "3")["QtyOnHand"] == 118
    assert books.fault("Invoice", invoice({**line, "Amount": 19}))["code"] == "6000"


def test_a_deposit_on_an_invoice_is_paid_already(books: Books) -> None:
    made = books.write("Invoice", invoice(item_line(100), Deposit="12.5"))
    assert (made["TotalAmt"], made["Balance"]) == (100, Decimal("87.5"))
    assert books.read("Customer", "1")["Balance"] == Decimal("87.5")
    changed = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "x"}
    assert books.write("Invoice", changed)["Balance"] == Decimal("87.5")


@pytest.mark.parametrize(
    ("term", "written", "due"),
    [
        ({"DueDays": 10}, "2026-05-04", "2026-05-14"),
        ({"DayOfMonthDue": 15}, "2026-05-04", "2026-05-15"),
        ({"DayOfMonthDue": 3}, "2026-05-04", "2026-06-03"),
        ({"DayOfMonthDue": 31}, "2026-02-04", "2026-02-28"),
        ({"DayOfMonthDue": 15, "DueNextMonthDays": 12}, "2026-05-04", "2026-06-15"),
    ],
)
def test_terms_say_when_an_invoice_is_due(books: Books, term: Any, written: str, due: str) -> None:
    made = books.write("Term", {"Name": "Ours", **term})
    wish = invoice(SalesTermRef={"value": made["Id"]}, TxnDate=written)
    assert date.fromisoformat(books.write("Invoice", wish)["DueDate"]) == date.fromisoformat(due)


def test_a_test_company_sends_forty_mails_a_day(books: Books) -> None:
    books.control.change_settings("quickbooks", emails_per_day=2)
    number = books.write("Invoice", invoice())["Id"]
    send = f"invoice/{number}/send"
    assert books.call("POST", send, sendTo="nobody").status == 400
    answers = [books.call("POST", send, sendTo="a@b.example").status for _ in range(3)]
    assert answers == [200, 200, 400]
    books.control.advance(86_401)
    fresh = books.app.connect()
    assert fresh.call("POST", send, sendTo="a@b.example").status == 200


def test_a_link_for_the_payer_comes_only_when_asked_for(books: Books) -> None:
    number = books.write("Invoice", invoice())["Id"]
    assert "InvoiceLink" not in books.read("Invoice", number)
    answer = books.call("GET", f"invoice/{number}", include="invoiceLink")
    assert answer.document()["Invoice"]["InvoiceLink"].endswith(number)
