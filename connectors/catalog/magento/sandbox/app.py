"""Routes, authentication and faults of the Magento sandbox (fact sheet sections 1 to 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.catalog.magento.sandbox import (
    access,
    asking,
    bulk,
    catalogue,
    categories,
    criteria,
    customers,
    events,
    inventory,
    placement,
    products,
    swagger,
)
from connectors.catalog.magento.sandbox.errors import NO_ROUTE, internal, refused
from connectors.catalog.magento.sandbox.routes import route
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import (
    Call,
    CallKind,
    Entity,
    RecordRef,
    Reply,
    Vendor,
    html_reply,
    json_reply,
)
from ipaas.core.jsonio import MalformedJson

_ENTITIES = (
    Entity("order", "Orders"),
    Entity("customer", "Customers", creatable=True),
    Entity("product", "Products", creatable=True),
    Entity("stock_item", "Stock items"),
    Entity("source_item", "Source items"),
    Entity("category", "Categories"),
    Entity("invoice", "Invoices"),
    Entity("shipment", "Shipments"),
    Entity("creditmemo", "Credit memos"),
    Entity("transaction", "Payment transactions"),
    Entity("bulk", "Bulk requests"),
)
_SAVED = {
    "order": events.ORDER_SAVED,
    "invoice": events.INVOICE_SAVED,
    "shipment": events.SHIPMENT_SAVED,
    "creditmemo": events.CREDIT_MEMO_SAVED,
    "customer": customers.SAVED,
    "product": products.SAVED,
    "stock_item": products.STOCK_SAVED,
    "source_item": inventory.SOURCE_ITEM_SAVED,
}
_MAINTENANCE = "<html><head><title>Service Temporarily Unavailable</title></head></html>"
_ADMIN_TOKEN = ["integration", "admin", "token"]
_SECOND_FACTOR = ["tfa", "provider", "google", "authenticate"]


@dataclass(frozen=True)
class MagentoSandbox(Vendor):
    """A Magento Open Source shop with our webhook module installed."""

    slug: str = "magento"
    name: str = "Magento"
    entities: tuple[Entity, ...] = _ENTITIES
    default_settings: Mapping[str, Any] = field(
        default_factory=lambda: {
            "bearer_allowed": True,
            "hmac_sha1_allowed": False,
            "two_factor": False,
            "otp": "123456",
            "admin_token_s": 14400,
            "denied_resources": [],
            "msi": True,
            "bulk_delay_looks": 1,
            "retry_after_s": 2,
            "max_page_size": 0,
            "max_items": 0,
            "drift_field": "increment_id",
            "store_codes": ["default"],
            "unknown_attributes_refused": True,
            "times_differ": True,
        }
    )

    def new_credentials(self, instance: str) -> dict[str, Any]:
        names = ("access_token", "access_token_secret", "consumer_key", "consumer_secret")
        made = {name: access.new_secret() for name in names}
        return {
            **made,
            "token": made["access_token"],
            "token_secret": made["access_token_secret"],
            "username": "integration",
            "password": f"{access.new_secret()[:14]}1A",
        }

    def seed(self, ledger: Ledger) -> None:
        categories.seed(ledger)
        catalogue.seed_products(ledger, ledger.now())
        catalogue.seed_customers(ledger, ledger.now())
        placement.seed_orders(ledger)

    def kind(self, call: Call) -> CallKind:
        if not call.segments or call.segments[0] != "rest":
            return CallKind.OTHER
        if call.segments[-len(_ADMIN_TOKEN) :] == tuple(_ADMIN_TOKEN):
            return CallKind.OTHER
        return CallKind.READ if call.method == "GET" else CallKind.WRITE

    def handle(self, call: Call, ledger: Ledger) -> Reply:
        segments = [segment for segment in call.segments if segment]
        if segments[:2] == ["oauth", "token"] and segments[2:] in (["request"], ["access"]):
            return access.exchange(call, ledger)
        if not segments or segments[0] != "rest":
            return html_reply("<html><title>Sandbox shop</title><h1>Sandbox shop</h1></html>")
        store, mode, parts = _parts(ledger, segments[1:])
        try:
            if call.method == "POST" and parts in (_ADMIN_TOKEN, _SECOND_FACTOR):
                return access.admin_token(call, ledger, second_factor=parts == _SECOND_FACTOR)
            access.authorise(call, ledger, parts)
            asking.check_query(call)
            if "application/xml" in call.headers.get("accept", ""):
                raise refused(406, "Server cannot match any of the given Accept HTTP header media")
            shop = events.Shop(ledger, call.base_url + "/", store)
            if mode == "schema":
                return json_reply(swagger.answer(call))
            if mode:
                return bulk.accept(shop, call, parts, many=mode == "bulk")
            answer = route(shop, call, parts)
        except MalformedJson:
            raise refused(400, "Decoding error: %1%2", ["", "Syntax error"]) from None
        fields = call.param("fields")
        return json_reply(criteria.project(answer, fields) if fields else answer)

    def refusal(self, fault: str, call: Call, ledger: Ledger) -> Reply:
        match fault:
            case "rate_limited":
                reply = json_reply({"message": "Too Many Requests"}, 429)
                return reply.with_header("Retry-After", str(ledger.setting("retry_after_s")))
            case "unavailable":
                return html_reply(_MAINTENANCE, 503)
            case "token_expired":
                return access.not_authorised(list(call.segments)).reply
        return internal().reply

    def edit(
        self, ledger: Ledger, base_url: str, record: RecordRef, body: Mapping[str, Any]
    ) -> None:
        """A person changes a record in the shop: it gets a later time, and is announced."""
        before = ledger.get(record.entity, record.id, scope=record.scope) or {}
        changed = dict(body)
        if "updated_at" in before:
            changed["updated_at"] = catalogue.stamp_after(ledger, before["updated_at"])
        ledger.rewrite(record.entity, record.id, changed, scope=record.scope)
        if record.entity in _SAVED:
            events.Shop(ledger, base_url + "/").announce(_SAVED[record.entity], changed)

    def create(self, ledger: Ledger, base_url: str, entity: str, body: Mapping[str, Any]) -> None:
        """A person makes a customer or a product in the shop's admin."""
        shop = events.Shop(ledger, base_url + "/")
        if entity == "customer":
            customers.create(shop, body)
        else:
            products.save(shop, body)

    def control(self, call: Call, ledger: Ledger) -> Reply | None:
        instance, slug = call.segments[:2]
        match (call.method, *call.segments[2:]):
            case ("GET", "order-samples"):
                return json_reply({"items": placement.samples(ledger)})
            case ("POST", "activate"):
                return access.activate(call, ledger)
            case ("GET", "adobe-keys"):
                return json_reply({"keys": [events.public_key(1), events.public_key(2)]})
            case ("POST", "orders"):
                shop = events.Shop(ledger, f"{call.base_url}/{instance}/{slug}/")
                wish = call.document()
                if not isinstance(wish, dict):
                    raise refused(400, "The body must be a JSON object.")
                count, newest = placement.place(shop, wish)
                return json_reply({"order": newest[-1], "orders": newest, "count": count})
        return None


def _parts(ledger: Ledger, parts: list[str]) -> tuple[str, str, list[str]]:
    """Store view; "", ``async``, ``bulk`` or ``schema``; what follows /V1. Raises Refused."""
    store = ""
    if parts and parts[0] not in ("V1", "async", "schema"):
        if parts[0] not in ("all", *ledger.setting("store_codes")):
            raise refused(404, NO_ROUTE)
        store, parts = parts[0], parts[1:]
    mode = ""
    if parts == ["schema"]:
        return store, "schema", []
    if parts[:1] == ["async"]:
        mode, parts = "async", parts[1:]
        if parts[:1] == ["bulk"]:
            mode, parts = "bulk", parts[1:]
    if len(parts) < 2 or parts[0] != "V1":
        raise refused(404, NO_ROUTE)
    return store, mode, parts[1:]
