"""Addresses outside a workspace: schemas, the API's description, and the application."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularJSONAPIView

from designer import pages

urlpatterns = [
    path("api/v1/schemas/flow", pages.FlowSchema.as_view(), name="flow-schema"),
    path("api/v1/schemas/mapping", pages.MappingSchema.as_view(), name="mapping-schema"),
    path("api/v1/openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    re_path(r"^(?!api/|static/|ws/|hooks/|oauth/).*$", pages.app, name="app"),
]
