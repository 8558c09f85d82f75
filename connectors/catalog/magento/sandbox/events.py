"""Our webhook module's messages (fact sheet section 9): Magento itself has no webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import DUPLICATE_WEBHOOK, FORGED_WEBHOOK, WebhookMessage
from connectors.sandbox_kit.webhooks import signature
from ipaas.core import jsonio

ORDER_SAVED = "sales_order_save_after"
INVOICE_SAVED = "sales_order_invoice_save_after"
SHIPMENT_SAVED = "sales_order_shipment_save_after"
CREDIT_MEMO_SAVED = "sales_order_creditmemo_save_after"


@dataclass(frozen=True, slots=True)
class Shop:
    """One instance's shop: its ledger, and the address it is reached at."""

    ledger: Ledger
    base_url: str

    def announce(self, event: str, data: Mapping[str, Any]) -> None:
        """Promise the event to every receiver in the settings."""
        document = {
            "event": event,
            "store_base_url": self.base_url,
            "entity_id": data.get("entity_id", data.get("id")),
            "increment_id": data.get("increment_id"),
            "occurred_at": self.ledger.now().isoformat(timespec="milliseconds"),
            "data": data,
        }
        body = jsonio.dumps(document)
        for target in self.ledger.setting("webhooks"):
            secret = target.get("secret", "")
            if self.ledger.faults.take(FORGED_WEBHOOK.name):
                secret += "-forged"
            message = WebhookMessage(
                target["url"],
                {
                    "Content-Type": "application/json",
                    "User-Agent": "Magento-Webhook-Module/1.0",
                    "X-Webhook-Topic": event,
                    "X-Webhook-Id": str(uuid4()),
                    "X-Signature": signature(secret, body),
                },
                body,
            )
            self.ledger.enqueue(message)
            if self.ledger.faults.take(DUPLICATE_WEBHOOK.name):
                self.ledger.enqueue(message)
