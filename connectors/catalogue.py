"""What connectors can do, for designers and the runtime: no connection needed, no query made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from connectors import registry
from connectors.auth.spec import Auth
from connectors.manifest.model import Operation
from connectors.manifest.parts import Cache
from connectors.own import visible
from connectors.registry import Connector
from connectors.sdk import CallFacts
from connectors.values import (
    AuthWay,
    ConnectorInfo,
    FindOrCreateSpec,
    Limit,
    OperationSpec,
    OperationSummary,
)
from ipaas.core import jsonio
from ipaas.core.errors import NotFound
from ipaas.tenancy.paging import DEFAULT_LIMIT, Page, slice_of

_CANONICAL = Path(__file__).resolve().parent / "canonical"


PLUG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#5c6b7a"/>'
    '<path d="M12 7v6m8-6v6m-10 0h12v4a6 6 0 0 1-12 0zm6 10v4" fill="none"'
    ' stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></svg>'
)


class CanonicalNotFound(NotFound):
    """There is no canonical model of that name."""

    code = "canonical.not_found"


def catalogue() -> list[ConnectorInfo]:
    """Every installed connector, in the order of their names."""
    return [_info(connector) for connector in registry.all_connectors().values()]


def catalogue_of(workspace_id: str) -> list[ConnectorInfo]:
    """What a workspace sees: also its own connectors, and which packaged ones are enabled."""
    enabled = visible.enabled_slugs(workspace_id)
    return [_seen(connector, enabled) for connector in visible.visible(workspace_id)]


def catalogue_page(
    workspace_id: str,
    *,
    q: str = "",
    category: str = "",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[ConnectorInfo]:
    """One page of what a workspace sees, by name."""
    wanted = q.strip().lower()
    found = [
        info
        for info in catalogue_of(workspace_id)
        if (not category or category in info.categories)
        and wanted in f"{info.name} {info.description} {' '.join(info.categories)}".lower()
    ]
    return slice_of(found, lambda info: (info.name.lower(), info.slug), cursor, limit)


def connector_of(workspace_id: str, slug: str) -> ConnectorInfo:
    """One connector as the workspace sees it; raises ConnectorNotFound, also for others' own."""
    connector = visible.seen(workspace_id, slug)
    return _seen(connector, visible.enabled_slugs(workspace_id))


def catalogue_mark(infos: list[ConnectorInfo]) -> str:
    """A mark that changes when anything shown of these connectors does."""
    digest = hashlib.sha256()
    for info in infos:
        connector = registry.get(info.slug)
        if "mark" not in connector.described:
            shown = jsonio.dumps(asdict(replace(info, readme="")))
            connector.described["mark"] = hashlib.sha256(shown).digest()
        digest.update(connector.described["mark"])
        digest.update(b"1" if info.enabled else b"0")
    return f'"{digest.hexdigest()[:32]}"'


def _seen(connector: Connector, enabled: set[str]) -> ConnectorInfo:
    info = _info(connector)
    if info.origin == "package" and info.slug in enabled:
        return replace(info, enabled=True)
    return info


def connector_info(slug: str) -> ConnectorInfo:
    """One connector; raises ConnectorNotFound."""
    return _info(registry.get(slug))


def describe_operation(connector: str, name: str) -> OperationSpec:
    """One operation with its schemas; raises ConnectorNotFound or OperationNotFound."""
    held = registry.get(connector)
    if name not in held.described:
        held.described[name] = _describe(held, name)
    found: OperationSpec = held.described[name]
    return found


def _describe(held: Connector, name: str) -> OperationSpec:
    connector = held.slug
    operation = held.operation(name)
    key = operation.idempotency
    polled = operation.poll
    natural = [e.natural_key for e in held.manifest.find_or_create.values() if e.create == name]
    return OperationSpec(
        connector=connector,
        name=name,
        title=operation.title,
        description=operation.description,
        kind=operation.kind,
        effect=operation.effect,
        entity=operation.entity,
        input_schema=held.input_schema(name),
        output_schema=held.output_schema(name),
        idempotency="key" if key else "lookup" if operation.lookup else "none",
        key_max_length=key.max_length if key else 255,
        probe=operation.lookup.operation if operation.lookup else None,
        visibility_delay_s=operation.visibility_delay_s,
        call_life_s=_call_life_s(held),
        reference=operation.reference,
        business_key=operation.business_key,
        topics=operation.topics,
        repeats=operation.repeats,
        delivery=_delivery(operation),
        poll_every_s=polled.every_s if polled else 0,
        batch_max=operation.batch.most if operation.batch else 0,
        batch_keyed=_batch_keyed(operation),
        limits=operation.limits,
        natural_key=natural[0] if natural else (),
        pages=operation.paging is not None,
        gives_file=operation.reply == "file",
        custom_fields=any(name in each.operations for each in held.manifest.custom_fields),
    )


def _call_life_s(held: Connector) -> float:
    """The door waits so long for one request: connecting, and twice the patience for a reply."""
    manifest = held.manifest
    return manifest.connect_timeout_s + 2 * manifest.read_timeout_s + 5


def _batch_keyed(operation: Operation) -> bool:
    batch = operation.batch
    return batch is not None and bool(batch.key) and "{item.key}" in repr(batch.item)


def _delivery(operation: Operation) -> tuple[Literal["webhook", "poll"], ...]:
    found: list[Literal["webhook", "poll"]] = []
    if operation.topics:
        found.append("webhook")
    if operation.poll:
        found.append("poll")
    return tuple(found)


def cache_of(connector: str, operation: str) -> Cache | None:
    """How long an operation's answer may be kept, if it may."""
    found = registry.get(connector).manifest.operations.get(operation)
    return found.cache if found else None


def kept_entities(connector: str) -> frozenset[str]:
    """Kinds of records whose change makes kept answers old."""
    operations = registry.get(connector).manifest.operations.values()
    return frozenset(entity for each in operations if each.cache for entity in each.cache.of)


def limits_of(connector: str, operation: str | None = None) -> tuple[Limit, ...]:
    """The vendor's limits that every call must keep, and those of one operation."""
    held = registry.get(connector)
    own = held.operation(operation).limits if operation else ()
    return (*held.manifest.limits, *own)


def describe_call(
    spec: OperationSpec,
    fixed: Mapping[str, Any],
    mapped: frozenset[str],
    settings: Mapping[str, Any],
) -> OperationSpec:
    """``spec`` as it holds for one step, where the step's own inputs decide what it is.

    ``fixed`` are inputs that are the same for every document, ``mapped`` the paths of all inputs
    that get a value: a request with the fixed method GET, for example, only reads.
    """
    held = registry.get(spec.connector)
    name = held.operation(spec.name).facts
    if not name:
        return spec
    facts: CallFacts = held.hook(name)(fixed, mapped, settings)
    return replace(
        spec,
        effect="write" if facts.writes else "read",
        idempotency="key" if facts.has_key else "lookup" if facts.can_probe else "none",
        probe=spec.probe if facts.can_probe else None,
    )


def describe_find_or_create(connector: str, entity: str) -> FindOrCreateSpec:
    """The find-or-create of one entity; raises NotFound."""
    entry = registry.get(connector).manifest.find_or_create.get(entity)
    if entry is None:
        raise NotFound(
            f"The connector “{connector}” cannot find or create “{entity}”.",
            hint="Choose one of the entities that the connector lists.",
        )
    return FindOrCreateSpec(entry.entity, entry.title, entry.find, entry.create, entry.natural_key)


def icon_svg(connector: str) -> str:
    """The connector's picture, as SVG text; a plain plug if it brings none."""
    return registry.get(connector).text("icon.svg") or PLUG


def mapping_document(connector: str, name: str) -> dict[str, Any]:
    """A mapping that the connector brings, such as ``order_to_sales_order``."""
    return registry.get(connector).mapping(name)


def mapping_names(connector: str) -> list[str]:
    """What mappings the connector brings."""
    return registry.get(connector).mapping_names()


def canonical_names() -> list[str]:
    """Names of the canonical models."""
    return sorted(path.stem for path in _CANONICAL.glob("*.json"))


@cache
def canonical_schema(name: str) -> dict[str, Any]:
    """JSON Schema of a canonical model such as SalesOrder; raises CanonicalNotFound."""
    if name not in canonical_names():
        raise CanonicalNotFound(
            f"There is no canonical model “{name}”.",
            hint=f"There are {', '.join(canonical_names())}.",
        )
    schema: dict[str, Any] = jsonio.loads((_CANONICAL / f"{name}.json").read_bytes())
    return schema


_TITLES = {
    "none": "No authorisation",
    "api_key": "API key",
    "basic": "User name and password",
    "bearer": "Access token",
    "oauth2": "Authorise at the vendor (OAuth 2.0)",
    "client_credentials": "Client id and secret (OAuth 2.0)",
    "password": "Service account (OAuth 2.0)",
    "oauth1": "Signed requests (OAuth 1.0a)",
    "session": "Log-on with a session",
    "custom": "The connector's own way",
}


def _way(auth: Auth) -> AuthWay:
    consent: Literal["", "vendor", "activation"] = ""
    if auth.needs_consent:
        consent = "activation" if auth.activation else "vendor"
    title = auth.title or _TITLES[auth.kind]
    return AuthWay(auth.name, title, auth.kind, consent, auth.file, auth.fields)


def _info(connector: Connector) -> ConnectorInfo:
    if "" not in connector.described:
        connector.described[""] = _inform(connector)
    found: ConnectorInfo = connector.described[""]
    return found


def _inform(connector: Connector) -> ConnectorInfo:
    manifest, slug = connector.manifest, connector.slug
    return ConnectorInfo(
        slug=slug,
        name=manifest.name,
        description=manifest.description,
        icon=f"/connectors/{slug}/icon.svg",
        categories=manifest.categories,
        auth_kind=manifest.auth.kind,
        fields=(*manifest.settings, *manifest.auth.fields),
        ways=tuple(_way(auth) for auth in manifest.auths),
        operations=tuple(
            OperationSummary(
                name=operation.name,
                title=operation.title,
                kind=operation.kind,
                effect=operation.effect,
                entity=operation.entity,
                description=operation.description,
                delivery=_delivery(operation),
            )
            for operation in manifest.operations.values()
            if not operation.hidden
        ),
        find_or_create=tuple(
            FindOrCreateSpec(entry.entity, entry.title, entry.find, entry.create, entry.natural_key)
            for entry in manifest.find_or_create.values()
        ),
        options=tuple(manifest.options),
        has_sandbox=connector.has_sandbox,
        readme=connector.text("README.md") or manifest.help,
        origin=connector.origin,
        package=connector.distribution,
        enabled=connector.origin != "package",
        version=manifest.version,
        vendor_url=manifest.vendor_url,
        quality=asdict(manifest.quality) if manifest.quality else None,
    )
