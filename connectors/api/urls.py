"""Addresses under ``/api/v1/w/<workspace>/``."""

from django.urls import path

from connectors.api import catalogue, connections, sandbox, xrefs

_CONNECTION = "connections/<str:connection_id>"

urlpatterns = [
    path("connectors", catalogue.ConnectorsView.as_view(), name="connectors"),
    path("connectors/<slug:slug>", catalogue.ConnectorView.as_view(), name="connector"),
    path(
        "connectors/<slug:slug>/operations/<slug:name>",
        catalogue.OperationView.as_view(),
        name="operation",
    ),
    path("canonical/<slug:name>", catalogue.CanonicalView.as_view(), name="canonical"),
    path("connections", connections.ConnectionsView.as_view(), name="connections"),
    path(_CONNECTION, connections.ConnectionView.as_view(), name="connection"),
    path(f"{_CONNECTION}/test", connections.TestView.as_view(), name="connection-test"),
    path(
        f"{_CONNECTION}/authorize", connections.AuthorizeView.as_view(), name="connection-authorize"
    ),
    path(
        f"{_CONNECTION}/options/<slug:name>",
        connections.OptionsView.as_view(),
        name="connection-options",
    ),
    path("xrefs", xrefs.CrossReferencesView.as_view(), name="xrefs"),
    path("sandboxes", sandbox.SandboxesView.as_view(), name="sandboxes"),
    path(
        "sandboxes/magento/order-samples",
        sandbox.SamplesView.as_view(),
        name="sandbox-order-samples",
    ),
    path("sandboxes/magento/orders", sandbox.OrdersView.as_view(), name="sandbox-orders"),
    path(
        "sandboxes/<slug:slug>/records/<slug:entity>",
        sandbox.RecordsView.as_view(),
        name="sandbox-records",
    ),
    path(
        "sandboxes/<slug:slug>/faults/<slug:name>",
        sandbox.FaultView.as_view(),
        name="sandbox-fault",
    ),
    path("sandboxes/<slug:slug>/reset", sandbox.ResetView.as_view(), name="sandbox-reset"),
]
