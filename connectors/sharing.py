"""Who may choose a connection in flows: everybody who builds, or certain roles and members."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from connectors.models import ConnectionRow
from connectors.values import Connection, ConnectionUse
from ipaas.core.errors import Conflict, Forbidden, Unprocessable
from ipaas.tenancy import facade as tenancy

ALWAYS = ("owner", "admin")
ROLES = ("builder", "analyst")


class ConnectionNotShared(Forbidden):
    """The person may build flows, but not with this connection."""

    code = "connection.not_shared"


class SharingInvalid(Unprocessable):
    """Not a role or member of this workspace."""

    code = "connection.sharing_invalid"


class ConnectionStillUsed(Conflict):
    """Flows are live that were published by people who would no longer be allowed to."""

    code = "connection.still_used"


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who may use a connection besides owners and admins; ``everybody`` overrules the rest."""

    everybody: bool
    roles: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    def allows(self, role: str, user_id: Any) -> bool:
        """Whether this person may use the connection."""
        return (
            self.everybody or role in ALWAYS or role in self.roles or str(user_id) in self.members
        )


def sharing_of(workspace_id: str, connection_ids: Collection[str]) -> dict[str, Sharing]:
    """Who may use these connections, by their ids."""
    rows = ConnectionRow.objects.filter(workspace_id=workspace_id, id__in=connection_ids)
    return {row_id: _read(stored) for row_id, stored in rows.values_list("id", "shared_with")}


def share(
    workspace_id: str,
    connection: Connection,
    *,
    everybody: bool,
    roles: Iterable[str],
    members: Iterable[str],
    uses: Sequence[ConnectionUse],
    actor: Any,
) -> Sharing:
    """The new rule; raises ConnectionStillUsed if it would cut off who made one of ``uses`` live.

    So no call has to ask: whatever is live was published by somebody who may use its connections.
    """
    people = {member.id: member for member in tenancy.members_of(workspace_id)}
    chosen = Sharing(everybody, tuple(sorted(set(roles))), tuple(sorted(set(members))))
    if set(chosen.roles) - set(ROLES) or set(chosen.members) - set(people):
        raise SharingInvalid(
            "This is not a role or member of the workspace.", hint="Choose from the list."
        )
    before = sharing_of(workspace_id, [connection.id])[connection.id]
    _require_no_loss(connection.name, before, chosen, uses, people)
    stored = {} if everybody else {"roles": list(chosen.roles), "members": list(chosen.members)}
    with transaction.atomic():
        ConnectionRow.objects.filter(workspace_id=workspace_id, id=connection.id).update(
            shared_with=stored
        )
        tenancy.record_audit(
            workspace_id,
            actor,
            "connection.shared",
            f"connection:{connection.id}",
            {"everybody": everybody, **stored},
        )
    return Sharing(True) if everybody else chosen


def _require_no_loss(
    name: str,
    before: Sharing,
    after: Sharing,
    uses: Sequence[ConnectionUse],
    people: Mapping[str, tenancy.MemberRef],
) -> None:
    live = [
        (use, people[use.publisher]) for use in uses if use.publisher and use.publisher in people
    ]
    lost = [
        (use, who)
        for use, who in live
        if before.allows(who.role, who.id) and not after.allows(who.role, who.id)
    ]
    if lost:
        told = ", ".join(f"“{use.name}” (published by {who.name})" for use, who in lost)
        raise ConnectionStillUsed(
            f"“{name}” is used by flows that are live: {told}.",
            hint="Switch these flows off, publish them yourself, or go on sharing with whoever "
            "published them.",
            flows=[
                {"flow_id": use.flow_id, "name": use.name, "published_by": who.name}
                for use, who in lost
            ],
        )


def require_use(
    workspace_id: str, environment: str, slugs: Collection[str], *, role: str, user_id: Any
) -> None:
    """Return if the person may use all of these connections; else raise ConnectionNotShared."""
    rows = ConnectionRow.objects.filter(
        workspace_id=workspace_id, environment=environment, slug__in=slugs
    )
    refused = [row.name for row in rows if not _read(row.shared_with).allows(role, user_id)]
    if refused:
        raise ConnectionNotShared(
            f"You may not use {', '.join(f'“{name}”' for name in refused)}.",
            hint="Choose another connection, or ask an admin to share this one with you.",
            connections=refused,
        )


def may_use(workspace_id: str, connection_id: str, *, role: str, user_id: Any) -> bool:
    """Whether the person may use a connection."""
    found = sharing_of(workspace_id, [connection_id]).get(connection_id)
    return found is not None and found.allows(role, user_id)


def _read(stored: dict[str, Any]) -> Sharing:
    if not stored:
        return Sharing(True)
    return Sharing(False, tuple(stored.get("roles", ())), tuple(stored.get("members", ())))
