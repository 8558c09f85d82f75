"""Addresses outside a workspace: the way back from a vendor's consent page, and icons."""

from django.urls import path

from connectors.api.activation import ActivateView, identity
from connectors.api.consent import callback
from connectors.api.icons import icon
from connectors.api.schemas import ConnectorSchema

urlpatterns = [
    path("api/v1/schemas/connector", ConnectorSchema.as_view(), name="connector-schema"),
    path("oauth/callback", callback, name="oauth-callback"),
    path("oauth1/activate/<str:state>", ActivateView.as_view(), name="oauth1-activate"),
    path("oauth1/identity/<str:connection_id>", identity, name="oauth1-identity"),
    path("connectors/<slug:slug>/icon.svg", icon, name="connector-icon"),
]
