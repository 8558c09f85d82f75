"""Schemas of what people bring: JSON Schema, XSD, a CSV header, a sample in JSON, XML or CSV."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from ipaas.core import jsonio
from ipaas.mapping.copying import TooBig, copy_value
from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.schemas.inference import infer_schema
from ipaas.mapping.schemas.reading import Schema
from ipaas.mapping.schemas.xsd import XsdFile, schema_of_xsd
from ipaas.mapping.values import Value

UploadKind: TypeAlias = Literal["json_schema", "xsd", "csv", "json", "xml"]
KINDS: Final[tuple[str, ...]] = get_args(UploadKind)
_MAX_TEXT: Final = 5_000_000
_MAX_ROWS: Final = 1_000
_MAX_DEPTH: Final = 60


class SchemaInvalid(MappingInvalid):
    """The text is not what it was said to be."""

    code = "mapping.schema"


def schema_of(kind: str, text: str, parts: Mapping[str, str] | None = None) -> Schema:
    """The JSON Schema of an uploaded text; raises SchemaInvalid.

    ``csv`` is a header, alone or with rows; its schema is that of the list of rows, as the CSV
    steps of flows read them. ``json`` and ``xml`` are samples. ``parts`` are further files of an
    XML Schema by name, which the first one includes or imports.
    """
    parts = parts or {}
    if len(text) + sum(map(len, parts.values())) > _MAX_TEXT:
        raise SchemaInvalid(f"The file has more than {_MAX_TEXT} characters.")
    if kind == "json_schema":
        return _json_schema(text)
    if kind == "xsd":
        return schema_of_xsd(_xsd_file(text), [_xsd_file(t, name) for name, t in parts.items()])
    if kind == "csv":
        return _of_rows(text)
    if kind in ("json", "xml"):
        return infer_schema([document_of(kind, text)])
    raise SchemaInvalid(f"“{kind[:40]}” is not a kind of schema.", hint=f"Use {', '.join(KINDS)}.")


def document_of(kind: str, text: str) -> Value:
    """The document that a pasted JSON, XML or CSV text stands for; raises SchemaInvalid."""
    if len(text) > _MAX_TEXT:
        raise SchemaInvalid(f"The file has more than {_MAX_TEXT} characters.")
    if kind == "json":
        try:
            return copy_value(jsonio.loads(text))
        except (ValueError, RecursionError, TooBig, jsonio.MalformedJson) as error:
            raise SchemaInvalid(
                f"This is not JSON{_where(text, str(error))}.",
                hint="Look for a missing comma, quote or bracket, or a comma too many.",
            ) from error
    if kind == "csv":
        return _rows(text)
    if kind == "xml":
        root = _xml(text)
        return {_local(root.tag): _element(root, 0)}
    raise SchemaInvalid(f"“{kind[:40]}” is not a kind of document.", hint="Use json, xml or csv.")


def _where(text: str, said: str) -> str:
    """What a reader of JSON found, with the line and character that people count."""
    reason, _, rest = said.rpartition("malformed: ")[2].partition(" (byte ")
    number = rest.partition(")")[0]
    if not number.isdigit():
        ends = "truncated" in said
        return ": it ends too early" if ends else f": {said.rpartition('JSON: ')[2].rstrip('.')}"
    before = text.encode()[: int(number)].decode(errors="ignore")
    line = before.count("\n") + 1
    return f": line {line}, character {len(before) - before.rfind(chr(10))}: {reason}"


def _json_schema(text: str) -> Schema:
    schema = document_of("json", text)
    known = {"type", "properties", "$ref", "anyOf", "oneOf", "allOf", "$defs", "definitions"}
    if not isinstance(schema, dict) or not known & schema.keys():
        raise SchemaInvalid(
            "This is JSON, but not a JSON Schema.",
            hint="Choose “sample” if it is a document.",
        )
    return schema


def _xml(text: str) -> ElementTree.Element:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise SchemaInvalid("XML with a document type is not read.", hint="Remove the DOCTYPE.")
    try:
        return ElementTree.fromstring(text.strip())
    except ElementTree.ParseError as error:
        raise SchemaInvalid(f"This is not XML: {error}.") from error


def _xsd_file(text: str, name: str = "") -> XsdFile:
    root = _xml(text)
    prefixes: dict[str, str] = {}
    for _, found in ElementTree.iterparse(io.StringIO(text.strip()), ["start-ns"]):
        prefix, space = cast("tuple[str, str]", found)  # what this event gives, in place of a node
        prefixes.setdefault(prefix, space)
    return XsdFile(root, prefixes, name)


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _element(element: ElementTree.Element, depth: int) -> Value:
    """An element as JSON: attributes as @name, text as #text, repeated elements as a list."""
    if depth > _MAX_DEPTH:
        raise SchemaInvalid(f"The XML is nested more than {_MAX_DEPTH} deep.")
    made: dict[str, Any] = {f"@{_local(name)}": value for name, value in element.attrib.items()}
    for child in element:
        name, value = _local(child.tag), _element(child, depth + 1)
        if name not in made:
            made[name] = value
        elif isinstance(made[name], list):
            made[name].append(value)
        else:
            made[name] = [made[name], value]
    text = (element.text or "").strip()
    if not made:
        return text or None
    return {**made, "#text": text} if text else made


def _rows(text: str) -> list[dict[str, Value]]:
    sample = text[:10_000]
    try:
        dialect: Any = csv.Sniffer().sniff(sample.split("\n", 1)[0], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff")), dialect)
    try:
        header = [name.strip() for name in next(reader, [])]
        lines = [line for line, _ in zip(reader, range(_MAX_ROWS), strict=False)]
    except csv.Error as error:
        raise SchemaInvalid(f"This is not CSV: {error}.") from error
    if not any(header):
        raise SchemaInvalid("The first line holds no column names.")
    if len(set(header)) < len(header) or not all(header):
        raise SchemaInvalid("Each column needs a name of its own.")
    return [
        {name: value or None for name, value in zip(header, line, strict=False)} for line in lines
    ] or [dict.fromkeys(header)]


def _of_rows(text: str) -> Schema:
    rows = _rows(text)
    columns = {name: {"type": ["string", "null"]} for name in rows[0]}
    return {"type": "array", "items": {"type": "object", "properties": columns}}
