"""Checks of every written body: types, lengths, enumerations, references (fact sheet A4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox import shapes
from connectors.catalog.quickbooks.sandbox.company import Company, EntityRules, rules
from connectors.catalog.quickbooks.sandbox.errors import (
    Fault,
    bad_enum,
    bad_number,
    bad_reference,
    business,
    inactive_reference,
    missing,
    too_long,
    unsupported_property,
)
from connectors.sandbox_kit.money import decimal_of, plain

_SYSTEM = {"Id", "SyncToken", "sparse", "domain", "MetaData", "status", "V4IDPseudonym"}
_PHONE_LENGTH = 30
_EMAIL_LENGTH = 100
_CUSTOM_LENGTH = 31
_MAX_DECIMALS = 7
_WORDS = {
    "Customer": "Names",
    "Vendor": "Names",
    "Item": "Item",
    "Account": "Accounts",
    "Class": "Klasses",
}


def strict(company: Company) -> bool:
    """Whether names that are not known are refused; else they are dropped."""
    return bool(company.ledger.setting("unknown_properties") == "refuse")


def writable(company: Company, entity: EntityRules, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body's writable fields, checked and in stored form; None marks a field to clear.

    What clients echo back (read-only and system fields) is ignored. A truly unknown property
    is refused unless the setting ``unknown_properties`` says "ignore".
    """
    fields: dict[str, Any] = {}
    for name, value in body.items():
        kind = entity.fields.get(name)
        if kind is None:
            if name not in _SYSTEM and strict(company):
                raise unsupported_property(f'Unrecognized field "{name}" specified', name)
            continue
        if kind.endswith(" ro"):
            continue
        if value is None or value == "":
            fields[name] = None
            continue
        fields[name] = _checked(company, name, kind, value)
    return fields


def _checked(company: Company, name: str, kind: str, value: Any) -> Any:
    word, _, rest = kind.partition(" ")
    match word:
        case "text":
            return text(name, value, int(rest or 4000))
        case "number":
            return number(name, value)
        case "bool":
            return boolean(name, value)
        case "date":
            return day(name, value)
        case "enum":
            return chosen(name, value, rest.split("|"))
        case "ref":
            return reference(company, rest, value, name)
        case "party":
            return party(company, value, name)
        case "currency":
            return shaped(company, "ref", name, {"value": value} if _plain(value) else value)
        case "list":
            return listed(name, value)
        case "email":
            return email(company, name, value)
        case "address":
            document = shaped(company, "address", name, value)
            return {key: part for key, part in document.items() if part not in (None, "")}
        case "custom":
            return _custom_fields(company, listed(name, value))
        case "shape":
            return _phone(name, shaped(company, rest, name, value))
    return _object(name, value)


def _plain(value: Any) -> bool:
    return isinstance(value, str)


def _object(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise unsupported_property(f"{name} must be an object. The value specified", name)
    return value


def listed(name: str, value: Any) -> list[Any]:
    """``value`` if it is an array."""
    if not isinstance(value, list):
        raise unsupported_property(f"{name} must be an array. The value specified", name)
    return value


def shaped(company: Company, shape: str, name: str, value: Any) -> dict[str, Any]:
    """The object with the members that this shape has; others are refused or dropped."""
    document = _object(name, value)
    known = shapes.MEMBERS[shape]
    unknown = next((member for member in document if member not in known), None)
    if unknown is not None and strict(company):
        where = f"{name}.{unknown}"
        raise unsupported_property(f'Unrecognized field "{where}" specified', where)
    inner = shapes.INNER.get(shape, {})
    return {
        key: _inner(company, inner[key], f"{name}.{key}", part) if key in inner else part
        for key, part in document.items()
        if key in known
    }


def _inner(company: Company, shape: str, name: str, value: Any) -> Any:
    """An object inside another one, or an array of them; a bare id where a reference is meant."""
    if isinstance(value, list):
        return [_inner(company, shape, name, each) for each in value]
    if value is None or value == "":
        return value
    if shape == "ref" and not isinstance(value, dict):
        return {"value": str(value)}
    return shaped(company, shape, name, value)


def _phone(name: str, document: dict[str, Any]) -> dict[str, Any]:
    if document.get("FreeFormNumber"):
        text(name, document["FreeFormNumber"], _PHONE_LENGTH)
    return document


def chosen(name: str, value: Any, allowed: list[str] | tuple[str, ...]) -> str:
    """``value`` if it is one of ``allowed``."""
    word = text(name, value, 100)
    if word not in allowed:
        raise bad_enum(name, word)
    return word


def text(name: str, value: Any, limit: int) -> str:
    if isinstance(value, bool | dict | list):
        raise unsupported_property(f"{name} must be text. The value specified", name)
    written = str(value)
    if len(written) > limit:
        raise too_long(name, limit, len(written))
    return written


def number(name: str, value: Any, *, decimals: int = _MAX_DECIMALS) -> Decimal | int:
    """The number, also when it comes as text; too many decimals are refused."""
    if isinstance(value, bool | dict | list):
        raise unsupported_property(f"{name} must be a number. The value specified", name)
    found = decimal_of(value)
    if found is None:
        raise bad_number(name)
    exponent = found.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > decimals:
        raise business(f"Amount has more precision than allowed: {name}")
    return plain(found)


def boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise unsupported_property(f"{name} must be true or false. The value specified", name)


def day(name: str, value: Any) -> str:
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        raise unsupported_property(f"{name} is not a date. The value specified", name) from None


def email(company: Company, name: str, value: Any) -> dict[str, Any]:
    """One or several addresses, by commas."""
    document = shaped(company, "email", name, value)
    address = text(name, document.get("Address") or "", _EMAIL_LENGTH)
    for part in address.split(",") if address else []:
        local, at, host = part.strip().rpartition("@")
        if not at or not local or "." not in host or any(c.isspace() for c in part.strip()):
            raise Fault(
                "2210",
                "Invalid Email Address format",
                "Email Address does not conform to the RFC 822 standard. : Invalid address.",
                element=name,
            )
    return document


def _custom_fields(company: Company, entries: list[Any]) -> list[dict[str, Any]]:
    """Values of the company's custom fields; the name comes from the definition (A9)."""
    defined = {entry["DefinitionId"]: entry for entry in company.ledger.setting("custom_fields")}
    found = []
    for entry in entries:
        given = shaped(company, "custom", "CustomField", entry)
        number_of = str(given.get("DefinitionId") or "")
        if not number_of:
            raise missing("CustomField.DefinitionId")
        definition = defined.get(number_of)
        if definition is None:
            raise unsupported_property(f"CustomField definition {number_of} specified")
        stored = {
            "DefinitionId": number_of,
            "Name": definition["Name"],
            "Type": definition.get("Type", "StringType"),
        }
        if given.get("StringValue"):
            stored["StringValue"] = text("StringValue", given["StringValue"], _CUSTOM_LENGTH)
        found.append(stored)
    return found


def reference(company: Company, entity: str, value: Any, name: str) -> dict[str, Any]:
    """The reference with its display name; refuses what is unknown or inactive."""
    document = shaped(company, "ref", name, value if isinstance(value, dict) else {"value": value})
    wanted = document.get("value")
    if wanted in (None, "") or isinstance(wanted, dict | list | bool):
        raise missing(f"{name}.value")
    record = company.get(entity, wanted)
    if record is None:
        raise bad_reference(_unknown(entity, str(wanted)), _element(entity, name))
    if record.get("Active") is False:
        raise inactive_reference()
    label = record.get("DisplayName") or record.get("FullyQualifiedName") or record.get("Name")
    return {"value": record["Id"], "name": label}


def party(company: Company, value: Any, name: str) -> dict[str, Any]:
    """A reference to a customer or vendor; its ``type`` says which."""
    kind = str(_object(name, value).get("type") or "Vendor").capitalize()
    if kind not in ("Customer", "Vendor"):
        raise bad_enum(f"{name}.type", kind)
    return {**reference(company, kind, value, name), "type": kind}


def _unknown(entity: str, wanted: str) -> str:
    word = "elements" if entity == "Item" else "element"
    return f"{_WORDS.get(entity, f'{entity}s')} {word} id {wanted} not found"


def _element(entity: str, name: str) -> str:
    return name if entity == "Item" else "Reference Id"


def merged(
    entity: EntityRules,
    before: Mapping[str, Any],
    changes: Mapping[str, Any],
    *,
    sparse: bool,
) -> dict[str, Any]:
    """Next state of a record: a sparse update keeps omitted fields, a full one clears them."""
    kept = {
        name: value
        for name, value in before.items()
        if sparse or name not in entity.fields or _survives(entity, name)
    }
    kept.update(changes)
    return {name: value for name, value in kept.items() if value is not None}


def _survives(entity: EntityRules, name: str) -> bool:
    return entity.fields[name].endswith(" ro") or name in ("CurrencyRef", "Active", "Type")


def rules_of(name: str) -> EntityRules | None:
    return rules().get(name.lower())
