"""What other apps may know of workspaces: frozen values, never rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from ipaas.core.errors import Conflict
from ipaas.tenancy import audit
from ipaas.tenancy.access import WorkspaceNotFound
from ipaas.tenancy.models import Environment, Membership, Role, Variable, Workspace


@dataclass(frozen=True)
class EnvironmentRef:
    """One stage of a workspace."""

    id: int
    slug: str
    name: str
    is_production: bool


@dataclass(frozen=True)
class WorkspaceRef:
    """A workspace and its environments."""

    id: str
    slug: str
    name: str
    environments: tuple[EnvironmentRef, ...]

    def environment(self, slug: str) -> EnvironmentRef:
        """Environment of that name; KeyError if there is none."""
        for environment in self.environments:
            if environment.slug == slug:
                return environment
        raise KeyError(slug)


@dataclass(frozen=True)
class MemberRef:
    """A person in a workspace."""

    id: str
    name: str
    role: str


class SlugTaken(Conflict):
    """Another workspace has that name in its address."""

    code = "workspace.slug_taken"


def workspace_by_slug(slug: str) -> WorkspaceRef:
    """The workspace of that slug; raises WorkspaceNotFound."""
    return _ref(Workspace.objects.filter(slug=slug).first())


def workspace_by_id(workspace_id: str) -> WorkspaceRef:
    """The workspace of that id; raises WorkspaceNotFound."""
    return _ref(Workspace.objects.filter(id=workspace_id).first())


def all_workspaces() -> list[WorkspaceRef]:
    """Every workspace of this server, oldest first; for the machine's own work."""
    rows = Workspace.objects.prefetch_related("environments").order_by("created_at", "id")
    return [_ref(row) for row in rows]


def create_workspace(slug: str, name: str, owner: Any) -> WorkspaceRef:
    """New workspace with a test and a production environment, owned by ``owner``."""
    with transaction.atomic():
        if Workspace.objects.filter(slug=slug).exists():
            raise SlugTaken("This address is taken.", hint="Choose another short name.")
        workspace = Workspace.objects.create(slug=slug, name=name)
        Environment.objects.create(workspace=workspace, slug="test", name="Test")
        Environment.objects.create(
            workspace=workspace, slug="production", name="Production", is_production=True
        )
        Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
        audit.record(workspace, owner, "workspace.created", slug, {"name": name})
    return _ref(workspace)


def add_member(workspace: WorkspaceRef, user: Any, role: str, *, by: Any) -> None:
    """Give ``user`` the role, in place of any they had before; ``by`` goes into the audit log."""
    with transaction.atomic():
        row = Workspace.objects.get(id=workspace.id)
        Membership.objects.update_or_create(workspace=row, user=user, defaults={"role": Role(role)})
        audit.record(row, by, "member.set", f"user:{user.pk}", {"role": str(Role(role))})


def role_of(workspace_id: str, user: Any) -> str:
    """The person's role in the workspace, or an empty text for a stranger."""
    found = Membership.objects.filter(workspace_id=workspace_id, user_id=user.pk)
    return str(found.values_list("role", flat=True).first() or "")


def variables(workspace_id: str, environment: str) -> dict[str, Any]:
    """What flows read as ``vars`` in an environment, by name."""
    rows = Variable.objects.filter(workspace_id=workspace_id, environment=environment)
    return dict(rows.values_list("name", "value"))


def members_of(workspace_id: str) -> list[MemberRef]:
    """Everybody in the workspace, by name."""
    rows = Membership.objects.filter(workspace_id=workspace_id).select_related("user")
    found = [
        MemberRef(str(row.user_id), row.user.get_full_name() or row.user.get_username(), row.role)
        for row in rows
    ]
    return sorted(found, key=lambda member: (member.name.lower(), member.id))


def record_audit(
    workspace_id: str, actor: Any, action: str, object: str, details: dict[str, Any] | None = None
) -> None:
    """Append to the workspace's audit log, inside the caller's transaction."""
    audit.record(Workspace.objects.get(id=workspace_id), actor, action, object, details)


def _ref(row: Workspace | None) -> WorkspaceRef:
    if row is None:
        raise WorkspaceNotFound("There is no such workspace.", hint="Check its name.")
    return WorkspaceRef(
        id=row.id,
        slug=row.slug,
        name=row.name,
        environments=tuple(
            EnvironmentRef(e.pk, e.slug, e.name, e.is_production) for e in row.environments.all()
        ),
    )
