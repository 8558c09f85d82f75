"""Reading an OpenAPI 3 document that nobody has to trust: bounded, and only within itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from ipaas.core import jsonio
from ipaas.core.errors import IpaasError, TooLarge, Unprocessable

MOST_BYTES = 4 * 1024 * 1024
MOST_PARTS = 400_000
MOST_DEPTH = 60
MOST_SCHEMAS = 300
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COPIED = (
    "type",
    "title",
    "format",
    "enum",
    "default",
    "required",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "readOnly",
    "additionalProperties",
    "const",
)


class OpenApiInvalid(Unprocessable):
    """The document is no OpenAPI 3, or holds something that is not followed."""

    code = "connector.openapi_invalid"


class OpenApiTooLarge(TooLarge):
    """The document is larger, or unfolds to more, than the limit."""

    code = "connector.openapi_too_large"


def read(text: str) -> dict[str, Any]:
    """The document of JSON or YAML text; raises OpenApiInvalid or OpenApiTooLarge."""
    if len(text.encode()) > MOST_BYTES:
        raise OpenApiTooLarge(
            "The document is above 4 MB.", hint="Cut it down to the operations you need."
        )
    document = _parsed(text)
    if _unfolds(document):
        raise OpenApiTooLarge(
            "The document unfolds to too many parts.",
            hint="Cut it down to the operations you need.",
        )
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise OpenApiInvalid(
            "This is not an OpenAPI document: it has no “paths”.",
            hint="Use the vendor's openapi.json or openapi.yaml.",
        )
    if not str(document.get("openapi", "")).startswith("3."):
        raise OpenApiInvalid(
            "Only OpenAPI 3 can be read.",
            hint="Convert a Swagger 2 document to OpenAPI 3 first.",
        )
    return document


def _parsed(text: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return jsonio.loads(text.encode())
        except IpaasError as error:
            raise OpenApiInvalid("The document is not JSON.", hint=str(error)[:200]) from error
    try:
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise OpenApiInvalid(
            "The document is neither JSON nor YAML.", hint=str(error).split("\n")[0][:200]
        ) from error


def _unfolds(document: Any) -> bool:
    """Whether the document has too many parts or too deep ones, aliases written out."""
    count, todo = 0, [(document, 0)]
    while todo:
        node, depth = todo.pop()
        count += 1
        if count > MOST_PARTS or depth > 150:
            return True
        if isinstance(node, dict):
            todo.extend((value, depth + 1) for value in node.values())
        elif isinstance(node, list):
            todo.extend((value, depth + 1) for value in node)
    return False


def follow(document: Mapping[str, Any], node: Any) -> Any:
    """``node``, or what its ``$ref`` names inside the document; never another document."""
    for _ in range(20):
        if not isinstance(node, Mapping) or "$ref" not in node:
            return node
        node = _target(document, node["$ref"])
    raise OpenApiInvalid("A reference leads round in a circle.", hint="Correct the document.")


def _target(document: Mapping[str, Any], reference: Any) -> Any:
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise OpenApiInvalid(
            f"“{str(reference)[:100]}” refers to another document, which is not fetched.",
            hint="Bundle the document into one file first.",
        )
    node: Any = document
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
        node = node.get(name) if isinstance(node, Mapping) else None
    if node is None:
        raise OpenApiInvalid(
            f"“{reference[:100]}” is not in the document.", hint="Correct the document."
        )
    return node


class Schemas:
    """Schemas of an OpenAPI document in the form of a manifest, gathered as they are used."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._names: dict[str, str] = {}
        self.held: dict[str, dict[str, Any]] = {}

    def take(self, node: Any, depth: int = 0) -> dict[str, Any]:
        """``node`` as JSON Schema; what it refers to is gathered in ``held``."""
        if depth > MOST_DEPTH:
            return {}
        if not isinstance(node, Mapping):
            return {}
        if "$ref" in node:
            return self._reference(str(node["$ref"]))
        made = {name: node[name] for name in _COPIED if name in node}
        self._tidy(made, node, depth)
        for name, child in (("items", node.get("items")), ("not", None)):
            if isinstance(child, Mapping):
                made[name] = self.take(child, depth + 1)
        if isinstance(node.get("properties"), Mapping):
            made["properties"] = {
                str(name): self.take(child, depth + 1) for name, child in node["properties"].items()
            }
            made.setdefault("type", "object")
        for name in ("allOf", "anyOf", "oneOf"):
            if isinstance(node.get(name), list) and node[name]:
                made[name] = [self.take(child, depth + 1) for child in node[name]]
        if node.get("nullable") is True and isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
        return made

    def _tidy(self, made: dict[str, Any], node: Mapping[str, Any], depth: int) -> None:
        more = made.get("additionalProperties")
        if isinstance(more, Mapping):
            made["additionalProperties"] = self.take(more, depth + 1)
        elif more is not None and not isinstance(more, bool):
            del made["additionalProperties"]
        required = made.get("required")
        if required is not None and not (
            isinstance(required, list) and all(isinstance(name, str) for name in required)
        ):
            del made["required"]
        if isinstance(required, list) and "required" in made:
            made["required"] = list(dict.fromkeys(required))
        text = node.get("description")
        if isinstance(text, str) and text.strip():
            made["description"] = " ".join(text.split())[:300]
        enum = made.get("enum")
        if enum is not None and not (isinstance(enum, list) and enum):
            del made["enum"]
        if isinstance(enum, list) and node.get("nullable") is True and None not in enum:
            made["enum"] = [*enum, None]

    def _reference(self, reference: str) -> dict[str, Any]:
        if reference not in self._names:
            target = _target(self._document, reference)
            if len(self._names) >= MOST_SCHEMAS:
                raise OpenApiTooLarge(
                    f"The chosen operations need more than {MOST_SCHEMAS} schemas.",
                    hint="Choose fewer operations.",
                )
            name = self._free_name(reference.rsplit("/", 1)[-1])
            self._names[reference] = name
            self.held[name] = {}  # taken: a schema may refer to itself
            self.held[name] = self.take(target)
        return {"$ref": f"schemas/{self._names[reference]}.json"}

    def _free_name(self, wanted: str) -> str:
        base = re.sub(r"\W+", "_", wanted, flags=re.ASCII).strip("_")[:60] or "Schema"
        base = base if base[0].isalpha() else f"S{base}"
        name, number = base, 2
        while name in self.held:
            name, number = f"{base}_{number}", number + 1
        return name
