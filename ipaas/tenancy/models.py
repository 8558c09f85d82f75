"""Who works where: workspaces, members, environments, and the log of what people did."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models

from ipaas.core import clock
from ipaas.core.ids import new_id
from ipaas.tenancy.fields import JsonText


def new_workspace_id() -> str:
    """Fresh id of a workspace."""
    return new_id("ws")


class Role(StrEnum):
    """What a member is in a workspace; ``access.GRANTS`` says what that allows."""

    OWNER = "owner"
    ADMIN = "admin"
    BUILDER = "builder"
    ANALYST = "analyst"
    VIEWER = "viewer"


class Workspace(models.Model):
    """Everything that belongs together and is hidden from everybody else."""

    id = models.CharField(primary_key=True, max_length=40, default=new_workspace_id)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.slug


class Membership(models.Model):
    """A person's role in a workspace."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(
        max_length=16, choices=[(role.value, role.value.title()) for role in Role]
    )
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "workspace"], name="one_role_per_workspace")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} in {self.workspace_id}"


class Environment(models.Model):
    """A stage of the same flows with its own connections: test, production."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="environments")
    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    is_production = models.BooleanField(default=False)

    class Meta:
        ordering = ["is_production", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="one_environment_per_slug")
        ]

    def __str__(self) -> str:
        return self.slug


class Variable(models.Model):
    """A value that flows read as ``vars.<name>``, other in each environment. Never a secret."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    value = JsonText(null=True)
    changed_by = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "environment", "name"], name="one_variable_per_name"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.environment}"


class AuditEntry(models.Model):
    """One thing a person did, chained by hash to what happened before it in the workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=160)
    action = models.CharField(max_length=80)
    object = models.CharField(max_length=160)
    details = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "seq"], name="one_audit_entry_per_seq")
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.actor} {self.action} {self.object}"


class AuditHead(models.Model):
    """Newest entry of a workspace's chain: its lock, and the proof that no tail was cut off."""

    workspace = models.OneToOneField(
        Workspace, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return f"{self.workspace_id} at {self.seq}"


class FailedLogin(models.Model):
    """One wrong password, kept for as long as it counts against the next try."""

    address = models.CharField(max_length=64)
    name = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address", "at"], name="failed_login_by_address")]

    def __str__(self) -> str:
        return f"{self.name} from {self.address}"
