"""How often machines used a connection's secrets: counted by the minute, never call by call."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F, Sum

from connectors.models import ConnectionRow, SecretUse
from ipaas.core import clock

KEPT = timedelta(days=90)
_flow: ContextVar[str] = ContextVar("flow", default="")
_lock = threading.Lock()
_counts: Counter[tuple[str, str, datetime]] = Counter()
_since: list[datetime] = []


@dataclass(frozen=True, slots=True)
class Use:
    """How often a flow ("" = a person or the platform) used a connection since some time."""

    flow_id: str
    count: int
    last_at: datetime


@contextmanager
def by_flow(flow_id: str) -> Iterator[None]:
    """Count the calls inside as those of this flow."""
    token = _flow.set(flow_id)
    try:
        yield
    finally:
        _flow.reset(token)


def count(connection_id: str) -> None:
    """Count one use. Written once a minute; a killed process loses what it had not written."""
    minute = clock.now().replace(second=0, microsecond=0)
    with _lock:
        _counts[connection_id, _flow.get(), minute] += 1
        if not _since:
            _since.append(minute)
        due = _since[0] != minute
    if due:
        flush()


def write_due() -> None:
    """Write what an earlier minute counted: after a burst, the next call may be hours away."""
    now = clock.now().replace(second=0, microsecond=0)
    with _lock:
        due = bool(_since) and _since[0] != now
    if due:
        flush()


def flush() -> None:
    """Write what was counted; what cannot be written now is kept for the next time."""
    with _lock:
        taken = dict(_counts)
        _counts.clear()
        _since.clear()
    if not taken:
        return
    try:
        with transaction.atomic():
            alive = set(
                ConnectionRow.objects.filter(id__in={key[0] for key in taken}).values_list(
                    "id", flat=True
                )
            )
            for (connection_id, flow_id, minute), times in sorted(taken.items()):
                if connection_id not in alive:
                    continue
                row, made = SecretUse.objects.get_or_create(
                    connection_id=connection_id,
                    flow_id=flow_id,
                    minute=minute,
                    defaults={"count": times},
                )
                if not made:
                    SecretUse.objects.filter(pk=row.pk).update(count=F("count") + times)
    except DatabaseError:
        with _lock:
            _counts.update(taken)


def uses_of_secrets(
    workspace_id: str, connection_id: str, since: datetime | None = None
) -> list[Use]:
    """Uses by flow, most first, of the last 90 days or since a time; all of this process too."""
    flush()
    rows = SecretUse.objects.filter(
        connection_id=connection_id,
        connection__workspace_id=workspace_id,
        minute__gte=since or clock.now() - KEPT,
    )
    found: dict[str, Use] = {}
    for row in rows.values("flow_id").annotate(total=Sum("count")):
        newest = rows.filter(flow_id=row["flow_id"]).order_by("-minute").first()
        assert newest is not None
        found[row["flow_id"]] = Use(row["flow_id"], row["total"], newest.minute)
    return sorted(found.values(), key=lambda use: (-use.count, use.flow_id))


def forget_old() -> int:
    """Remove counts of more than 90 days ago; how many there were."""
    return int(SecretUse.objects.filter(minute__lt=clock.now() - KEPT).delete()[0])
