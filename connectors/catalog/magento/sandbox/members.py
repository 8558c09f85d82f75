"""Which members and search fields each entity has; Magento refuses what it does not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from connectors.catalog.magento.sandbox.errors import refused
from ipaas.core import jsonio

_SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
_INTERFACES = {
    "Order": "Magento\\Sales\\Api\\Data\\OrderInterface",
    "OrderAddress": "Magento\\Sales\\Api\\Data\\OrderAddressInterface",
    "OrderStatusHistory": "Magento\\Sales\\Api\\Data\\OrderStatusHistoryInterface",
    "Invoice": "Magento\\Sales\\Api\\Data\\InvoiceInterface",
    "ShipmentTrack": "Magento\\Sales\\Api\\Data\\ShipmentTrackInterface",
    "CreditMemo": "Magento\\Sales\\Api\\Data\\CreditmemoInterface",
    "Customer": "Magento\\Customer\\Api\\Data\\CustomerInterface",
    "CustomerAddress": "Magento\\Customer\\Api\\Data\\AddressInterface",
    "Product": "Magento\\Catalog\\Api\\Data\\ProductInterface",
    "Category": "Magento\\Catalog\\Api\\Data\\CategoryInterface",
    "StockItem": "Magento\\CatalogInventory\\Api\\Data\\StockItemInterface",
    "SourceItem": "Magento\\InventoryApi\\Api\\Data\\SourceItemInterface",
}
_MORE = {
    "Order": {"email_sent", "x_forwarded_for", "shipping_description", "payment", "weight"},
    "Category": {"extension_attributes"},
    "CustomerAddress": {"prefix", "suffix", "fax", "custom_attributes", "extension_attributes"},
    "OrderAddress": {"prefix", "suffix", "fax", "extension_attributes", "entity_id", "parent_id"},
    "Product": {"extension_attributes"},
    "StockItem": {"extension_attributes"},
    "SourceItem": {"extension_attributes"},
    "OrderStatusHistory": {"extension_attributes", "parent_id"},
    "ShipmentTrack": {"extension_attributes"},
}


@cache
def of(entity: str) -> frozenset[str]:
    """Names of the entity's members."""
    schema = jsonio.loads((_SCHEMAS / f"{entity}.json").read_bytes())
    return frozenset(schema["properties"]) | frozenset(_MORE.get(entity, ()))


def check(entity: str, document: Mapping[str, Any], *, also: Iterable[str] = ()) -> None:
    """Refuse a member that the entity does not have."""
    for name in document:
        if name not in of(entity) and name not in also:
            raise unknown(name, _INTERFACES.get(entity, entity))


def unknown(name: str, interface: str) -> Exception:
    """The refusal of one member."""
    words = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    return refused(
        400,
        f'Property "{words}" does not have accessor method "get{words}" in class "{interface}".',
    )


@cache
def columns(entity: str) -> frozenset[str]:
    """Fields a list of flat records can be searched and sorted by."""
    schema = jsonio.loads((_SCHEMAS / f"{entity}.json").read_bytes())
    nested = ("object", "array")
    return frozenset(
        name
        for name, part in schema["properties"].items()
        if part.get("type") not in nested and "$ref" not in part
    ) | {"entity_id", "increment_id", "order_id", "store_id", "created_at", "updated_at"}
