"""Records that wait for a key of a lookup table; they go on by themselves once it is there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from django.db.models import Count, Q, QuerySet

from connectors import facade as connectors
from ipaas.core.errors import IpaasError
from runtime import control, faults
from runtime.engine import awaited
from runtime.models import DeadLetter, Parked

log = logging.getLogger(__name__)
CODES = ("lookup.missing", "mapping.lookup_hold")
AT_ONCE = 50  # records that whoever saves a table waits for; the scheduler carries the others
AT_A_SWEEP = 500


def waiting_for_keys(workspace_id: str, environment: str, names: Sequence[str]) -> dict[str, int]:
    """How many records wait for each key of the table that flows call by one of these names."""
    rows = _rows(workspace_id, environment, names).filter(run__dead_letters__status="open")
    counted = rows.values("connection").annotate(runs=Count("run_id", distinct=True))
    found: dict[str, int] = {}
    for row in counted:
        key = awaited.parts(row["connection"])[1]
        found[key] = found.get(key, 0) + row["runs"]
    return found


def table_saved(workspace_id: str, environment: str, names: Sequence[str]) -> int:
    """Let records go on whose keys are in the table now; how many did, at most AT_ONCE."""
    return _go_on(_rows(workspace_id, environment, names), AT_ONCE)


def sweep(limit: int = AT_A_SWEEP) -> int:
    """Let records go on that nobody told that their key is there; how many did."""
    return _go_on(Parked.objects.filter(connection__startswith=awaited.PREFIX), limit)


def _rows(workspace_id: str, environment: str, names: Iterable[str]) -> QuerySet[Parked]:
    wanted = Q(pk__in=())
    for name in set(names):
        wanted |= Q(connection__startswith=awaited.place(name, "") or f"{awaited.PREFIX}-")
    return Parked.objects.filter(wanted, workspace_id=workspace_id, environment=environment)


def _go_on(rows: QuerySet[Parked], limit: int) -> int:
    """Retry the records among ``rows`` whose key is there; each in a transaction of its own."""
    asked: dict[tuple[str, str, str], dict[str, str]] = {}  # keys of a table, and their places
    for workspace_id, environment, place in rows.values_list(*_PLACE).distinct().iterator():
        table, key = awaited.parts(place)
        asked.setdefault((workspace_id, environment, table), {})[key] = place
    woken = 0
    for (workspace_id, environment, table), places in asked.items():
        for key in sorted(_there(workspace_id, environment, table, places)):
            waiting = Parked.objects.filter(
                workspace_id=workspace_id, environment=environment, connection=places[key]
            )
            for row in waiting.order_by("id")[: limit - woken]:
                woken += _retry(row, table, key)
            if woken >= limit:
                return woken
    return woken


_PLACE = ("workspace_id", "environment", "connection")


def _there(workspace_id: str, environment: str, table: str, keys: Iterable[str]) -> frozenset[str]:
    try:
        return connectors.keys_there(workspace_id, environment, table, keys)
    except IpaasError:  # the table was deleted or renamed: a person must look
        return frozenset()


def _retry(row: Parked, table: str, key: str) -> bool:
    """Whether the record goes on; a row that nothing waits behind any more is taken away."""
    letter = DeadLetter.objects.filter(run_id=row.run_id, status="open", code__in=CODES).first()
    try:
        with faults.commits("held.retry"):
            row.delete()
            if letter is None:
                return False
            control.retry_dead_letter(
                row.workspace_id,
                letter.id,
                from_start=False,
                newest=False,
                document=None,
                edited=False,
                by="Lookup table",
                reason=f"“{key}” was added to “{table}”.",
            )
    except control.RunMoving:
        return False  # a worker is ending its turn; the next sweep finds it
    except IpaasError:
        log.warning("run %s does not go on by itself", row.run_id, exc_info=True)
        Parked.objects.filter(run_id=row.run_id, connection=row.connection).delete()
        return False
    return True
