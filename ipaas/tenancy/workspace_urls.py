"""Addresses under /api/v1/w/<workspace>/ for people and settings."""

from django.urls import path

from ipaas.tenancy import workspace_api

urlpatterns = [
    path("members", workspace_api.Members.as_view(), name="members"),
    path("audit", workspace_api.AuditLog.as_view(), name="audit"),
    path("audit/check", workspace_api.AuditCheck.as_view(), name="audit-check"),
    path("settings/variables", workspace_api.Variables.as_view(), name="variables"),
    path("settings/variables/<str:name>", workspace_api.VariableDetail.as_view(), name="variable"),
]
