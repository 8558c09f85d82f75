"""Django's entry to the tenancy app."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """Workspaces, their people, their environments and their audit log."""

    name = "ipaas.tenancy"
    label = "tenancy"
    verbose_name = "Workspaces"
    default_auto_field = "django.db.models.BigAutoField"
