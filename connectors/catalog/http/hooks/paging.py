"""A whole list, part by part; it ends by what the service says, and never by going in circles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from connectors.catalog.http.hooks import addresses, bodies
from connectors.sdk import ConnectorError, HttpResponse, OperationContext, Recovery, needed, pick

MOST_PAGES = 2000
MOST_ITEMS = 100_000
_LINK = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?', re.IGNORECASE)
_USUAL = {"offset": "offset", "page": "page", "cursor": "cursor"}


def fetch_all(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """All entries up to ``limit``, and whether the list came to its end.

    Without a stated total a list ends with an empty page, because services cap page sizes: a
    page that is merely short proves nothing.
    """
    paging: Mapping[str, Any] = inputs.get("paging") or {}
    style = str(paging.get("style") or "")
    if style not in ("none", "offset", "page", "cursor", "link"):
        raise needed("paging.style", "Style of the pages")
    limit = min(int(inputs.get("limit") or 10_000), MOST_ITEMS)
    path, query = addresses.path_of(inputs), addresses.query_of(inputs)
    parameter = str(paging.get("parameter") or _USUAL.get(style, ""))
    size_parameter = str(paging.get("size_parameter") or "")
    if size_parameter and style != "none":
        query[size_parameter] = int(paging.get("size") or 100)
    number = int(paging["first"]) if paging.get("first") is not None else 1
    items: list[Any] = []
    seen: set[str] = set()
    before: list[Any] = []
    for pages in range(1, MOST_PAGES + 1):
        if style == "offset":
            query[parameter] = len(items)
        elif style == "page":
            query[parameter] = number + pages - 1
        past_the_end = {404} if pages > 1 and style in ("offset", "page") else set()
        response = context.exchange(
            "GET", path, query=query, headers=addresses.headers_of(inputs), good=past_the_end
        )
        document = None if response.status == 404 else bodies.read(response, "auto")
        found = entries_of(document, str(inputs.get("items") or ""), response.status)
        if found and found == before and style in ("offset", "page"):
            raise _circle(f"two pages in a row are the same, so “{parameter}” has no effect")
        before = found
        items.extend(found)
        total = _number(pick(document, str(paging["total"]))) if paging.get("total") else None
        following = _following(style, paging, response, document)
        ended = _ended(style, found, following, len(items), total)
        if ended and total is not None and len(items) < min(total, limit):
            raise _short(len(items), total)
        if ended or len(items) >= limit:
            complete = len(items) <= limit if ended else len(items) == (total or -1)
            return _result(items[:limit], complete, pages)
        if following:
            if following in seen:
                raise _circle("the service names a page it has named before")
            seen.add(following)
            if style == "cursor":
                query[parameter] = following
            else:
                path, query = _below(context, path, following)
    raise _circle(f"it did not end within {MOST_PAGES} pages")


def _ended(style: str, found: list[Any], following: str, collected: int, total: int | None) -> bool:
    if style == "none":
        return True
    if style in ("cursor", "link"):
        return not following
    return not found or (total is not None and collected >= total)


def entries_of(document: Any, pointer: str, status: int) -> list[Any]:
    """The list in an answer; a single record where XML has no way to say “list”."""
    if status == 404:
        return []
    found = pick(document, pointer)
    if found is None and document is None:
        return []
    if not isinstance(found, list):
        if isinstance(found, Mapping) and pointer:
            return [found]
        if found is None and isinstance(document, Mapping):
            return []
        raise ConnectorError(
            f"There is no list at “{pointer or '(the whole answer)'}”.",
            code="http.no_list",
            recovery=Recovery.GIVE_UP,
            hint="Look at an answer and name the place of its list.",
            field="items",
        )
    return found


def _following(style: str, paging: Mapping[str, Any], response: HttpResponse, document: Any) -> str:
    """Mark or address of the next page, "" at the end."""
    pointer = str(paging.get("next") or "")
    if style == "link" and not pointer:
        match = _LINK.search(response.headers.get("link", ""))
        return match.group(1) if match else ""
    if style not in ("link", "cursor"):
        return ""
    if not pointer:
        raise needed("paging.next", "Where the next mark stands")
    value = pick(document, pointer)
    return "" if value in (None, False) else str(value)


def _below(context: OperationContext, path: str, link: str) -> tuple[str, dict[str, Any]]:
    """Path and parameters of a link; it must stay below the connection's address."""
    base = str(context.settings.get("base_url") or "").rstrip("/")
    target, home = urlsplit(urljoin(f"{base}{path}", link)), urlsplit(base)
    same = (target.scheme, target.hostname, target.port) == (home.scheme, home.hostname, home.port)
    if not same or not f"{target.path}/".startswith(f"{home.path}/"):
        raise ConnectorError(
            "The service names a next page that is not below the connection's address.",
            code="http.page_elsewhere",
            recovery=Recovery.GIVE_UP,
            hint="Shorten the connection's address so that all pages lie below it.",
        )
    query: dict[str, Any] = {}
    for name, value in parse_qsl(target.query, keep_blank_values=True):
        query[name] = [*query[name], value] if name in query else [value]
    return target.path[len(home.path) :] or "/", query


def _result(items: list[Any], complete: bool, pages: int) -> dict[str, Any]:
    return {"items": items, "count": len(items), "complete": complete, "pages": pages}


def _number(value: Any) -> int | None:
    return int(str(value)) if str(value).isdigit() else None


def _circle(why: str) -> ConnectorError:
    return ConnectorError(
        f"The list never ends: {why}.",
        code="http.endless_list",
        recovery=Recovery.GIVE_UP,
        hint="Check the style of the pages and the name of its parameter.",
        field="paging",
    )


def _short(collected: int, total: int) -> ConnectorError:
    return ConnectorError(
        f"The service announced {total} entries and gave {collected}.",
        code="http.list_short",
        recovery=Recovery.RETRY,
        hint="Entries may have been removed meanwhile; it is tried again by itself.",
    )
