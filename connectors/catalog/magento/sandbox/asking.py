"""Reading what a call asks for: its body, and its search."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Any

from connectors.catalog.magento.sandbox import criteria, members
from connectors.catalog.magento.sandbox.errors import refused, required
from connectors.catalog.magento.sandbox.events import Shop
from connectors.sandbox_kit.vendor import Call


def body(call: Call) -> dict[str, Any]:
    """The JSON object of the body; an empty body is an empty object."""
    if not call.body.strip():
        return {}
    document = call.document()
    if document == []:  # how PHP writes an empty object
        return {}
    if not isinstance(document, dict):
        raise refused(400, "The request body must be a JSON object.")
    return document


def arguments(call: Call, *names: str) -> dict[str, Any]:
    """The arguments of the service by their names; ``stock_item`` is taken for ``stockItem`` too.

    A shop passes over an argument that it does not know; here it is refused, so that nobody
    believes it did something.
    """
    known = {name: name for name in names} | {_snake(name): name for name in names}
    given = body(call)
    for name in given:
        if name not in known:
            raise refused(400, 'This service has no argument "%1".', [name])
    return {known[name]: value for name, value in given.items()}


def member(call: Call, name: str, *others: str) -> dict[str, Any]:
    """The named argument of the service, an object; it may have ``others`` beside it."""
    found = arguments(call, name, *others).get(name)
    if not isinstance(found, dict):
        raise required(name)
    return found


def rows(shop: Shop, call: Call, name: str) -> list[dict[str, Any]]:
    """The only argument of the service, a list of objects; a shop may limit their number."""
    found = arguments(call, name).get(name)
    if not isinstance(found, list):
        raise required(name)
    if not all(isinstance(each, dict) for each in found):
        raise members.wrong_type(found, "object")
    most = shop.ledger.setting("max_items")
    if most and len(found) > most:
        raise refused(400, 'Maximum items of type "%type" is %max', {"type": name, "max": most})
    return found


def _snake(name: str) -> str:
    return re.sub(r"(?<=\w)([A-Z])", lambda m: "_" + m[1].lower(), name)


_PARAMETERS = {"searchCriteria", "search_criteria", "fields", "rootCategoryId", "depth", "services"}


def check_query(call: Call) -> None:
    """Refuse a parameter that no route has; a shop passes over it in silence."""
    for name, _ in call.query:
        if name.partition("[")[0] not in _PARAMETERS:
            raise refused(400, 'No service has a parameter "%1".', [name])


def search(
    shop: Shop,
    call: Call,
    entity: str,
    keys: tuple[str, ...],
    *,
    columns: Container[str] = (),
    attributes: Container[str] = (),
    read: Callable[[Any, str], Any] = lambda record, name: record.get(name),
) -> dict[str, Any]:
    """Search result; a field must be among ``columns`` of a table, or ``attributes``."""
    wanted = criteria.parse(call.query)
    if attributes:
        wanted.require_attributes(attributes)
    else:
        wanted.require_columns(columns)
    limit = shop.ledger.setting("max_page_size")
    if limit and (wanted.page_size or 0) > limit:
        raise refused(400, "Maximum SearchCriteria pageSize is %max", {"max": limit})
    records, total = criteria.search(shop.ledger, entity, wanted, keys=keys, read=read)
    return {"items": records, "search_criteria": wanted.echo(), "total_count": total}
