"""Reading what a call asks for: its body, and its search."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Any

from connectors.catalog.magento.sandbox import criteria
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


def argument(call: Call, name: str) -> Any:
    """The named argument of the service; ``stock_item`` is taken for ``stockItem`` too."""
    given = body(call)
    snake = re.sub(r"(?<=\w)([A-Z])", lambda m: "_" + m[1].lower(), name)
    return given[name] if name in given else given.get(snake)


def member(call: Call, name: str) -> dict[str, Any]:
    """The named argument of the service, an object."""
    found = argument(call, name)
    if not isinstance(found, dict):
        raise required(name)
    return found


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
