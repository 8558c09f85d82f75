"""JSON Schema of an XML Schema, as far as documents of business use it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.schemas.reading import Schema

_XS_SPACE: Final = "http://www.w3.org/2001/XMLSchema"
_XML_SPACE: Final = "http://www.w3.org/XML/1998/namespace"
_XS: Final = f"{{{_XS_SPACE}}}"
_MAX_DEPTH: Final = 40
_MAX_ELEMENTS: Final = 5_000
_WHOLE: Final = frozenset(
    "integer int long short byte nonNegativeInteger positiveInteger negativeInteger"
    " nonPositiveInteger unsignedInt unsignedLong unsignedShort unsignedByte".split()
)
_FORMATS: Final = {"date": "date", "dateTime": "date-time", "time": "time", "anyURI": "uri"}
_TEXTS: Final = frozenset(
    "string normalizedString token language Name NCName NMTOKEN NMTOKENS ID IDREF IDREFS ENTITY"
    " ENTITIES QName NOTATION hexBinary base64Binary duration dayTimeDuration yearMonthDuration"
    " dateTimeStamp gYear gYearMonth gMonth gMonthDay gDay anyType anySimpleType anyAtomicType"
    " untypedAtomic".split()
)
_BUILT_IN: Final = frozenset({*_WHOLE, *_FORMATS, *_TEXTS, "decimal", "float", "double", "boolean"})
_FACETS: Final = {"maxLength": "maxLength", "minLength": "minLength", "pattern": "pattern"}
_BOUNDS: Final = {"minInclusive": "minimum", "maxInclusive": "maximum"}


@dataclass(frozen=True, slots=True)
class XsdFile:
    """One file of an XML Schema: its root, and what the prefixes of its names stand for."""

    root: ElementTree.Element
    prefixes: Mapping[str, str]
    name: str = ""


def schema_of_xsd(main: XsdFile, parts: Sequence[XsdFile] = ()) -> Schema:
    """The JSON Schema of the documents that an XML Schema describes.

    Attributes are named @name, the text of an element with attributes #text. ``main`` holds the
    element of the document, ``parts`` what it includes or imports. Nothing else is read: a schema
    that needs parts of files that are not given is refused, with their names.
    """
    for file in (main, *parts):
        if file.root.tag != f"{_XS}schema":
            named = f"{file.name} is" if file.name else "This is"
            raise MappingInvalid(f"{named} XML, but not an XML Schema.", where="schema")
    return _Reader(main, parts).document()


Name = tuple[str, str]
"""Namespace and local name."""


class _Table:
    """What files declare of one kind, by name."""

    def __init__(self, files: Sequence[tuple[XsdFile, str]], kinds: tuple[str, ...]) -> None:
        self.named: dict[Name, ElementTree.Element] = {}
        self.alike: dict[str, list[Name]] = {}
        for file, space in files:
            for node in file.root:
                if _kind(node) in kinds and node.get("name"):
                    local = str(node.get("name"))
                    self.named.setdefault((space, local), node)
                    self.alike.setdefault(local, []).append((space, local))

    def find(self, name: Name) -> ElementTree.Element | None:
        """What has this name. A part without a namespace belongs to whoever includes it."""
        found = self.named.get(name)
        if found is not None or (name[0] == _XS_SPACE and name[1] in _BUILT_IN):
            return found
        alike = [
            known
            for known in self.alike.get(name[1], [])
            if not known[0] or name[0] in ("", _XS_SPACE)
        ]
        return self.named[alike[0]] if len(alike) == 1 else None


class _Reader:
    def __init__(self, main: XsdFile, parts: Sequence[XsdFile]) -> None:
        self.root = main.root
        self.given = {_last_part(part.name) for part in parts}
        files = [(file, file.root.get("targetNamespace") or "") for file in (main, *parts)]
        self.home = {node: file for file, _ in files for node in file.root.iter()}
        self.files = files
        self.types = _Table(files, ("complexType", "simpleType"))
        self.elements = _Table(files, ("element",))
        self.groups = _Table(files, ("group", "attributeGroup"))
        self.attributes = _Table(files, ("attribute",))
        self.left = _MAX_ELEMENTS
        self.missing: dict[str, None] = {}

    def name(self, node: ElementTree.Element, text: str) -> Name:
        """What a name stands for in the file of the node that uses it."""
        prefix, _, local = text.rpartition(":")
        space = self.home[node].prefixes.get(prefix, _XML_SPACE if prefix == "xml" else "")
        return (space, local)

    def document(self) -> Schema:
        own = {str(e.get("name")): e for e in self.root if _kind(e) == "element"}
        if not own:
            raise MappingInvalid("The XML Schema has no element.", where="schema")
        used = {e.get("ref", "").rsplit(":", 1)[-1] for e in self.root.iter(f"{_XS}element")}
        roots = [name for name in own if name not in used] or list(own)
        properties = {name: self.element(own[name], 0) for name in roots}
        required = [roots[0]] if len(roots) == 1 else []
        self.require_whole()
        return {"type": "object", "properties": properties, "required": required}

    def require_whole(self) -> None:
        """Refuse a schema that names parts which it does not hold, saying where they may be."""
        if not self.missing:
            return
        named = ", ".join(list(self.missing)[:5]) + (" …" if len(self.missing) > 5 else "")
        others = dict.fromkeys(
            e.get("schemaLocation") or e.get("namespace") or "another file"
            for file, _ in self.files
            for e in file.root
            if _kind(e) in ("include", "import", "redefine")
            and _last_part(e.get("schemaLocation") or "") not in self.given
        )
        files = f" They stand in {', '.join(list(others)[:5])}." if others else ""
        raise MappingInvalid(
            f"The XML Schema uses parts that it does not hold: {named}.{files}",
            hint="Choose all of its files together, or upload a document as a sample instead.",
            where="schema",
        )

    def element(self, node: ElementTree.Element, depth: int) -> Schema:
        """Schema of one element, without how often it occurs."""
        self.left -= 1
        if depth > _MAX_DEPTH or self.left < 0:
            return {}
        reference = node.get("ref")
        if reference is not None:
            found = self.elements.find(self.name(node, reference))
            if found is None:
                self.missing[reference] = None
            return {} if found is None else self.element(found, depth + 1)
        made: Schema = {}
        inner = [child for child in node if _kind(child) in ("complexType", "simpleType")]
        if inner:
            made = self.type(inner[0], depth + 1)
        elif node.get("type"):
            made = self.named(node, str(node.get("type")), depth + 1)
        documentation = node.find(f"{_XS}annotation/{_XS}documentation")
        if documentation is not None and (documentation.text or "").strip():
            made = {**made, "description": " ".join(str(documentation.text).split())[:500]}
        if node.get("fixed") is not None:
            made = {**made, "const": node.get("fixed")}
        return made

    def named(self, node: ElementTree.Element, name: str, depth: int) -> Schema:
        """Schema of the type that a node names."""
        bare, found = _bare(name), self.types.find(self.name(node, name))
        if found is not None:
            return self.type(found, depth)
        if bare in _WHOLE:
            return {"type": "integer"}
        if bare in ("decimal", "float", "double"):
            return {"type": "number"}
        if bare == "boolean":
            return {"type": "boolean"}
        if bare in _FORMATS:
            return {"type": "string", "format": _FORMATS[bare]}
        if bare not in _TEXTS:
            self.missing[name] = None
        return {"type": "string"} if bare != "anyType" else {}

    def type(self, node: ElementTree.Element, depth: int) -> Schema:
        if depth > _MAX_DEPTH:
            return {}
        return (
            self.simple(node, depth) if _kind(node) == "simpleType" else self.complex(node, depth)
        )

    def simple(self, node: ElementTree.Element, depth: int) -> Schema:
        restriction = node.find(f"{_XS}restriction")
        if restriction is None:
            return {"type": "string"}
        made = dict(self.named(restriction, restriction.get("base") or "string", depth + 1))
        options = [e.get("value") for e in restriction.findall(f"{_XS}enumeration")]
        if options:
            made["enum"] = options
        for facet in restriction:
            kind, value = _kind(facet), facet.get("value") or ""
            if kind in ("maxLength", "minLength") and value.isdigit():
                made[_FACETS[kind]] = int(value)
            elif kind == "length" and value.isdigit():
                made["maxLength"] = made["minLength"] = int(value)
            elif kind == "pattern":
                made["pattern"] = f"^(?:{value})$"
            elif kind in _BOUNDS and value.lstrip("-").isdigit():
                made[_BOUNDS[kind]] = int(value)
            elif kind == "fractionDigits" and value.isdigit():
                made["x-decimals"] = int(value)
        return made

    def complex(self, node: ElementTree.Element, depth: int) -> Schema:
        properties: dict[str, Any] = {}
        required: list[str] = []
        self.members(node, properties, required, depth, many=False, optional=False)
        made: Schema = {"type": "object", "properties": properties}
        return {**made, "required": required} if required else made

    def members(
        self, node: ElementTree.Element, properties: dict[str, Any], required: list[str],
        depth: int, *, many: bool, optional: bool,
    ) -> None:  # fmt: skip
        """Collect elements and attributes of a type, through its sequences, choices and bases."""
        if depth > _MAX_DEPTH:
            return
        for child in node:
            kind = _kind(child)
            least = child.get("minOccurs", "1")
            repeats = many or child.get("maxOccurs", "1") not in ("0", "1")
            if kind == "element":
                name = child.get("name") or _bare(child.get("ref") or "")
                schema = self.element(child, depth + 1)
                properties[name] = {"type": "array", "items": schema} if repeats else schema
                if least != "0" and not optional and name not in required:
                    required.append(name)
            elif kind in ("sequence", "all", "choice"):
                self.members(
                    child, properties, required, depth + 1, many=repeats,
                    optional=optional or least == "0" or kind == "choice",
                )  # fmt: skip
            elif kind == "attribute":
                use = child.get("use")
                reference = child.get("ref") or ""
                name = "@" + (child.get("name") or _bare(reference))
                known = self.attributes.find(self.name(child, reference)) if reference else None
                if reference and known is None and not reference.startswith("xml:"):
                    self.missing[reference] = None
                child = child if known is None else known
                inner = child.find(f"{_XS}simpleType")
                properties[name] = (
                    self.simple(inner, depth + 1)
                    if inner is not None
                    else self.named(child, child.get("type") or "string", depth + 1)
                )
                if use == "required":
                    required.append(name)
            elif kind in ("group", "attributeGroup") and child.get("ref"):
                found = self.groups.find(self.name(child, str(child.get("ref"))))
                if found is None:
                    self.missing[str(child.get("ref"))] = None
                else:
                    self.members(
                        found, properties, required, depth + 1, many=repeats,
                        optional=optional or least == "0",
                    )  # fmt: skip
            elif kind in ("complexContent", "simpleContent"):
                self.members(child, properties, required, depth + 1, many=many, optional=optional)
            elif kind in ("extension", "restriction"):
                base = self.types.find(self.name(child, child.get("base") or ""))
                if base is not None and _kind(base) == "complexType":
                    self.members(base, properties, required, depth + 1, many=many,
                                 optional=optional)  # fmt: skip
                elif child.get("base"):
                    properties["#text"] = self.named(child, str(child.get("base")), depth + 1)
                self.members(child, properties, required, depth + 1, many=many, optional=optional)


def _kind(node: ElementTree.Element) -> str:
    return node.tag.removeprefix(_XS) if isinstance(node.tag, str) else ""


def _bare(name: str) -> str:
    return name.rsplit(":", 1)[-1]


def _last_part(location: str) -> str:
    return location.replace("\\", "/").rsplit("/", 1)[-1]
