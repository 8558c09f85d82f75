"""Bills and what pays them, orders, credits, expenses, journals, deposits, attachments."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from connectors.catalog.quickbooks.tests.sandbox.company import (
    App,
    Books,
    bill,
    bought,
    expense,
    invoice,
    item_line,
    link,
)
from connectors.sandbox_kit.testing import send
from ipaas.core import jsonio


def paid_by_check(amount: Any, *lines: Any) -> dict[str, Any]:
    return {
        "VendorRef": {"value": "30"},
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": "35"}},
        "TotalAmt": amount,
        "Line": list(lines),
    }


def owed_to(books: Books) -> Any:
    return books.read("Vendor", "30")["Balance"]


def test_a_bill_brings_stock_and_is_paid_in_parts(books: Books) -> None:
    made = books.write("Bill", bill(bought(10, "2.1"), expense(9)))
    assert (made["TotalAmt"], made["Balance"], owed_to(books)) == (30, 30, 30)
    assert books.read("Item", "3")["QtyOnHand"] == 130
    part = {"Amount": 12, "LinkedTxn": [link("Bill", made)]}
    paid = books.write("BillPayment", paid_by_check(12, part))
    after = books.read("Bill", made["Id"])
    assert (after["Balance"], owed_to(books)) == (18, 18)
    assert after["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "BillPaymentCheck"}]
    void = {"Id": paid["Id"], "SyncToken": "0", "sparse": True}
    books.write("BillPayment", void, operation="update", include="void")
    assert books.read("Bill", made["Id"])["Balance"] == 30
    books.write(
        "Bill",
        {"Id": made["Id"], "SyncToken": books.read("Bill", made["Id"])["SyncToken"]},
        operation="delete",
    )
    assert (owed_to(books), books.read("Item", "3")["QtyOnHand"]) == (0, 120)


def test_a_vendor_credit_pays_a_bill(books: Books) -> None:
    owed = books.write("Bill", bill(expense(50)))
    credit = books.write("VendorCredit", bill(expense(20)))
    assert owed_to(books) == 30
    books.write(
        "BillPayment",
        paid_by_check(
            30,
            {"Amount": 50, "LinkedTxn": [link("Bill", owed)]},
            {"Amount": 20, "LinkedTxn": [link("VendorCredit", credit)]},
        ),
    )
    assert books.read("Bill", owed["Id"])["Balance"] == 0
    assert books.read("VendorCredit", credit["Id"])["Balance"] == 0
    assert owed_to(books) == 0


def test_a_bill_made_from_an_order_closes_it(books: Books) -> None:
    assert books.fault("PurchaseOrder", bill())["code"] == "2020"
    order = books.write("PurchaseOrder", bill(bought(5, 2), APAccountRef={"value": "33"}))
    assert (order["POStatus"], order["TotalAmt"], owed_to(books)) == ("Open", 10, 0)
    assert books.read("Item", "3")["QtyOnHand"] == 120
    books.write("Bill", bill(bought(5, 2), LinkedTxn=[link("PurchaseOrder", order)]))
    assert books.read("PurchaseOrder", order["Id"])["POStatus"] == "Closed"


def test_an_expense_is_paid_from_a_fitting_account(books: Books) -> None:
    wish = {"PaymentType": "CreditCard", "AccountRef": {"value": "41"}, "Line": [expense(7)]}
    made = books.write("Purchase", {**wish, "EntityRef": {"value": "31", "type": "Vendor"}})
    assert made["EntityRef"] == {"value": "31", "name": "Valley Tea Importers", "type": "Vendor"}
    assert books.fault("Purchase", {**wish, "AccountRef": {"value": "35"}})["code"] == "6000"
    assert books.fault("Purchase", {**wish, "PaymentType": "Shells"})["code"] == "2170"


def posting(side: str, amount: Any, account: str, **more: Any) -> dict[str, Any]:
    detail = {"PostingType": side, "AccountRef": {"value": account}, **more}
    return {
        "DetailType": "JournalEntryLineDetail",
        "Amount": amount,
        "JournalEntryLineDetail": detail,
    }


def test_a_journal_entry_balances_or_is_refused(books: Books) -> None:
    lines = [posting("Debit", 10, "80"), posting("Credit", 10, "35")]
    made = books.write("JournalEntry", {"Line": lines})
    assert made["TotalAmt"] == 10
    lines[0]["Amount"] = "10.01"
    assert books.fault("JournalEntry", {"Line": lines})["code"] == "6000"
    named = {"Entity": {"Type": "Customer", "EntityRef": {"value": "1"}}}
    receivable = [posting("Debit", 25, "84", **named), posting("Credit", 25, "79")]
    books.write("JournalEntry", {"Line": receivable})
    assert books.read("Customer", "1")["Balance"] == 25
    del receivable[0]["JournalEntryLineDetail"]["Entity"]
    assert books.fault("JournalEntry", {"Line": receivable})["code"] == "6000"


def test_a_deposited_payment_cannot_be_changed_until_the_deposit_is_gone(books: Books) -> None:
    paid = books.write("Payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 25})
    line = {"Amount": 25, "LinkedTxn": [{**link("Payment", paid), "TxnLineId": "0"}]}
    other = {"Amount": 5, "DepositLineDetail": {"AccountRef": {"value": "79"}}}
    wish = {"DepositToAccountRef": {"value": "35"}, "Line": [line, other]}
    made = books.write("Deposit", wish)
    assert made["TotalAmt"] == 30
    gone = {"Id": paid["Id"], "SyncToken": "0"}
    assert books.fault("Payment", gone, operation="delete")["code"] == "6540"
    assert books.fault("Deposit", wish)["code"] == "6000"
    books.write("Deposit", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    books.write("Payment", gone, operation="delete")


def test_bills_are_taxed_outside_the_us_only(app: App, books: Books) -> None:
    at_home = books.write("Bill", bill(expense(100, TaxCodeRef={"value": "TAX"})))
    assert at_home["TotalAmt"] == 100
    uk = app.connect_uk()
    assert uk.write("Bill", bill(expense(100, TaxCodeRef={"value": "2"})))["TotalAmt"] == 120
    assert uk.fault("Bill", bill(expense(100)))["code"] == "6000"


@pytest.mark.parametrize("entity", ["Class", "Department"])
def test_classes_and_locations_lie_under_each_other(books: Books, entity: str) -> None:
    made = books.write(entity, {"Name": "Fairs", "ParentRef": {"value": "1"}})
    assert made["FullyQualifiedName"].endswith(":Fairs") and made[f"Sub{entity}"] is True
    reference = {f"{entity}Ref": {"value": made["Id"]}}
    assert books.write("Invoice", invoice(**reference))[f"{entity}Ref"]["name"].endswith("Fairs")
    assert books.fault("Invoice", invoice(**{f"{entity}Ref": {"value": "99"}}))["code"] == "2500"


def test_a_tax_code_is_made_by_the_tax_service(app: App) -> None:
    uk = app.connect_uk()
    rate = {"TaxRateName": "Green 12", "RateValue": "12", "TaxAgencyId": "1"}
    wish = {"TaxCode": "Green 12", "TaxRateDetails": [{**rate, "TaxApplicableOn": "Sales"}]}
    made = uk.call("POST", "taxservice/taxcode", wish).document()
    line = item_line(100, TaxCodeRef={"value": made["TaxCodeId"]})
    assert uk.write("Invoice", invoice(line))["TotalAmt"] == 112
    assert uk.fault("TaxCode", {"Name": "By hand"})["code"] == "500"


def test_a_file_is_uploaded_linked_and_fetched(books: Books) -> None:
    made = books.write("Bill", bill())
    described = {
        "FileName": "bill.txt",
        "ContentType": "text/plain",
        "AttachableRef": [{"EntityRef": {"type": "Bill", "value": made["Id"]}}],
    }
    body = (
        b'--mark\r\nContent-Disposition: form-data; name="file_metadata_01"\r\n'
        b"Content-Type: application/json\r\n\r\n" + jsonio.dumps(described) + b"\r\n--mark\r\n"
        b'Content-Disposition: form-data; name="file_content_01"; filename="bill.txt"\r\n'
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.b64encode(b"Pay soon.")
        + b"\r\n--mark--\r\n"
    )
    headers = {
        "authorization": f"Bearer {books.tokens['access_token']}",
        "content-type": "multipart/form-data; boundary=mark",
    }
    address = f"{books.app.url}/v3/company/{books.realm}/upload"
    answer = send("POST", address, body=body, headers=headers)
    stored = answer.document()["AttachableResponse"][0]["Attachable"]
    assert stored["Size"] == 9
    assert send("GET", stored["TempDownloadUri"]).body == b"Pay soon."
    found = books.query(
        f"select * from Attachable where AttachableRef.EntityRef.value = '{made['Id']}'"
    )
    assert [row["FileName"] for row in found["Attachable"]] == ["bill.txt"]
    described["AttachableRef"][0]["EntityRef"]["value"] = "9999"  # type: ignore[index]
    assert books.fault("Attachable", described)["code"] == "2500"
