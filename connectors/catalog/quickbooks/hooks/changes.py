"""What changed in QuickBooks: messages in both forms, and change data capture."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.catalog.quickbooks.hooks.entities import CAPTURED, KINDS, our_name
from connectors.catalog.quickbooks.hooks.queries import quoted, rows_of
from connectors.sdk import Event, OperationContext, Polled

_OVERLAP = timedelta(seconds=60)
_LOOK_BACK = timedelta(days=29)
_MOST_CAPTURED = 1000
_SECOND_S = 1.0
_SECOND = timedelta(seconds=_SECOND_S)
Cursor = dict[str, Any]
_VERBS = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "merge": "merged",
    "void": "voided",
    "emailed": "emailed",
}


def read_events(headers: Mapping[str, str], document: Any, account: str) -> list[Event]:
    """Events of this connection's company, from either form that Intuit sends.

    Intuit delivers the events of all companies of an app to one address; what belongs to other
    companies is left out here.
    """
    del headers
    events: list[Event] = []
    if isinstance(document, list):
        for entry in document:
            _, entity, verb, *_ = str(entry["type"]).split(".")
            if str(entry["intuitaccountid"]) == account:
                at = str(entry["time"])
                events.append(_event(entity, entry["intuitentityid"], verb, at, _SECOND_S))
        return events
    for notification in document["eventNotifications"]:
        if str(notification["realmId"]) != account:
            continue
        for entry in notification["dataChangeEvent"]["entities"]:
            verb = _VERBS.get(str(entry["operation"]).lower(), str(entry["operation"]).lower())
            at = str(entry["lastUpdated"])
            events.append(_event(entry["name"], entry["id"], verb, at, _SECOND_S))
    return events


def _event(entity: Any, identity: Any, verb: str, at: str, settle_s: float) -> Event:
    """One change: which record, what happened, in which second.

    That is all that messages and records have in common; a second change of the kind within that
    second is the same event. None is missed: the run begins when the second is over.
    """
    name = our_name(entity)
    return Event(
        entity=name,
        id=str(identity),
        revision=f"{verb} {_second_text(at)}",
        topic=verb,
        business_key=str(identity),
        document={
            "entity": name,
            "id": str(identity),
            "operation": verb,
            "changed_at": at,
        },
        settle_s=settle_s,
    )


def _second_text(at: str) -> str:
    """A second in one form, whichever offset it was written with; as it is if it is none."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return at
    if moment.tzinfo is None:
        return at
    return moment.astimezone(UTC).isoformat(timespec="seconds")


# --- asking


def poll_changes(
    context: OperationContext,
    cursor: Cursor | None,
    inputs: dict[str, Any],
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> Polled:
    """Records of one kind (or of all) that were created, changed or deleted."""
    del inputs
    entities = (KINDS[context.entity].name,) if context.entity in KINDS else CAPTURED
    found, place, start = _look(context, cursor, since, entities)
    events = [(at, event) for at, entity, row in found for event in _told(entity, row, at, start)]
    given, following = _cut([e for e in events if until is None or e[0] < until], limit)
    place = following or place
    return Polled(tuple(given), place, bool(place.get("going_on")))


def poll_stock(
    context: OperationContext,
    cursor: Cursor | None,
    inputs: dict[str, Any],
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> Polled:
    """Items whose quantity on hand differs from what it was at the look before."""
    del inputs, limit
    known: dict[str, str] = dict((cursor or {}).get("known") or {})
    if cursor is None and since is None:
        known = _quantities(context)
    found, place, _ = _look(context, cursor, since, ("Item",))
    events = []
    for at, _, row in found:
        if row.get("Type") != "Inventory" or (until is not None and at >= until):
            continue
        number, quantity = str(row["Id"]), str(row.get("QtyOnHand", 0))
        if known.get(number) != quantity:
            known[number] = quantity
            events.append(_stock_event(row, at))
    return Polled(tuple(events), {**place, "known": known}, bool(place.get("going_on")))


def _quantities(context: OperationContext) -> dict[str, str]:
    rows = context.call(
        "list_items",
        {"conditions": [{"field": "Type", "value": "Inventory"}], "limit": 10_000},
    )["items"]
    return {str(row["Id"]): str(row.get("QtyOnHand", 0)) for row in rows}


def _stock_event(row: Mapping[str, Any], at: datetime) -> Event:
    number, changed = str(row["Id"]), at.astimezone(UTC).isoformat()
    sku = str(row.get("Sku") or "")
    return Event(
        entity="inventory_level",
        id=number,
        revision=f"{row.get('QtyOnHand', 0)} {changed}",
        topic="stock_changed",
        business_key=sku or str(row.get("Name") or number),
        document={
            "item_id": number,
            "sku": sku,
            "name": str(row.get("Name") or ""),
            "quantity_on_hand": row.get("QtyOnHand", 0),
            "changed_at": changed,
        },
    )


def _told(entity: str, row: Mapping[str, Any], at: datetime, start: datetime) -> list[Event]:
    """What happened to the record, as messages would say it.

    A look sees only its newest state: that it was made since ``start`` is told too.
    """
    made = (row.get("MetaData") or {}).get("CreateTime")
    born = datetime.fromisoformat(str(made)) if made else None
    found = []
    if row.get("status") != "Deleted" and born is not None and start <= born:
        found.append(("created", born))
    if (verb := _verb(row, at, born)) is not None:
        found.append((verb, at))
    return [_event(entity, row["Id"], verb, _written(moment), _SECOND_S) for verb, moment in found]


def _verb(row: Mapping[str, Any], at: datetime, born: datetime | None) -> str | None:
    """What the record's last change was; None if nothing followed its creation."""
    if row.get("status") == "Deleted":
        return "deleted"
    if born == at and str(row.get("SyncToken") or "0") == "0":
        return None
    mailed = (row.get("DeliveryInfo") or {}).get("DeliveryTime")
    if mailed and _second_text(str(mailed)) == _second_text(at.isoformat()):
        return "emailed"
    voided = str(row.get("PrivateNote") or "").startswith("Voided") and row.get("TotalAmt") == 0
    return "voided" if voided else "updated"


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


Found = list[tuple[datetime, str, Mapping[str, Any]]]


def _look(
    context: OperationContext,
    cursor: Cursor | None,
    since: datetime | None,
    entities: tuple[str, ...],
) -> tuple[Found, Cursor, datetime]:
    """Changed records, the oldest change first, where the next look begins, and this one began.

    Change data capture holds thirty days and a thousand records; beyond that the records are
    queried, and only what was deleted longer ago stays unknown.
    """
    info = context.send("GET", f"/companyinfo/{context.account}")
    if cursor is None and since is None:
        begun = str(info["time"])
        return [], {"since": begun}, datetime.fromisoformat(begun)
    start = datetime.fromisoformat(cursor["since"]) if cursor else since
    assert start is not None
    if cursor and not cursor.get("going_on"):
        start -= _OVERLAP  # changes are shown late now and then
    captured = max(start, datetime.fromisoformat(str(info["time"])) - _LOOK_BACK)
    document = context.send(
        "GET",
        "/cdc",
        query={"entities": ",".join(entities), "changedSince": captured.isoformat()},
    )
    parts = document["CDCResponse"][0]["QueryResponse"]
    told = {name: rows for part in parts for name, rows in part.items() if isinstance(rows, list)}
    found: Found = []
    horizon: datetime | None = None
    beyond = captured > start or sum(map(len, told.values())) >= _MOST_CAPTURED
    for entity in entities:
        rows = told.get(entity, [])
        if beyond:
            queried = _by_query(context, entity, start)
            if len(queried) == _MOST_CAPTURED:
                last = _changed_at(queried[-1])
                horizon = last if horizon is None else min(horizon, last)
            rows = [row for row in rows if row.get("status") == "Deleted"] + queried
        found += [(_changed_at(row), entity, row) for row in rows]
    found.sort(key=lambda entry: entry[0])
    if horizon is None:
        return found, {"since": str(document["time"])}, start
    found = [entry for entry in found if entry[0] <= horizon]
    following = max(horizon, start + _SECOND)
    return found, {"since": following.isoformat(), "going_on": True}, start


def _by_query(context: OperationContext, entity: str, start: datetime) -> list[dict[str, Any]]:
    """The first thousand changed since ``start``: for what change data capture cannot hold."""
    return rows_of(
        context,
        f"select * from {entity} where MetaData.LastUpdatedTime >= {quoted(start.isoformat())}"
        f" orderby MetaData.LastUpdatedTime startposition 1 maxresults {_MOST_CAPTURED}",
    )


def _changed_at(row: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(row["MetaData"]["LastUpdatedTime"]))


def _cut(events: list[tuple[datetime, Event]], limit: int) -> tuple[list[Event], Cursor | None]:
    """The first events and a place behind them; all of one second stay together."""
    if len(events) <= limit:
        return [event for _, event in events], None
    last = events[limit - 1][0]
    given = [event for at, event in events if at <= last]
    return given, {"since": (last + _SECOND).isoformat(), "going_on": True}
