"""Packs: many documents of one workspace in one object, each sealed with the pack's own key.

The key stands in the database, sealed by the workspace's cipher, so rotating master keys touches
no object. A document's row says where in the pack it is; a pack is never changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.ids import new_id
from runtime import faults, sql
from runtime.archive.shelf import Shelf, StorageAway, shelf
from runtime.models import Pack

PURPOSE = "pack"
MOST_BYTES = 4 * 1024 * 1024  # of a pack, unless a single document is larger
_NONCE = 12


class Place(NamedTuple):
    """Where a document is."""

    digest: str
    pack_id: str
    start: int
    length: int


class Item(NamedTuple):
    """A document on its way into a pack: compressed, not sealed."""

    row_id: int
    digest: str
    content: bytes


_MOVED = sql.Table(
    "runtime_payload",
    {
        "id": "bigint",
        "pack_id": "text",
        "pack_start": "int",
        "pack_length": "int",
        "sealed": "bytea",
    },
)


def _aad(workspace_id: str, digest: str) -> bytes:
    return f"{workspace_id}/{digest}".encode()


def name_of(workspace_id: str, pack_id: str) -> str:
    """The object's name."""
    return f"{workspace_id}/{pack_id}"


def pack(store: Shelf, workspace_id: str, items: Sequence[Item]) -> str:
    """Move documents into a new pack; its id.

    The pack's row comes first and the documents' rows last, so that whenever this is cut off no
    object is without a row, and no document without a content.
    """
    pack_id, key = new_id("pack"), os.urandom(32)
    sealed_key = connectors.seal(workspace_id, PURPOSE, pack_id, key)
    with faults.commits("archive.pack"):
        row = Pack.objects.create(
            id=pack_id,
            workspace_id=workspace_id,
            key=sealed_key,
            state=Pack.State.COMING,
            changed_at=clock.now(),
        )
    cipher, body, moved = AESGCM(key), bytearray(), []
    for number, item in enumerate(items):
        nonce = number.to_bytes(_NONCE, "big")  # the key is this pack's own
        sealed = cipher.encrypt(nonce, item.content, _aad(workspace_id, item.digest))
        moved.append((item.row_id, pack_id, len(body), _NONCE + len(sealed), b""))
        body += nonce + sealed
    faults.point("archive.before_send")
    store.put(name_of(workspace_id, pack_id), bytes(body))
    faults.point("archive.after_reply")
    with sql.writing("archive.moved"):
        _MOVED.update(moved)
        row.state, row.count, row.size = Pack.State.THERE, len(moved), len(body)
        row.changed_at = clock.now()
        row.save()
    return pack_id


def put_back(documents: Sequence[tuple[int, bytes]]) -> None:
    """Write documents, sealed for the database, into their rows again; by the caller's commit."""
    _MOVED.update([(row_id, "", 0, 0, sealed) for row_id, sealed in documents])


def read(workspace_id: str, places: Iterable[Place]) -> dict[str, bytes]:
    """Contents (compressed) of documents by digest; those whose pack is gone are absent.

    One request a pack. Raises StorageAway.
    """
    by_pack: dict[str, list[Place]] = {}
    for place in places:
        by_pack.setdefault(place.pack_id, []).append(place)
    store = shelf() if by_pack else None
    if by_pack and store is None:
        raise StorageAway(
            "Older documents are in an object store, and this process does not know which.",
            hint="Set CAUSEWAY_STORAGE_URL as it was before.",
        )
    found: dict[str, bytes] = {}
    for row in Pack.objects.filter(id__in=by_pack, workspace_id=workspace_id):
        assert store is not None
        wanted = by_pack[row.id]
        start = min(place.start for place in wanted)
        length = max(place.start + place.length for place in wanted) - start
        body = store.get(name_of(workspace_id, row.id), start, length)
        if body is None:
            continue
        cipher = AESGCM(connectors.open_sealed(workspace_id, PURPOSE, row.id, bytes(row.key)))
        for place in wanted:
            sealed = body[place.start - start : place.start - start + place.length]
            try:
                found[place.digest] = cipher.decrypt(
                    sealed[:_NONCE], sealed[_NONCE:], _aad(workspace_id, place.digest)
                )
            except InvalidTag:
                continue  # somebody changed the object: it counts as missing
    return found
