"""Routes, keys and faults of the practice payment gateway."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.catalog.payments.sandbox.till import WORDS, Till
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

_PAGE = 100
_FILTERS = ("order_reference", "payment_id", "updated_since", "limit", "starting_after")
_LISTS = {
    "payments": "payment",
    "refunds": "refund",
    "payouts": "payout",
    "disputes": "dispute",
}


@dataclass(frozen=True)
class PaymentsSandbox(Vendor):
    """A gateway with a few payments, some of them paid out."""

    slug: str = "payments"
    name: str = "Practice payment gateway"
    entities: tuple[Entity, ...] = (
        Entity("payment", "Payments"),
        Entity("refund", "Refunds"),
        Entity("payout", "Payouts", creatable=True),
        Entity("dispute", "Disputes", creatable=True),
        Entity("entry", "Entries of payouts"),
    )
    default_settings: Mapping[str, Any] = field(
        default_factory=lambda: {
            "retry_after_s": 2,
            "drift_field": "order_reference",
            "fee_per_mille": 29,
            "fee_fixed": 30,
            "dispute_fee": 1500,
        }
    )

    def new_credentials(self, instance: str) -> dict[str, Any]:
        return {"access_token": f"sk_test_{secrets.token_urlsafe(24)}"}

    def seed(self, ledger: Ledger) -> None:
        till = Till(ledger)
        for number, amount in (("000000001", 18240), ("000000002", 25080)):
            wish = {"amount": amount, "currency": "USD", "order_reference": number}
            till.pay({**wish, "customer_email": "ana.silva@shop.example"})
        till.pay_out()
        wish = {"amount": 7389, "currency": "USD", "order_reference": "000000003"}
        till.pay({**wish, "capture": False})

    def kind(self, call: Call) -> CallKind:
        return CallKind.READ if call.method == "GET" else CallKind.WRITE

    def handle(self, call: Call, ledger: Ledger) -> Reply:
        token = call.headers.get("authorization", "").removeprefix("Bearer ")
        if not secrets.compare_digest(token.encode(), ledger.setting("access_token").encode()):
            raise WORDS.no_access()
        match (call.method, *call.segments):
            case ("GET", "v1", name) if name in _LISTS:
                return _page(call, _listed(call, ledger, _LISTS[name]))
            case ("GET", "v1", "payouts", payout_id, "entries"):
                Till(ledger).known("payout", payout_id)
                return _page(call, ledger.find("entry", "payout_id", payout_id))
            case ("GET", "v1", name, record_id) if name in _LISTS:
                return json_reply(Till(ledger).known(_LISTS[name], record_id))
            case ("POST", "v1", *rest):
                return _write(call, ledger, tuple(rest))
        raise WORDS.no_route()

    def refusal(self, fault: str, call: Call, ledger: Ledger) -> Reply:
        return WORDS.fault(fault, ledger)

    def create(self, ledger: Ledger, base_url: str, entity: str, body: Mapping[str, Any]) -> None:
        """The gateway pays out what is due, or a cardholder disputes a payment."""
        till = Till(ledger)
        if entity == "payout":
            if till.pay_out() is None:
                raise WORDS.refused(
                    409, "nothing_due", "Nothing was captured since the last payout."
                )
        else:
            till.dispute(str(body.get("payment_id", "")), str(body.get("reason", "fraudulent")))

    def edit(
        self, ledger: Ledger, base_url: str, record: RecordRef, body: Mapping[str, Any]
    ) -> None:
        raise WORDS.refused(409, "booked", "The gateway's books are not edited; refund or dispute.")


def _write(call: Call, ledger: Ledger, path: tuple[str, ...]) -> Reply:
    wish = WORDS.body(call)
    key = call.headers.get("idempotency-key", "")
    asked = {"path": list(path), "wish": wish}
    if key and (known := ledger.get("_key", key)):
        if known["asked"] != asked:
            raise WORDS.refused(
                409, "idempotency_key_reused", "The key was used for another request."
            )
        return json_reply(known["answer"], 201).with_header("Idempotent-Replayed", "true")
    answer = _carry_out(Till(ledger), path, wish)
    if key:
        ledger.put("_key", key, {"asked": asked, "answer": answer})
    return json_reply(answer, 201)


def _carry_out(till: Till, path: tuple[str, ...], wish: Mapping[str, Any]) -> Mapping[str, Any]:
    match path:
        case ("payments",):
            return till.pay(wish)
        case ("payments", payment_id, "capture"):
            return till.capture(payment_id, wish.get("amount"))
        case ("payments", payment_id, "cancel"):
            return till.cancel(payment_id)
        case ("refunds",):
            return till.refund(wish)
    raise WORDS.no_route()


def _listed(call: Call, ledger: Ledger, entity: str) -> list[Any]:
    """The longest unchanged first."""
    found = sorted(ledger.all(entity), key=lambda record: (record["updated_at"], record["id"]))
    for name in ("order_reference", "payment_id"):
        if wanted := call.param(name):
            found = [record for record in found if record.get(name) == wanted]
    if since := call.param("updated_since"):
        found = [record for record in found if record["updated_at"] >= since]
    return found


def _page(call: Call, found: list[Any]) -> Reply:
    WORDS.require_known(call, _FILTERS)
    limit = call.param("limit") or str(_PAGE)
    if not limit.isdigit() or not 0 < int(limit) <= _PAGE:
        raise WORDS.refused(400, "limit", f"limit is a number from 1 to {_PAGE}.", "limit")
    start = 0
    if after := call.param("starting_after"):
        places = [index for index, record in enumerate(found) if record["id"] == after]
        if not places:
            raise WORDS.refused(
                400, "starting_after", "starting_after names no record of this list."
            )
        start = places[0] + 1
    page = found[start : start + int(limit)]
    has_more = start + len(page) < len(found)
    return json_reply(
        {"data": page, "has_more": has_more, "next": page[-1]["id"] if has_more else None}
    )
