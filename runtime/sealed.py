"""Which columns of this app hold sealed values, for the rotation of keys."""

from __future__ import annotations

from connectors import facade as connectors
from runtime.models import Hook, HookSample, Installation, Payload

# What ``payloads`` and ``hooks`` bind their values to.
COLUMNS = (
    connectors.SealedColumn(
        "documents of runs", Payload, "sealed", "workspace_id", lambda row: b"payload"
    ),
    connectors.SealedColumn(
        "secrets of addresses", Hook, "secret", "workspace_id", lambda row: b"hook-secret"
    ),
    connectors.SealedColumn(
        "former secrets of addresses",
        Hook,
        "previous",
        "workspace_id",
        lambda row: b"hook-secret",
    ),
    connectors.SealedColumn(
        "learnt messages", HookSample, "sealed", "workspace_id", lambda row: b"hook-sample"
    ),
    connectors.SealedColumn(
        "the installation's probe", Installation, "sealed", "name", lambda row: b"installation"
    ),
)
