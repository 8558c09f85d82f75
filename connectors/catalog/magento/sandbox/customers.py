"""Customers of the sandbox, as the REST routes read and write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.catalog.magento.sandbox import catalogue, members, reference
from connectors.catalog.magento.sandbox.errors import no_such, refused, required
from connectors.catalog.magento.sandbox.events import Shop

SAVED = "customer_save_after_data_object"


def field(customer: Mapping[str, Any], name: str) -> Any:
    """Search names of customers: ``entity_id`` is answered as ``id``; attributes count too."""
    if name == "entity_id":
        return customer["id"]
    if name in customer:
        return customer[name]
    return next(
        (a["value"] for a in customer.get("custom_attributes", []) if a["attribute_code"] == name),
        None,
    )


def by_id(shop: Shop, number: str) -> dict[str, Any]:
    """The customer; raises Refused."""
    customer: dict[str, Any] | None = shop.ledger.get("customer", number)
    if customer is None:
        raise no_such("customerId", number)
    return customer


def _check(shop: Shop, wish: Mapping[str, Any], own_id: int | None) -> None:
    members.check("Customer", wish)
    reference.check_attributes(shop, wish, reference.customer_codes())
    missing = [name for name in ("email", "firstname", "lastname") if not wish.get(name)]
    if len(missing) == 1:
        raise required(missing[0])
    if missing:
        raise refused(
            400,
            "One or more input exceptions have occurred.",
            errors=[
                {"message": '"%fieldName" is required. Enter and try again.'}
                | {"parameters": {"fieldName": name}}
                for name in missing
            ],
        )
    groups = catalogue.seed_file("reference.json")["groups"]
    if wish.get("group_id", 1) not in {row["id"] for row in groups}:
        raise no_such("id", wish["group_id"])
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
    return _keep(shop, customer)


def change(shop: Shop, number: str, wish: Mapping[str, Any]) -> dict[str, Any]:
    """The customer with the given members changed; raises Refused."""
    before = by_id(shop, number)
    _check(shop, wish, before["id"])
    held = {a["attribute_code"]: a for a in before.get("custom_attributes", [])}
    held |= {a["attribute_code"]: a for a in wish.get("custom_attributes") or []}
    customer = {
        **before,
        **wish,
        "custom_attributes": list(held.values()),
        "id": before["id"],
        "created_at": before["created_at"],
        "updated_at": catalogue.stamp_after(shop.ledger, before["updated_at"]),
    }
    if "addresses" in wish:
        customer["addresses"] = _addresses(shop, wish, before["id"])
    return _keep(shop, customer)


def _keep(shop: Shop, customer: dict[str, Any]) -> dict[str, Any]:
    known = reference.customer_codes()
    customer["custom_attributes"] = [
        a for a in customer.get("custom_attributes") or [] if a.get("attribute_code") in known
    ]
    if not customer["custom_attributes"]:
        del customer["custom_attributes"]
    for kind in ("billing", "shipping"):
        chosen = [a["id"] for a in customer["addresses"] if a.get(f"default_{kind}")]
        if chosen:
            customer[f"default_{kind}"] = str(chosen[-1])
    catalogue.put_customer(shop.ledger, customer)
    shop.announce(SAVED, customer)
    return customer


def delete_address(shop: Shop, number: str) -> bool:
    """Remove one address; raises Refused."""
    for customer in shop.ledger.all("customer"):
        left = [a for a in customer["addresses"] if str(a["id"]) != number]
        if len(left) < len(customer["addresses"]):
            customer["addresses"] = left
            customer["updated_at"] = catalogue.stamp_after(shop.ledger, customer["updated_at"])
            for kind in ("billing", "shipping"):
                if customer.get(f"default_{kind}") == number:
                    del customer[f"default_{kind}"]
            catalogue.put_customer(shop.ledger, customer)
            shop.announce(SAVED, customer)
            return True
    raise no_such("addressId", number)


def _addresses(shop: Shop, wish: Mapping[str, Any], number: int) -> list[dict[str, Any]]:
    made = []
    for address in wish.get("addresses") or []:
        for name in ("firstname", "lastname", "street", "city", "country_id", "telephone"):
            if not address.get(name):
                raise required(name)
        made.append(
            {
                **address,
                "id": address.get("id") or shop.ledger.next_number("customer_address"),
                "customer_id": number,
            }
        )
    return made
