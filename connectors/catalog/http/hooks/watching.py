"""Entries of a list that were not there at the last look, or have changed since."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.catalog.http.hooks import addresses, bodies
from connectors.catalog.http.hooks.paging import entries_of, fetch_all
from connectors.sdk import ConnectorError, Event, OperationContext, Polled, Recovery, needed, pick
from ipaas.core import jsonio

MOST_ENTRIES = 20_000
UNCHANGED = 304


def changed_entries(
    context: OperationContext,
    cursor: dict[str, Any] | None,
    inputs: Mapping[str, Any],
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> Polled:
    """Entries that are new or changed.

    The service is told what it answered last (``If-None-Match``, ``If-Modified-Since``); if it
    says that nothing changed, or gives only what did, nothing else is read. Entries are known by
    their mark, so that a service that ignores these headers, or gives entries of before once
    more, starts nothing twice. The first look only remembers, but for entries that say that they
    changed after ``since``.
    """
    if not inputs.get("id"):
        raise needed("id", "Where an entry's id stands")
    known = cursor or {}
    found, told = _look(context, inputs, known)
    if found is None:
        return Polled((), known)
    if len(found) > MOST_ENTRIES:
        raise ConnectorError(
            f"The list holds more than {MOST_ENTRIES} entries.",
            code="http.list_too_large",
            recovery=Recovery.GIVE_UP,
            hint="Add a parameter with which the service gives fewer, such as the newest ones.",
        )
    marks = [_mark(inputs, entry) for entry in found]
    seen = known.get("seen")
    if seen is None:
        seen = [
            mark
            for mark, entry in zip(marks, found, strict=True)
            if not _within(inputs, entry, since, until)
        ]
    before = set(seen)
    news = {mark: entry for mark, entry in zip(marks, found, strict=True) if mark not in before}
    given = dict(list(news.items())[:limit])
    more = len(news) > len(given)
    here = dict.fromkeys(mark for mark in marks if mark in before or mark in given)
    kept = [*(mark for mark in dict.fromkeys(seen) if mark not in here), *here]
    following = {"seen": kept[-MOST_ENTRIES:], **({} if more else told)}
    return Polled(tuple(_event(inputs, entry) for entry in given.values()), following, more)


def _look(
    context: OperationContext, inputs: Mapping[str, Any], known: Mapping[str, Any]
) -> tuple[list[Any] | None, dict[str, str]]:
    """Entries, or None if nothing changed; and what the service is to be told next time."""
    pointer = str(inputs.get("items") or "")
    paging: Mapping[str, Any] = inputs.get("paging") or {}
    if paging.get("style") not in (None, "", "none"):
        # Whether the first page changed says nothing about the others.
        wish = {**inputs, "paging": paging, "limit": MOST_ENTRIES + 1}
        return fetch_all(context, wish)["items"], {}
    headers = addresses.headers_of(inputs)
    if known.get("etag"):
        headers["If-None-Match"] = known["etag"]
    if known.get("modified"):
        headers["If-Modified-Since"] = known["modified"]
    response = context.exchange(
        "GET",
        addresses.path_of(inputs),
        query=addresses.query_of(inputs),
        headers=headers,
        good={UNCHANGED},
    )
    if response.status == UNCHANGED:
        return None, {}
    told = {
        name: value
        for name, header in (("etag", "etag"), ("modified", "last-modified"))
        if (value := response.headers.get(header))
    }
    return entries_of(bodies.read(response, "auto"), pointer, response.status), told


def _revision(inputs: Mapping[str, Any], entry: Any) -> str:
    """What changes whenever the entry does: a field of its, else its content."""
    if inputs.get("revision"):
        found = pick(entry, str(inputs["revision"]))
        if found not in (None, ""):
            return addresses.as_text(found)
    return hashlib.sha256(jsonio.canonical(entry)).hexdigest()[:32]


def _id(inputs: Mapping[str, Any], entry: Any) -> str:
    found = pick(entry, str(inputs["id"])) if isinstance(entry, Mapping) else None
    if found in (None, "") or isinstance(found, (Mapping, list)):
        raise ConnectorError(
            f"An entry has no id at “{inputs['id']}”.",
            code="http.entry_without_id",
            recovery=Recovery.GIVE_UP,
            hint="Look at an answer and name the place of the id. Nothing was skipped.",
            field="id",
        )
    return addresses.as_text(found)


def _mark(inputs: Mapping[str, Any], entry: Any) -> str:
    name = f"{_id(inputs, entry)}\n{_revision(inputs, entry)}"
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _within(
    inputs: Mapping[str, Any], entry: Any, since: datetime | None, until: datetime | None
) -> bool:
    """Whether the entry says that it changed in that time; one that says nothing did not."""
    if since is None:
        return False
    try:
        at = datetime.fromisoformat(str(pick(entry, str(inputs.get("revision") or "/"))))
    except ValueError:
        return False
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return since <= at and (until is None or at < until)


def _event(inputs: Mapping[str, Any], entry: Any) -> Event:
    name = _id(inputs, entry)
    key = pick(entry, str(inputs["business_key"])) if inputs.get("business_key") else None
    return Event(
        entity="entry",
        id=name,
        revision=_revision(inputs, entry),
        topic="entry",
        business_key=name if key in (None, "") else addresses.as_text(key),
        document=dict(entry),
    )
