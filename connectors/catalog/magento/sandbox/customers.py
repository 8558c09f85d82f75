"""Customers of the sandbox, as the REST routes read and write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.catalog.magento.sandbox import catalogue
from connectors.catalog.magento.sandbox.errors import no_such, refused, required
from connectors.catalog.magento.sandbox.events import Shop


def field(customer: Mapping[str, Any], name: str) -> Any:
    """Search names of customers: ``entity_id`` is answered as ``id``."""
    return customer.get("id" if name == "entity_id" else name)


def by_id(shop: Shop, number: str) -> dict[str, Any]:
    """The customer; raises Refused."""
    customer: dict[str, Any] | None = shop.ledger.get("customer", number)
    if customer is None:
        raise no_such("customerId", number)
    return customer


def _check(shop: Shop, wish: Mapping[str, Any], own_id: int | None) -> None:
    for name in ("email", "firstname", "lastname"):
        if not wish.get(name):
            raise required(name)
    other = catalogue.customer_by_email(shop.ledger, str(wish["email"]))
    if other and other["id"] != own_id:
        raise refused(
            400, "A customer with the same email address already exists in an associated website."
        )


def create(shop: Shop, wish: Mapping[str, Any]) -> dict[str, Any]:
    """A new customer; raises Refused."""
    _check(shop, wish, None)
    number = shop.ledger.next_number("customer")
    now = catalogue.stamp(shop.ledger.now())
    customer = {
        "group_id": 1,
        "store_id": 1,
        "website_id": 1,
        "created_in": "Default Store View",
        "disable_auto_group_change": 0,
        **wish,
        "id": number,
        "created_at": now,
        "updated_at": now,
        "addresses": _addresses(shop, wish, number),
    }
    catalogue.put_customer(shop.ledger, customer)
    shop.announce("customer_save_after_data_object", customer)
    return customer


def change(shop: Shop, number: str, wish: Mapping[str, Any]) -> dict[str, Any]:
    """The customer with the given members changed; raises Refused."""
    before = by_id(shop, number)
    _check(shop, wish, before["id"])
    customer = {
        **before,
        **wish,
        "id": before["id"],
        "updated_at": catalogue.stamp_after(shop.ledger.now(), before["updated_at"]),
    }
    if "addresses" in wish:
        customer["addresses"] = _addresses(shop, wish, before["id"])
    catalogue.put_customer(shop.ledger, customer)
    shop.announce("customer_save_after_data_object", customer)
    return customer


def _addresses(shop: Shop, wish: Mapping[str, Any], number: int) -> list[dict[str, Any]]:
    return [
        {
            **address,
            "id": address.get("id") or shop.ledger.next_number("customer_address"),
            "customer_id": number,
        }
        for address in wish.get("addresses") or []
    ]
