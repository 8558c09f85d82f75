"""How values of this app look as JSON; no secret has a way in here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.health import HealthEvent
from connectors.making import Scopes
from connectors.own.installed import Installed
from connectors.sharing import ROLES, Sharing
from connectors.values import (
    Connection,
    ConnectionUse,
    ConnectorInfo,
    CrossReference,
    FieldSpec,
    Limit,
    OperationSpec,
)
from ipaas.tenancy.facade import MemberRef


def connection(value: Connection, uses: Sequence[ConnectionUse] = ()) -> dict[str, Any]:
    """A connection with the flows that use it."""
    return {
        "id": value.id,
        "slug": value.slug,
        "name": value.name,
        "connector": value.connector,
        "environment": value.environment,
        "status": value.status,
        "sandbox": value.sandbox,
        "on_premise": value.on_premise,
        "auth": value.auth,
        "has_ca_certificate": value.has_ca_certificate,
        "base_url": value.settings.get("base_url", ""),
        "settings": value.settings,
        "has_secrets": list(value.has_secrets),
        "account": value.account,
        "expires_at": value.expires_at,
        "webhook_url": value.webhook_url,
        "last_used_at": value.last_used_at,
        "last_error": value.last_error,
        "created_at": value.created_at,
        "used_by": [{"flow_id": use.flow_id, "name": use.name} for use in uses],
    }


def _field(spec: FieldSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "title": spec.title,
        "secret": spec.secret,
        "required": spec.required,
        "help": spec.help,
        "default": spec.default,
        "choices": [{"value": value, "title": title} for value, title in spec.choices],
    }


def connector(value: ConnectorInfo, *, readme: bool = False) -> dict[str, Any]:
    """A connector of the catalogue; its page of help only where one connector is shown."""
    document: dict[str, Any] = {
        "slug": value.slug,
        "name": value.name,
        "description": value.description,
        "icon": value.icon,
        "categories": list(value.categories),
        "has_sandbox": value.has_sandbox,
        "auth": {"kind": value.auth_kind, "fields": [_field(spec) for spec in value.fields]},
        "ways": [
            {
                "name": way.name,
                "title": way.title,
                "kind": way.kind,
                "consent": way.consent,
                "file": way.file,
                "fields": [_field(spec) for spec in way.fields],
            }
            for way in value.ways
        ],
        "operations": [operation.as_json() for operation in value.operations],
        "find_or_create": [
            {"entity": spec.entity, "title": spec.title, "find": spec.find, "create": spec.create}
            for spec in value.find_or_create
        ],
        "options": list(value.options),
        "origin": value.origin,
        "package": value.package,
        "enabled": value.enabled,
        "version": value.version,
        "quality": value.quality,
    }
    if readme:
        document["readme"] = value.readme
    return document


def connector_summary(value: ConnectorInfo) -> dict[str, Any]:
    """A connector as one of a list."""
    return {
        "slug": value.slug,
        "name": value.name,
        "description": value.description,
        "icon": value.icon,
        "categories": list(value.categories),
        "has_sandbox": value.has_sandbox,
        "auth_kind": value.auth_kind,
        "operation_count": len(value.operations),
        "origin": value.origin,
        "package": value.package,
        "enabled": value.enabled,
        "version": value.version,
        "quality": value.quality,
    }


def installed(value: Installed) -> dict[str, Any]:
    """A connector as administrators see it; without ``problem`` it can be read."""
    shown = connector_summary(value.info) if value.info else {}
    return {
        "slug": value.slug,
        "name": value.name,
        "origin": value.origin,
        "package": value.package,
        "enabled": value.enabled,
        "version": value.version,
        "own_id": value.own_id,
        "problem": value.problem,
        "connections": [
            {"id": use.id, "name": use.name, "environment": use.environment}
            for use in value.connections
        ],
        "description": shown.get("description", ""),
        "icon": shown.get("icon"),
        "categories": shown.get("categories", []),
        "has_sandbox": shown.get("has_sandbox", False),
        "operation_count": shown.get("operation_count", 0),
        "quality": shown.get("quality"),
    }


def health_event(value: HealthEvent) -> dict[str, Any]:
    """An entry of a connection's history."""
    return {
        "id": value.id,
        "kind": value.kind,
        "good": value.good,
        "message": value.message,
        "actor": value.actor,
        "at": value.at,
        "last_at": value.last_at,
        "times": value.times,
    }


def sharing(value: Sharing, members: Sequence[MemberRef]) -> dict[str, Any]:
    """Who may use a connection, and whom the rule can name."""
    return {
        "everybody": value.everybody,
        "roles": list(value.roles),
        "members": list(value.members),
        "candidates": [
            {"id": member.id, "name": member.name, "role": member.role}
            for member in members
            if member.role in ROLES
        ],
    }


def limit(value: Limit) -> dict[str, Any]:
    """A limit of the vendor; zero means that there is none of that kind."""
    return {
        "per": value.per,
        "count": value.count,
        "window_s": value.window_s,
        "concurrency": value.concurrency,
        "daily": value.daily,
    }


def scopes(value: Scopes | None) -> dict[str, Any] | None:
    """OAuth scopes granted and missing."""
    if value is None:
        return None
    return {"granted": list(value.granted), "missing": list(value.missing)}


def operation(value: OperationSpec) -> dict[str, Any]:
    """An operation with its schemas."""
    return {
        "connector": value.connector,
        "name": value.name,
        "title": value.title,
        "description": value.description,
        "kind": value.kind,
        "effect": value.effect,
        "entity": value.entity,
        "idempotency": value.idempotency,
        "visibility_delay_s": value.visibility_delay_s,
        "business_key": value.business_key,
        "delivery": list(value.delivery),
        "poll_every_s": value.poll_every_s,
        "repeats": value.repeats,
        "batch_max": value.batch_max,
        "custom_fields": value.custom_fields,
        "input_schema": value.input_schema,
        "output_schema": value.output_schema,
    }


def cross_reference(value: CrossReference) -> dict[str, Any]:
    """Which object is which."""
    return {
        "id": value.id,
        "environment": value.environment,
        "entity": value.entity,
        "left": {"connection": value.left_connection, "id": value.left_id},
        "right": {"connection": value.right_connection, "id": value.right_id},
        "created_at": value.created_at,
        "run_id": value.run_id,
    }
