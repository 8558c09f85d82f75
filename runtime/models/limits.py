"""What connections, accounts and apps have used of their vendors' limits."""

from __future__ import annotations

from django.db import models

from ipaas.tenancy.fields import JsonText


class AllowanceRow(models.Model):
    """State of one scope of limits, shared by all workers; see runtime.limits.allowance.

    Several workspaces may share an account or an app of a vendor, so a row belongs to none.
    """

    key = models.CharField(primary_key=True, max_length=160)
    state = JsonText(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "runtime_allowance"
