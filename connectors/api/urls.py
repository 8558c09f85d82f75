"""Addresses under ``/api/v1/w/<workspace>/``."""

from django.urls import path

from connectors.api import catalogue, connections, lookups, own, sandbox, uploads, xrefs

_CONNECTION = "connections/<str:connection_id>"
_TABLE = "lookups/<str:table_id>"

urlpatterns = [
    path("connectors", catalogue.ConnectorsView.as_view(), name="connectors"),
    path("connectors/<slug:slug>", catalogue.ConnectorView.as_view(), name="connector"),
    path(
        "connectors/<slug:slug>/operations/<slug:name>",
        catalogue.OperationView.as_view(),
        name="operation",
    ),
    path("connectors/<slug:slug>/enabled", own.EnabledView.as_view(), name="connector-enabled"),
    path("own-connectors", own.OwnConnectorsView.as_view(), name="own-connectors"),
    path(
        "installed-connectors",
        own.InstalledConnectorsView.as_view(),
        name="installed-connectors",
    ),
    path("own-connectors/check", own.OwnConnectorCheckView.as_view(), name="own-connector-check"),
    path("own-connectors/draft", own.OwnConnectorDraftView.as_view(), name="own-connector-draft"),
    path(
        "own-connectors/<str:own_connector_id>",
        own.OwnConnectorView.as_view(),
        name="own-connector",
    ),
    path(
        "own-connectors/<str:own_connector_id>/versions",
        own.OwnConnectorVersionsView.as_view(),
        name="own-connector-versions",
    ),
    path("canonical/<slug:name>", catalogue.CanonicalView.as_view(), name="canonical"),
    path("connections", connections.ConnectionsView.as_view(), name="connections"),
    path(_CONNECTION, connections.ConnectionView.as_view(), name="connection"),
    path(f"{_CONNECTION}/test", connections.TestView.as_view(), name="connection-test"),
    path(
        f"{_CONNECTION}/authorize", connections.AuthorizeView.as_view(), name="connection-authorize"
    ),
    path(
        f"{_CONNECTION}/activation",
        connections.ActivationView.as_view(),
        name="connection-activation",
    ),
    path(f"{_CONNECTION}/history", connections.HistoryView.as_view(), name="connection-history"),
    path(f"{_CONNECTION}/sharing", connections.SharingView.as_view(), name="connection-sharing"),
    path(f"{_CONNECTION}/uses", connections.UsesView.as_view(), name="connection-uses"),
    path(
        f"{_CONNECTION}/options/<slug:name>",
        connections.OptionsView.as_view(),
        name="connection-options",
    ),
    path("xrefs", xrefs.CrossReferencesView.as_view(), name="xrefs"),
    path("xrefs/delete", xrefs.DeleteReferencesView.as_view(), name="xrefs-delete"),
    path("xrefs/import-preview", xrefs.PreviewReferencesView.as_view(), name="xrefs-preview"),
    path("xrefs/import", xrefs.ImportReferencesView.as_view(), name="xrefs-import"),
    path("xrefs/export", xrefs.ExportReferencesView.as_view(), name="xrefs-export"),
    path("xrefs/versions", xrefs.ReferenceVersionsView.as_view(), name="xrefs-versions"),
    path("xrefs/changes", xrefs.ReferenceChangesView.as_view(), name="xrefs-changes"),
    path("xrefs/way-back", xrefs.ReferencesWayBackView.as_view(), name="xrefs-way-back"),
    path("xrefs/rollback", xrefs.RollBackReferencesView.as_view(), name="xrefs-rollback"),
    path("xrefs/<int:xref_id>", xrefs.CrossReferenceView.as_view(), name="xref"),
    path("uploads", uploads.UploadsView.as_view(), name="uploads"),
    path("lookups", lookups.TablesView.as_view(), name="lookups"),
    path(_TABLE, lookups.TableView.as_view(), name="lookup"),
    path(f"{_TABLE}/rows", lookups.RowsView.as_view(), name="lookup-rows"),
    path(f"{_TABLE}/versions", lookups.VersionsView.as_view(), name="lookup-versions"),
    path(f"{_TABLE}/compare", lookups.CompareView.as_view(), name="lookup-compare"),
    path(f"{_TABLE}/rollback", lookups.RollBackView.as_view(), name="lookup-rollback"),
    path(f"{_TABLE}/import-preview", lookups.ImportPreviewView.as_view(), name="lookup-preview"),
    path(f"{_TABLE}/import", lookups.ImportView.as_view(), name="lookup-import"),
    path(f"{_TABLE}/export", lookups.ExportView.as_view(), name="lookup-export"),
    path("sandboxes", sandbox.SandboxesView.as_view(), name="sandboxes"),
    path("sandboxes/clock", sandbox.ClockView.as_view(), name="sandbox-clock"),
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
        "sandboxes/<slug:slug>/records/<slug:entity>/<str:record>",
        sandbox.RecordView.as_view(),
        name="sandbox-record",
    ),
    path("sandboxes/<slug:slug>/calls", sandbox.CallsView.as_view(), name="sandbox-calls"),
    path("sandboxes/<slug:slug>/webhooks", sandbox.OutboxView.as_view(), name="sandbox-webhooks"),
    path(
        "sandboxes/<slug:slug>/webhooks/<int:number>/<slug:wish>",
        sandbox.OutboxMoveView.as_view(),
        name="sandbox-webhook",
    ),
    path(
        "sandboxes/<slug:slug>/credentials",
        sandbox.CredentialsView.as_view(),
        name="sandbox-credentials",
    ),
    path(
        "sandboxes/<slug:slug>/faults/<slug:name>",
        sandbox.FaultView.as_view(),
        name="sandbox-fault",
    ),
    path("sandboxes/<slug:slug>/reset", sandbox.ResetView.as_view(), name="sandbox-reset"),
]
