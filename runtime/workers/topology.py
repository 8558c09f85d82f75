"""Which processes make this installation, and the refusal of those that do not fit together."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import (
    OperationalError,
    ProgrammingError,
    close_old_connections,
    connection,
)

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import Conflict, IpaasError
from ipaas.core.ids import new_id
from runtime import faults
from runtime.archive import mover
from runtime.archive.shelf import StorageMisset
from runtime.models import Installation, Process
from runtime.workers import clocks, folder

log = logging.getLogger(__name__)
BEAT_S = 5.0
SILENT_AFTER = timedelta(seconds=15)
GHOST_S = 11.0  # two beats
FORGOTTEN_AFTER = timedelta(hours=1)
SKEW_WARNED_MS = 2_000
KEYS = "keys"  # stands where a workspace's id stands for other sealed values
PROBE = b"installation"


class WrongTopology(Conflict):
    """This process would not fit the others on the same database, so it must not start."""

    code = "topology.wrong"


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """A process that said lately that it lives."""

    id: str
    role: str
    host: str
    pid: int
    alone: bool
    skew_ms: int
    started_at: datetime
    seen_at: datetime


class Presence:
    """This process's place among the others: checked at the start, shown until the end."""

    def __init__(self, role: str, on_drain: Callable[[], None] | None = None) -> None:
        self._role = role
        self._on_drain = on_drain
        self._host = ""
        self.id = ""
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._warned = False

    def begin(self) -> None:
        """Check that this process fits, and say from now on that it lives; raises WrongTopology."""
        self._host = socket.gethostname()  # now, not when made: a server may fork in between
        self.id = f"{self._host}:{os.getpid()}:{new_id('pr')[-8:]}"
        require_settings()
        if connection.vendor == "sqlite":
            folder.hold()
        try:
            require_same_keys()
            connectors.check_keys()
            require_storage()
            self._enter()
        except (ProgrammingError, OperationalError) as error:
            raise WrongTopology(
                f"The database cannot be used: {str(error).strip().splitlines()[0][:200]}.",
                hint="Is it there, and has “manage.py migrate” been run since the last update?",
            ) from error
        self._thread = threading.Thread(target=self._live, name="presence", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Say goodbye, so that another may start at once."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(BEAT_S)
        try:
            connectors.write_uses()  # the last minute's counts are in memory only
            Process.objects.filter(id=self.id).delete()
        except (ProgrammingError, OperationalError):
            pass  # it is forgotten after a while
        finally:
            close_old_connections()

    def _enter(self) -> None:
        self._forget_ghosts()
        alone = bool(settings.EMBEDDED)
        now, skew_ms = clock.now(), measure_skew_ms()
        self._warn(skew_ms)
        with faults.commits("topology.enter"):
            others = [each for each in living() if not self._is_dead_here(each)]
            require_fitting(others, alone=alone, host=self._host)
            Process.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
            Process.objects.create(
                id=self.id,
                role=self._role,
                host=self._host,
                pid=os.getpid(),
                alone=alone,
                skew_ms=skew_ms,
                started_at=now,
                seen_at=now,
            )

    def _forget_ghosts(self) -> None:
        """Take away processes that were last seen at a time to come, by a clock that ran ahead,
        and say nothing new: nobody would know for so long that they are dead."""
        ahead = Process.objects.filter(seen_at__gt=clock.now() + SILENT_AFTER)
        seen = dict(ahead.values_list("id", "seen_at"))
        if seen:
            log.warning("a clock runs ahead, or did; looking whether its processes live")
            self._stopped.wait(GHOST_S)
        for process_id, seen_at in seen.items():
            Process.objects.filter(id=process_id, seen_at=seen_at).delete()

    def _is_dead_here(self, other: ProcessInfo) -> bool:
        """Whether a process of this machine has ended without a word, or is this one, restarted."""
        if other.host != self._host:
            return False
        if other.pid == os.getpid():
            return True
        try:
            os.kill(other.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        return False

    def _live(self) -> None:
        while not self._stopped.wait(BEAT_S):
            try:
                skew_ms = measure_skew_ms()
                rows = Process.objects.filter(id=self.id)
                rows.update(seen_at=clock.now(), skew_ms=skew_ms)
                clocks.note_time()
                if self._on_drain is not None and rows.filter(draining=True).exists():
                    log.warning("%s was asked to end", self.id)
                    self._on_drain()
                self._warn(skew_ms)
                connectors.write_due_uses()
            except Exception:
                log.warning("this process could not say that it lives", exc_info=True)
            finally:
                close_old_connections()
        connection.close()

    def _warn(self, skew_ms: int) -> None:
        if abs(skew_ms) <= SKEW_WARNED_MS:
            self._warned = False
        elif not self._warned:
            self._warned = True
            log.warning(
                "The clock of %s differs from the database's by %.1f s: timers ring early or late, "
                "and leases may end too soon. Let all machines take their time from NTP.",
                self._host,
                skew_ms / 1000,
            )


def require_settings() -> None:
    """Raise WrongTopology if the settings name parts that cannot work together."""
    if settings.REDIS_URL and connection.vendor == "sqlite":
        raise WrongTopology(
            "CAUSEWAY_REDIS_URL is set, so several processes are meant to work together, but the "
            "database is SQLite, which one process must have for itself.",
            hint="Set CAUSEWAY_DATABASE_URL to PostgreSQL, or take CAUSEWAY_REDIS_URL away.",
        )


def require_storage() -> None:
    """Raise WrongTopology if this process could not read documents that were moved away."""
    try:
        mover.require()
    except StorageMisset as error:
        raise WrongTopology(
            str(error), hint="Give all processes the same CAUSEWAY_STORAGE_ settings."
        ) from error


def require_same_keys() -> None:
    """Raise WrongTopology unless this process can open what others on this database seal.

    The database holds a probe that the newest key sealed. It moves to a key that joins in front of
    the others, never back to an older one.
    """
    mine = connectors.key_checks()
    cipher = connectors.workspace_cipher(KEYS)
    now = clock.now()
    with faults.commits("topology.require_same_keys"):
        Installation.objects.get_or_create(name=KEYS, defaults={"updated_at": now})
        row = Installation.objects.select_for_update().get(name=KEYS)
        sealed, known = bytes(row.sealed), list(row.known_keys)
        if sealed:
            try:
                cipher.open(sealed, PROBE)
            except IpaasError as error:
                raise _wrong_keys(bool(set(mine) & set(known))) from error
        fresh = [each for each in mine if each not in known]
        order = [*known, *fresh]
        ahead = order.index(mine[0]) > max(map(order.index, mine[1:]), default=-1)
        if not sealed or fresh or ahead:
            row.known_keys = order
            row.sealed = cipher.seal(PROBE, PROBE) if ahead or not sealed else sealed
            row.updated_at = now
            row.save()


def _wrong_keys(some: bool) -> WrongTopology:
    if some:
        return WrongTopology(
            "This process lacks the newest master key of this installation; it could not open "
            "what the others seal.",
            hint="Give all processes the same master keys, the newest first.",
        )
    return WrongTopology(
        "This database belongs to another installation: its data is sealed with a master key that "
        "this process does not have.",
        hint="Set CAUSEWAY_MASTER_KEY (or restore master.key) to the one this database was made "
        "with, or give this installation a database of its own.",
    )


def require_fitting(others: list[ProcessInfo], *, alone: bool, host: str) -> None:
    """Raise WrongTopology if a process cannot work beside the others that live."""
    clash = next((each for each in others if alone or each.alone), None)
    if clash is None:
        return
    who = f"a {clash.role} process (number {clash.pid}) on {clash.host}"
    if connection.vendor == "sqlite":
        raise WrongTopology(
            f"This SQLite database is in use by {who}; only one machine may use it at a time.",
            hint="Stop it, or move to PostgreSQL and Redis. If that machine is gone, wait "
            f"{int(SILENT_AFTER.total_seconds())} seconds.",
        )
    raise WrongTopology(
        f"Redis is missing: {who} works on this database too, and several processes need it.",
        hint="Set CAUSEWAY_REDIS_URL for all of them to the same Redis, and start them again.",
    )


def living() -> list[ProcessInfo]:
    """Processes that said lately that they live, longest-lived first."""
    seen = Process.objects.filter(seen_at__gt=clock.now() - SILENT_AFTER).order_by("started_at")
    return [
        ProcessInfo(p.id, p.role, p.host, p.pid, p.alone, p.skew_ms, p.started_at, p.seen_at)
        for p in seen
    ]


def ask_to_end(role: str = "worker", host: str = "", process_id: str = "") -> list[str]:
    """Ask living processes to end when their calls are done; ids of those that were asked."""
    seen = Process.objects.filter(role=role, seen_at__gt=clock.now() - SILENT_AFTER)
    if host:
        seen = seen.filter(host=host)
    if process_id:
        seen = seen.filter(id=process_id)
    ids = list(seen.values_list("id", flat=True))
    Process.objects.filter(id__in=ids).update(draining=True)
    return ids


def measure_skew_ms() -> int:
    """Milliseconds this machine's clock is ahead of the database's; 0 for a file."""
    if connection.vendor != "postgresql":
        return 0
    before = clock.SystemClock().now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    after = clock.SystemClock().now()
    return round((before + (after - before) / 2 - there) / timedelta(milliseconds=1))
