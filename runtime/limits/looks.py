"""Polls and pieces of backfills keep to the limits and the circuit that runs keep to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError

from connectors import facade as connectors
from ipaas.core import clock
from runtime import pausing
from runtime.limits.keeper import KEEPER, Told, Want
from runtime.live.news import CALLS, tell_change

log = logging.getLogger(__name__)
LOOKS_AGAIN = timedelta(seconds=5)  # whether the pause is over
SILENCE = {"connector.unreachable", "connector.timeout"}  # failures without any exchange


def held_until(want: Want) -> datetime | None:
    """When that look may ask again, or None if it may leave now; then it must be ``told``.

    A connection that somebody has paused is left alone, as by runs.
    If our database cannot be asked, it leaves: the vendor's own refusal is obeyed.
    """
    ref = want.ref
    try:
        if pausing.stay((ref.workspace_id, ref.environment), "", (), ref.slug):
            return clock.now() + LOOKS_AGAIN
        hold = KEEPER.admit([want]).get(want.holder)
    except DatabaseError:
        log.warning("limits could not be asked for a look", exc_info=True)
        return None
    return None if hold is None else datetime.fromtimestamp(hold.until, UTC)


@contextmanager
def told(want: Want) -> Iterator[None]:
    """What happens within this is counted, and all workers learn from it."""
    with connectors.counted_by_the_caller() as requests:
        try:
            yield
        except Exception as error:
            _tell(_learnt(want, error, requests.made))
            raise
        _tell(Told(want, True if requests.made else None, requests=requests.made))


def _learnt(want: Want, error: Exception, requests: int) -> Told:
    if not isinstance(error, connectors.ConnectorError):
        return Told(want, None, requests=requests)
    last = error.exchanges[-1] if error.exchanges else None
    if last is None:
        silent = error.code in SILENCE
        return Told(want, False if silent else None, error.retry_after_s, requests=requests)
    answered = last.response is not None and int(last.response.get("status", 0)) < 500
    return Told(
        want,
        answered,
        error.retry_after_s,
        None if last.limit_remaining is None else float(last.limit_remaining),
        None if last.limit_reset_s is None else float(last.limit_reset_s),
        requests,
    )


def _tell(news: Told) -> None:
    try:
        KEEPER.tell([news])
    except DatabaseError:
        log.warning("what a look taught was not kept", exc_info=True)
    ref = news.want.ref
    tell_change(ref.workspace_id, ref.environment, CALLS)
