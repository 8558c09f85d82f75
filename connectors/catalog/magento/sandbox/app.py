"""Routes, authentication and faults of the Magento sandbox (fact sheet sections 1 to 8)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.catalog.magento.sandbox import catalogue, criteria, events, placement
from connectors.catalog.magento.sandbox.errors import (
    NO_ROUTE,
    NOT_AUTHORISED,
    refused,
)
from connectors.catalog.magento.sandbox.routes import resource_of, route
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import (
    Call,
    CallKind,
    Entity,
    Refused,
    Reply,
    Vendor,
    html_reply,
    json_reply,
)
from ipaas.core.jsonio import MalformedJson

_ENTITIES = (
    Entity("order", "Orders"),
    Entity("customer", "Customers"),
    Entity("product", "Products"),
    Entity("stock_item", "Stock items"),
    Entity("invoice", "Invoices"),
    Entity("shipment", "Shipments"),
    Entity("creditmemo", "Credit memos"),
)
_MAINTENANCE = "<html><head><title>Service Temporarily Unavailable</title></head></html>"
_TOKEN_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class MagentoSandbox(Vendor):
    """A Magento Open Source shop with our webhook module installed."""

    slug: str = "magento"
    name: str = "Magento"
    entities: tuple[Entity, ...] = _ENTITIES
    default_settings: Mapping[str, Any] = field(
        default_factory=lambda: {
            "bearer_allowed": True,
            "retry_after_s": 2,
            "max_page_size": 0,
            "store_codes": ["default"],
        }
    )

    def new_credentials(self, instance: str) -> dict[str, Any]:
        names = ("access_token", "access_token_secret", "consumer_key", "consumer_secret")
        return {
            name: "".join(secrets.choice(_TOKEN_CHARACTERS) for _ in range(32)) for name in names
        }

    def seed(self, ledger: Ledger) -> None:
        catalogue.seed_products(ledger, ledger.now())
        catalogue.seed_customers(ledger, ledger.now())
        placement.seed_orders(ledger)

    def kind(self, call: Call) -> CallKind:
        if not call.segments or call.segments[0] != "rest":
            return CallKind.OTHER
        return CallKind.READ if call.method == "GET" else CallKind.WRITE

    def handle(self, call: Call, ledger: Ledger) -> Reply:
        segments = [segment for segment in call.segments if segment]
        if not segments or segments[0] != "rest":
            return html_reply("<html><title>Sandbox shop</title><h1>Sandbox shop</h1></html>")
        parts = segments[1:]
        if parts and parts[0] != "V1":
            if parts[0] not in ("all", *ledger.setting("store_codes")):
                raise refused(404, NO_ROUTE)
            parts = parts[1:]
        if len(parts) < 2 or parts[0] != "V1":
            raise refused(404, NO_ROUTE)
        self._authorise(call, ledger, parts[1:])
        try:
            answer = route(events.Shop(ledger, call.base_url + "/"), call, parts[1:])
        except MalformedJson:
            raise refused(400, "Decoding error: %1%2", ["", "Syntax error"]) from None
        fields = call.param("fields")
        return json_reply(criteria.project(answer, fields) if fields else answer)

    def _authorise(self, call: Call, ledger: Ledger, parts: list[str]) -> None:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        known = secrets.compare_digest(
            token.strip().encode(), ledger.setting("access_token").encode()
        )
        if scheme.lower() != "bearer" or not known or not ledger.setting("bearer_allowed"):
            raise _not_authorised(parts)

    def refusal(self, fault: str, call: Call, ledger: Ledger) -> Reply:
        match fault:
            case "rate_limited":
                reply = json_reply({"message": "Too Many Requests"}, 429)
                return reply.with_header("Retry-After", str(ledger.setting("retry_after_s")))
            case "unavailable":
                return html_reply(_MAINTENANCE, 503)
            case "token_expired":
                return _not_authorised(list(call.segments)).reply
        report = f"webapi-{secrets.token_hex(6)}"
        text = f"Internal Error. Details are available in Magento log file. Report ID: {report}"
        return json_reply({"message": text}, 500)

    def control(self, call: Call, ledger: Ledger) -> Reply | None:
        instance, slug = call.segments[:2]
        match (call.method, *call.segments[2:]):
            case ("GET", "order-samples"):
                return json_reply({"items": placement.samples(ledger)})
            case ("POST", "orders"):
                shop = events.Shop(ledger, f"{call.base_url}/{instance}/{slug}/")
                wish = call.document()
                if not isinstance(wish, dict):
                    raise refused(400, "The body must be a JSON object.")
                count, newest = placement.place(shop, wish)
                return json_reply({"order": newest[-1], "orders": newest, "count": count})
        return None


def _not_authorised(parts: list[str]) -> Refused:
    return refused(401, NOT_AUTHORISED, {"resources": resource_of(parts)})
