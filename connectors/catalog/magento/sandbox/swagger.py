"""What the shop tells of its own services (``/rest/{store}/schema``): their extension attributes.

A real shop describes every service and every object; here are those that can be extended.
"""

from __future__ import annotations

from typing import Any

from connectors.catalog.magento.sandbox import members
from connectors.catalog.magento.sandbox.errors import refused
from connectors.sandbox_kit.vendor import Call

_SERVICES = {
    "salesOrderRepositoryV1": ("Order", "sales-data-order"),
    "catalogProductRepositoryV1": ("Product", "catalog-data-product"),
    "customerCustomerRepositoryV1": ("Customer", "customer-data-customer"),
}


def answer(call: Call) -> dict[str, Any]:
    """The description of the asked services, ``all`` of them or a list; raises Refused."""
    asked = str(call.param("services") or "all")
    names = list(_SERVICES) if asked == "all" else asked.split(",")
    for name in names:
        if name not in _SERVICES:
            raise refused(400, "Requested service is not available: %1", [name])
    definitions = {}
    for entity, definition in (_SERVICES[name] for name in names):
        extension = f"{definition}-extension-interface"
        definitions[extension] = {"type": "object", "properties": _extensions(entity)}
        definitions[f"{definition}-interface"] = {
            "type": "object",
            "properties": {"extension_attributes": {"$ref": f"#/definitions/{extension}"}},
        }
    return {
        "swagger": "2.0",
        "info": {"version": "2.4", "title": "Magento Open Source"},
        "definitions": definitions,
    }


def _extensions(entity: str) -> dict[str, Any]:
    usual = members.usual_extensions(entity)
    shown = {name: {"type": spec.get("type", "object")} for name, spec in usual.items()}
    return {**shown, **members.OWN_EXTENSIONS[entity]}
