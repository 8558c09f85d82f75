"""Whether this process holds the keys that its database was sealed with."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import DatabaseError

from connectors import credentials, keys, vault
from connectors.models import Credential
from ipaas.core.errors import IpaasError

MOST_TRIED = 20


class KeysWrong(IpaasError):
    """The master keys are not those that sealed what is stored."""

    code = "vault.keys_wrong"


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """Which keys there are, and how many stored values they opened."""

    source: str
    key_ids: tuple[str, ...]
    newest: str
    tried: int


def check_keys() -> KeyCheck:
    """Open some stored credentials; call it when a process starts.

    Raises KeysUnavailable without keys and KeysWrong with other ones, both with what to do. A
    database that has no tables yet is no fault.
    """
    held = vault.masters()
    try:
        rows = list(
            Credential.objects.select_related("connection").order_by("-version")[:MOST_TRIED]
        )
    except DatabaseError:
        rows = []
    refused = 0
    for row in rows:
        try:
            credentials.open_sealed_secrets(
                row.connection.workspace_id, row.connection_id, bytes(row.sealed)
            )
        except vault.SealBroken:
            refused += 1
    if rows and refused == len(rows):
        raise KeysWrong(
            "The master key is not the one that sealed the stored secrets.",
            hint="Restore the key that belongs to this database (master.key of the data folder, "
            "or CAUSEWAY_MASTER_KEY); put a new key in front of the old one, never in its place.",
        )
    ids = tuple(held)
    return KeyCheck(keys.source().name, ids, ids[0], len(rows) - refused)
