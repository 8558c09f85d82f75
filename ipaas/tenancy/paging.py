"""Lists in pages that stay right while rows are added: a cursor names the last row seen."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from ipaas.core import jsonio
from ipaas.core.errors import Invalid, IpaasError

T = TypeVar("T")
U = TypeVar("U")

DEFAULT_LIMIT = 50
MOST = 200


class CursorInvalid(Invalid):
    """The cursor does not come from this list."""

    code = "request.cursor_invalid"


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items, and the cursor that continues after them (None at the end)."""

    items: list[T]
    next: str | None = None

    def map(self, change: Callable[[T], U]) -> Page[U]:
        """The same page with every item changed."""
        return Page([change(item) for item in self.items], self.next)

    def document(self, **more: Any) -> dict[str, Any]:
        """The JSON form ``{"items": […], "next": …}``, plus ``more`` members."""
        return {"items": self.items, "next": self.next, **more}


def slice_of(
    items: Iterable[T],
    place: Callable[[T], tuple[str, ...]],
    cursor: str | None,
    limit: int = DEFAULT_LIMIT,
) -> Page[T]:
    """One page of values in memory, ordered by ``place``, which must be unique."""
    ordered = sorted(items, key=place)
    if cursor and ordered:
        after = tuple(map(str, decode(cursor, len(place(ordered[0])))))
        ordered = [item for item in ordered if place(item) > after]
    limit = max(1, min(limit, MOST))
    found = ordered[:limit]
    return Page(found, encode(*place(found[-1])) if len(ordered) > limit else None)


def encode(*values: Any) -> str:
    """Opaque text for the sort values of the last row of a page."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(jsonio.dumps(plain)).decode().rstrip("=")


def decode(cursor: str, count: int) -> list[Any]:
    """Sort values of a cursor; raises CursorInvalid unless there are ``count`` of them."""
    try:
        values = jsonio.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, IpaasError) as error:
        raise _invalid() from error
    if not isinstance(values, list) or len(values) != count:
        raise _invalid()
    if any(isinstance(value, (list, dict)) or "\0" in str(value) for value in values):
        raise _invalid()
    return values


def number(value: Any) -> int:
    """A sort value that is a number; raises CursorInvalid."""
    if not str(value).isdecimal():
        raise _invalid()
    return int(str(value))


def cut(
    rows: QuerySet,
    *order: str,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Any]:
    """One page of ``rows`` in ``order`` (e.g. ``"-created_at", "-id"``) after ``cursor``.

    The order must be unique in its last field, and all ascending or all descending.
    """
    fields = [name.lstrip("-") for name in order]
    descending = order[0].startswith("-")
    if any(name.startswith("-") != descending for name in order):
        raise ValueError("order must be all ascending or all descending")
    if cursor:
        rows = rows.filter(_after(rows, fields, decode(cursor, len(fields)), descending))
    limit = max(1, min(limit, MOST))
    found = list(rows.order_by(*order)[: limit + 1])
    if len(found) <= limit:
        return Page(found)
    last = found[limit - 1]
    return Page(found[:limit], encode(*(getattr(last, name) for name in fields)))


def _after(rows: QuerySet, fields: list[str], values: list[Any], descending: bool) -> Q:
    side = "lt" if descending else "gt"
    condition, equal = Q(), Q()
    for name, value in zip(fields, values, strict=True):
        try:
            typed = rows.model._meta.get_field(name).to_python(value)
        except ValidationError as error:
            raise _invalid() from error
        condition |= equal & Q(**{f"{name}__{side}": typed})
        equal &= Q(**{name: typed})
    return condition


def _invalid() -> CursorInvalid:
    return CursorInvalid("The list has changed its form.", hint="Reload it from the beginning.")
