"""Addresses outside a workspace: the way back from a vendor's consent page, and icons."""

from django.urls import path

from connectors.api.consent import callback
from connectors.api.icons import icon

urlpatterns = [
    path("oauth/callback", callback, name="oauth-callback"),
    path("connectors/<slug:slug>/icon.svg", icon, name="connector-icon"),
]
