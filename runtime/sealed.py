"""Which columns of this app hold sealed values, for the rotation of keys."""

from __future__ import annotations

from typing import Any

from connectors import facade as connectors
from runtime.archive import packs
from runtime.models import Hook, HookSample, Installation, Pack, Payload
from runtime.triggers.hooks import SECRET


def _hook(row: dict[str, Any]) -> bytes:
    return connectors.bound_to(row["workspace_id"], SECRET, row["token"])


def _pack(row: dict[str, Any]) -> bytes:
    return connectors.bound_to(row["workspace_id"], packs.PURPOSE, row["id"])


# What ``payloads`` and ``hooks`` bind their values to.
COLUMNS = (
    connectors.SealedColumn(
        "documents of runs", Payload, "sealed", "workspace_id", lambda row: b"payload"
    ),
    connectors.SealedColumn("keys of packs", Pack, "key", "workspace_id", _pack, ("id",)),
    connectors.SealedColumn(
        "secrets of addresses", Hook, "secret", "workspace_id", _hook, ("token",)
    ),
    connectors.SealedColumn(
        "former secrets of addresses", Hook, "previous", "workspace_id", _hook, ("token",)
    ),
    connectors.SealedColumn(
        "learnt messages", HookSample, "sealed", "workspace_id", lambda row: b"hook-sample"
    ),
    connectors.SealedColumn(
        "the installation's probe", Installation, "sealed", "name", lambda row: b"installation"
    ),
)
