"""How long things are kept, and when it was last tidied up."""

from __future__ import annotations

from typing import Any

from django.db import models

from ipaas.tenancy.fields import JsonText


class RetentionRow(models.Model):
    """How long an environment keeps what its runs leave behind; empty means for ever."""

    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    payload_days = models.IntegerField(null=True)
    payload_failed_days = models.IntegerField(null=True)
    journal_days = models.IntegerField(null=True)
    journal_failed_days = models.IntegerField(null=True)
    run_days = models.IntegerField(null=True)
    run_failed_days = models.IntegerField(null=True)
    letter_days = models.IntegerField(null=True)  # open dead letters expire after so many
    letter_warning_days = models.IntegerField(default=7)
    changed_by = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "environment"], name="one_retention_per_environment"
            )
        ]


class Pruning(models.Model):
    """The tidying of the whole installation: one row, claimed like a run."""

    name = models.CharField(primary_key=True, max_length=20)
    due_at = models.DateTimeField()
    owner = models.CharField(max_length=120, blank=True)
    finished_at = models.DateTimeField(null=True)
    removed: Any = JsonText(default=dict)  # by workspace/environment: how many of what
