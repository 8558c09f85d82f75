"""The log of what people did, chained by hash so that a changed or cut log shows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from ipaas.core import clock, jsonio
from ipaas.tenancy import paging
from ipaas.tenancy.models import AuditEntry, AuditHead, Workspace


@dataclass(frozen=True)
class Verdict:
    """Result of reading a whole chain: intact, or the first entry that is not."""

    intact: bool
    entries: int
    broken_at: int | None = None
    reason: str = ""


def record(
    workspace: Workspace,
    actor: Any,
    action: str,
    object: str,
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry; it is kept or lost together with the caller's transaction.

    ``actor`` is a user, or a text for the machine. ``details`` must hold no secrets. Writers of
    one workspace queue at the head row, so the chain never forks.
    """
    with transaction.atomic():
        AuditHead.objects.get_or_create(workspace=workspace)
        head = AuditHead.objects.select_for_update().get(workspace=workspace)
        entry = AuditEntry(
            workspace=workspace,
            seq=head.seq + 1,
            at=clock.now(),
            actor=actor if isinstance(actor, str) else f"user:{actor.pk} {actor.get_username()}",
            action=action,
            object=object,
            details=_plain(jsonio.loads(jsonio.dumps(details or {}))),
            previous_hash=head.hash,
        )
        entry.hash = _digest(entry)
        entry.save(force_insert=True)
        head.seq, head.hash = entry.seq, entry.hash
        head.save(update_fields=["seq", "hash"])
    return entry


def listed(
    workspace: Workspace, *, query: str = "", cursor: str | None = None, limit: int = 50
) -> paging.Page[dict[str, Any]]:
    """Entries, newest first; ``query`` is part of an action, of what was acted on, or of a name."""
    rows = AuditEntry.objects.filter(workspace=workspace)
    if query:
        people = _named(query, workspace)
        rows = rows.filter(
            Q(action__icontains=query)
            | Q(object__icontains=query)
            | Q(actor__icontains=query)
            | Q(actor__in=people)
        )
    page = paging.cut(rows, "-seq", cursor=cursor, limit=limit)
    names = _names({text for entry in page.items for text in (entry.actor, entry.object)})
    return page.map(
        lambda entry: {
            "seq": entry.seq,
            "at": entry.at.isoformat(),
            "by": names.get(entry.actor, entry.actor),
            "action": entry.action,
            "object": entry.object,
            "name": names.get(entry.object, ""),
            "details": entry.details,
        }
    )


def _names(actors: set[str]) -> dict[str, str]:
    """How people are called today, by the actor that was written down."""
    ids = {actor: _user_id(actor) for actor in actors}
    users = get_user_model().objects.in_bulk([each for each in ids.values() if each])
    return {
        actor: users[each].get_full_name() or users[each].get_username()
        for actor, each in ids.items()
        if each in users
    }


def _named(text: str, workspace: Workspace) -> list[str]:
    """Actors of this log whose full name holds the text."""
    rows = AuditEntry.objects.filter(workspace=workspace).order_by()
    actors = set(rows.values_list("actor", flat=True).distinct())
    return [actor for actor, name in _names(actors).items() if text.lower() in name.lower()]


def _user_id(actor: str) -> int | None:
    kind, _, rest = actor.partition(":")
    number = rest.partition(" ")[0]
    return int(number) if kind == "user" and number.isdecimal() else None


def verify(workspace: Workspace) -> Verdict:
    """Read the whole chain again and say whether anything was changed, removed or cut off."""
    head = AuditHead.objects.filter(workspace=workspace).first()
    previous, count = "", 0
    for entry in AuditEntry.objects.filter(workspace=workspace).order_by("seq").iterator():
        if entry.seq != count + 1:
            return Verdict(False, count, count + 1, "an entry is missing")
        if entry.previous_hash != previous:
            return Verdict(False, count, entry.seq, "it does not follow the entry before it")
        if entry.hash != _digest(entry):
            return Verdict(False, count, entry.seq, "its content was changed")
        previous, count = entry.hash, entry.seq
    if head is not None and (head.seq, head.hash) != (count, previous):
        return Verdict(False, count, count + 1, "the newest entries are missing")
    if head is None and count:
        return Verdict(False, count, count, "the head of the chain is missing")
    return Verdict(True, count)


def _plain(value: Any) -> Any:
    """The same document with exact numbers as text: databases may round a JSON number."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case None | bool() | int() | str():
            return value
        case _:
            return str(value)


def _digest(entry: AuditEntry) -> str:
    at: datetime = entry.at
    content = {
        "workspace": entry.workspace_id,
        "seq": entry.seq,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "details": entry.details,
        "previous_hash": entry.previous_hash,
    }
    return hashlib.sha256(jsonio.canonical(content)).hexdigest()
