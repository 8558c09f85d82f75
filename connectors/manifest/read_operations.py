"""Operations of a checked manifest as frozen values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.manifest.model import (
    FindOrCreate,
    IdempotencyKey,
    Lookup,
    Operation,
)
from connectors.manifest.parts import (
    Batch,
    Cache,
    ErrorFields,
    Paging,
    Poll,
    RequestTemplate,
    When,
)
from connectors.manifest.read_parts import limit, plain


def operation(name: str, entry: dict[str, Any]) -> Operation:
    """One operation."""
    return Operation(
        name=name,
        title=entry["title"],
        description=plain(entry.get("description", "")),
        kind=entry["kind"],
        effect=entry.get("effect"),
        entity=entry["entity"],
        hidden=entry.get("hidden", False),
        input=entry.get("input"),
        input_without=tuple(entry.get("input_without", ())),
        input_partial=entry.get("input_partial", ""),
        output=entry.get("output"),
        output_pointer=entry.get("output_pointer", ""),
        request=_request(entry.get("request")),
        reply=entry.get("reply", "json"),
        hook=entry.get("hook", ""),
        facts=entry.get("facts", ""),
        query_hook=entry.get("query_hook", ""),
        paging=_paging(entry.get("paging")),
        idempotency=_idempotency(entry.get("idempotency")),
        may_double=entry.get("idempotency") == "none",
        lookup=_lookup(entry.get("lookup")),
        visibility_delay_s=float(entry.get("visibility_delay_s", 0)),
        scopes=tuple(entry.get("scopes", ())),
        reference=entry.get("reference", ""),
        business_key=entry.get("business_key", ""),
        topics=tuple(entry.get("topics", ())),
        once=entry.get("once", ""),
        when=_when(entry.get("when")),
        repeats=entry.get("repeats", False),
        poll=_poll(entry.get("poll")),
        batch=_batch(entry.get("batch")),
        cache=_cache(entry.get("cache"), entry["entity"]),
        limits=tuple(limit(each) for each in entry.get("limits", ())),
    )


def _when(entry: dict[str, Any] | None) -> When | None:
    if not entry:
        return None
    over = Decimal(str(entry["over"])) if "over" in entry else None
    return When(entry["pointer"], tuple(entry.get("in", ())), over)


def find_or_create(entity: str, entry: dict[str, Any]) -> FindOrCreate:
    """An entity that can be searched and made."""
    return FindOrCreate(
        entity=entity,
        title=entry["title"],
        find=entry["find"],
        create=entry["create"],
        id=entry["id"],
        duplicate_codes=tuple(entry.get("duplicate_codes", ())),
        natural_key=tuple(entry.get("natural_key", ())),
    )


def _request(entry: dict[str, Any] | None) -> RequestTemplate | None:
    return RequestTemplate(**entry) if entry else None


def _paging(entry: dict[str, Any] | None) -> Paging | None:
    if not entry:
        return None
    known = {"place" if name == "in" else name: value for name, value in entry.items()}
    known.setdefault("style", "page")
    known.setdefault("first", 0 if known["style"] == "offset" else 1)
    return Paging(**known)


def _poll(entry: dict[str, Any] | None) -> Poll | None:
    if not entry:
        return None
    style = "hook" if "hook" in entry else "cursor" if "cursor" in entry else "updated_since"
    return Poll(**{"style": style, **entry})


def _batch(entry: dict[str, Any] | None) -> Batch | None:
    if not entry:
        return None
    return Batch(
        **{
            **entry,
            "request": _request(entry.get("request")),
            "error": ErrorFields(**entry.get("error", {})),
        }
    )


def _cache(entry: dict[str, Any] | None, entity: str) -> Cache | None:
    return Cache(entry["for_s"], tuple(entry.get("of", (entity,)))) if entry else None


def _lookup(entry: dict[str, Any] | None) -> Lookup | None:
    if not entry:
        return None
    return Lookup(
        operation=entry["operation"],
        inputs=entry["inputs"],
        found=entry.get("found", "/record"),
        same=entry.get("same", ""),
    )


def _idempotency(entry: Any) -> IdempotencyKey | None:
    if not entry or entry == "none":
        return None
    if entry == "own":
        return IdempotencyKey("own", "", 255)
    place = "query" if "query" in entry else "header"
    return IdempotencyKey(place, entry[place], entry.get("max_length", 255))  # type: ignore[arg-type]
