"""The door of this app: connections, operations and calls, as frozen values, workspace first."""

from __future__ import annotations

from connectors.calls import NoProbe, call, can_probe, find_or_create, probe
from connectors.catalogue import (
    canonical_names,
    canonical_schema,
    catalogue,
    connector_info,
    describe_find_or_create,
    describe_operation,
    icon_svg,
    mapping_document,
)
from connectors.choices import options
from connectors.consent import begin_consent, finish_consent
from connectors.credentials import ConnectionNotFound
from connectors.links import (
    create_connection,
    delete_connection,
    get_connection,
    get_connection_by_id,
    list_connections,
    register_usage_provider,
    save_secrets,
    test_connection,
    update_connection,
    uses_of_connections,
)
from connectors.sandboxes import order_samples as sandbox_samples
from connectors.sdk import ConnectorError, Event, Exchange
from connectors.values import (
    Choice,
    Connection,
    ConnectionRef,
    ConnectionUse,
    ConnectorInfo,
    CrossReference,
    FieldSpec,
    FindOrCreateSpec,
    NewReference,
    OperationSpec,
    OperationSummary,
    Reply,
    TestResult,
    WebhookIntake,
)
from connectors.vault import WorkspaceCipher, workspace_cipher
from connectors.webhooks import (
    MessageUnreadable,
    SignatureWrong,
    WebhookUnknown,
    is_connection_token,
    receive_webhook,
)
from connectors.xrefs import list_xrefs, record_xrefs

__all__ = [
    "Choice",
    "Connection",
    "ConnectionNotFound",
    "ConnectionRef",
    "ConnectionUse",
    "ConnectorError",
    "ConnectorInfo",
    "CrossReference",
    "Event",
    "Exchange",
    "FieldSpec",
    "FindOrCreateSpec",
    "MessageUnreadable",
    "NewReference",
    "NoProbe",
    "OperationSpec",
    "OperationSummary",
    "Reply",
    "SignatureWrong",
    "TestResult",
    "WebhookIntake",
    "WebhookUnknown",
    "WorkspaceCipher",
    "begin_consent",
    "call",
    "can_probe",
    "canonical_names",
    "canonical_schema",
    "catalogue",
    "connector_info",
    "create_connection",
    "delete_connection",
    "describe_find_or_create",
    "describe_operation",
    "find_or_create",
    "finish_consent",
    "get_connection",
    "get_connection_by_id",
    "icon_svg",
    "is_connection_token",
    "list_connections",
    "list_xrefs",
    "mapping_document",
    "options",
    "probe",
    "receive_webhook",
    "record_xrefs",
    "register_usage_provider",
    "sandbox_samples",
    "save_secrets",
    "test_connection",
    "update_connection",
    "uses_of_connections",
    "workspace_cipher",
]
