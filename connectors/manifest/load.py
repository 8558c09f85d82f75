"""From connector.yaml to frozen values; a mistake is named with its place and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.auth.spec import read_all, read_field
from connectors.http import LimitHeaders
from connectors.manifest import kept, read_operations, read_parts
from connectors.manifest.checking import check_source, manifest_schema
from connectors.manifest.model import Manifest
from connectors.manifest.source import Source
from ipaas.core.errors import Unprocessable

__all__ = ["EVERYTHING", "ManifestInvalid", "load_manifest", "manifest_schema", "read_manifest"]


class ManifestInvalid(Unprocessable):
    """The manifest breaks its schema, or names something that is not there."""

    code = "connector.manifest_invalid"


def load_manifest(folder: Path, *, memory: Path | None = None) -> Manifest:
    """Manifest of the connector in ``folder``; raises ManifestInvalid with line, column and path.

    Names of hooks and files are taken on trust here: ``check_folder`` looks at those too. With a
    ``memory`` folder, a text that was found right before is not checked again.
    """
    text = (folder / "connector.yaml").read_text(encoding="utf-8")
    if memory is None:
        return read_manifest(text, folder, hooks=EVERYTHING)
    data = kept.find(memory, text)
    if data is None:
        data = _checked(text, folder, EVERYTHING)
        kept.keep(memory, text, data)
    return _manifest(folder, data)


def read_manifest(text: str, folder: Path, *, hooks: set[str] | None) -> Manifest:
    """Manifest of a text; ``hooks`` are the functions it may name (None: it has no code)."""
    return _manifest(folder, _checked(text, folder, hooks))


def _checked(text: str, folder: Path, hooks: set[str] | None) -> dict[str, Any]:
    source = Source(text)
    faults = check_source(source, hooks=hooks)
    if faults:
        raise ManifestInvalid(
            f"connector.yaml of {folder.name} is not valid, {faults[0]}",
            hint="Correct the manifest; docs/writing-a-connector.md explains each part.",
            problems=[fault.as_json() for fault in faults[:50]],
        )
    data: dict[str, Any] = source.data
    return data


class _Everything(set[str]):
    """A set that holds every name."""

    def __contains__(self, name: object) -> bool:
        return True


EVERYTHING: set[str] = _Everything()


def _manifest(folder: Path, data: dict[str, Any]) -> Manifest:
    timeouts = data.get("timeouts", {})
    return Manifest(
        folder=folder,
        slug=data["slug"],
        name=data["name"],
        description=" ".join(data["description"].split()),
        categories=tuple(data.get("categories", ())),
        auths=read_all(data["auth"]),
        settings=(
            *(read_field(entry) for entry in data.get("settings", ())),
            *read_parts.environment_fields(data),
        ),
        base_url=data["base_url"],
        headers=data.get("headers", {}),
        query=data.get("query", {}),
        connect_timeout_s=float(timeouts.get("connect_s", 5)),
        read_timeout_s=float(timeouts.get("read_s", 60)),
        limits=tuple(read_parts.limit(entry) for entry in data.get("limits", ())),
        limit_headers=_limit_headers(data.get("limit_headers", {})),
        error_reader=data.get("error_reader", ""),
        errors_in_success=data.get("errors_in_success", False),
        error_fields=read_parts.error_fields(data.get("error_fields")),
        errors=tuple(read_parts.error_rule(entry) for entry in data.get("errors", ())),
        operations={
            name: read_operations.operation(name, entry)
            for name, entry in data["operations"].items()
        },
        find_or_create={
            entity: read_operations.find_or_create(entity, entry)
            for entity, entry in data.get("find_or_create", {}).items()
        },
        webhook=read_parts.webhook(data.get("webhook")),
        options={
            name: read_parts.options(entry) for name, entry in data.get("options", {}).items()
        },
        custom_fields=tuple(
            read_parts.custom_fields(entry) for entry in data.get("custom_fields", ())
        ),
        test=data.get("test", {}),
        help=data.get("help", ""),
        protocol=data.get("protocol", "http"),
        version=str(data.get("version", "")),
        vendor_url=data.get("vendor_url", ""),
        environments=read_parts.environments(data.get("environments", {})),
        account=read_parts.account(data.get("account")),
        quality=read_parts.quality(data.get("quality")),
        schemas=data.get("schemas", {}),
    )


def _limit_headers(entry: dict[str, Any]) -> LimitHeaders:
    usual = LimitHeaders()
    return LimitHeaders(
        remaining=tuple(name.lower() for name in entry.get("remaining", usual.remaining)),
        reset=tuple(name.lower() for name in entry.get("reset", usual.reset)),
        reset_is=entry.get("reset_is", usual.reset_is),
    )
