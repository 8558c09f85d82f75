"""Documents come back from the object store, for an installation that leaves it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from ipaas.core import clock
from ipaas.core.errors import Conflict
from runtime import sql
from runtime.archive import mover, packs
from runtime.archive.packs import Place
from runtime.archive.shelf import StorageMisset, shelf
from runtime.effects import payloads
from runtime.models import Pack, Payload, Pruning

LOOK_EVERY_S = 1.0


class StorageBusy(Conflict):
    """Another process moves documents and does not let go."""

    code = "storage.busy"


@dataclass(frozen=True, slots=True)
class Returned:
    """What came of it."""

    came: int
    unreadable: int  # documents that are not in the store, or that somebody changed there
    forgotten: int  # of those: how many are given up


def bring_back(
    *,
    forget_unreadable: bool = False,
    wait_s: float = 150.0,
    tell: Callable[[int], None] = lambda came: None,
) -> Returned:
    """Bring every document back into the database; from now on none moves away.

    One commit an object, so it may be stopped anywhere and begun again. A document is readable all
    the time, at one place or the other. Raises StorageAway, StorageMisset, or StorageBusy.
    """
    _require_store()
    owner = f"{socket.gethostname()}:{os.getpid()}:back"[:120]
    _take(owner, wait_s)
    try:
        mover.stay(True)
        # Nobody else is at it, so what was cut off on its way will not arrive.
        Pack.objects.filter(state=Pack.State.COMING).update(
            state=Pack.State.GOING, changed_at=clock.now()
        )
        came = unreadable = forgotten = 0
        for pack_id in _packs():
            _keep(owner)
            back, lost = _unpack(pack_id, forget_unreadable)
            came, unreadable = came + back, unreadable + lost
            forgotten += lost if forget_unreadable else 0
            tell(came)
    finally:
        Pruning.objects.filter(name=mover.NAME, owner=owner).update(due_at=clock.now(), owner="")
    return Returned(came, unreadable, forgotten)


def move_again() -> None:
    """Let documents move to the store again, also those that came back. Raises StorageMisset."""
    _require_store()
    mover.stay(False)


def _require_store() -> None:
    if shelf() is None:
        raise StorageMisset(
            "CAUSEWAY_STORAGE_URL is not set, so it is not known where the documents are."
        )


def _take(owner: str, wait_s: float) -> None:
    """Become the one that moves documents."""
    Pruning.objects.get_or_create(name=mover.NAME, defaults={"due_at": clock.now()})
    until_s = clock.monotonic_s() + wait_s
    while True:
        now = clock.now()
        free = Q(owner="") | Q(due_at__lte=now)
        rows = Pruning.objects.filter(free, name=mover.NAME)
        if rows.update(due_at=now + mover.LEASE, owner=owner):
            return
        if clock.monotonic_s() > until_s:
            raise StorageBusy(
                "Another process is moving documents.", hint="Try again in two minutes."
            )
        time.sleep(LOOK_EVERY_S)


def _keep(owner: str) -> None:
    held = Pruning.objects.filter(name=mover.NAME, owner=owner)
    if not held.update(due_at=clock.now() + mover.LEASE):
        raise StorageBusy("Another process has begun to move documents.", hint="Try again.")


def _packs() -> list[str]:
    """All objects that hold documents, the oldest first."""
    rows = Pack.objects.filter(state=Pack.State.THERE)
    return list(rows.order_by("id").values_list("id", flat=True))


def _unpack(pack_id: str, forget: bool) -> tuple[int, int]:
    """How many documents of an object came back, and how many could not be read."""
    row = Pack.objects.get(id=pack_id)
    rows = list(
        Payload.objects.filter(pack_id=pack_id).values_list(
            "pk", "digest", "pack_start", "pack_length"
        )
    )
    places = [Place(digest, pack_id, start, length) for _, digest, start, length in rows]
    contents = packs.read(row.workspace_id, places)
    back = [
        (pk, payloads.sealed(row.workspace_id, contents[digest]))
        for pk, digest, _, _ in rows
        if digest in contents
    ]
    lost = [pk for pk, digest, _, _ in rows if digest not in contents]
    with sql.writing("archive.returned"):
        packs.put_back(back)
        if forget:
            Payload.objects.filter(pk__in=lost).delete()
        if forget or not lost:
            Pack.objects.filter(id=pack_id).update(state=Pack.State.GOING, changed_at=clock.now())
    return len(back), len(lost)
