"""A workspace's links to vendor accounts, and the secrets they need."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models

from ipaas.core import clock
from ipaas.core.ids import new_id

WEBHOOK_TOKEN_PREFIX = "cw_"


def new_connection_id() -> str:
    """Fresh id of a connection."""
    return new_id("con")


def new_webhook_token() -> str:
    """Unguessable last part of a connection's web hook address."""
    return WEBHOOK_TOKEN_PREFIX + secrets.token_urlsafe(24)


class ConnectionRow(models.Model):
    """An authorised link to one vendor account, in one environment; holds no secret."""

    class Status(models.TextChoices):
        """Whether calls can be made, and what a person must do if not."""

        READY = "ready"
        NEEDS_CONSENT = "needs_consent"
        RECONNECT = "reconnect"
        DISABLED = "disabled"

    id = models.CharField(primary_key=True, max_length=40, default=new_connection_id)
    workspace = models.ForeignKey(
        "tenancy.Workspace", on_delete=models.CASCADE, related_name="connections"
    )
    environment = models.CharField(max_length=40)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    connector = models.SlugField(max_length=60)
    settings: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.READY)
    auth = models.CharField(max_length=40, blank=True, default="")
    shared_with: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    granted_scopes = models.TextField(blank=True, default="")
    ca_certificate = models.TextField(blank=True, default="")
    sandbox = models.BooleanField(default=False)
    on_premise = models.BooleanField(default=False)
    account = models.CharField(max_length=120, blank=True, default="")
    webhook_token = models.CharField(max_length=64, unique=True, default=new_webhook_token)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)

    credential: Credential

    class Meta:
        db_table = "connectors_connection"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "environment", "slug"], name="one_connection_per_slug"
            )
        ]

    def __str__(self) -> str:
        return f"{self.slug} ({self.environment})"


class Credential(models.Model):
    """The secrets of a connection, sealed; ``version`` rises with every change of them.

    ``refreshing_until`` is the lock of a token refresh: whoever sets it may call the token
    endpoint; it ends by itself when that process dies.
    """

    connection = models.OneToOneField(
        ConnectionRow, on_delete=models.CASCADE, primary_key=True, related_name="credential"
    )
    sealed = models.BinaryField()
    names: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    expires_at = models.DateTimeField(null=True, blank=True)
    refreshing_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"secrets of {self.connection_id}"


class ConsentState(models.Model):
    """A consent under way at a vendor: used once, by the person and browser that began it.

    ``browser`` is the digest of that browser's session; "" for an activation, which the vendor's
    server completes.
    """

    digest = models.CharField(primary_key=True, max_length=64)
    connection = models.ForeignKey(ConnectionRow, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    browser = models.CharField(max_length=64, blank=True, default="")
    activation = models.BooleanField(default=False)
    sealed_verifier = models.BinaryField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"consent for {self.connection_id}"


class SecretUse(models.Model):
    """How often machines used a connection's secrets within one minute, for one flow."""

    connection = models.ForeignKey(ConnectionRow, on_delete=models.CASCADE, related_name="+")
    flow_id = models.CharField(max_length=40, blank=True, default="")
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "connectors_secret_use"
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "flow_id", "minute"], name="one_count_per_minute"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} uses of {self.connection_id}"
