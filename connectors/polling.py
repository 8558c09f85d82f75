"""Asking a vendor what changed since last time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors import credentials
from connectors.manifest.model import Operation
from connectors.manifest.parts import Poll
from connectors.manifest.templates import as_text
from connectors.sdk import ConnectorError, Event, Polled, pick
from connectors.session import Session
from connectors.triggering import for_triggers, triggers_of
from connectors.values import ConnectionRef
from ipaas.core import clock
from ipaas.core.errors import Recovery, Unprocessable

Cursor = dict[str, Any]


class NotPolled(Unprocessable):
    """This trigger's events come by message only."""

    code = "connector.not_polled"


def poll(
    ref: ConnectionRef,
    operation: str,
    cursor: Cursor | None,
    *,
    inputs: Mapping[str, Any],
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 500,
) -> Polled:
    """Events of a trigger since ``cursor``, at most about ``limit`` source records at a time.

    The first time ``cursor`` is None: then it begins at ``since``, or now. Commit events and the
    new cursor together. The same change can be told more than once (looks overlap, because
    vendors show changes late); its identity is the same each time, and the same as in a message
    about it. ``until`` ends a look into the past. Raises ConnectorError like ``call``; then the
    old cursor is as good as before.
    """
    connection = credentials.opened(ref)
    spec = connection.connector.operation(operation)
    if spec.poll is None:
        raise NotPolled(
            f"“{spec.title}” cannot be polled; {connection.connector.manifest.name} reports it.",
            hint="Register the connection's web hook address at the vendor.",
        )
    session = Session(connection)
    look = _Look(session, spec, spec.poll, dict(inputs), limit)
    with session.step(spec):
        match spec.poll.style:
            case "hook":
                found: Polled = session.hook(spec.poll.hook)(
                    session, cursor, dict(inputs), since, until, limit
                )
            case "updated_since":
                found = look.by_time(cursor, since, until)
            case "cursor":
                found = look.by_cursor(cursor)
    triggers = triggers_of(connection.connector)
    events = (
        made for event in found.events for made in for_triggers(event, triggers, polled=operation)
    )
    return Polled(tuple(event for event in events if event.triggers), found.cursor, found.more)


class _Look:
    """One look: reads records, makes events of them, and moves the cursor only over those read."""

    def __init__(
        self, session: Session, spec: Operation, rule: Poll, inputs: dict[str, Any], limit: int
    ) -> None:
        self.session = session
        self.spec = spec
        self.rule = rule
        self.inputs = inputs
        self.limit = max(1, limit)

    def by_time(
        self, cursor: Cursor | None, since: datetime | None, until: datetime | None
    ) -> Polled:
        """Records changed since a time.

        The cursor holds the newest time seen. While a look goes on (``seen`` is there) the next
        begins exactly at that time, less the records seen at it; a fresh look begins earlier by
        the overlap.
        """
        if cursor is None:
            start = since or clock.now()
            if since is None:
                return Polled((), {"since": start.isoformat()})
            cursor = {"since": start.isoformat(), "seen": []}
        newest = datetime.fromisoformat(cursor["since"])
        going_on = "seen" in cursor
        start = newest if going_on else newest - timedelta(seconds=self.rule.overlap_s)
        seen = list(cursor.get("seen", ()))
        records = self._read(start, until, len(seen))
        fresh = [record for record in records if record[1] not in seen]
        if not self.rule.sorted:
            fresh.sort(key=lambda record: record[0])
        given, more = fresh[: self.limit], len(fresh) > self.limit
        events = tuple(event for _, _, item in given if (event := self._event(item)) is not None)
        if not more:
            last = max([newest, *(at for at, _, _ in given)])
            return Polled(events, {"since": last.isoformat()})
        last = given[-1][0]
        here = [mark for at, mark, _ in given if at == last]
        kept = [*seen, *here] if last == start else here
        return Polled(events, {"since": last.isoformat(), "seen": kept}, True)

    def _read(
        self, start: datetime, until: datetime | None, more: int
    ) -> list[tuple[datetime, str, Any]]:
        rule = self.rule
        inputs = {**self.inputs, **rule.inputs, rule.since: _written(start, rule.time_format)}
        if rule.until and until is not None:
            inputs[rule.until] = _written(until, rule.time_format)
        if rule.sorted:
            inputs["limit"] = self.limit + more + 1
        items = pick(self.session.call(rule.operation, inputs), rule.items) or []
        found = []
        for item in items:
            at = _read_time(pick(item, rule.at), rule.time_format, self.spec)
            if until is None or at < until:
                mark = f"{pick(item, self._id_at())} {pick(item, rule.revision or rule.at)}"
                found.append((at, mark, item))
        return found

    def by_cursor(self, cursor: Cursor | None) -> Polled:
        """Records since a place that the vendor itself named."""
        rule, place = self.rule, (cursor or {}).get("place")
        inputs = {**self.inputs, **rule.inputs}
        if place is not None:
            inputs[rule.cursor] = place
        document = self.session.call(rule.operation, inputs)
        items = pick(document, rule.items) or []
        following = pick(document, rule.next)
        moved = following not in (None, "") and following != place
        events = tuple(event for item in items if (event := self._event(item)) is not None)
        more = moved and (bool(pick(document, rule.more)) if rule.more else bool(items))
        return Polled(events, {"place": following if moved else place}, more)

    def _id_at(self) -> str:
        return self.rule.id or self.spec.reference

    def _event(self, item: Any) -> Event | None:
        rule = self.rule
        if rule.event:
            made: Event | None = self.session.hook(rule.event)(item, self.session.account)
            return made
        identity, revision = pick(item, self._id_at()), pick(item, rule.revision or rule.at)
        if identity in (None, "") or revision in (None, ""):
            raise _unreadable(self.spec, "a record has no id or no revision")
        key = pick(item, rule.business_key or self.spec.business_key)
        document = pick(item, rule.document) if rule.document else item
        return Event(
            entity=self.spec.entity,
            id=as_text(identity),
            revision=as_text(revision),
            topic=rule.topic or (self.spec.topics[0] if self.spec.topics else self.spec.name),
            business_key=as_text(identity if key in (None, "") or isinstance(key, dict) else key),
            document=dict(document),
            settle_s=rule.settle_s,
        )


def _written(moment: datetime, form: str) -> Any:
    moment = moment.astimezone(UTC)
    match form:
        case "iso":
            return moment.isoformat().replace("+00:00", "Z")
        case "epoch":
            return int(moment.timestamp())
        case "epoch_ms":
            return int(moment.timestamp() * 1000)
    return moment.strftime(form)


def _read_time(value: Any, form: str, spec: Operation) -> datetime:
    try:
        match form:
            case "epoch":
                return datetime.fromtimestamp(float(value), UTC)
            case "epoch_ms":
                return datetime.fromtimestamp(float(value) / 1000, UTC)
            case "iso":
                found = datetime.fromisoformat(str(value))
            case _:
                found = datetime.strptime(str(value), form).replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        raise _unreadable(spec, "the time of a change cannot be read") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _unreadable(spec: Operation, why: str) -> ConnectorError:
    return ConnectorError(
        f"What “{spec.title}” found cannot be used: {why}.",
        code="connector.poll_unreadable",
        recovery=Recovery.GIVE_UP,
        hint="The vendor changed its form, or the connector does not fit it. Nothing was skipped.",
    )
