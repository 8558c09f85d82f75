"""Lists that a vendor gives part by part: every style ends, or says why it does not."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.manifest.model import Operation
from connectors.manifest.parts import Paging
from connectors.sdk import ConnectorError, HttpResponse, pick
from ipaas.core import jsonio
from ipaas.core.errors import Recovery

if TYPE_CHECKING:
    from connectors.session import Session

MOST_PAGES = 500
_NEXT_LINK = re.compile(r'<([^>]+)>\s*;[^,]*\brel="?next"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Page:
    items: list[Any]
    document: Any
    response: HttpResponse


@dataclass(slots=True)
class _Turn:
    """What the next request adds: members of query or body, or a whole address."""

    extra: dict[str, Any]
    url: str = ""

    def mark(self) -> str:
        return self.url or jsonio.dumps(self.extra).decode()


def all_pages(session: Session, spec: Operation, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """``{"items", "total_count"}`` up to ``inputs.limit``.

    Raises ConnectorError if the vendor repeats itself or goes on beyond 500 pages: a list that is
    not whole is never given as if it were.
    """
    paging = spec.paging
    assert paging is not None
    limit = _limit(spec, paging, inputs)
    items: list[Any] = []
    total: int | None = None
    for page in _pages(session, spec, paging, inputs, limit):
        items.extend(page.items)
        if paging.total:
            total = int(pick(page.document, paging.total) or 0)
        if limit is not None and len(items) >= limit:
            break
    kept = items if limit is None else items[:limit]
    return {"items": kept, "total_count": len(kept) if total is None else total}


def _limit(spec: Operation, paging: Paging, inputs: Mapping[str, Any]) -> int | None:
    if inputs.get("limit"):
        return max(1, int(inputs["limit"]))
    known = spec.input.get("properties", {}) if isinstance(spec.input, dict) else {}
    return paging.most if "limit" in known else None


def _pages(
    session: Session,
    spec: Operation,
    paging: Paging,
    inputs: Mapping[str, Any],
    limit: int | None,
) -> Iterator[_Page]:
    size = min(limit or paging.most, paging.most)
    turn: _Turn | None = _first(paging, size)
    asked: set[str] = set()
    seen, before = 0, b""
    for number in range(1, MOST_PAGES + 1):
        if turn is None:
            return
        if turn.mark() in asked:
            raise _endless(session, spec, "it gives the same place to go on again")
        asked.add(turn.mark())
        response = session.send_template(spec, inputs, extra=turn.extra, url=turn.url)
        document = session.document(response, spec)
        found = pick(document, paging.items) or []
        if not isinstance(found, list):
            found = [found]
        seen += len(found)
        yield _Page(found, document, response)
        turn = _next(session, spec, paging, inputs, _Page(found, document, response), number, seen)
        if turn is None:
            return
        mark = hashlib.sha256(jsonio.dumps(found)).digest() if found else b""
        if found and mark == before:
            raise _endless(session, spec, "it gives the same page again and again")
        before = mark
    raise _endless(session, spec, f"it goes on beyond {MOST_PAGES} pages")


def _first(paging: Paging, size: int) -> _Turn:
    extra: dict[str, Any] = {paging.size: size} if paging.size else {}
    if paging.style == "page":
        extra = {paging.page: paging.first, **extra}
    elif paging.style == "offset":
        extra = {paging.offset: paging.first, **extra}
    return _Turn(extra)


def _next(
    session: Session,
    spec: Operation,
    paging: Paging,
    inputs: Mapping[str, Any],
    page: _Page,
    number: int,
    seen: int,
) -> _Turn | None:
    """What to ask for next, or None at the end."""
    base = _first(paging, 0).extra
    if paging.size:
        base[paging.size] = _size_of(paging, inputs, spec)
    match paging.style:
        case "cursor":
            cursor = pick(page.document, paging.next)
            ended = cursor in (None, "", False) or _says_end(paging, page.document)
            return None if ended else _Turn({**base, paging.cursor: cursor})
        case "link":
            found = _NEXT_LINK.search(page.response.headers.get("link", ""))
            return _Turn({}, found.group(1)) if found else None
        case "hook":
            extra = session.hook(paging.hook)(dict(inputs), page.document, number)
            return None if extra is None else _Turn({**base, **extra})
    if not page.items or _says_end(paging, page.document):
        return None
    if paging.total and seen >= int(pick(page.document, paging.total) or 0):
        return None
    if paging.style == "page":
        return _Turn({**base, paging.page: paging.first + number})
    return _Turn({**base, paging.offset: paging.first + seen})


def _size_of(paging: Paging, inputs: Mapping[str, Any], spec: Operation) -> int:
    return min(_limit(spec, paging, inputs) or paging.most, paging.most)


def _says_end(paging: Paging, document: Any) -> bool:
    return bool(paging.more) and not pick(document, paging.more)


def _endless(session: Session, spec: Operation, why: str) -> ConnectorError:
    return ConnectorError(
        f"The list “{spec.title}” does not end: {why}.",
        code="connector.paging_endless",
        recovery=Recovery.GIVE_UP,
        hint="Ask for fewer entries (a limit, a later date). If it stays, the connector's paging "
        "does not fit this vendor.",
        exchanges=tuple(session.exchanges),
    )
