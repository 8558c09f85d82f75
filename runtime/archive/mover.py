"""Moves documents from the database into the object store, and removes what nobody needs there.

The database takes every document first, in the transaction that needs it. So a store that does not
answer holds up no webhook and no run: documents stay where they are until it is back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef

from connectors import facade as connectors
from ipaas.core import clock
from runtime import faults, sql
from runtime.archive import packs
from runtime.archive.packs import Item, Place
from runtime.archive.shelf import MOST_AT_ONCE, Shelf, StorageAway, StorageMisset, shelf
from runtime.effects import payloads
from runtime.models import Pack, Payload, Pruning

log = logging.getLogger(__name__)
NAME = "archive"
LEASE = timedelta(minutes=2)
IDLE = timedelta(seconds=20)  # until the next look, if all is moved
AFTER_TROUBLE = timedelta(seconds=30)
LONGEST_S = 30.0  # of one look
PAGE = 2_000
TIDY_EVERY = timedelta(hours=1)
ABANDONED = timedelta(hours=1)  # after which an upload that never ended is taken away
READ_BEFORE = timedelta(minutes=10)  # whoever has just looked up an emptied pack may still read it
SPARSE = 2  # a pack is written anew when less than one in so many of its documents is left
SPARSE_AGE = timedelta(days=2)


def claim(owner: str) -> Callable[[], list[str]] | None:
    """A look at what has to be moved, if it is due and nobody else does it."""
    store = shelf()
    if store is None:
        return None
    now = clock.now()
    row = Pruning.objects.filter(name=NAME).first()
    if row is None:
        Pruning.objects.get_or_create(name=NAME, defaults={"due_at": now})
        return None
    if row.due_at > now:
        return None
    taken = Pruning.objects.filter(name=NAME, due_at=row.due_at).update(
        due_at=now + LEASE, owner=owner[:120]
    )
    return (lambda: _carry(store, owner)) if taken else None


def _carry(store: Shelf, owner: str) -> list[str]:
    began_s, pause, problem = clock.monotonic_s(), IDLE, None
    try:
        _tidy_now_and_then(store)
        while not _stays() and move_some(store):
            if clock.monotonic_s() - began_s > LONGEST_S:
                pause = timedelta(0)
                break
    except StorageAway as error:
        log.warning("%s Documents stay in the database meanwhile.", error.message)
        pause, problem = AFTER_TROUBLE, {"message": error.message, "at": clock.now().isoformat()}
    _remember(problem=problem)
    Pruning.objects.filter(name=NAME, owner=owner[:120]).update(
        due_at=clock.now() + pause, owner=""
    )
    return []


def move_some(store: Shelf) -> int:
    """Move one page of documents that are old enough; how many were looked at."""
    state = _state()
    after = int(state.get("after") or 0)
    before = clock.now() - timedelta(seconds=settings.STORAGE_AFTER_S)
    page = sql.fetch(
        "SELECT id, workspace_id, length(sealed), created_at, pack_id FROM runtime_payload"
        " WHERE id > %s ORDER BY id LIMIT %s",
        after,
        PAGE,
    )
    ids: list[int] = []
    size, last = 0, after
    for row_id, _, length, created_at, pack_id in page:
        if sql.moment(created_at) >= before or (ids and size + length > packs.MOST_BYTES):
            break
        last = row_id
        if not pack_id:
            ids.append(row_id)
            size += length
    if last == after:
        return 0
    for workspace_id, items in _opened(ids).items():
        packs.pack(store, workspace_id, items)
    _remember(after=last, problem=None)
    return len(ids) or 1


def _opened(ids: list[int]) -> dict[str, list[Item]]:
    """Documents by workspace; one that cannot be opened stays where it is."""
    found: dict[str, list[Item]] = {}
    rows = sql.fetch(
        "SELECT id, workspace_id, digest, sealed FROM runtime_payload"
        " WHERE id = ANY(%s) AND pack_id = '' ORDER BY id",
        ids,
    )
    for row_id, workspace_id, digest, sealed in rows:
        try:
            content = payloads.opened(workspace_id, bytes(sealed))
        except connectors.SealBroken:
            log.warning("document %s of %s opens with no key", digest[:8], workspace_id)
            continue
        found.setdefault(workspace_id, []).append(Item(row_id, digest, content))
    return found


def _tidy_now_and_then(store: Shelf) -> None:
    state, now = _state(), clock.now()
    if str(state.get("tidied_at") or "") > (now - TIDY_EVERY).isoformat():
        return
    tidy(store)
    _remember(tidied_at=now.isoformat())


def tidy(store: Shelf) -> int:
    """Take away packs that hold nothing any more, many in one request; how many went.

    It may be stopped anywhere: an object goes before its row does.
    """
    now = clock.now()
    for pack_id in () if _stays() else _sparse(now):
        _write_anew(store, pack_id)
    in_use = Exists(Payload.objects.filter(pack_id=OuterRef("pk")))
    with faults.commits("archive.emptied"):
        there = Pack.objects.filter(state=Pack.State.THERE, changed_at__lt=now - READ_BEFORE)
        there.exclude(in_use).update(state=Pack.State.GOING, changed_at=now)
        coming = Pack.objects.filter(state=Pack.State.COMING, changed_at__lt=now - ABANDONED)
        coming.exclude(in_use).update(state=Pack.State.GOING, changed_at=now - READ_BEFORE)
    gone = 0
    while True:
        going = list(
            Pack.objects.filter(
                state=Pack.State.GOING, changed_at__lte=now - READ_BEFORE
            ).values_list("workspace_id", "id")[:MOST_AT_ONCE]
        )
        if not going:
            return gone
        faults.point("archive.before_remove")
        store.remove([packs.name_of(*each) for each in going])
        faults.point("archive.after_remove")
        with faults.commits("archive.gone"):
            Pack.objects.filter(id__in=[pack_id for _, pack_id in going]).delete()
        gone += len(going)


def _sparse(now: Any) -> Iterator[str]:
    """Packs of which little is left."""
    after = ""
    while True:
        rows = Pack.objects.filter(
            state=Pack.State.THERE, changed_at__lt=now - SPARSE_AGE, id__gt=after
        )
        page = dict(rows.order_by("id").values_list("id", "count")[:MOST_AT_ONCE])
        if not page:
            return
        after = max(page)
        left = dict(
            Payload.objects.filter(pack_id__in=page)
            .values_list("pack_id")
            .annotate(n=Count("pk"))
            .order_by()
        )
        yield from (each for each, n in left.items() if 0 < n * SPARSE < page[each])


def _write_anew(store: Shelf, pack_id: str) -> None:
    """Move what is left of a pack into a new one; the old one is then empty."""
    row = Pack.objects.get(id=pack_id)
    rows = Payload.objects.filter(pack_id=pack_id).order_by("pack_start")
    places = {
        digest: (pk, Place(digest, pack_id, start, length))
        for pk, digest, start, length in rows.values_list(
            "pk", "digest", "pack_start", "pack_length"
        )
    }
    contents = packs.read(row.workspace_id, [place for _, place in places.values()])
    items = [Item(places[digest][0], digest, content) for digest, content in contents.items()]
    if items:
        packs.pack(store, row.workspace_id, items)


def _state() -> dict[str, Any]:
    row = Pruning.objects.filter(name=NAME).first()
    return dict(row.removed) if row is not None else {}


def _remember(**news: Any) -> None:
    with faults.commits("archive.state"):
        Pruning.objects.get_or_create(name=NAME, defaults={"due_at": clock.now()})
        row = Pruning.objects.select_for_update().get(name=NAME)
        row.removed = {**row.removed, **news}
        row.due_at = max(row.due_at, clock.now() + LEASE) if row.owner else row.due_at
        row.save(update_fields=["removed", "due_at"])


def stay(wish: bool) -> None:
    """Whether documents stay in the database from now on, although there is a store."""
    _remember(**({"stay": True} if wish else {"stay": False, "after": 0}))


def _stays() -> bool:
    return bool(_state().get("stay"))


def status() -> dict[str, Any]:
    """Where older documents are kept, and what is in the way; for people."""
    if not settings.STORAGE_URL:
        return {"kind": "database", "packs": 0, "problem": None, "stay": True}
    state = _state()
    return {
        "kind": "s3",
        "packs": Pack.objects.filter(state=Pack.State.THERE).count(),
        "problem": state.get("problem"),
        "stay": bool(state.get("stay")),
    }


def require() -> None:
    """Raise StorageMisset if documents are, or are to be, where this process cannot get them."""
    if shelf() is None and Pack.objects.exclude(state=Pack.State.GOING).exists():
        raise StorageMisset(
            "Older documents of this installation are in an object store, but "
            "CAUSEWAY_STORAGE_URL is not set. Set it again; “manage.py bring_documents_back” "
            "brings them into the database."
        )
