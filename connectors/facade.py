"""The door of this app: connections, operations and calls, as frozen values, workspace first."""

from __future__ import annotations

from connectors.activation import begin_activation, finish_activation, identified, owner_of
from connectors.batches import call_batch
from connectors.calls import NoProbe, call, can_probe, find_or_create, probe
from connectors.catalogue import (
    cache_of,
    canonical_names,
    canonical_schema,
    catalogue,
    catalogue_mark,
    catalogue_of,
    catalogue_page,
    connector_info,
    connector_of,
    describe_call,
    describe_find_or_create,
    describe_operation,
    icon_svg,
    kept_entities,
    limits_of,
    mapping_document,
    mapping_names,
)
from connectors.choices import fetch_list, kept_options, options
from connectors.consent import begin_consent, finish_consent
from connectors.counting import counted_by_the_caller, register_request_listener
from connectors.credentials import ConnectionNotFound
from connectors.custom_fields import describe_operation_of, forget_custom_fields
from connectors.health import (
    mended,
    register_change_listener,
    register_ready_listener,
    register_waiting_provider,
)
from connectors.key_check import check_keys
from connectors.limits import LimitScope, batch_scopes, kept_entities_at, limit_scopes
from connectors.links import (
    create_connection,
    delete_connection,
    get_connection,
    get_connection_by_id,
    list_connections,
    missing_scopes,
    register_usage_provider,
    save_secrets,
    test_connection,
    update_connection,
    uses_of_connections,
)
from connectors.lookups import keys_there, resources
from connectors.polling import NotPolled, poll
from connectors.rotation import SealedColumn, register_sealed
from connectors.sandboxes import order_samples as sandbox_samples
from connectors.sdk import ConnectorError, Event, Exchange, Polled
from connectors.sharing import ConnectionNotShared, may_use, require_use
from connectors.tables.reading import get_table as get_lookup_table
from connectors.tables.saving import register_saved_listener
from connectors.tables.store import list_tables as list_lookup_tables
from connectors.tables.store import register_awaited_provider, register_table_usage_provider
from connectors.tidying import tidy
from connectors.uses import Use, by_flow, uses_of_secrets
from connectors.uses import flush as write_uses
from connectors.uses import write_due as write_due_uses
from connectors.values import (
    BatchItem,
    Choice,
    Connection,
    ConnectionRef,
    ConnectionUse,
    ConnectorInfo,
    CrossReference,
    FieldSpec,
    FindOrCreateSpec,
    HandshakeReply,
    Limit,
    NewReference,
    OperationSpec,
    OperationSummary,
    Reply,
    TestResult,
    WebhookIntake,
)
from connectors.vault import (
    SealBroken,
    WorkspaceCipher,
    bound_to,
    key_checks,
    open_sealed,
    seal,
    workspace_cipher,
)
from connectors.vendor_lists import KeptList, entries_among, entries_like, entries_of, kept_lists
from connectors.webhooks import (
    MessageUnreadable,
    SignatureWrong,
    WebhookUnknown,
    answer_handshake,
    is_connection_token,
    receive_webhook,
)
from connectors.xrefs import list_xrefs, record_xrefs

__all__ = [
    "BatchItem",
    "Choice",
    "Connection",
    "ConnectionNotFound",
    "ConnectionNotShared",
    "ConnectionRef",
    "ConnectionUse",
    "ConnectorError",
    "ConnectorInfo",
    "CrossReference",
    "Event",
    "Exchange",
    "FieldSpec",
    "FindOrCreateSpec",
    "HandshakeReply",
    "Limit",
    "LimitScope",
    "MessageUnreadable",
    "NewReference",
    "NoProbe",
    "NotPolled",
    "OperationSpec",
    "OperationSummary",
    "Polled",
    "Reply",
    "SealBroken",
    "SealedColumn",
    "SignatureWrong",
    "TestResult",
    "Use",
    "WebhookIntake",
    "WebhookUnknown",
    "WorkspaceCipher",
    "answer_handshake",
    "begin_activation",
    "bound_to",
    "begin_consent",
    "by_flow",
    "cache_of",
    "call",
    "call_batch",
    "can_probe",
    "canonical_names",
    "canonical_schema",
    "catalogue",
    "check_keys",
    "connector_info",
    "connector_of",
    "catalogue_of",
    "catalogue_mark",
    "catalogue_page",
    "create_connection",
    "delete_connection",
    "describe_call",
    "describe_find_or_create",
    "describe_operation",
    "describe_operation_of",
    "find_or_create",
    "finish_activation",
    "finish_consent",
    "forget_custom_fields",
    "get_connection",
    "get_connection_by_id",
    "get_lookup_table",
    "icon_svg",
    "identified",
    "is_connection_token",
    "key_checks",
    "kept_entities",
    "kept_entities_at",
    "keys_there",
    "batch_scopes",
    "limit_scopes",
    "limits_of",
    "list_connections",
    "list_lookup_tables",
    "list_xrefs",
    "mapping_document",
    "mapping_names",
    "mended",
    "missing_scopes",
    "open_sealed",
    "options",
    "fetch_list",
    "entries_among",
    "entries_like",
    "entries_of",
    "kept_lists",
    "may_use",
    "kept_options",
    "KeptList",
    "owner_of",
    "poll",
    "probe",
    "receive_webhook",
    "record_xrefs",
    "register_awaited_provider",
    "register_saved_listener",
    "register_sealed",
    "counted_by_the_caller",
    "register_request_listener",
    "register_change_listener",
    "register_ready_listener",
    "register_table_usage_provider",
    "register_usage_provider",
    "register_waiting_provider",
    "require_use",
    "resources",
    "sandbox_samples",
    "save_secrets",
    "seal",
    "test_connection",
    "tidy",
    "update_connection",
    "uses_of_connections",
    "uses_of_secrets",
    "write_due_uses",
    "write_uses",
    "workspace_cipher",
]
