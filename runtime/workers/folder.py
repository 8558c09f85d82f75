"""The data folder's lock: with SQLite one process is the whole product, and it alone may be."""

from __future__ import annotations

import fcntl
from typing import TextIO

from django.conf import settings

from ipaas.core.errors import Conflict

_held: TextIO | None = None


class FolderTaken(Conflict):
    """Another process works on this data folder."""

    code = "topology.folder_taken"


def hold() -> None:
    """Keep every other process off the data folder until this one ends; raises FolderTaken.

    The lock dies with the process, however it ends. A second call changes nothing.
    """
    global _held
    if _held is not None:
        return
    lock = open(settings.DATA_DIR / "causeway.lock", "w")  # noqa: SIM115 held until the end
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise FolderTaken(
            f"Causeway is already running on {settings.DATA_DIR}; stop it first, or give this "
            "one its own folder with CAUSEWAY_DATA_DIR.",
            hint="For several processes set CAUSEWAY_DATABASE_URL and CAUSEWAY_REDIS_URL.",
        ) from error
    _held = lock


def free() -> None:
    """Let another process have the folder."""
    global _held
    if _held is not None:
        _held.close()
        _held = None
