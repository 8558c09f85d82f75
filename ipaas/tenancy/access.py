"""Who may do what: one table of rights, and the door that every request passes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ipaas.core.errors import Forbidden, Invalid, NotFound, Unauthenticated
from ipaas.tenancy.models import Environment, Membership, Role, Workspace


class Right(StrEnum):
    """Something a role allows in a workspace."""

    WORKSPACE_VIEW = "workspace.view"
    WORKSPACE_EDIT = "workspace.edit"
    MEMBERS_VIEW = "members.view"
    MEMBERS_EDIT = "members.edit"
    AUDIT_VIEW = "audit.view"
    SETTINGS_VIEW = "settings.view"
    SETTINGS_EDIT = "settings.edit"
    FLOWS_VIEW = "flows.view"
    FLOWS_EDIT = "flows.edit"
    FLOWS_TEST = "flows.test"
    FLOWS_PUBLISH = "flows.publish"
    RUNS_VIEW = "runs.view"
    RUNS_DATA_VIEW = "runs.data_view"
    RUNS_OPERATE = "runs.operate"
    CONNECTIONS_VIEW = "connections.view"
    CONNECTIONS_EDIT = "connections.edit"
    LOOKUPS_VIEW = "lookups.view"
    LOOKUPS_EDIT = "lookups.edit"
    SANDBOX_VIEW = "sandbox.view"
    SANDBOX_USE = "sandbox.use"


@dataclass(frozen=True)
class Grant:
    """Roles that hold a right, and the words for it in a refusal."""

    phrase: str
    roles: tuple[Role, ...]
    production: tuple[Role, ...] | None = None  # None: the same roles as everywhere

    def holders(self, *, production: bool) -> tuple[Role, ...]:
        """Roles that hold the right in a production, or in any other, environment."""
        return self.production if production and self.production is not None else self.roles


_EVERYBODY = (Role.OWNER, Role.ADMIN, Role.BUILDER, Role.ANALYST, Role.VIEWER)
_WORKERS = (Role.OWNER, Role.ADMIN, Role.BUILDER, Role.ANALYST)
_BUILDERS = (Role.OWNER, Role.ADMIN, Role.BUILDER)
_OPERATORS = (Role.OWNER, Role.ADMIN, Role.ANALYST)
_ADMINS = (Role.OWNER, Role.ADMIN)

GRANTS: dict[Right, Grant] = {
    Right.WORKSPACE_VIEW: Grant("open this workspace", _EVERYBODY),
    Right.WORKSPACE_EDIT: Grant("change the workspace", (Role.OWNER,)),
    Right.MEMBERS_VIEW: Grant("see the members", _EVERYBODY),
    Right.MEMBERS_EDIT: Grant("change the members", _ADMINS),
    Right.SETTINGS_VIEW: Grant("see the settings", _EVERYBODY),
    Right.SETTINGS_EDIT: Grant("change the settings", _ADMINS),
    Right.AUDIT_VIEW: Grant("read the audit log", _ADMINS),
    Right.FLOWS_VIEW: Grant("see flows", _EVERYBODY),
    Right.FLOWS_EDIT: Grant("change flows", _BUILDERS),
    Right.FLOWS_TEST: Grant("run tests of flows", _BUILDERS, production=_ADMINS),
    Right.FLOWS_PUBLISH: Grant("publish flows", _BUILDERS, production=_ADMINS),
    Right.RUNS_VIEW: Grant("see runs", _EVERYBODY),
    Right.RUNS_DATA_VIEW: Grant("see the documents of runs", _WORKERS),
    Right.RUNS_OPERATE: Grant("repair and repeat runs", _WORKERS, production=_OPERATORS),
    Right.CONNECTIONS_VIEW: Grant("see connections", _EVERYBODY),
    Right.CONNECTIONS_EDIT: Grant("change connections", _ADMINS),
    Right.LOOKUPS_VIEW: Grant("see lookup tables and cross-references", _EVERYBODY),
    Right.LOOKUPS_EDIT: Grant(
        "change lookup tables and cross-references", _WORKERS, production=_OPERATORS
    ),
    Right.SANDBOX_VIEW: Grant("see the sandbox", _EVERYBODY),
    Right.SANDBOX_USE: Grant("use the sandbox", _WORKERS),
}


class NotLoggedIn(Unauthenticated):
    """Nobody is logged in, or the session has ended."""

    code = "session.required"


class RightMissing(Forbidden):
    """A member, but the role does not allow this."""

    code = "access.right_missing"


class WorkspaceNotFound(NotFound):
    """No workspace of that name is visible to this person."""

    code = "workspace.not_found"


class EnvironmentUnknown(Invalid):
    """The workspace has no environment of that name."""

    code = "environment.unknown"


@dataclass(frozen=True)
class Access:
    """What one person may do in one workspace."""

    workspace: Workspace
    role: Role
    user: Any

    def allows(self, right: Right, environment: Environment | None = None) -> bool:
        """Whether the role holds ``right`` (in ``environment``, if one is given)."""
        production = environment is not None and environment.is_production
        return self.role in GRANTS[right].holders(production=production)

    def require(self, right: Right, environment: Environment | str | None = None) -> None:
        """Return if the role holds ``right``; else raise RightMissing, which says who does."""
        if isinstance(environment, str):
            environment = self.environment(environment)
        if not self.allows(right, environment):
            raise _refusal(right, self.role, environment)

    def environment(self, slug: str) -> Environment:
        """Environment ``slug`` of the workspace; raises EnvironmentUnknown."""
        found = Environment.objects.filter(workspace=self.workspace, slug=slug).first()
        if found is None:
            raise EnvironmentUnknown(
                "This workspace has no such environment.", hint="Use test or production."
            )
        return found

    def rights(self, environment: Environment | None = None) -> list[Right]:
        """All rights the role holds, in the order of the table."""
        return [right for right in GRANTS if self.allows(right, environment)]


def enter(user: Any, workspace_slug: str) -> Access:
    """What ``user`` may do in the workspace.

    Raises NotLoggedIn for nobody, and WorkspaceNotFound for a stranger exactly as for a
    workspace that does not exist, so that names of workspaces cannot be guessed.
    """
    if not getattr(user, "is_authenticated", False):
        raise NotLoggedIn("You are not logged in.", hint="Log in and try again.")
    membership = (
        Membership.objects.select_related("workspace")
        .filter(user_id=user.pk, workspace__slug=workspace_slug)
        .first()
    )
    if membership is None:
        raise WorkspaceNotFound(
            "There is no such workspace.",
            hint="Choose one of your workspaces, or ask its owner to invite you.",
        )
    return Access(workspace=membership.workspace, role=Role(membership.role), user=user)


def require(user: Any, workspace_slug: str, right: Right, environment: str | None = None) -> Access:
    """What ``user`` may do in the workspace, if that includes ``right`` in ``environment``.

    Raises NotLoggedIn, WorkspaceNotFound (also for people of other workspaces),
    EnvironmentUnknown or RightMissing.
    """
    access = enter(user, workspace_slug)
    access.require(right, environment)
    return access


def _refusal(right: Right, role: Role, environment: Environment | None) -> RightMissing:
    grant = GRANTS[right]
    production = environment is not None and environment.is_production
    holders = grant.holders(production=production)
    where = ""
    if environment is not None and grant.production is not None:
        where = f" in {environment.slug}"
    return RightMissing(
        f"As {_with_article(role)} you cannot {grant.phrase}{where}.",
        hint=f"Ask {_any_of(holders)} of this workspace.",
        right=str(right),
        roles=[str(holder) for holder in holders],
    )


def _with_article(role: Role) -> str:
    article = "an" if role[0] in "aeiou" else "a"
    return f"{article} {role}"


def _any_of(roles: tuple[Role, ...]) -> str:
    words = [_with_article(role) for role in roles]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
