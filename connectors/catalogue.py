"""What connectors can do, for designers and the runtime: no connection needed, no query made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from connectors import registry
from connectors.manifest.model import Operation
from connectors.registry import Connector
from connectors.sdk import CallFacts
from connectors.values import (
    ConnectorInfo,
    FindOrCreateSpec,
    Limit,
    OperationSpec,
    OperationSummary,
)
from ipaas.core import jsonio
from ipaas.core.errors import NotFound

_CANONICAL = Path(__file__).resolve().parent / "canonical"


class CanonicalNotFound(NotFound):
    """There is no canonical model of that name."""

    code = "canonical.not_found"


def catalogue() -> list[ConnectorInfo]:
    """Every connector, in the order of their names."""
    return [_info(connector.slug) for connector in registry.all_connectors().values()]


def connector_info(slug: str) -> ConnectorInfo:
    """One connector; raises ConnectorNotFound."""
    return _info(registry.get(slug).slug)


@cache
def describe_operation(connector: str, name: str) -> OperationSpec:
    """One operation with its schemas; raises ConnectorNotFound or OperationNotFound."""
    held = registry.get(connector)
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
        reference=operation.reference,
        business_key=operation.business_key,
        topics=operation.topics,
        repeats=operation.repeats,
        delivery=_delivery(operation),
        poll_every_s=polled.every_s if polled else 0,
        batch_max=operation.batch.most if operation.batch else 0,
        limits=operation.limits,
        natural_key=natural[0] if natural else (),
        pages=operation.paging is not None,
        gives_file=operation.reply == "file",
        custom_fields=any(name in each.operations for each in held.manifest.custom_fields),
    )


def _delivery(operation: Operation) -> tuple[Literal["webhook", "poll"], ...]:
    found: list[Literal["webhook", "poll"]] = []
    if operation.topics:
        found.append("webhook")
    if operation.poll:
        found.append("poll")
    return tuple(found)


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
    """The connector's picture, as SVG text."""
    return registry.get(connector).text("icon.svg")


def mapping_document(connector: str, name: str) -> dict[str, Any]:
    """A mapping that the connector brings, such as ``order_to_sales_order``."""
    return registry.get(connector).mapping(name)


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


@cache
def _info(slug: str) -> ConnectorInfo:
    connector: Connector = registry.get(slug)
    manifest = connector.manifest
    return ConnectorInfo(
        slug=slug,
        name=manifest.name,
        description=manifest.description,
        icon=f"/connectors/{slug}/icon.svg",
        categories=manifest.categories,
        auth_kind=manifest.auth.kind,
        fields=(*manifest.settings, *manifest.auth.fields),
        operations=tuple(
            OperationSummary(
                name=operation.name,
                title=operation.title,
                kind=operation.kind,
                effect=operation.effect,
                entity=operation.entity,
                description=operation.description,
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
        readme=connector.text("README.md"),
    )
