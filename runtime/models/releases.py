"""Releases, where they are live, and the addresses at which their triggers listen."""

from __future__ import annotations

from django.db import models

from ipaas.tenancy.fields import JsonText


class Release(models.Model):
    """A compiled flow version; never changed."""

    id = models.CharField(primary_key=True, max_length=40)
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    flow_id = models.CharField(max_length=40, db_index=True)
    flow_name = models.CharField(max_length=200)
    version = models.IntegerField()  # 0: a draft that was only tested
    environment = models.CharField(max_length=40)
    body = JsonText()
    created_at = models.DateTimeField()


class Deployment(models.Model):
    """Which release of a flow is live in an environment."""

    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    flow_id = models.CharField(max_length=40)
    release = models.ForeignKey(Release, models.PROTECT, related_name="deployments")
    active = models.BooleanField(default=True)
    trigger_node = models.CharField(max_length=40)
    trigger_type = models.CharField(max_length=40, default="", db_default="", blank=True)
    connection = models.CharField(max_length=80, blank=True)  # event triggers: where it listens
    operation = models.CharField(max_length=80, blank=True)
    lanes = JsonText(null=True)  # order and number of runs, as the trigger says
    hook_token = models.CharField(max_length=64, null=True, unique=True)  # generic webhooks

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "environment", "flow_id"], name="one_deployment_per_flow"
            )
        ]
        indexes = [models.Index(fields=["workspace", "environment", "connection"])]
