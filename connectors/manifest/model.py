"""A connector manifest as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from connectors.auth.spec import Auth
from connectors.http import LimitHeaders
from connectors.manifest.parts import (
    Account,
    Batch,
    Cache,
    CustomFields,
    ErrorFields,
    ErrorRule,
    Options,
    Paging,
    Poll,
    Quality,
    RequestTemplate,
    VendorEnvironment,
    Webhook,
    When,
)
from connectors.values import FieldSpec, Limit


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """Where the vendor takes our key of a write."""

    place: Literal["query", "header", "own"]
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
    input_partial: str = ""
    output: Any = None
    output_pointer: str = ""
    request: RequestTemplate | None = None
    hook: str = ""
    facts: str = ""
    query_hook: str = ""
    paging: Paging | None = None
    idempotency: IdempotencyKey | None = None
    may_double: bool = False
    lookup: Lookup | None = None
    visibility_delay_s: float = 0
    scopes: tuple[str, ...] = ()
    reference: str = ""
    business_key: str = ""
    topics: tuple[str, ...] = ()
    once: str = ""
    when: When | None = None
    repeats: bool = False
    reply: Literal["json", "text", "xml", "file", "none"] = "json"
    poll: Poll | None = None
    batch: Batch | None = None
    cache: Cache | None = None
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class FindOrCreate:
    """An entity searched by a natural key and created when missing."""

    entity: str
    title: str
    find: str
    create: str
    id: str
    duplicate_codes: tuple[str, ...]
    natural_key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that data says about one vendor."""

    folder: Path
    slug: str
    name: str
    description: str
    categories: tuple[str, ...]
    auths: tuple[Auth, ...]
    settings: tuple[FieldSpec, ...]
    base_url: str
    headers: dict[str, str]
    query: dict[str, str]
    connect_timeout_s: float
    read_timeout_s: float
    limits: tuple[Limit, ...]
    limit_headers: LimitHeaders
    error_reader: str
    error_fields: ErrorFields | None
    errors_in_success: bool
    errors: tuple[ErrorRule, ...]
    operations: dict[str, Operation]
    find_or_create: dict[str, FindOrCreate]
    webhook: Webhook | None
    options: dict[str, Options]
    custom_fields: tuple[CustomFields, ...]
    test: dict[str, Any]
    help: str
    protocol: Literal["http", "other"] = "http"
    version: str = ""
    vendor_url: str = ""
    environments: tuple[VendorEnvironment, ...] = ()
    account: Account | None = None
    quality: Quality | None = None
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def auth(self) -> Auth:
        """The usual way to authorise calls."""
        return self.auths[0]

    def auth_named(self, name: str) -> Auth:
        """The way of that name; the usual one for "" and for names that are gone."""
        return next((auth for auth in self.auths if auth.name == name), self.auths[0])

    def environment(self, settings: Mapping[str, Any], ours: str) -> dict[str, str]:
        """Values of the vendor's environment that a connection uses, its ``base_url`` among them.

        A connection may choose; else our production goes to the vendor's, and anything else to
        its test environment. An address in the connection's settings comes first.
        """
        known = {entry.name: entry for entry in self.environments}
        chosen = known.get(str(settings.get("vendor_environment", "")))
        if chosen is None and known:
            usual = "production" if ours == "production" else "test"
            chosen = known.get(usual) or self.environments[0]
        found = {"base_url": chosen.base_url, **chosen.values} if chosen else {}
        if settings.get("base_url"):
            found["base_url"] = str(settings["base_url"])
        return found

    def hooks(self) -> set[str]:
        """Names of all functions that hooks.py must hold."""
        names = {self.error_reader}
        names |= {entry.hook for entry in self.options.values()}
        names |= {entry.hook for entry in self.custom_fields}
        if self.webhook:
            names.add(self.webhook.events)
        for operation in self.operations.values():
            names |= {operation.hook, operation.facts, operation.query_hook}
            if operation.lookup:
                names.add(operation.lookup.same)
            if operation.paging:
                names.add(operation.paging.hook)
            if operation.poll:
                names |= {operation.poll.hook, operation.poll.event}
            if operation.batch:
                names.add(operation.batch.hook)
        return names - {""}
