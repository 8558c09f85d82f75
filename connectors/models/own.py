"""Connectors of a workspace: manifests it uploaded, and packages its administrator enabled."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ipaas.core import clock
from ipaas.core.ids import new_id


def new_own_connector_id() -> str:
    """Fresh id of an uploaded connector."""
    return new_id("own")


class EnabledConnector(models.Model):
    """A packaged connector that a workspace may use."""

    workspace = models.ForeignKey(
        "tenancy.Workspace", on_delete=models.CASCADE, related_name="enabled_connectors"
    )
    slug = models.SlugField(max_length=60)
    enabled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    enabled_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "connectors_enabled"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="connector_enabled_once")
        ]

    def __str__(self) -> str:
        return self.slug


class OwnConnector(models.Model):
    """A connector that a workspace uploaded; ``version`` is the one in use.

    ``slug`` is what connections and flows name it by: no other workspace has it.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_own_connector_id)
    workspace = models.ForeignKey(
        "tenancy.Workspace", on_delete=models.CASCADE, related_name="own_connectors"
    )
    slug = models.SlugField(max_length=60, unique=True)
    short_name = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "connectors_own"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "short_name"], name="own_connector_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.slug


class OwnConnectorVersion(models.Model):
    """One uploaded manifest; versions are never changed."""

    connector = models.ForeignKey(OwnConnector, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    manifest = models.TextField()
    digest = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "connectors_own_version"
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "number"], name="own_connector_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.connector_id} {self.number}"
