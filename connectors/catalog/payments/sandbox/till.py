"""The gateway's books: payments, refunds, disputes, and payouts that add up to the cent."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import (
    DUPLICATE_WEBHOOK,
    FORGED_WEBHOOK,
    WebhookMessage,
)
from connectors.sandbox_kit.words import Words
from ipaas.core import jsonio


def _form(code: str, message: str, name: str | None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "param": name}}


WORDS = Words(_form, signed_out=("invalid_key", "The secret key is not valid."))
_KNOWN = ("amount", "currency", "order_reference", "customer_email", "card", "capture")


@dataclass(frozen=True, slots=True)
class Till:
    """One instance's books; all amounts are whole cents."""

    ledger: Ledger

    def known(self, entity: str, record_id: str) -> dict[str, Any]:
        """A record that exists; raises Refused 404."""
        record: dict[str, Any] | None = self.ledger.get(entity, record_id)
        if record is None:
            raise WORDS.refused(404, "not_found", f"There is no {entity} {record_id}.", "id")
        return record

    def pay(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """A new payment, captured at once unless ``capture`` is false."""
        for name in wish:
            if name not in _KNOWN:
                raise WORDS.refused(400, "unknown_parameter", f"{name} is not known here.", name)
        for name in ("amount", "currency", "order_reference"):
            if not wish.get(name):
                raise WORDS.refused(422, "missing", f"{name} is needed.", name)
        amount = _cents(wish["amount"])
        if wish.get("card", "tok_ok") != "tok_ok":
            raise WORDS.refused(422, "card_declined", "The card was declined.", "card")
        payment = {
            "id": f"pay_{self.ledger.next_number('payment'):06d}",
            "status": "authorised",
            "amount": amount,
            "currency": str(wish["currency"]).upper(),
            "order_reference": str(wish["order_reference"]),
            "customer_email": wish.get("customer_email", ""),
            "captured": 0,
            "refunded": 0,
            "fee": 0,
            "payout_id": None,
            "created_at": self._now(),
        }
        self._keep("payment", payment, "payment.authorised")
        return payment if wish.get("capture") is False else self.capture(payment["id"], None)

    def capture(self, payment_id: str, amount: Any) -> dict[str, Any]:
        """Take what was authorised, or ``amount`` of it; the rest is given up."""
        payment = self.known("payment", payment_id)
        if payment["status"] != "authorised":
            raise WORDS.refused(422, "not_capturable", f"The payment is {payment['status']}.")
        taken = payment["amount"] if amount is None else _cents(amount)
        if taken > payment["amount"]:
            raise WORDS.refused(
                422, "amount", f"Only {payment['amount']} was authorised.", "amount"
            )
        payment |= {"status": "captured", "captured": taken, "fee": self._fee(taken)}
        self._keep("payment", payment, "payment.captured")
        return payment

    def cancel(self, payment_id: str) -> dict[str, Any]:
        """Give back what was authorised."""
        payment = self.known("payment", payment_id)
        if payment["status"] != "authorised":
            raise WORDS.refused(422, "not_cancellable", f"The payment is {payment['status']}.")
        payment["status"] = "cancelled"
        self._keep("payment", payment, "payment.cancelled")
        return payment

    def refund(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Pay back all or a part of what was captured; fees are not given back."""
        payment = self.known("payment", str(wish.get("payment_id", "")))
        if payment["status"] not in ("captured", "partially_refunded"):
            raise WORDS.refused(422, "not_refundable", f"The payment is {payment['status']}.")
        left = payment["captured"] - payment["refunded"]
        amount = left if wish.get("amount") is None else _cents(wish["amount"])
        if amount > left:
            raise WORDS.refused(422, "amount", f"Only {left} is left to refund.", "amount")
        refund = {
            "id": f"ref_{self.ledger.next_number('refund'):06d}",
            "payment_id": payment["id"],
            "amount": amount,
            "currency": payment["currency"],
            "reason": str(wish.get("reason", "")),
            "payout_id": None,
            "created_at": self._now(),
        }
        self._keep("refund", refund, "refund.created")
        payment["refunded"] += amount
        whole = payment["refunded"] == payment["captured"]
        payment["status"] = "refunded" if whole else "partially_refunded"
        self._keep("payment", payment, "payment.refunded")
        return refund

    def dispute(self, payment_id: str, reason: str) -> dict[str, Any]:
        """A cardholder takes the money back; the gateway takes a fee for it."""
        payment = self.known("payment", payment_id)
        left = payment["captured"] - payment["refunded"]
        if left <= 0 or payment["status"] == "disputed":
            raise WORDS.refused(422, "not_disputable", f"The payment is {payment['status']}.")
        dispute = {
            "id": f"dsp_{self.ledger.next_number('dispute'):06d}",
            "payment_id": payment["id"],
            "amount": left,
            "fee": self.ledger.setting("dispute_fee"),
            "currency": payment["currency"],
            "reason": reason,
            "status": "open",
            "payout_id": None,
            "created_at": self._now(),
        }
        self._keep("dispute", dispute, "dispute.opened")
        payment["status"] = "disputed"
        self._keep("payment", payment, "payment.disputed")
        return dispute

    def pay_out(self) -> dict[str, Any] | None:
        """Send what is due to the bank account, per currency the first that has something due."""
        due = [
            (kind, record)
            for kind in ("payment", "refund", "dispute")
            for record in self.ledger.all(kind)
            if record["payout_id"] is None and (kind != "payment" or record["captured"])
        ]
        if not due:
            return None
        currency = due[0][1]["currency"]
        due = [(kind, record) for kind, record in due if record["currency"] == currency]
        payout_id = f"po_{self.ledger.next_number('payout'):06d}"
        entries = [self._entry(payout_id, kind, record) for kind, record in due]
        for kind, record in due:
            # A payout is no change of the payment that anybody waits for: no event.
            self._put(kind, {**record, "payout_id": payout_id})
        payout = {
            "id": payout_id,
            "status": "paid",
            "currency": currency,
            "count": len(entries),
            "gross": sum(entry["gross"] for entry in entries if entry["kind"] == "payment"),
            "fees": sum(entry["fee"] for entry in entries),
            "refunds": -sum(entry["gross"] for entry in entries if entry["kind"] == "refund"),
            "disputes": -sum(entry["gross"] for entry in entries if entry["kind"] == "dispute"),
            "amount": sum(entry["net"] for entry in entries),
            "created_at": self._now(),
        }
        self._keep("payout", payout, "payout.paid")
        return payout

    def _entry(self, payout_id: str, kind: str, record: Mapping[str, Any]) -> dict[str, Any]:
        gross = record["captured"] if kind == "payment" else -record["amount"]
        fee = record.get("fee", 0)
        payment = record if kind == "payment" else self.known("payment", record["payment_id"])
        entry = {
            "id": f"ent_{self.ledger.next_number('entry'):06d}",
            "payout_id": payout_id,
            "kind": kind,
            "source_id": record["id"],
            "order_reference": payment["order_reference"],
            "gross": gross,
            "fee": fee,
            "net": gross - fee,
            "currency": record["currency"],
        }
        self.ledger.put("entry", entry["id"], entry, keys={"payout_id": payout_id})
        return entry

    def _fee(self, amount: int) -> int:
        share = Decimal(amount) * self.ledger.setting("fee_per_mille") / 1000
        rounded = int(share.quantize(Decimal(1), ROUND_HALF_UP))
        return rounded + int(self.ledger.setting("fee_fixed"))

    def _keep(self, entity: str, record: dict[str, Any], topic: str) -> None:
        record["updated_at"] = self._now()
        self._put(entity, record)
        self._announce(entity, topic, record)

    def _put(self, entity: str, record: Mapping[str, Any]) -> None:
        self.ledger.put(entity, record["id"], record)

    def _now(self) -> str:
        return self.ledger.now().isoformat(timespec="microseconds").replace("+00:00", "Z")

    def _announce(self, entity: str, topic: str, record: Mapping[str, Any]) -> None:
        number = self.ledger.next_number("event")
        event = {"id": f"evt_{number:06d}", "type": topic, "entity": entity, "data": record}
        body = jsonio.dumps(event)
        moment = str(int(self.ledger.now_s()))
        for target in self.ledger.setting("webhooks"):
            secret = target.get("secret", "")
            if self.ledger.faults.take(FORGED_WEBHOOK.name):
                secret += "-forged"
            digest = hmac.digest(secret.encode(), moment.encode() + b"." + body, "sha256").hex()
            headers = {
                "Content-Type": "application/json",
                "Gateway-Timestamp": moment,
                "Gateway-Signature": digest,
            }
            message = WebhookMessage(target["url"], headers, body)
            self.ledger.enqueue(message)
            if self.ledger.faults.take(DUPLICATE_WEBHOOK.name):
                self.ledger.enqueue(message)


def _cents(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise WORDS.refused(
            422, "amount", "amount is a whole number of cents above zero.", "amount"
        )
    return value
