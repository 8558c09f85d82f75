"""What a shop tells others (section 9): our module's messages, or Adobe's; Magento has none itself.

A receiver in the setting ``webhooks`` is {url, secret}; ``style`` chooses ``module`` (the usual),
``adobe_io`` (Adobe I/O Events) or ``adobe_webhooks`` (Adobe Commerce webhooks).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import DUPLICATE_WEBHOOK, FORGED_WEBHOOK, WebhookMessage
from connectors.sandbox_kit.webhooks import signature
from ipaas.core import jsonio

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

ORDER_SAVED = "sales_order_save_after"
INVOICE_SAVED = "sales_order_invoice_save_after"
SHIPMENT_SAVED = "sales_order_shipment_save_after"
CREDIT_MEMO_SAVED = "sales_order_creditmemo_save_after"
ADOBE_PREFIX = "com.adobe.commerce.observer."


@dataclass(frozen=True, slots=True)
class Shop:
    """One instance's shop: its ledger, the address it is reached at, and the store view asked."""

    ledger: Ledger
    base_url: str
    store: str = ""

    @property
    def scope(self) -> str:
        """Store view whose own values count; "" for those of the whole installation.

        A shop with one store view has no values of its own there.
        """
        codes: list[str] = self.ledger.setting("store_codes")
        if len(codes) < 2 or self.store == "all":
            return ""
        return self.store or codes[0]

    def announce(self, event: str, data: Mapping[str, Any]) -> None:
        """Promise the event to every receiver in the settings."""
        for target in self.ledger.setting("webhooks"):
            forged = self.ledger.faults.take(FORGED_WEBHOOK.name)
            message = _STYLES[target.get("style", "module")](self, target, event, data, forged)
            self.ledger.enqueue(message)
            if self.ledger.faults.take(DUPLICATE_WEBHOOK.name):
                self.ledger.enqueue(message)


def _module(
    shop: Shop, target: Mapping[str, Any], event: str, data: Mapping[str, Any], forged: bool
) -> WebhookMessage:
    document = {
        "event": event,
        "store_base_url": shop.base_url,
        "entity_id": data.get("entity_id", data.get("id")),
        "increment_id": data.get("increment_id"),
        "occurred_at": shop.ledger.now().isoformat(timespec="milliseconds"),
        "data": data,
    }
    body = jsonio.dumps(document)
    secret = target.get("secret", "") + ("-forged" if forged else "")
    return WebhookMessage(
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


def _adobe_io(
    shop: Shop, target: Mapping[str, Any], event: str, data: Mapping[str, Any], forged: bool
) -> WebhookMessage:
    document = {
        "event_id": str(uuid4()),
        "event": {
            "@id": str(uuid4()),
            "type": ADOBE_PREFIX + event,
            "source": shop.base_url,
            "data": {
                "value": data,
                "_metadata": {"commerceEdition": "Adobe Commerce", "commerceVersion": "2.4.7"},
            },
        },
        "recipient_client_id": target.get("client_id", "sandbox-client"),
    }
    body = jsonio.dumps(document)
    signed = body + b" " if forged else body
    return WebhookMessage(
        target["url"],
        {
            "Content-Type": "application/json",
            "x-adobe-digital-signature-1": _rsa_signature(1, signed),
            "x-adobe-digital-signature-2": _rsa_signature(2, signed),
            "x-adobe-public-key1-path": "/prod/keys/pub-key-1.pem",
            "x-adobe-public-key2-path": "/prod/keys/pub-key-2.pem",
        },
        body,
    )


def _adobe_webhooks(
    shop: Shop, target: Mapping[str, Any], event: str, data: Mapping[str, Any], forged: bool
) -> WebhookMessage:
    body = jsonio.dumps(
        {"eventCode": f"observer.{event}", "payload": data, "store_base_url": shop.base_url}
    )
    signed = body + b" " if forged else body
    return WebhookMessage(
        target["url"],
        {
            "Content-Type": "application/json",
            "x-adobe-commerce-webhook-signature": _rsa_signature(1, signed),
        },
        body,
    )


_STYLES = {"module": _module, "adobe_io": _adobe_io, "adobe_webhooks": _adobe_webhooks}


# The library is large and few sandboxes sign so: it is loaded at the first use.


@cache
def _key(number: int) -> RSAPrivateKey:
    """A key of this process: a sandbox signs for tests, and keeps no secrets of anybody."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_key(number: int) -> str:
    """The key as PEM text, as Adobe shows it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = _key(number).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _rsa_signature(number: int, body: bytes) -> str:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    signed = _key(number).sign(body, padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signed).decode()
