"""Documents move the balances of accounts, and what is undone leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
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
    link,
)
from connectors.catalog.quickbooks.tests.verbs import ROWS, Row

CHECKING, UNDEPOSITED, RECEIVABLES, PAYABLES = "35", "4", "84", "33"
SALES, SHIPPING, DISCOUNTS, COST, STOCK, CARD, TAX = "79", "85", "86", "80", "81", "41", "89"
Moves = dict[str, Decimal]


def balances(books: Books) -> Moves:
    rows = books.query("select * from Account where Active in (true, false) maxresults 1000")
    return {row["Id"]: Decimal(str(row["CurrentBalance"])) for row in rows["Account"]}


def moved(books: Books, before: Moves) -> dict[str, str]:
    now = balances(books)
    return {
        number: f"{now[number] - before.get(number, Decimal(0)):.2f}"
        for number in now
        if now[number] != before.get(number, Decimal(0))
    }


def worth(books: Books) -> Decimal:
    """Assets and expenses less liabilities, equity and income: nothing, if the books balance."""
    rows = books.query("select * from Account where Active in (true, false) maxresults 1000")
    credit = ("Liability", "Equity", "Revenue")
    return sum(
        (
            Decimal(str(row["CurrentBalance"])) * (-1 if row["Classification"] in credit else 1)
            for row in rows["Account"]
        ),
        Decimal(0),
    )


def test_an_invoice_and_its_payment_move_receivables_income_and_money(books: Books) -> None:
    before = balances(books)
    discount = {"DetailType": "DiscountLineDetail", "Amount": 2, "DiscountLineDetail": {}}
    shipping = item_line(4, ItemRef={"value": "SHIPPING_ITEM_ID"})
    made = books.write(
        "Invoice",
        invoice(item_line(20), shipping, discount, TxnTaxDetail={"TotalTax": 1.65}),
    )
    assert moved(books, before) == {
        RECEIVABLES: "23.65",
        SALES: "20.00",
        SHIPPING: "4.00",
        DISCOUNTS: "-2.00",  # an account of income, which a discount lowers
        TAX: "1.65",
    }
    line = {"Amount": 10, "LinkedTxn": [link("Invoice", made)]}
    paid = {"CustomerRef": {"value": "1"}, "TotalAmt": 10, "Line": [line]}
    books.write("Payment", paid)
    found = moved(books, before)
    assert (found[RECEIVABLES], found[UNDEPOSITED]) == ("13.65", "10.00")
    assert books.read("Customer", "1")["Balance"] == Decimal("13.65")


def test_goods_that_are_sold_leave_the_stock_at_their_cost(books: Books) -> None:
    before = balances(books)
    books.write(
        "SalesReceipt", {"Line": [item_line(13, ItemRef={"value": "3"}, Qty=2, UnitPrice=6.5)]}
    )
    assert moved(books, before) == {
        UNDEPOSITED: "13.00",
        SALES: "13.00",
        COST: "4.20",
        STOCK: "-4.20",
    }


def test_a_bill_and_its_payment_move_payables_stock_cost_and_money(books: Books) -> None:
    before = balances(books)
    made = books.write("Bill", bill(bought(10, "2.10"), expense(30)))
    assert moved(books, before) == {PAYABLES: "51.00", STOCK: "21.00", COST: "30.00"}
    assert books.read("Vendor", "30")["Balance"] == 51
    books.write(
        "BillPayment",
        {
            "VendorRef": {"value": "30"},
            "TotalAmt": 51,
            "PayType": "CreditCard",
            "CreditCardPayment": {"CCAccountRef": {"value": CARD}},
            "Line": [{"Amount": 51, "LinkedTxn": [link("Bill", made)]}],
        },
    )
    assert moved(books, before) == {CARD: "51.00", STOCK: "21.00", COST: "30.00"}
    assert books.read("Vendor", "30")["Balance"] == 0


def test_a_deposit_takes_payments_out_of_where_they_were_held(books: Books) -> None:
    before = balances(books)
    paid = books.write("Payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 40})
    lines = [
        {
            "DetailType": "DepositLineDetail",
            "Amount": 40,
            "LinkedTxn": [{**link("Payment", paid), "TxnLineId": "0"}],
        },
        {
            "DetailType": "DepositLineDetail",
            "Amount": 5,
            "DepositLineDetail": {"AccountRef": {"value": SALES}},
        },
    ]
    books.write("Deposit", {"DepositToAccountRef": {"value": CHECKING}, "Line": lines})
    assert moved(books, before) == {CHECKING: "45.00", SALES: "5.00", RECEIVABLES: "-40.00"}


def test_a_journal_entry_moves_what_it_names(books: Books) -> None:
    before = balances(books)
    lines = [
        {
            "DetailType": "JournalEntryLineDetail",
            "Amount": 12.5,
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account}},
        }
        for side, account in (("Debit", COST), ("Credit", CARD))
    ]
    books.write("JournalEntry", {"Line": lines})
    assert moved(books, before) == {COST: "12.50", CARD: "12.50"}


def test_an_account_above_holds_what_those_below_it_hold(books: Books) -> None:
    below = books.write(
        "Account",
        {"Name": "Till", "AccountType": "Bank", "ParentRef": {"value": CHECKING}},
    )
    assert below["FullyQualifiedName"] == "Checking:Till"
    line = item_line(10)
    books.write("SalesReceipt", {"DepositToAccountRef": {"value": below["Id"]}, "Line": [line]})
    above = books.read("Account", CHECKING)
    assert (above["CurrentBalance"], above["CurrentBalanceWithSubAccounts"]) == (0, 10)
    assert books.read("Account", below["Id"])["CurrentBalance"] == 10


def test_a_customer_above_owes_also_what_those_below_owe(books: Books) -> None:
    job = {"DisplayName": "Oven", "ParentRef": {"value": "1"}, "Job": True}
    below = books.write("Customer", job)
    books.write("Invoice", {**invoice(item_line(10)), "CustomerRef": {"value": below["Id"]}})
    above = books.read("Customer", "1")
    assert (above["Balance"], above["BalanceWithJobs"]) == (0, 10)


def test_foreign_money_moves_accounts_in_the_companys_own(books: Books) -> None:
    books.control.change_settings("quickbooks", multi_currency=True)
    customer = books.write("Customer", {"DisplayName": "Lyon", "CurrencyRef": {"value": "EUR"}})
    before = balances(books)
    books.write(
        "Invoice",
        {
            **invoice(item_line("10.01"), item_line("20.02")),
            "CustomerRef": {"value": customer["Id"]},
            "CurrencyRef": {"value": "EUR"},
            "ExchangeRate": "1.10",
        },
    )
    assert moved(books, before) == {RECEIVABLES: "33.03", SALES: "33.03"}
    assert worth(books) == 0


POSTING = [row for row in ROWS if row.has("delete")]


def made(books: Books, row: Row) -> Any:
    make: Callable[[str, Any], Any] = lambda entity, body: books.write(entity, body)  # noqa: E731
    return books.write(row.entity, row.example(make, "A-1"))


@pytest.mark.parametrize("row", POSTING, ids=[row.name for row in POSTING])
def test_the_books_balance_and_a_deleted_document_leaves_no_trace(books: Books, row: Row) -> None:
    assert worth(books) == 0
    document = made(books, row)
    moved_one = balances(books)
    assert worth(books) == 0
    books.write(row.entity, {**document, "sparse": True}, operation="update")
    assert balances(books) == moved_one, "an update that changes nothing moves nothing"
    newest = books.read(row.entity, document["Id"])
    if row.has("void"):
        how = {"operation": "void"} if row.name == "invoice" else {"include": "void"}
        body = {"Id": document["Id"], "SyncToken": newest["SyncToken"], "sparse": True}
        newest = books.write(row.entity, body, **{"operation": "update", **how})
        assert newest["TotalAmt"] == 0
        voided = balances(books)
    books.write(row.entity, {k: newest[k] for k in ("Id", "SyncToken")}, operation="delete")
    if row.has("void"):
        assert balances(books) == voided, "what is void moves nothing any more"
    if row.name in ("payment", "bill_payment"):
        return  # its example made the document that it pays
    assert set(balances(books).items()) == set(balances_of_new(books).items())


def balances_of_new(books: Books) -> Moves:
    """What a company that has done nothing holds: its first stock."""
    stock = Decimal("252.00")
    return {**dict.fromkeys(balances(books), Decimal(0)), STOCK: stock, "34": stock}
