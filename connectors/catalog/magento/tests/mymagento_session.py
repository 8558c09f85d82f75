"""What a script of a MyMagento user does with a shop; writes what it saw as JSON.

It runs in a process of its own: MyMagento and pymagento share the name of their package.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from magento.clients import Client


def main(url: str, user: str, password: str) -> dict[str, Any]:
    """Log in as an admin, look around, change a product, its stock, price and categories."""
    # Without a user agent of its own it would ask a page of the internet for one; of an address it
    # keeps no port, so the base URL is set afterwards.
    shop: Any = Client(
        "shop.example", user, password, user_agent="Causeway", log_level="ERROR", login=False
    )
    shop.BASE_URL = f"{url}/rest/V1/"
    shop.authenticate()
    order = shop.orders.by_number("000000001")
    invoice = order.get_invoice()
    product = shop.products.by_sku("MUG-RED")
    before = product.stock
    changes = {
        "stock": product.update_stock(before + 5),
        "price": product.update_price(7.25),
        "special": product.update_special_price(6.5),
        "name": product.update_name("Scarlet mug"),
        "attributes": product.update_custom_attributes({"season": "2"}),
    }
    again = shop.products.by_sku("MUG-RED")
    category = shop.categories.by_name("Spices")
    moved = [category.add_product("MUG-RED")]
    skus = shop.categories.by_name("Spices").skus
    moved.append(category.remove_product("MUG-RED"))
    variants = shop.products.by_sku("TSHIRT")
    recent = shop.orders.add_criteria("entity_id", "1", "gteq").add_criteria(
        "state", "complete", "eq", group=1
    )
    return {
        "order": [order.number, len(order.items), order.customer.email],
        "invoice": [invoice.number, invoice.order.number, len(invoice.items)],
        "changes": changes,
        "seen": [again.stock - before, again.price, float(again.special_price), again.name],
        "skus": skus,
        "moved": moved,
        "skus_after": shop.categories.by_name("Spices").skus,
        "variants": sorted(child.sku for child in variants.get_children()),
        "complete": [found.id for found in as_list(recent.execute())],
        "of_customer": len(as_list(shop.orders.by_customer_id(order.customer.id))),
        "bought": sorted(as_list(order.products), key=str) != [],
        "attribute": shop.product_attributes.by_code("season").options,
        "shipments": len(as_list(shop.search("shipments").get_all())),
        "missing": shop.products.by_sku("NO-SUCH-SKU"),
        "new": delete_new(shop),
        "store": shop.store.active.code,
    }


def delete_new(shop: Any) -> bool:
    """Make a product and take it away again."""
    wish = {"product": {"sku": "BOWL-9", "name": "Bowl", "attribute_set_id": 4, "price": 9}}
    made = shop.post(shop.url_for("products"), wish)
    assert made.status_code == 200, made.text
    gone: bool = shop.products.by_sku("BOWL-9").delete()
    return gone and shop.products.by_sku("BOWL-9") is None


def as_list(found: Any) -> list[Any]:
    """MyMagento gives one thing alone, several in a list, and none as None."""
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:]), default=str) + "\n")
