"""A connector manifest as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from connectors.sdk import Executed
from connectors.values import FieldSpec
from ipaas.core.errors import Recovery


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OAuth address; ``sandbox_path`` is where our imitation of the vendor serves it."""

    url: str
    sandbox_path: str


@dataclass(frozen=True, slots=True)
class Auth:
    """How calls are authorised, and what a person types for that."""

    kind: Literal["bearer", "oauth2", "basic", "api_key", "none"]
    fields: tuple[FieldSpec, ...] = ()
    secret: str = ""
    header: str = ""
    username: str = ""
    password: str = ""
    authorize: Endpoint | None = None
    token: Endpoint | None = None
    revoke: Endpoint | None = None
    scope: str = ""
    pkce: bool = False
    account_parameter: str = ""


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """What one sort of failure means; the first rule that matches decides."""

    recovery: Recovery
    statuses: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    text: str = ""
    executed: Executed | None = None
    name: str = ""
    say: str = ""
    hint: str = ""
    after_s: float | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """One request with places for inputs, settings and the account."""

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Paging:
    """A list that is asked for page by page and says how many entries there are."""

    page: str
    size: str
    most: int
    items: str
    total: str


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """Where the vendor takes our key of a write."""

    place: Literal["query", "header"]
    name: str
    max_length: int


@dataclass(frozen=True, slots=True)
class Lookup:
    """How to search for a write whose outcome is unknown."""

    operation: str
    inputs: dict[str, str]
    found: str
    same: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a connector can do, or one thing that can start a flow."""

    name: str
    title: str
    description: str
    kind: Literal["action", "trigger"]
    effect: Literal["read", "write"] | None
    entity: str
    hidden: bool = False
    input: Any = None
    input_without: tuple[str, ...] = ()
    output: Any = None
    output_pointer: str = ""
    request: RequestTemplate | None = None
    hook: str = ""
    query_hook: str = ""
    paging: Paging | None = None
    idempotency: IdempotencyKey | None = None
    lookup: Lookup | None = None
    visibility_delay_s: float = 0
    reference: str = ""
    business_key: str = ""
    topics: tuple[str, ...] = ()
    once: str = ""
    when: tuple[str, tuple[Any, ...]] | None = None


@dataclass(frozen=True, slots=True)
class FindOrCreate:
    """An entity searched by a natural key and created when missing."""

    entity: str
    title: str
    find: str
    create: str
    id: str
    duplicate_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Webhook:
    """How the vendor signs its messages, and the hook that reads events out of them."""

    header: str
    secret: str
    encoding: Literal["base64", "hex"]
    prefix: str
    events: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that data says about one vendor."""

    folder: Path
    slug: str
    name: str
    description: str
    categories: tuple[str, ...]
    auth: Auth
    settings: tuple[FieldSpec, ...]
    base_url: str
    headers: dict[str, str]
    query: dict[str, str]
    connect_timeout_s: float
    read_timeout_s: float
    limits: tuple[dict[str, Any], ...]
    error_reader: str
    errors_in_success: bool
    errors: tuple[ErrorRule, ...]
    operations: dict[str, Operation]
    find_or_create: dict[str, FindOrCreate]
    webhook: Webhook | None
    options: dict[str, str]
    test: dict[str, Any]
    help: str

    def hooks(self) -> set[str]:
        """Names of all functions that hooks.py must hold."""
        names = {self.error_reader, *self.options.values()}
        if self.webhook:
            names.add(self.webhook.events)
        for operation in self.operations.values():
            names |= {operation.hook, operation.query_hook}
            if operation.lookup:
                names.add(operation.lookup.same)
        return names - {""}
