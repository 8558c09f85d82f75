"""Every code of QuickBooks: made by its sandbox, told in a useful sentence with a next step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.catalog.quickbooks.tests.verbs import sold
from connectors.sdk import ConnectorError
from connectors.testing import Bench
from ipaas.core.errors import Recovery

Fails = Callable[[Bench], Any]
RETRY, FIX, AGAIN = Recovery.RETRY, Recovery.FIX_DATA, Recovery.REAUTHORISE
SALE = {"CustomerRef": {"value": "1"}, "Line": [sold()]}


@dataclass(frozen=True)
class Case:
    """What makes QuickBooks say a code, and what we make of it."""

    code: str
    fails: Fails
    name: str
    recovery: Recovery
    says: str  # part of the sentence
    next: str  # part of the next step
    field: str | None = None


def setting(**changes: Any) -> Fails:
    """Two sales of one number, with other settings."""

    def fails(books: Bench) -> Any:
        books.control.change_settings("quickbooks", **changes)
        books.call("create_invoice", "k1", **SALE, DocNumber="1037", TxnDate="2026-05-04")
        books.call("create_invoice", "k2", **SALE, DocNumber="1037", TxnDate="2026-05-04")

    return fails


def fault(name: str, times: int = 9) -> Fails:
    def fails(books: Bench) -> Any:
        books.control.fault_on("quickbooks", name, times=times)
        books.call("create_invoice", "k", **SALE)

    return fails


def invoice(**changes: Any) -> Fails:
    return lambda books: books.call("create_invoice", "k", **{**SALE, **changes})


def stale(books: Bench) -> Any:
    books.call("update_customer", "k1", id="1", changes={"Notes": "first"})
    books.call("update_customer", "k2", id="1", sync_token="0", changes={"Notes": "late"})


def overpaid(books: Bench) -> Any:
    made = books.call("create_invoice", "k", **SALE)
    line = {"Amount": 99, "LinkedTxn": [{"TxnId": made.reference, "TxnType": "Invoice"}]}
    books.call("create_payment", "p", CustomerRef={"value": "1"}, TotalAmt=99, Line=[line])


def deposited(books: Bench) -> Any:
    paid = books.call("create_payment", "p", CustomerRef={"value": "1"}, TotalAmt=9).reference
    line = {
        "DetailType": "DepositLineDetail",
        "Amount": 9,
        "LinkedTxn": [{"TxnId": paid, "TxnType": "Payment", "TxnLineId": "0"}],
    }
    books.call("create_deposit", "d", DepositToAccountRef={"value": "35"}, Line=[line])
    books.call("delete_payment", "gone", id=paid)


CASES = (
    Case(
        "6240",
        lambda books: books.call("create_customer", "k", DisplayName="Stoneware Works"),
        "duplicate_name",
        FIX,
        "of that name exists",
        "another display name",
        "DisplayName",
    ),
    Case("5010", stale, "stale", FIX, "Somebody changed this record", "newest version"),
    Case(
        "2500",
        invoice(CustomerRef={"value": "999"}),
        "bad_reference",
        FIX,
        "Names element id 999 not found",
        "Create or reactivate it",
    ),
    Case(
        "610",
        lambda books: books.call("get_invoice", id="999"),
        "not_found",
        FIX,
        "does not find this record",
        "Reactivate it",
    ),
    Case("2020", invoice(Line=[]), "field_missing", FIX, "Line is missing", "Map a value", "Line"),
    Case("2010", invoice(Colour="red"), "field_unknown", FIX, '"Colour"', "Remove", "Colour"),
    Case("6000", overpaid, "business_rule", FIX, "greater than the balance", "Correct the record"),
    Case(
        "6070",
        invoice(Line=[sold(26)]),
        "amounts_differ",
        FIX,
        "quantity times its price",
        "amount, quantity and price",
    ),
    Case(
        "6140",
        setting(warn_duplicate_docnumber=True),
        "duplicate_document_number",
        FIX,
        "DocNumber=1037",
        "skip this one",
        "DocNumber",
    ),
    Case("3200", fault("access_refused"), "unauthorised", AGAIN, "no longer accepts", "Reconnect"),
    Case("3001", fault("rate_limited"), "too_many_requests", RETRY, "limit", "wait a minute"),
    Case(
        "6210",
        setting(books_closed_until="2026-05-31"),
        "period_closed",
        FIX,
        "books are closed",
        "later date",
        "TxnDate",
    ),
    Case(
        "6190",
        fault("subscription_ended"),
        "subscription_ended",
        Recovery.GIVE_UP,
        "subscription",
        "Renew it",
    ),
    Case("120", fault("not_permitted"), "forbidden", AGAIN, "may not do that", "Reconnect it"),
    Case("6540", deposited, "deposited", FIX, "was deposited", "Take it out of the deposit"),
    Case(
        "4001",
        lambda books: books.call("list_items", conditions=[{"field": "Colour", "value": "red"}]),
        "query_wrong",
        FIX,
        "Colour",
        "only some fields can be searched",
    ),
    Case("10000", fault("server_error"), "server_trouble", RETRY, "trouble of its own", "again"),
    Case(
        "2050",
        invoice(DocNumber="X" * 22),
        "field_invalid",
        FIX,
        "Supplied length:22",
        "Correct the value",
        "DocNumber",
    ),
    Case(
        "2170",
        invoice(EmailStatus="Maybe"),
        "field_invalid",
        FIX,
        "Maybe",
        "Correct the value",
        "EmailStatus",
    ),
)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=[case.code for case in CASES])
@pytest.mark.parametrize("disguised", [False, True], ids=["400", "200"])
def test_a_code_is_told_with_its_next_step(
    make: Callable[[str], Bench], case: Case, disguised: bool
) -> None:
    books = make("quickbooks")
    if disguised:
        books.control.fault_on("quickbooks", "fault_in_success", times=9)
    with pytest.raises(ConnectorError) as caught:
        case.fails(books)
    error = caught.value
    assert (error.code, error.recovery) == (f"quickbooks.{case.name}", case.recovery)
    assert case.says in error.message
    assert error.message.endswith(".")
    assert case.next in error.hint
    assert error.hint.endswith(".")
    assert error.field == case.field
    unsure = case.code == "10000"
    assert error.executed == ("unknown" if unsure else "no")
    if case.code == "3001":
        assert error.retry_after_s == 60
    last = error.exchanges[-1]
    assert last.response is not None
    if disguised and last.response["status"] == 200:
        assert "Fault" in str(last.response), "a refusal inside a reply with status 200"


def test_all_codes_of_the_page_are_tried() -> None:
    named = {"6240", "5010", "2500", "610", "2020", "2010", "6000", "6070", "6140", "3200", "3001"}
    assert named <= {case.code for case in CASES}
