"""Addresses under ``/api/v1/w/<workspace>/``."""

from django.urls import path

from connectors.api import catalogue, connections, sandbox, xrefs

_CONNECTION = "connections/<str:connection_id>"

urlpatterns = [
    path("connectors", catalogue.ConnectorsView.as_view()),
    path("connectors/<slug:slug>", catalogue.ConnectorView.as_view()),
    path("connectors/<slug:slug>/operations/<slug:name>", catalogue.OperationView.as_view()),
    path("canonical/<slug:name>", catalogue.CanonicalView.as_view()),
    path("connections", connections.ConnectionsView.as_view()),
    path(_CONNECTION, connections.ConnectionView.as_view()),
    path(f"{_CONNECTION}/test", connections.TestView.as_view()),
    path(f"{_CONNECTION}/authorize", connections.AuthorizeView.as_view()),
    path(f"{_CONNECTION}/options/<slug:name>", connections.OptionsView.as_view()),
    path("xrefs", xrefs.CrossReferencesView.as_view()),
    path("sandboxes", sandbox.SandboxesView.as_view()),
    path("sandboxes/magento/order-samples", sandbox.SamplesView.as_view()),
    path("sandboxes/magento/orders", sandbox.OrdersView.as_view()),
    path("sandboxes/<slug:slug>/records/<slug:entity>", sandbox.RecordsView.as_view()),
    path("sandboxes/<slug:slug>/faults/<slug:name>", sandbox.FaultView.as_view()),
    path("sandboxes/<slug:slug>/reset", sandbox.ResetView.as_view()),
]
