"""From connector.yaml to frozen values; a mistake is named with its place and line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator

from connectors.auth.spec import read_all, read_field
from connectors.http import LimitHeaders
from connectors.manifest import read_operations, read_parts
from connectors.manifest.model import Manifest
from ipaas.core import jsonio
from ipaas.core.errors import Unprocessable


class ManifestInvalid(Unprocessable):
    """The manifest breaks its schema, or names something that is not there."""

    code = "connector.manifest_invalid"


@cache
def manifest_schema() -> dict[str, Any]:
    """The published JSON Schema of connector.yaml."""
    path = Path(__file__).with_name("schema.json")
    return cast(dict[str, Any], jsonio.loads(path.read_bytes()))


def load_manifest(folder: Path) -> Manifest:
    """Manifest of the connector in ``folder``; raises ManifestInvalid with path and line."""
    path = folder / "connector.yaml"
    text = path.read_text(encoding="utf-8")
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ManifestInvalid(f"{path.name} of {folder.name} is not YAML: {error}") from error
    problems = [
        f"line {_line(text, list(problem.absolute_path))}: "
        f"{'/'.join(str(part) for part in problem.absolute_path) or '(top)'}: {problem.message}"
        for problem in Draft202012Validator(manifest_schema()).iter_errors(data)
    ]
    if not problems:
        problems = [
            f"line {_line(text, where)}: {'/'.join(where)}: {what}"
            for where, what in _dangling(data)
        ]
    if problems:
        raise ManifestInvalid(
            f"{path.name} of {folder.name} is not valid: {problems[0]}",
            hint="Correct the manifest; docs/writing-a-connector.md explains each part.",
            problems=problems,
        )
    return _manifest(folder, data)


def _line(text: str, where: list[Any]) -> int:
    """Line (from 1) of the deepest part of ``where`` that is written in ``text``."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for part in where:
        following = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, following = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            following = node.value[part]
            line = following.start_mark.line + 1
        if following is None:
            break
        node = following
    return line


def _dangling(data: dict[str, Any]) -> list[tuple[list[str], str]]:
    """References to operations that do not exist."""
    operations = data["operations"]
    found: list[tuple[list[str], str]] = []

    def need(where: list[str], name: str) -> None:
        if operations.get(name, {}).get("kind") != "action":
            found.append((where, f"there is no action {name!r}"))

    for name, operation in operations.items():
        if "lookup" in operation:
            need(["operations", name, "lookup", "operation"], operation["lookup"]["operation"])
    for entity, entry in data.get("find_or_create", {}).items():
        need(["find_or_create", entity, "find"], entry["find"])
        need(["find_or_create", entity, "create"], entry["create"])
    if "test" in data:
        need(["test", "operation"], data["test"]["operation"])
    return found


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
    )


def _limit_headers(entry: dict[str, Any]) -> LimitHeaders:
    usual = LimitHeaders()
    return LimitHeaders(
        remaining=tuple(name.lower() for name in entry.get("remaining", usual.remaining)),
        reset=tuple(name.lower() for name in entry.get("reset", usual.reset)),
        reset_is=entry.get("reset_is", usual.reset_is),
    )
