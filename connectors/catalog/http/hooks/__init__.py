"""Requests of any kind: built from inputs, their answers read by what they say they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.catalog.http.hooks import addresses, bodies
from connectors.catalog.http.hooks.errors import read_error
from connectors.catalog.http.hooks.paging import fetch_all
from connectors.catalog.http.hooks.watching import changed_entries
from connectors.sdk import CallFacts, ConnectorError, OperationContext, Recovery, needed, pick

__all__ = [
    "changed_entries",
    "check",
    "fetch_all",
    "read_error",
    "request",
    "request_facts",
    "search",
]

READS = ("GET", "HEAD")
METHODS = (*READS, "POST", "PUT", "PATCH", "DELETE")
# Every answer but “who are you”, “not you”, “later” and the service's own trouble.
_ANSWERS = frozenset(range(200, 500)) - {401, 402, 403, 407, 408, 425, 429} - set(range(300, 400))


def request_facts(
    fixed: Mapping[str, Any], mapped: frozenset[str], settings: Mapping[str, Any]
) -> CallFacts:
    """What the platform must know of one step: fixed values of its inputs decide.

    A method that a mapping computes may be anything, so the step counts as a write.
    """
    del settings
    search = fixed.get("search")
    findable = "search.path" in mapped or (isinstance(search, Mapping) and search.get("path"))
    return CallFacts(
        writes=str(fixed.get("method") or "").upper() not in READS,
        has_key=bool(str(fixed.get("idempotency_header") or "").strip()),
        can_probe=bool(findable),
    )


def request(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Status, headers and document of the answer to one request."""
    method = str(inputs.get("method") or "").strip().upper()
    if not method:
        raise needed("method", "Method")
    if method not in METHODS:
        raise ConnectorError(
            f"“{method[:20]}” is not a method.",
            code="http.unknown_method",
            recovery=Recovery.FIX_DATA,
            hint=f"Choose one of {', '.join(METHODS)}.",
            field="method",
        )
    headers = addresses.headers_of(inputs)
    key_header = str(inputs.get("idempotency_header") or "").strip()
    if key_header and method not in READS and context.idempotency_key:
        headers[addresses.header_name(key_header)] = context.idempotency_key
    content = None
    if inputs.get("body") is not None and method not in READS:
        content, kind = bodies.written(inputs["body"], str(inputs.get("send_as") or "json"))
        headers.setdefault("Content-Type", kind)
    response = context.exchange(
        method,
        addresses.path_of(inputs),
        query=addresses.query_of(inputs),
        content=content,
        headers=headers,
        good=_good(inputs.get("also_good")),
    )
    return {
        "status": response.status,
        "headers": response.headers,
        "body": bodies.read(response, str(inputs.get("read_as") or "auto")),
    }


def search(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Whether the GET that a write named finds what was sent; the record looks like an answer."""
    wish: Mapping[str, Any] = inputs.get("search") or {}
    response = context.exchange(
        "GET", addresses.path_of(wish), query=addresses.query_of(wish), good={404}
    )
    nothing = {"found": False, "record": None}
    if response.status == 404:
        return nothing
    found = pick(bodies.read(response, "auto"), str(wish.get("found") or ""))
    wanted: Mapping[str, Any] = wish.get("same") or {}
    for candidate in found if isinstance(found, list) else [found]:
        if candidate in (None, "", {}, []) or not _same(candidate, wanted):
            continue
        record = {"status": response.status, "headers": response.headers, "body": candidate}
        return {"found": True, "record": record}
    return nothing


def check(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Status of a plain GET; a service that knows no such path is still one that answers."""
    del inputs
    path = addresses.path_of({"path": context.settings.get("test_path") or "/"})
    return {"status": context.exchange("GET", path, good=_ANSWERS).status}


def _good(statuses: Any) -> frozenset[int]:
    given = statuses if isinstance(statuses, list) else [statuses]
    return frozenset(int(str(entry)) for entry in given if str(entry or "").isdigit())


def _same(candidate: Any, wanted: Mapping[str, Any]) -> bool:
    if not isinstance(candidate, Mapping):
        return not wanted
    return all(str(candidate.get(name)) == str(value) for name, value in wanted.items())
