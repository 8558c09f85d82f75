"""Calls connectors: one call in, one outcome out; every failure becomes a value."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import DatabaseError

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import IpaasError, Recovery
from runtime import faults
from runtime.engine import Call, Failure, Outcome
from runtime.limits.keeper import KEEPER
from runtime.limits.kept import KEPT, note_changes

log = logging.getLogger(__name__)


def perform(workspace_id: str, environment: str, call: Call) -> Outcome:
    """Outcome of ``call``. Never raises: what went wrong is in the outcome's failure."""
    started_at, start_s = clock.now(), clock.monotonic_s()
    ref = connectors.ConnectionRef(workspace_id, environment, call.connection)
    faults.point("call.before_send")
    output, found, kept = None, True, False
    exchanges: tuple[connectors.Exchange, ...] = ()
    failure: Failure | None = None
    try:
        reply, kept = _reply(ref, call)
        found = reply is not None
        if reply is not None:
            output, exchanges = reply.output, reply.exchanges
    except Exception as error:
        failure, exchanges = _understood(error, call)
    faults.point("call.after_reply")
    return Outcome(
        call,
        output=output,
        found=found,
        failure=failure,
        started_at=started_at,
        duration_ms=round((clock.monotonic_s() - start_s) * 1000),
        exchanges=exchanges,
        kept=kept,
        requests=len(exchanges),
    )


def perform_together(workspace_id: str, environment: str, calls: Sequence[Call]) -> list[Outcome]:
    """Outcomes of calls of one operation on one connection, sent in one request if that may be.

    Where the vendor's limit of such requests is used up, or there is one call only, each is sent
    by itself: it was granted.
    """
    started_at, start_s = clock.now(), clock.monotonic_s()
    ref = connectors.ConnectionRef(workspace_id, environment, calls[0].connection)
    faults.point("together.before_send")
    items = [connectors.BatchItem(call.inputs, call.vendor_key) for call in calls]
    results: list[connectors.Reply | Exception]
    try:
        together = len(calls) > 1 and _granted(ref, calls[0].operation)
        with connectors.counted_by_the_caller():
            if together:
                results = list(connectors.call_batch(ref, calls[0].operation, items))
            else:
                results = [_alone(ref, calls[0].operation, item) for item in items]
    except Exception as error:
        results = [error] * len(calls)
    _outdate(ref, calls[0])
    faults.point("together.after_reply")
    duration_ms = round((clock.monotonic_s() - start_s) * 1000)
    counted: set[int] = set()
    outcomes = []
    for call, result in zip(calls, results, strict=True):
        output, failure = None, None
        if isinstance(result, connectors.Reply):
            output, exchanges = result.output, result.exchanges
        else:
            failure, exchanges = _understood(result, call)
        news = [each for each in exchanges if id(each) not in counted]
        counted.update(id(each) for each in news)
        outcomes.append(
            Outcome(
                call,
                output=output,
                failure=failure,
                started_at=started_at,
                duration_ms=duration_ms,
                exchanges=exchanges,
                requests=len(news),
            )
        )
    return outcomes


def _granted(ref: connectors.ConnectionRef, operation: str) -> bool:
    try:
        return KEEPER.grant_together(ref, operation)
    except DatabaseError:
        log.warning("the limit of %s could not be asked", operation, exc_info=True)
        return False


def _alone(
    ref: connectors.ConnectionRef, operation: str, item: connectors.BatchItem
) -> connectors.Reply | Exception:
    try:
        return connectors.call(ref, operation, item.inputs, idempotency_key=item.idempotency_key)
    except Exception as error:
        return error


def _understood(error: Exception, call: Call) -> tuple[Failure, tuple[connectors.Exchange, ...]]:
    """What an exception of a call means, and what went over the wire."""
    if isinstance(error, connectors.ConnectorError):
        failure = Failure(
            error.code,
            error.message,
            error.hint,
            error.recovery,
            error.executed,
            error.retry_after_s,
        )
        return failure, error.exchanges
    if isinstance(error, IpaasError):
        return Failure(error.code, error.message, error.hint, error.recovery), ()
    if isinstance(error, DatabaseError):
        log.warning("the database failed during a call of %s", call.connector, exc_info=error)
        failure = Failure(
            "database.unavailable",
            "Our own database did not answer during the call.",
            "It is tried again by itself.",
            Recovery.RETRY,
            "unknown",
        )
        return failure, ()
    # A bug in a connector: nobody can say how far it came, so a write is in doubt.
    log.error("connector %s failed in %s", call.connector, call.operation, exc_info=error)
    failure = Failure(
        "connector.bug",
        f"The connector {call.connector} has a fault of its own in “{call.operation}”.",
        "Look at the log of the worker, or report it with the run's number.",
        Recovery.GIVE_UP,
        "unknown",
    )
    return failure, ()


def _reply(ref: connectors.ConnectionRef, call: Call) -> tuple[connectors.Reply | None, bool]:
    """The answer, and whether it was kept from an earlier call."""
    if call.writes:
        try:
            return _sent(ref, call), False
        finally:
            _outdate(ref, call)
    place = KEPT.place(ref, call.connector, call.operation, call.inputs)
    if place is None:
        return _sent(ref, call), False
    known, answer = KEPT.get(place)
    if known:
        return connectors.Reply(answer), True
    reply = _sent(ref, call)
    if reply is not None:
        KEPT.keep(place, reply.output)
    return reply, False


def _outdate(ref: connectors.ConnectionRef, call: Call) -> None:
    """A write makes kept answers old, whatever became of it."""
    try:
        entity = call.operation
        if call.kind != "find_or_create":
            entity = connectors.describe_operation(call.connector, call.operation).entity
        note_changes(ref, call.connector, {entity})
    except Exception:
        log.warning("kept answers of %s may be old", call.connector, exc_info=True)


def _sent(ref: connectors.ConnectionRef, call: Call) -> connectors.Reply | None:
    with connectors.counted_by_the_caller():  # it was granted, and is corrected when it has ended
        return _asked(ref, call)


def _asked(ref: connectors.ConnectionRef, call: Call) -> connectors.Reply | None:
    key = call.vendor_key if call.writes else None
    if call.purpose == "probe":
        return connectors.probe(ref, call.operation, call.inputs, key)
    if call.kind == "find_or_create":
        return connectors.find_or_create(
            ref,
            call.operation,
            call.inputs["find"],
            call.inputs["create"],
            idempotency_key=call.vendor_key,
        )
    return connectors.call(ref, call.operation, call.inputs, idempotency_key=key)
