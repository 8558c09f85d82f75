"""From connector.yaml to frozen values; a mistake is named with its place and line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator

from connectors.manifest.model import (
    Auth,
    Endpoint,
    ErrorRule,
    FindOrCreate,
    IdempotencyKey,
    Lookup,
    Manifest,
    Operation,
    Paging,
    RequestTemplate,
    Webhook,
)
from connectors.values import FieldSpec
from ipaas.core import jsonio
from ipaas.core.errors import Recovery, Unprocessable


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
        auth=_auth(data["auth"]),
        settings=tuple(_field(entry) for entry in data.get("settings", ())),
        base_url=data["base_url"],
        headers=data.get("headers", {}),
        query=data.get("query", {}),
        connect_timeout_s=float(timeouts.get("connect_s", 5)),
        read_timeout_s=float(timeouts.get("read_s", 60)),
        limits=tuple(data.get("limits", ())),
        error_reader=data.get("error_reader", ""),
        errors_in_success=data.get("errors_in_success", False),
        errors=tuple(_error_rule(entry) for entry in data.get("errors", ())),
        operations={name: _operation(name, entry) for name, entry in data["operations"].items()},
        find_or_create={
            entity: FindOrCreate(
                entity=entity,
                title=entry["title"],
                find=entry["find"],
                create=entry["create"],
                id=entry["id"],
                duplicate_codes=tuple(entry.get("duplicate_codes", ())),
            )
            for entity, entry in data.get("find_or_create", {}).items()
        },
        webhook=_webhook(data.get("webhook")),
        options={name: entry["hook"] for name, entry in data.get("options", {}).items()},
        test=data.get("test", {}),
        help=data.get("help", ""),
    )


def _field(entry: dict[str, Any]) -> FieldSpec:
    return FieldSpec(
        name=entry["name"],
        title=entry["title"],
        secret=entry.get("secret", False),
        required=entry.get("required", False),
        help=" ".join(entry.get("help", "").split()),
        default=entry.get("default", ""),
        choices=tuple((choice["value"], choice["title"]) for choice in entry.get("choices", ())),
    )


def _endpoint(entry: dict[str, str] | None) -> Endpoint | None:
    return Endpoint(entry["url"], entry.get("sandbox_path", "")) if entry else None


def _auth(entry: dict[str, Any]) -> Auth:
    return Auth(
        kind=entry["kind"],
        fields=tuple(_field(item) for item in entry.get("fields", ())),
        secret=entry.get("secret", ""),
        header=entry.get("header", ""),
        username=entry.get("username", ""),
        password=entry.get("password", ""),
        authorize=_endpoint(entry.get("authorize")),
        token=_endpoint(entry.get("token")),
        revoke=_endpoint(entry.get("revoke")),
        scope=entry.get("scope", ""),
        pkce=entry.get("pkce", False),
        account_parameter=entry.get("account_parameter", ""),
    )


def _several(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def _error_rule(entry: dict[str, Any]) -> ErrorRule:
    return ErrorRule(
        recovery=Recovery(entry["recovery"]),
        statuses=_several(entry.get("status")),
        codes=_several(entry.get("code")),
        text=entry.get("text", "").lower(),
        executed=entry.get("executed"),
        name=entry.get("name", ""),
        say=" ".join(entry.get("say", "").split()),
        hint=" ".join(entry.get("hint", "").split()),
        after_s=entry.get("after_s"),
        field=entry.get("field"),
    )


def _operation(name: str, entry: dict[str, Any]) -> Operation:
    request, paging = entry.get("request"), entry.get("paging")
    lookup, when = entry.get("lookup"), entry.get("when")
    return Operation(
        name=name,
        title=entry["title"],
        description=" ".join(entry.get("description", "").split()),
        kind=entry["kind"],
        effect=entry.get("effect"),
        entity=entry["entity"],
        hidden=entry.get("hidden", False),
        input=entry.get("input"),
        input_without=tuple(entry.get("input_without", ())),
        output=entry.get("output"),
        output_pointer=entry.get("output_pointer", ""),
        request=RequestTemplate(**request) if request else None,
        hook=entry.get("hook", ""),
        query_hook=entry.get("query_hook", ""),
        paging=Paging(most=paging.pop("most", 100), **paging) if paging else None,
        idempotency=_idempotency(entry.get("idempotency")),
        lookup=Lookup(
            operation=lookup["operation"],
            inputs=lookup["inputs"],
            found=lookup.get("found", "/record"),
            same=lookup.get("same", ""),
        )
        if lookup
        else None,
        visibility_delay_s=float(entry.get("visibility_delay_s", 0)),
        reference=entry.get("reference", ""),
        business_key=entry.get("business_key", ""),
        topics=tuple(entry.get("topics", ())),
        once=entry.get("once", ""),
        when=(when["pointer"], tuple(when["in"])) if when else None,
    )


def _idempotency(entry: dict[str, Any] | None) -> IdempotencyKey | None:
    if not entry:
        return None
    place = "query" if "query" in entry else "header"
    return IdempotencyKey(place, entry[place], entry.get("max_length", 255))  # type: ignore[arg-type]


def _webhook(entry: dict[str, Any] | None) -> Webhook | None:
    if not entry:
        return None
    signature = entry["signature"]
    return Webhook(
        header=signature["header"].lower(),
        secret=signature["secret"],
        encoding=signature.get("encoding", "base64"),
        prefix=signature.get("prefix", ""),
        events=entry["events"],
    )
