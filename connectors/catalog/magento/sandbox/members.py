"""Which members and search fields each entity has; Magento refuses what it does not know."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from connectors.catalog.magento.sandbox.errors import refused
from connectors.sandbox_kit.money import decimal_of
from ipaas.core import jsonio

_SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
_SALES = "Magento\\Sales\\Api\\Data\\"
_INTERFACES = {
    "Order": f"{_SALES}OrderInterface",
    "OrderItem": f"{_SALES}OrderItemInterface",
    "OrderPayment": f"{_SALES}OrderPaymentInterface",
    "OrderAddress": f"{_SALES}OrderAddressInterface",
    "OrderStatusHistory": f"{_SALES}OrderStatusHistoryInterface",
    "Invoice": f"{_SALES}InvoiceInterface",
    "Shipment": f"{_SALES}ShipmentInterface",
    "ShipmentTrack": f"{_SALES}ShipmentTrackInterface",
    "CreditMemo": f"{_SALES}CreditmemoInterface",
    "Customer": "Magento\\Customer\\Api\\Data\\CustomerInterface",
    "CustomerAddress": "Magento\\Customer\\Api\\Data\\AddressInterface",
    "Product": "Magento\\Catalog\\Api\\Data\\ProductInterface",
    "Category": "Magento\\Catalog\\Api\\Data\\CategoryInterface",
    "StockItem": "Magento\\CatalogInventory\\Api\\Data\\StockItemInterface",
    "SourceItem": "Magento\\InventoryApi\\Api\\Data\\SourceItemInterface",
}
# Members that the schemas leave out; nested ones by what holds them.
_MORE = {
    "Category": {"extension_attributes"},
    "CustomerAddress": {"prefix", "suffix", "fax", "custom_attributes", "extension_attributes"},
    "OrderAddress": {"extension_attributes"},
    "OrderPayment": {"extension_attributes", "cc_status"},
    "StockItem": {"extension_attributes"},
    "SourceItem": {"extension_attributes"},
    "OrderStatusHistory": {"extension_attributes"},
    "ShipmentTrack": {"extension_attributes"},
    "extension_attributes": {
        "discounts",
        "downloadable_product_links",
        "downloadable_product_samples",
        "vault_payment_token",
    },
    "tier_prices": {"extension_attributes"},
    "applied_taxes": {"extension_attributes"},
    "media_gallery_entries": {"extension_attributes"},
}
# Extension attributes that modules of this shop add.
OWN_EXTENSIONS: dict[str, dict[str, Any]] = {
    "Order": {"delivery_slot": {"type": "string"}},
    "Product": {"shelf": {"type": "string"}, "fragile": {"type": "boolean"}},
    "Customer": {"loyalty_points": {"type": "integer"}},
}
_WORDS = {"integer": "int", "number": "float", "boolean": "bool", "string": "string"}
_TRUTHS = (True, False, 0, 1, "0", "1", "true", "false", "")


@cache
def _schema(entity: str) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = jsonio.loads((_SCHEMAS / f"{entity}.json").read_bytes())
    return schema


def usual_extensions(entity: str) -> Mapping[str, Any]:
    """Extension attributes that every shop has."""
    found: Mapping[str, Any] = _schema(entity)["properties"]["extension_attributes"]["properties"]
    return found


@cache
def of(entity: str) -> frozenset[str]:
    """Names of the entity's members."""
    return frozenset(_schema(entity)["properties"]) | frozenset(_MORE.get(entity, ()))


def check(entity: str, document: Any, *, also: Iterable[str] = ()) -> None:
    """Refuse, at any depth, members that the entity does not have and values of another type."""
    more = {*also, *_MORE.get(entity, ())}
    _object(_schema(entity), document, _INTERFACES.get(entity, entity), more)


def known(document: Any, names: Container[str], interface: str) -> None:
    """Refuse members beyond ``names``; for the small objects that have no schema."""
    if not isinstance(document, Mapping):
        raise wrong_type(document, "object")
    for name in document:
        if name not in names:
            raise unknown(name, interface)


def _object(part: Mapping[str, Any], value: Any, interface: str, more: Container[str]) -> None:
    if value == []:  # how PHP writes an empty object
        return
    if not isinstance(value, Mapping):
        raise wrong_type(value, interface)
    for name, held in value.items():
        spec = part["properties"].get(name)
        if spec is not None:
            _value(spec, held, interface, name)
        elif name not in more:
            raise unknown(name, interface)


def _value(spec: Mapping[str, Any], value: Any, interface: str, name: str) -> None:
    if value is None:
        return
    if "$ref" in spec:
        check(str(spec["$ref"]).removesuffix(".json"), value)
        return
    types = spec.get("type", ())
    types = (types,) if isinstance(types, str) else tuple(types)
    if "array" in types and isinstance(value, list):
        for each in value:
            _value(spec.get("items", {}), each, interface, name)
    elif types == ("array",):
        raise wrong_type(value, "array")
    elif "properties" in spec and name == "extension_attributes":
        entity = next((e for e, i in _INTERFACES.items() if i == interface), "")
        own = OWN_EXTENSIONS.get(entity, {})
        whole = {**spec, "properties": {**spec["properties"], **own}}
        _object(whole, value, interface.replace("Interface", "ExtensionInterface"), _MORE[name])
    elif "properties" in spec:
        _object(spec, value, interface, _MORE.get(name, ()))
    elif types and not any(_fits(kind, value) for kind in types):
        raise wrong_type(value, next((_WORDS[kind] for kind in types if kind in _WORDS), types[0]))


def _fits(kind: str, value: Any) -> bool:
    """Whether Magento turns the value into this type: numbers may be texts, truths numbers."""
    match kind:
        case "object":
            return isinstance(value, Mapping | list)
        case "string":
            return not isinstance(value, Mapping | list)
        case "boolean":
            return not isinstance(value, Mapping | list) and value in _TRUTHS
        case "integer" | "number":
            if isinstance(value, bool):
                return True
            number = decimal_of(value)
            return number is not None and (kind == "number" or number == int(number))
    return False


def wrong_type(value: Any, kind: str) -> Exception:
    """The refusal of a value."""
    shown = "array" if isinstance(value, Mapping | list) else value
    return refused(
        400,
        'The "%value" value\'s type is invalid. The "%type" type was expected. '
        "Verify and try again.",
        {"value": shown, "type": kind},
    )


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
    nested = ("object", "array")
    return frozenset(
        name
        for name, part in _schema(entity)["properties"].items()
        if part.get("type") not in nested and "$ref" not in part
    ) | {"entity_id", "increment_id", "order_id", "store_id", "created_at", "updated_at"}
