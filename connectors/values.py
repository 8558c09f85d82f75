"""What the facade hands out: frozen values, never model instances, never a secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from connectors.sdk import Event, Exchange

Status = Literal["ready", "needs_consent", "reconnect", "disabled"]


@dataclass(frozen=True, slots=True)
class ConnectionRef:
    """Names one connection; made from parts, so no query is needed to hold one."""

    workspace_id: str
    environment: str
    slug: str


@dataclass(frozen=True, slots=True)
class ConnectionUse:
    """A flow that uses a connection; ``publisher`` is the id of who made it live, if it is."""

    flow_id: str
    name: str
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A workspace's authorised link to one vendor account, without its secrets."""

    id: str
    workspace_id: str
    environment: str
    slug: str
    name: str
    connector: str
    status: Status
    sandbox: bool
    on_premise: bool
    account: str
    settings: dict[str, Any]
    has_secrets: tuple[str, ...]
    webhook_url: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    last_error: str = ""
    auth: str = ""
    has_ca_certificate: bool = False

    @property
    def ref(self) -> ConnectionRef:
        """What ``call`` and ``probe`` are given."""
        return ConnectionRef(self.workspace_id, self.environment, self.slug)


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a vendor: at most ``count`` calls in ``window_s``, ``concurrency`` at once.

    ``per`` is what shares it: one connection, all connections to one account of the vendor, or
    all that use the same app (client id). Zero means that there is no such limit.
    """

    per: Literal["connection", "account", "app"]
    count: int = 0
    window_s: int = 0
    concurrency: int = 0
    daily: int = 0


@dataclass(frozen=True, slots=True)
class OperationSpec:
    """One operation as designers and the runtime see it; schemas are self-contained.

    ``idempotency``: "key" = the vendor honours our key, "lookup" = search by reference,
    "none" = there is no way to know. ``probe`` names the operation that searches for a write whose
    outcome is unknown; wait ``visibility_delay_s`` before trusting that it found nothing.
    """

    connector: str
    name: str
    title: str
    description: str
    kind: Literal["action", "trigger"]
    effect: Literal["read", "write"] | None
    entity: str
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    idempotency: Literal["key", "lookup", "none"] = "none"
    key_max_length: int = 255
    probe: str | None = None
    visibility_delay_s: float = 0
    call_life_s: float = 130.0  # no call of it lives longer
    reference: str = ""
    business_key: str = ""
    topics: tuple[str, ...] = ()
    repeats: bool = False
    delivery: tuple[Literal["webhook", "poll"], ...] = ()
    poll_every_s: int = 0
    batch_max: int = 0
    batch_keyed: bool = False  # each record of a batch carries the key that it has alone
    limits: tuple[Limit, ...] = ()
    natural_key: tuple[str, ...] = ()
    pages: bool = False
    gives_file: bool = False
    custom_fields: bool = False


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One call of a batch; the same work carries the same key each time it is tried."""

    inputs: dict[str, Any]
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class FindOrCreateSpec:
    """An entity that can be searched by a natural key and created when missing."""

    entity: str
    title: str
    find: str
    create: str
    natural_key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One thing a person types to make a connection."""

    name: str
    title: str
    secret: bool
    required: bool
    help: str = ""
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class OperationSummary:
    """One line of the palette."""

    name: str
    title: str
    kind: Literal["action", "trigger"]
    effect: Literal["read", "write"] | None
    entity: str
    description: str
    delivery: tuple[Literal["webhook", "poll"], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Shape shown by the API."""
        return {
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            "effect": self.effect,
            "entity": self.entity,
            "description": self.description,
            "delivery": list(self.delivery),
        }


@dataclass(frozen=True, slots=True)
class AuthWay:
    """One way to authorise calls, and what a person types for it.

    ``consent`` "vendor" = the person agrees at the vendor, "activation" = the vendor's server posts
    to us, "" = typing is enough. ``file`` names a credentials file that can be uploaded instead.
    """

    name: str
    title: str
    kind: str
    consent: Literal["", "vendor", "activation"]
    file: str
    fields: tuple[FieldSpec, ...]


@dataclass(frozen=True, slots=True)
class ConnectorInfo:
    """One connector of the catalogue."""

    slug: str
    name: str
    description: str
    icon: str
    categories: tuple[str, ...]
    auth_kind: str
    fields: tuple[FieldSpec, ...]
    operations: tuple[OperationSummary, ...]
    find_or_create: tuple[FindOrCreateSpec, ...]
    options: tuple[str, ...]
    has_sandbox: bool
    ways: tuple[AuthWay, ...] = ()
    readme: str = field(default="", repr=False)
    origin: Literal["built_in", "package", "workspace"] = "built_in"
    package: str = ""
    enabled: bool = True
    version: str = ""
    vendor_url: str = ""
    quality: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a vendor answered; ``reference`` is the id of the object it is about, if it has one."""

    output: Any
    exchanges: tuple[Exchange, ...] = ()
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookIntake:
    """A vendor's verified message, ready to be stored."""

    workspace_id: str
    environment: str
    connection: str
    connection_id: str
    connector: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class HandshakeReply:
    """The answer (status 200) to a vendor that asks whether an address is ours."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class NewReference:
    """A pair of objects to remember."""

    workspace_id: str
    environment: str
    entity: str
    left_connection: str
    left_id: str
    right_connection: str
    right_id: str
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class CrossReference:
    """Object ``left`` in one system is object ``right`` in another."""

    id: int
    environment: str
    entity: str
    left_connection: str
    left_id: str
    right_connection: str
    right_id: str
    run_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a pick-list."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class TestResult:
    """Whether a connection works, in a sentence."""

    __test__ = False

    ok: bool
    message: str
    hint: str = ""
    exchanges: tuple[Exchange, ...] = ()
