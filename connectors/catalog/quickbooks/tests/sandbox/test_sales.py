"""Sales forms beside the invoice: receipts, estimates, credits, refunds; stock follows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.tests.sandbox.company import (
    App,
    Books,
    invoice,
    item_line,
    link,
)

LOAVES = {"ItemRef": {"value": "3"}, "Qty": 4, "UnitPrice": "6.5"}


def stock(books: Books) -> Any:
    return books.read("Item", "3")["QtyOnHand"]


def test_a_sales_receipt_is_paid_at_once_and_takes_the_goods(books: Books) -> None:
    made = books.write(
        "SalesReceipt", invoice(item_line(26, **LOAVES), PaymentMethodRef={"value": "3"})
    )
    assert (made["TotalAmt"], made["Balance"]) == (26, 0)
    assert made["DepositToAccountRef"]["name"] == "Undeposited Funds"
    assert made["PaymentMethodRef"]["name"] == "Visa"
    assert books.read("Customer", "1")["Balance"] == 0
    assert stock(books) == 116
    void = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    gone = books.write("SalesReceipt", void, operation="update", include="void")
    assert (gone["TotalAmt"], gone["PrivateNote"], stock(books)) == (0, "Voided", 120)


def test_a_sales_receipt_needs_no_customer(books: Books) -> None:
    made = books.write("SalesReceipt", {"Line": [item_line(5)]})
    assert "CustomerRef" not in made and made["TotalAmt"] == 5


def test_a_refund_needs_an_account_and_puts_the_goods_back(books: Books) -> None:
    wish = invoice(item_line(26, **LOAVES))
    assert books.fault("RefundReceipt", wish)["code"] == "2020"
    made = books.write("RefundReceipt", {**wish, "DepositToAccountRef": {"value": "35"}})
    assert (made["TotalAmt"], stock(books)) == (26, 124)


def test_an_invoice_made_from_an_estimate_closes_it_until_it_is_deleted(books: Books) -> None:
    offer = books.write("Estimate", invoice())
    assert offer["TxnStatus"] == "Pending" and books.read("Customer", "1")["Balance"] == 0
    made = books.write("Invoice", invoice(LinkedTxn=[link("Estimate", offer)]))
    closed = books.read("Estimate", offer["Id"])
    assert closed["TxnStatus"] == "Closed"
    assert closed["LinkedTxn"] == [link("Invoice", made)]
    books.write("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    assert books.read("Estimate", offer["Id"])["TxnStatus"] == "Pending"


def test_a_credit_memo_pays_an_invoice_by_a_payment_of_nothing(books: Books) -> None:
    owed = books.write("Invoice", invoice(item_line(100)))
    credit = books.write("CreditMemo", invoice(item_line(30)))
    assert (credit["Balance"], credit["RemainingCredit"]) == (30, 30)
    assert books.read("Customer", "1")["Balance"] == 70
    lines = [
        {"Amount": 30, "LinkedTxn": [link("Invoice", owed)]},
        {"Amount": 30, "LinkedTxn": [link("CreditMemo", credit)]},
    ]
    payment = {"CustomerRef": {"value": "1"}, "TotalAmt": 0, "Line": lines}
    made = books.write("Payment", payment)
    assert made["UnappliedAmt"] == 0
    assert books.read("Invoice", owed["Id"])["Balance"] == 70
    assert books.read("CreditMemo", credit["Id"])["RemainingCredit"] == 0
    assert books.read("Customer", "1")["Balance"] == 70
    assert books.fault("Payment", payment)["code"] == "6000"


def test_one_payment_pays_several_invoices_and_keeps_the_rest_as_credit(books: Books) -> None:
    first, second = (books.write("Invoice", invoice(item_line(n))) for n in (100, 50))
    lines = [
        {"Amount": 100, "LinkedTxn": [link("Invoice", first)]},
        {"Amount": 20, "LinkedTxn": [link("Invoice", second)]},
    ]
    made = books.write("Payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 130, "Line": lines})
    assert made["UnappliedAmt"] == 10
    assert books.read("Invoice", first["Id"])["Balance"] == 0
    assert books.read("Invoice", second["Id"])["Balance"] == 30
    assert books.read("Customer", "1")["Balance"] == 20
    books.write("Invoice", {"Id": second["Id"], "SyncToken": "1"}, operation="delete")
    assert books.read("Payment", made["Id"])["UnappliedAmt"] == 30


def test_automated_sales_tax_follows_the_address_and_flags_what_is_forced(books: Books) -> None:
    books.control.change_settings("quickbooks", automated_sales_tax=True)
    taxed = item_line(100, TaxCodeRef={"value": "TAX"})
    at_home = invoice(taxed, CustomerRef={"value": "3"})
    assert books.write("Invoice", at_home)["TxnTaxDetail"]["TotalTax"] == Decimal("8.25")
    sent = {**at_home, "ShipAddr": {"CountrySubDivisionCode": "ME", "City": "Portland"}}
    made = books.write("Invoice", sent)
    assert made["TotalAmt"] == Decimal("105.5") and "TaxReviewStatus" not in made
    forced = books.write("Invoice", {**sent, "TxnTaxDetail": {"TotalTax": 5}})
    assert (forced["TotalAmt"], forced["TaxReviewStatus"]) == (105, "AST_TAX_OVERRIDE")


def test_outside_the_us_prices_may_hold_the_tax_or_none_may_be_due(app: App) -> None:
    uk = app.connect_uk()
    taxed = item_line(100, TaxCodeRef={"value": "2"}, TaxInclusiveAmt=120)
    made = uk.write("Invoice", invoice(taxed, GlobalTaxCalculation="TaxInclusive"))
    assert (made["TotalAmt"], made["TxnTaxDetail"]["TotalTax"]) == (120, 20)
    wrong = item_line(100, TaxCodeRef={"value": "2"}, TaxInclusiveAmt=150)
    assert uk.fault("Invoice", invoice(wrong, GlobalTaxCalculation="TaxInclusive"))["code"] == (
        "6000"
    )
    free = uk.write("Invoice", invoice(item_line(100), GlobalTaxCalculation="NotApplicable"))
    assert free["TotalAmt"] == 100
    mixed = [item_line(10, TaxCodeRef={"value": code}) for code in ("2", "3", "4")]
    made = uk.write("Invoice", invoice(*mixed, GlobalTaxCalculation="TaxExcluded"))
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("2.5")


def test_with_several_currencies_a_document_is_in_that_of_its_customer(books: Books) -> None:
    euro = {"CurrencyRef": {"value": "EUR"}}
    assert books.fault("Customer", {"DisplayName": "Kiln SARL", **euro})["code"] == "6000"
    assert books.fault("Invoice", invoice(**euro))["code"] == "6000"
    books.control.change_settings("quickbooks", multi_currency=True)
    abroad = books.write("Customer", {"DisplayName": "Kiln SARL", **euro})
    wish = invoice(item_line(100), CustomerRef={"value": abroad["Id"]})
    assert books.fault("Invoice", wish)["code"] == "2020"
    assert books.fault("Invoice", {**wish, "CurrencyRef": {"value": "USD"}})["code"] == "6000"
    made = books.write("Invoice", {**wish, **euro})
    assert (made["ExchangeRate"], made["HomeTotalAmt"]) == (Decimal("1.1"), 110)
    again = books.write("Invoice", {**wish, **euro, "ExchangeRate": "1.25"})
    assert (again["HomeTotalAmt"], again["HomeBalance"]) == (125, 125)


def test_custom_fields_are_those_of_the_company(books: Books) -> None:
    made = books.write(
        "Invoice", invoice(CustomField=[{"DefinitionId": "1", "StringValue": "100045"}])
    )
    assert made["CustomField"] == [
        {
            "DefinitionId": "1",
            "Name": "Shop order",
            "Type": "StringType",
            "StringValue": "100045",
        },
        {"DefinitionId": "2", "Name": "Sales channel", "Type": "StringType"},
    ]
    unknown = invoice(CustomField=[{"DefinitionId": "9", "StringValue": "x"}])
    assert books.fault("Invoice", unknown)["code"] == "2010"
    prefs = books.query("select * from Preferences")["Preferences"][0]
    assert "Shop order" in str(prefs["SalesFormsPrefs"]["CustomField"])


def test_a_document_is_printed_and_mailed(books: Books) -> None:
    made = books.write("Invoice", invoice())
    printed = books.call("GET", f"invoice/{made['Id']}/pdf")
    assert printed.body.startswith(b"%PDF-") and printed.body.rstrip().endswith(b"%%EOF")
    assert printed.headers["content-type"] == "application/pdf"
    sent = books.call("POST", f"invoice/{made['Id']}/send", sendTo="ap@harborlane.example")
    after = sent.document()["Invoice"]
    assert (after["EmailStatus"], after["BillEmail"]["Address"]) == (
        "EmailSent",
        "ap@harborlane.example",
    )
    nobody = books.write("Invoice", invoice(CustomerRef={"value": "3"}, BillEmail=None))
    books.control.change_settings("quickbooks", unknown_properties="ignore")
    assert books.call("GET", "customer/1/pdf").status == 400
    assert nobody["EmailStatus"] == "NotSet"


def test_a_refusal_can_come_with_status_200(books: Books) -> None:
    books.control.fault_on("quickbooks", "fault_in_success", times=1)
    answer = books.call("POST", "invoice", {"CustomerRef": {"value": "1"}})
    assert (answer.status, answer.document()["Fault"]["Error"][0]["code"]) == (200, "2020")
    assert books.call("POST", "invoice", {"CustomerRef": {"value": "1"}}).status == 400
