"""A connector manifest drafted from an OpenAPI document: a beginning that a person completes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

from connectors.own import uploads
from connectors.own.openapi import MOST_BYTES, OpenApiInvalid, Schemas, follow, read

__all__ = ["MOST_BYTES", "Drafted", "draft"]

_METHODS = ("get", "post", "put", "patch", "delete")
_KEY_HEADERS = ("idempotency-key", "x-idempotency-key", "x-request-id")
MOST_LISTED = 2000


@dataclass(frozen=True, slots=True)
class Drafted:
    """What an OpenAPI document offers, and the manifest of what was chosen of it."""

    title: str
    operations: tuple[dict[str, str], ...]
    manifest: str
    notes: tuple[str, ...]
    problems: tuple[dict[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        """Shape shown by the API."""
        return {
            "title": self.title,
            "operations": list(self.operations),
            "manifest": self.manifest,
            "notes": list(self.notes),
            "problems": list(self.problems),
        }


@dataclass(frozen=True, slots=True)
class _Found:
    id: str
    name: str
    method: str
    path: str
    item: Mapping[str, Any]
    operation: Mapping[str, Any]


def draft(text: str, *, slug: str = "", operations: list[str] | None = None) -> Drafted:
    """The operations of an OpenAPI document and a manifest of those named in ``operations``.

    Nothing outside the document is read. Raises OpenApiInvalid or OpenApiTooLarge.
    """
    document = read(text)
    found = _operations(document)
    title = _plain(follow(document, document.get("info") or {}).get("title"), 80) or "New connector"
    listed = tuple(
        {
            "id": each.id,
            "method": each.method.upper(),
            "path": each.path[:300],
            "title": _title(each),
            "effect": _effect(each),
        }
        for each in found[:MOST_LISTED]
    )
    if not operations:
        return Drafted(title, listed, "", (), ())
    by_id = {each.id: each for each in found}
    unknown = [name for name in operations if name not in by_id]
    if unknown:
        raise OpenApiInvalid(
            f"The document has no operation “{unknown[0][:100]}”.",
            hint="Choose ids of the list that comes without “operations”.",
        )
    maker = _Maker(document, slug or _slug(title), title)
    manifest = maker.manifest([by_id[name] for name in dict.fromkeys(operations)])
    written = yaml.dump(
        _simple(manifest), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )
    problems = tuple(fault.as_json() for fault in uploads.check(written)[:50])
    return Drafted(title, listed, written, tuple(maker.notes), problems)


def _operations(document: Mapping[str, Any]) -> list[_Found]:
    found: list[_Found] = []
    ids: set[str] = set()
    for path, item in document["paths"].items():
        item = follow(document, item)
        if not isinstance(item, Mapping) or not str(path).startswith("/"):
            continue
        for method in _METHODS:
            operation = item.get(method)
            if not isinstance(operation, Mapping):
                continue
            wanted = str(operation.get("operationId") or f"{method} {path}")[:200]
            name = _free(_snake(str(operation.get("operationId") or f"{method} {path}")), ids)
            found.append(_Found(wanted, name, method, str(path), item, operation))
    return found


class _Maker:
    """Makes one manifest; what a person should look at is kept in ``notes``."""

    def __init__(self, document: Mapping[str, Any], slug: str, title: str) -> None:
        self.document = document
        self.slug = slug
        self.title = title
        self.schemas = Schemas(document)
        self.notes: list[str] = []

    def manifest(self, chosen: list[_Found]) -> dict[str, Any]:
        """The whole manifest as data."""
        info = follow(self.document, self.document.get("info") or {})
        operations = {each.name: self._operation(each) for each in chosen}
        made: dict[str, Any] = {
            "slug": self.slug,
            "name": self.title,
            "description": _plain(info.get("description"), 400) or f"{self.title} over its API.",
            "version": _plain(info.get("version"), 40) or "1",
            "categories": ["custom"],
            "auth": self._auth(),
            "settings": [self._address()],
            "base_url": "{settings.base_url}",
            "headers": {"Accept": "application/json"},
            "operations": operations,
        }
        for name, operation in operations.items():
            required = operation.get("input", {}).get("required")
            if operation["effect"] == "read" and not required:
                made["test"] = {"operation": name}
                break
        made["quality"] = {
            "verified": "generated",
            "coverage": f"{len(operations)} operations drafted from an OpenAPI document.",
            "known_gaps": ["Errors, limits and pages are not described yet."],
        }
        if self.schemas.held:
            made["schemas"] = self.schemas.held
        self.notes.append("Errors, limits and pages are not in such documents: add them.")
        return made

    def _address(self) -> dict[str, Any]:
        field: dict[str, Any] = {
            "name": "base_url",
            "title": "Address",
            "required": True,
            "format": "url",
        }
        servers = self.document.get("servers")
        first = servers[0] if isinstance(servers, list) and servers else {}
        url = str(first.get("url", "")) if isinstance(first, Mapping) else ""
        if url.startswith("https://") and "{" not in url and len(url) < 300:
            field["default"] = url.rstrip("/")
        else:
            self.notes.append("The document names no whole https address: people type it.")
        return field

    def _auth(self) -> dict[str, Any] | list[dict[str, Any]]:
        components = self.document.get("components")
        schemes = components.get("securitySchemes") if isinstance(components, Mapping) else None
        ways: list[dict[str, Any]] = []
        for scheme in (schemes or {}).values() if isinstance(schemes, Mapping) else ():
            way = self._way(follow(self.document, scheme))
            if way and way["kind"] not in {other["kind"] for other in ways}:
                ways.append(way)
        if not ways:
            self.notes.append("No way to authorise was understood: calls are sent without one.")
            return {"kind": "none"}
        return ways[0] if len(ways) == 1 else ways

    def _way(self, scheme: Any) -> dict[str, Any] | None:
        if not isinstance(scheme, Mapping):
            return None
        kind, name = scheme.get("type"), str(scheme.get("name", ""))
        if kind == "http":
            known = {"bearer": "bearer", "basic": "basic"}
            found = known.get(str(scheme.get("scheme", "")).lower())
            return {"kind": found} if found else None
        if kind == "apiKey" and name and scheme.get("in") in ("header", "query"):
            return {"kind": "api_key", str(scheme["in"]): name}
        if kind == "oauth2" and isinstance(scheme.get("flows"), Mapping):
            return self._oauth(scheme["flows"])
        self.notes.append(f"The way to authorise “{str(kind)[:40]}” is not taken over.")
        return None

    def _oauth(self, flows: Mapping[str, Any]) -> dict[str, Any] | None:
        for name, kind in (("authorizationCode", "oauth2"), ("clientCredentials", "")):
            flow = flows.get(name)
            if not isinstance(flow, Mapping):
                continue
            urls = [str(flow.get("tokenUrl", "")), str(flow.get("authorizationUrl", ""))]
            if not urls[0].startswith("https://") or (kind and not urls[1].startswith("https://")):
                self.notes.append("An OAuth address is not a whole https address.")
                continue
            way: dict[str, Any] = {
                "kind": kind or "client_credentials",
                "token": {"url": urls[0]},
            }
            if kind:
                way["authorize"] = {"url": urls[1]}
            scopes = flow.get("scopes")
            if isinstance(scopes, Mapping) and scopes:
                way["scope"] = " ".join(str(scope) for scope in scopes)[:500]
            return way
        return None

    def _operation(self, found: _Found) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        required: list[str] = []
        path, key = found.path, ""
        query: dict[str, Any] = {}
        headers: dict[str, str] = {}
        for parameter in self._parameters(found):
            place, name = str(parameter.get("in")), str(parameter.get("name", ""))[:100]
            if place == "header" and name.lower() in _KEY_HEADERS and _effect(found) == "write":
                key = name
                continue
            if place not in ("path", "query", "header") or not name:
                continue
            if place == "header" and name.lower() in ("accept", "content-type", "authorization"):
                continue
            own = _free(_snake(name), set(properties) | {"body"}, keep=False)
            schema = self.schemas.take(parameter.get("schema") or {"type": "string"})
            text = _plain(parameter.get("description"), 200)
            properties[own] = {**schema, "title": name, **({"description": text} if text else {})}
            if place == "path":
                path = path.replace("{" + name + "}", "{inputs." + own + "}")
            elif place == "query":
                query[name] = f"$inputs.{own}"
            else:
                headers[name] = "{inputs." + own + "}"
            if place == "path" or parameter.get("required") is True:
                required.append(own)
        for name in re.findall(r"\{([^{}.]+)\}", path):  # places the document does not describe
            own = _free(_snake(name), set(properties) | {"body"}, keep=False)
            properties[own] = {"type": "string", "title": name}
            required.append(own)
            path = path.replace("{" + name + "}", "{inputs." + own + "}")
        request: dict[str, Any] = {"method": found.method.upper(), "path": path}
        if query:
            request["query"] = query
        if headers:
            request["headers"] = headers
        self._body(found, request, properties, required)
        made: dict[str, Any] = {
            "title": _title(found),
            "kind": "action",
            "effect": _effect(found),
            "entity": _entity(found),
        }
        text = _plain(found.operation.get("description"), 300)
        if text and text != made["title"]:
            made["description"] = text
        made["input"] = {"type": "object", "properties": properties}
        if required:
            made["input"]["required"] = required
        made["request"] = request
        if made["effect"] == "write":
            made["idempotency"] = {"header": key} if key else "none"
            if not key:
                self.notes.append(
                    f"{found.name}: nothing tells how a repeat is avoided; after a lost reply a "
                    "person decides. Add “lookup” if it can be searched for."
                )
        return {**made, **self._output(found)}

    def _parameters(self, found: _Found) -> list[Mapping[str, Any]]:
        known: dict[tuple[str, str], Mapping[str, Any]] = {}
        for source in (found.item, found.operation):
            held = source.get("parameters")
            for parameter in held if isinstance(held, list) else ():
                parameter = follow(self.document, parameter)
                if isinstance(parameter, Mapping):
                    known[str(parameter.get("in")), str(parameter.get("name"))] = parameter
        return list(known.values())[:100]

    def _body(
        self,
        found: _Found,
        request: dict[str, Any],
        properties: dict[str, Any],
        required: list[str],
    ) -> None:
        body = follow(self.document, found.operation.get("requestBody"))
        content = body.get("content") if isinstance(body, Mapping) else None
        if not isinstance(content, Mapping) or not content:
            return
        kind, media = next(
            ((kind, media) for kind, media in content.items() if "json" in str(kind).lower()),
            next(iter(content.items())),
        )
        schema = media.get("schema") if isinstance(media, Mapping) else None
        properties["body"] = {"title": "Content", **self.schemas.take(schema or {})}
        if body.get("required") is True:
            required.append("body")
        if "json" in str(kind).lower():
            request["body"] = "$inputs.body"
        elif "urlencoded" in str(kind).lower() or "multipart" in str(kind).lower():
            fields = follow(self.document, schema or {}).get("properties", {})
            part = "form" if "urlencoded" in str(kind).lower() else "multipart"
            request[part] = {
                str(name): f"$inputs.body.{name}" for name in fields if str(name).isidentifier()
            }
        else:
            request["raw"] = "$inputs.body"
            request["content_type"] = str(kind)[:100]

    def _output(self, found: _Found) -> dict[str, Any]:
        responses = found.operation.get("responses")
        for status, response in (responses if isinstance(responses, Mapping) else {}).items():
            if not str(status).startswith("2"):
                continue
            response = follow(self.document, response)
            content = response.get("content") if isinstance(response, Mapping) else None
            if not isinstance(content, Mapping) or not content:
                return {"reply": "none", "output": {"type": "object"}}
            for kind, media in content.items():
                if "json" in str(kind).lower() and isinstance(media, Mapping):
                    return {"output": self.schemas.take(media.get("schema") or {})}
            kind = str(next(iter(content))).lower()
            form = "text" if kind.startswith("text/") else "xml" if "xml" in kind else "file"
            return {"reply": form, "output": {"type": "object"}}
        return {"output": {}}


class _Dumper(yaml.SafeDumper):
    """Writes a part that occurs twice two times: names for parts are hard to read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _simple(value: Any) -> Any:
    """``value`` of nothing but what YAML can write; dates and the like become text."""
    if isinstance(value, Mapping):
        return {str(name): _simple(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_simple(part) for part in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _effect(found: _Found) -> str:
    return "read" if found.method == "get" else "write"


def _title(found: _Found) -> str:
    summary = _plain(found.operation.get("summary"), 80)
    return summary or found.name.replace("_", " ").capitalize()


def _entity(found: _Found) -> str:
    tags = found.operation.get("tags")
    tag = tags[0] if isinstance(tags, list) and tags and isinstance(tags[0], str) else ""
    parts = [part for part in found.path.split("/") if part and "{" not in part]
    return _snake(tag or (parts[-1] if parts else "thing"))


def _plain(value: Any, most: int) -> str:
    return " ".join(value.split())[:most] if isinstance(value, str) else ""


def _slug(title: str) -> str:
    return _snake(title)[:30].strip("_") or "custom"


def _snake(text: str) -> str:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    made = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")[:60].strip("_")
    return made if made and made[0].isalpha() else f"x_{made}".strip("_")


def _free(wanted: str, taken: set[str], *, keep: bool = True) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    if keep:
        taken.add(name)
    return name
