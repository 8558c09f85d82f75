"""What the practice bank does beyond what every connector does."""

from __future__ import annotations

import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from connectors import facade
from connectors.catalog.bank.tests.test_contract import TRANSFER
from connectors.testing import Bench

CAMT = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.08}"


@pytest.fixture
def bank(db: None, make: Callable[[str], Bench]) -> Bench:
    return make("bank")


def balance(bank: Bench, account: str = "acc-1") -> Decimal:
    return Decimal(bank.call("get_account", id=account).output["balance"])


def statement(bank: Bench, **inputs: Any) -> bytes:
    asked = {"account_id": "acc-1", "from": "2000-01-01", "to": "2100-01-01", **inputs}
    return base64.b64decode(bank.call("get_statement", **asked).output["base64"])


def test_a_transfer_moves_the_balance_once_per_key(bank: Bench) -> None:
    before = balance(bank)
    first = bank.call("create_transfer", "key-1", **TRANSFER)
    again = bank.call("create_transfer", "key-1", **TRANSFER)
    assert first.output["id"] == again.output["id"] == first.reference
    assert balance(bank) == before - Decimal("42.10")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": "1000000.00"}, "bank.insufficient_funds"),
        ({"amount": "0.00"}, "bank.refused"),
        ({"amount": "1.005"}, "bank.refused"),
        ({"currency": "USD"}, "bank.refused"),
        ({"creditor_iban": "nonsense"}, "bank.refused"),
        ({"account_id": "acc-9"}, "bank.not_found"),
    ],
)
def test_what_the_bank_refuses_costs_nothing_and_says_why(
    bank: Bench, change: dict[str, str], code: str
) -> None:
    before = balance(bank)
    with pytest.raises(facade.ConnectorError) as caught:
        bank.call("create_transfer", "key-1", **{**TRANSFER, **change})
    assert (caught.value.code, caught.value.executed) == (code, "no")
    assert balance(bank) == before


def test_balances_are_the_sums_of_their_transactions(bank: Bench) -> None:
    bank.call("create_transfer", "key-1", **TRANSFER)
    for account in bank.call("list_accounts").output["items"]:
        booked = bank.call("list_transactions", account_id=account["id"]).output["items"]
        total = sum(Decimal(entry["amount"]) for entry in booked)
        assert f"{total:.2f}" == account["balance"] == booked[-1]["balance_after"]


def test_both_statement_files_hold_every_transaction_of_the_period(bank: Bench) -> None:
    booked = bank.call("list_transactions", account_id="acc-1").output["items"]
    lines = statement(bank).decode().splitlines()
    assert [line.split(";")[0] for line in lines[1:]] == [entry["id"] for entry in booked]
    entries = Xml.fromstring(statement(bank, format="camt053")).iter(f"{CAMT}Ntry")
    signed = [
        (-1 if entry.findtext(f"{CAMT}CdtDbtInd") == "DBIT" else 1)
        * Decimal(entry.findtext(f"{CAMT}Amt") or "")
        for entry in entries
    ]
    assert signed == [Decimal(entry["amount"]) for entry in booked]


def test_money_that_a_person_books_is_found_by_the_poll(bank: Bench) -> None:
    first = facade.poll(bank.ref, "transaction_booked", None, inputs={})
    bank.control.call(
        "POST",
        "bank/records/transaction",
        {
            "account_id": "acc-1",
            "amount": "73.89",
            "counterparty": {"name": "Ana Silva"},
            "reference": "Invoice 7",
        },
    )
    second = facade.poll(bank.ref, "transaction_booked", first.cursor, inputs={})
    assert [event.document["amount"] for event in second.events][-1] == "73.89"


def test_what_is_booked_cannot_be_edited(bank: Bench) -> None:
    record = bank.records("transaction")[0]
    with pytest.raises(AssertionError, match="stays booked"):
        bank.control.edit_record("bank", "transaction", record["id"], {**record, "amount": "1.00"})
