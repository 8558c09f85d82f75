"""Sealing everything anew with the newest master key, while the product goes on working."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Substr

from connectors import credentials, keys, vault
from connectors.models import ConsentState, Credential
from ipaas.core.errors import Conflict

BATCH = 200


class KeyInUse(Conflict):
    """Something is still sealed with a key that was to be retired."""

    code = "vault.key_in_use"


@dataclass(frozen=True)
class SealedColumn:
    """A column that holds sealed values.

    ``workspace`` is the path to the workspace's id; ``bound_to`` gives the associated data of a row
    from the values of ``needs``. ``empty`` values stay as they are.
    """

    title: str
    model: type[models.Model]
    column: str
    workspace: str
    bound_to: Callable[[dict[str, Any]], bytes]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one column is."""

    title: str
    done: int
    left: int
    unreadable: int


def _secrets(row: dict[str, Any]) -> bytes:
    return vault.bound_to(
        row["connection__workspace_id"], credentials.PURPOSE, row["connection_id"]
    )


def _consent(row: dict[str, Any]) -> bytes:
    purpose = "activation" if row["activation"] else "consent.verifier"
    return vault.bound_to(row["connection__workspace_id"], purpose, row["digest"])


_columns: list[SealedColumn] = [
    SealedColumn(
        "secrets of connections",
        Credential,
        "sealed",
        "connection__workspace_id",
        _secrets,
        ("connection_id",),
    ),
    SealedColumn(
        "consents under way",
        ConsentState,
        "sealed_verifier",
        "connection__workspace_id",
        _consent,
        ("digest", "activation"),
    ),
]


def register_sealed(*columns: SealedColumn) -> None:
    """Let ``reseal`` know of sealed values; each app does so for its own when it starts."""
    for column in columns:
        if column not in _columns:
            _columns.append(column)


def make_key() -> str:
    """Id of a new master key, which seals from now on. Raises KeysUnavailable."""
    source = keys.source()
    made = keys.with_new(source.read())
    source.write(made)
    vault.forget_keys()
    return next(iter(made))


def reseal(batch: int = BATCH) -> Iterator[Progress]:
    """Seal anew what older keys sealed, batch by batch; one Progress after each.

    It may be stopped and begun again at any time: what is done is not looked at again. A value that
    changes meanwhile is left to whoever changed it, who used the newest key. Values that no key
    opens are counted and left.
    """
    for column in list(_columns):
        done, unreadable, after = 0, 0, None
        while True:
            rows = list(_outdated(column, after)[:batch])
            if not rows:
                break
            after = rows[-1]["pk"]
            with transaction.atomic():
                for row in rows:
                    changed = _reseal_row(column, row)
                    done += changed is True
                    unreadable += changed is None
            yield Progress(column.title, done, _outdated(column, after).count(), unreadable)


def left_to_do() -> dict[str, int]:
    """How many values older keys still seal, by title; nothing if all is done."""
    counts = {column.title: _outdated(column, None).count() for column in _columns}
    return {title: count for title, count in counts.items() if count}


def retire_old_keys() -> list[str]:
    """Ids of the keys that were taken away; raises KeyInUse while any still seals something."""
    if left := left_to_do():
        words = ", ".join(f"{count} {title}" for title, count in left.items())
        raise KeyInUse(
            f"Older keys still seal {words}.",
            hint="Run rotate_keys until nothing is left, then retire the old keys.",
        )
    source = keys.source()
    held = source.read()
    newest = next(iter(held))
    source.write({newest: held[newest]})
    vault.forget_keys()
    return [name for name in held if name != newest]


def _outdated(column: SealedColumn, after: Any) -> Any:
    """Rows that the newest key did not seal, in the order of their keys."""
    prefix = vault.newest_prefix()
    rows = column.model._default_manager.annotate(
        _head=Substr(column.column, 1, len(prefix), output_field=models.BinaryField())
    ).exclude(_head=prefix)
    rows = rows.exclude(**{column.column: b""}).exclude(**{f"{column.column}__isnull": True})
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return rows.order_by("pk").values("pk", column.column, column.workspace, *column.needs)


def _reseal_row(column: SealedColumn, row: dict[str, Any]) -> bool | None:
    """Whether the row was sealed anew; None if no key opens it."""
    sealed = bytes(row[column.column])
    cipher = vault.workspace_cipher(str(row[column.workspace]))
    bound_to = column.bound_to(row)
    try:
        fresh = cipher.seal(cipher.open(sealed, bound_to), bound_to)
    except vault.SealBroken:
        return None
    rows = column.model._default_manager.filter(pk=row["pk"], **{column.column: sealed})
    return bool(rows.update(**{column.column: fresh}))
