"""A small bank: accounts whose balances are the sum of their transactions, and transfers."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.catalog.bank.sandbox import statements
from connectors.sandbox_kit import oauth
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import (
    Call,
    CallKind,
    Entity,
    RecordRef,
    Reply,
    Vendor,
    json_reply,
)
from connectors.sandbox_kit.words import Words


def _form(code: str, message: str, name: str | None) -> dict[str, Any]:
    trace = secrets.token_hex(6)
    return {"code": code, "message": message, "field": name, "trace_id": trace}


WORDS = Words(_form)
_SERVER = oauth.OAuthServer("Practice bank", users=False)
_PAGE = 100
_CENT = Decimal("0.01")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
_FILTERS = ("account_id", "reference", "from", "to", "since", "limit", "cursor")


@dataclass(frozen=True)
class BankSandbox(Vendor):
    """Two accounts, in euros and in dollars, with a month of business behind them."""

    slug: str = "bank"
    name: str = "Practice bank"
    entities: tuple[Entity, ...] = (
        Entity("transaction", "Transactions", creatable=True),
        Entity("account", "Accounts"),
        Entity("transfer", "Transfers"),
    )
    default_settings: Mapping[str, Any] = field(
        default_factory=lambda: {**oauth.SETTINGS, "retry_after_s": 2, "drift_field": "reference"}
    )

    def new_credentials(self, instance: str) -> dict[str, Any]:
        return _SERVER.credentials()

    def seed(self, ledger: Ledger) -> None:
        for number, (name, currency) in enumerate((("Operating", "EUR"), ("Dollar", "USD")), 1):
            account = {
                "id": f"acc-{number}",
                "name": f"{name} account",
                "iban": f"DE{20 + number}50010517540{number:07d}",
                "currency": currency,
                "balance": "0.00",
                "updated_at": _stamp(ledger),
            }
            ledger.put("account", account["id"], account)
        today = ledger.now().date()
        for days, account_id, amount, name, text, kind in (
            (28, "acc-1", "12500.00", "Opening balance", "Carried over", "transfer"),
            (28, "acc-2", "4300.00", "Opening balance", "Carried over", "transfer"),
            (21, "acc-1", "182.40", "Ana Silva", "Invoice 000000001", "transfer"),
            (14, "acc-1", "-9.90", "Practice bank", "Account fee", "fee"),
            (9, "acc-2", "250.80", "Liam O'Brien", "Order 000000002", "card"),
            (2, "acc-1", "-640.00", "Kiln Works GmbH", "Bill K-2207", "direct_debit"),
        ):
            party = {"name": name, "iban": None}
            _book(ledger, account_id, Decimal(amount), party, text, kind, today - timedelta(days))

    def kind(self, call: Call) -> CallKind:
        if call.segments[:1] != ("v1",):
            return CallKind.OTHER
        return CallKind.READ if call.method == "GET" else CallKind.WRITE

    def handle(self, call: Call, ledger: Ledger) -> Reply:
        if (answer := _SERVER.answer(call, ledger)) is not None:
            return answer
        if _SERVER.bearer(call, ledger) is None:
            raise WORDS.no_access()
        match (call.method, *call.segments):
            case ("GET", "v1", "accounts"):
                return _page(call, "accounts", ledger.all("account"))
            case ("GET", "v1", "accounts", account_id):
                return json_reply(_account(ledger, account_id))
            case ("GET", "v1", "accounts", account_id, "statement"):
                return _statement(call, ledger, account_id)
            case ("GET", "v1", "transactions"):
                return _page(call, "transactions", _transactions(call, ledger))
            case ("GET", "v1", "transfers"):
                wanted = call.param("end_to_end_id") or ""
                return json_reply({"transfers": ledger.find("transfer", "end_to_end_id", wanted)})
            case ("POST", "v1", "transfers"):
                return _transfer(call, ledger)
        raise WORDS.no_route()

    def refusal(self, fault: str, call: Call, ledger: Ledger) -> Reply:
        return WORDS.fault(fault, ledger)

    def create(self, ledger: Ledger, base_url: str, entity: str, body: Mapping[str, Any]) -> None:
        """Money comes in or goes out, as a person at the counter books it."""
        party = body.get("counterparty") or {}
        _book(
            ledger,
            _account(ledger, str(body.get("account_id", "")))["id"],
            _amount(body.get("amount")),
            {"name": str(party.get("name", "")), "iban": party.get("iban")},
            str(body.get("reference", "")),
            "transfer",
            ledger.now().date(),
        )

    def edit(
        self, ledger: Ledger, base_url: str, record: RecordRef, body: Mapping[str, Any]
    ) -> None:
        if record.entity != "account":
            raise WORDS.refused(
                409, "booked", "What is booked stays booked; book the opposite instead."
            )
        before = _account(ledger, record.id)
        kept = {"id": before["id"], "balance": before["balance"], "updated_at": _stamp(ledger)}
        ledger.put("account", record.id, {**body, **kept})


def _page(call: Call, name: str, found: list[Any]) -> Reply:
    WORDS.require_known(call, _FILTERS)
    start = _number(call, "cursor", 0)
    limit = max(1, min(_number(call, "limit", _PAGE), _PAGE))
    following = str(start + limit) if start + limit < len(found) else None
    return json_reply({name: found[start : start + limit], "next_cursor": following})


def _transactions(call: Call, ledger: Ledger) -> list[Any]:
    """In the order in which they were recorded; the filters of the query apply together."""
    found = ledger.all("transaction")
    if account_id := call.param("account_id"):
        _account(ledger, account_id)
        found = [entry for entry in found if entry["account_id"] == account_id]
    if reference := call.param("reference"):
        found = [entry for entry in found if reference in entry["reference"]]
    if earliest := call.param("from"):
        found = [entry for entry in found if entry["booked_on"] >= _day(earliest, "from")]
    if latest := call.param("to"):
        found = [entry for entry in found if entry["booked_on"] <= _day(latest, "to")]
    if since := call.param("since"):
        found = [entry for entry in found if entry["recorded_at"] >= since]
    return found


def _transfer(call: Call, ledger: Ledger) -> Reply:
    wish = WORDS.body(call)
    key = call.headers.get("idempotency-key", "")
    if key and (known := ledger.find("_key", "key", key)):
        if known[0]["wish"] != wish:
            raise WORDS.refused(409, "key_reused", "The key was used for another transfer.")
        return json_reply(ledger.get("transfer", known[0]["id"]), 201)
    for name in ("account_id", "amount", "currency", "creditor_name", "end_to_end_id"):
        if not wish.get(name):
            raise WORDS.refused(422, "missing", f"{name} is needed.", name)
    if not _IBAN.fullmatch(str(wish.get("creditor_iban", ""))):
        raise WORDS.refused(422, "iban", "creditor_iban is no IBAN.", "creditor_iban")
    amount = _amount(wish["amount"])
    account = _account(ledger, str(wish["account_id"]))
    if amount <= 0:
        raise WORDS.refused(422, "amount", "amount must be greater than zero.", "amount")
    if wish["currency"] != account["currency"]:
        raise WORDS.refused(
            422, "currency", f"The account is in {account['currency']}.", "currency"
        )
    if amount > Decimal(account["balance"]):
        raise WORDS.refused(
            422, "insufficient_funds", f"The balance is {account['balance']}.", "amount"
        )
    party = {"name": wish["creditor_name"], "iban": wish["creditor_iban"]}
    text = str(wish.get("reference", ""))
    booked = _book(ledger, account["id"], -amount, party, text, "transfer", ledger.now().date())
    transfer_id = f"trf-{ledger.next_number('transfer')}"
    transfer = {
        **wish,
        "amount": f"{amount:.2f}",
        "id": transfer_id,
        "status": "booked",
        "transaction_id": booked["id"],
    }
    keys = {"end_to_end_id": wish["end_to_end_id"]}
    ledger.put("transfer", transfer_id, transfer, keys=keys)
    if key:
        ledger.put("_key", transfer_id, {"id": transfer_id, "wish": wish}, keys={"key": key})
    return json_reply(transfer, 201)


def _book(
    ledger: Ledger,
    account_id: str,
    amount: Decimal,
    party: Mapping[str, Any],
    reference: str,
    kind: str,
    on: date,
) -> dict[str, Any]:
    account = _account(ledger, account_id)
    balance = Decimal(account["balance"]) + amount
    number = ledger.next_number("transaction")
    entry = {
        "id": f"txn-{number:06d}",
        "account_id": account_id,
        "amount": f"{amount:.2f}",
        "currency": account["currency"],
        "booked_on": on.isoformat(),
        "value_on": on.isoformat(),
        "recorded_at": _stamp(ledger),
        "counterparty": dict(party),
        "reference": reference,
        "kind": kind,
        "balance_after": f"{balance:.2f}",
    }
    ledger.put("transaction", entry["id"], entry)
    changed = {**account, "balance": f"{balance:.2f}", "updated_at": _stamp(ledger)}
    ledger.put("account", account_id, changed)
    return entry


def _statement(call: Call, ledger: Ledger, account_id: str) -> Reply:
    account = _account(ledger, account_id)
    first, last = _day(call.param("from"), "from"), _day(call.param("to"), "to")
    entries = [
        entry
        for entry in ledger.all("transaction")
        if entry["account_id"] == account_id and first <= entry["booked_on"] <= last
    ]
    match call.param("format") or "csv":
        case "csv":
            body, content_type, ending = statements.as_csv(entries), "text/csv", "csv"
        case "camt053":
            body = statements.as_camt053(account, entries, _stamp(ledger))
            content_type, ending = "application/xml", "xml"
        case other:
            raise WORDS.refused(422, "format", f"There is no format {other}.", "format")
    name = f"statement-{account_id}-{first}-{last}.{ending}"
    reply = Reply(200, body, content_type=content_type)
    return reply.with_header("Content-Disposition", f'attachment; filename="{name}"')


def _account(ledger: Ledger, account_id: str) -> dict[str, Any]:
    account: dict[str, Any] | None = ledger.get("account", account_id)
    if account is None:
        raise WORDS.refused(404, "not_found", f"There is no account {account_id}.", "account_id")
    return account


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(str(value))
        exact = amount.quantize(_CENT) == amount
    except InvalidOperation:
        exact = False
    if not exact:
        raise WORDS.refused(
            422, "amount", "amount is a number with two decimals at most.", "amount"
        )
    return amount


def _day(text: str | None, name: str) -> str:
    try:
        return date.fromisoformat(text or "").isoformat()
    except ValueError:
        raise WORDS.refused(400, "date", f"{name} is a day like 2026-03-31.", name) from None


def _number(call: Call, name: str, otherwise: int) -> int:
    text = call.param(name)
    if text and not text.isdigit():
        raise WORDS.refused(400, "number", f"{name} is a whole number.", name)
    return int(text) if text else otherwise


def _stamp(ledger: Ledger) -> str:
    return ledger.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
