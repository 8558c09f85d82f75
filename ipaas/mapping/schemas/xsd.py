"""JSON Schema of an XML Schema, as far as documents of business use it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any, Final

from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.schemas.reading import Schema

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
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
_FACETS: Final = {"maxLength": "maxLength", "minLength": "minLength", "pattern": "pattern"}
_BOUNDS: Final = {"minInclusive": "minimum", "maxInclusive": "maximum"}


def schema_of_xsd(root: ElementTree.Element) -> Schema:
    """The JSON Schema of the documents that an XML Schema describes.

    Attributes are named @name, the text of an element with attributes #text. One text is all that
    is read: a schema that needs parts of other files is refused, with their names.
    """
    if root.tag != f"{_XS}schema":
        raise MappingInvalid("This is XML, but not an XML Schema.", where="schema")
    return _Reader(root).document()


class _Reader:
    def __init__(self, root: ElementTree.Element) -> None:
        self.root = root
        self.types = {e.get("name"): e for e in root if _kind(e) in ("complexType", "simpleType")}
        self.elements = {e.get("name"): e for e in root if _kind(e) == "element"}
        self.groups = {e.get("name"): e for e in root if _kind(e) in ("group", "attributeGroup")}
        self.attributes = {e.get("name"): e for e in root if _kind(e) == "attribute"}
        self.left = _MAX_ELEMENTS
        self.missing: dict[str, None] = {}

    def document(self) -> Schema:
        if not self.elements:
            raise MappingInvalid("The XML Schema has no element.", where="schema")
        used = {e.get("ref", "").rsplit(":", 1)[-1] for e in self.root.iter(f"{_XS}element")}
        roots = [name for name in self.elements if name not in used] or list(self.elements)
        properties = {str(name): self.element(self.elements[name], 0) for name in roots}
        required = [str(roots[0])] if len(roots) == 1 else []
        self.require_whole()
        return {"type": "object", "properties": properties, "required": required}

    def require_whole(self) -> None:
        """Refuse a schema that names parts which it does not hold, saying where they may be."""
        if not self.missing:
            return
        named = ", ".join(list(self.missing)[:5]) + (" …" if len(self.missing) > 5 else "")
        others = [e.get("schemaLocation") or e.get("namespace") or "another file"
                  for e in self.root if _kind(e) in ("include", "import", "redefine")]  # fmt: skip
        files = f" They stand in {', '.join(others[:5])}." if others else ""
        raise MappingInvalid(
            f"The XML Schema uses parts that it does not hold: {named}.{files}",
            hint="Put all parts into one file, or upload a document as a sample instead.",
            where="schema",
        )

    def element(self, node: ElementTree.Element, depth: int) -> Schema:
        """Schema of one element, without how often it occurs."""
        self.left -= 1
        if depth > _MAX_DEPTH or self.left < 0:
            return {}
        reference = node.get("ref")
        if reference is not None:
            found = self.elements.get(_bare(reference))
            if found is None:
                self.missing[reference] = None
            return {} if found is None else self.element(found, depth + 1)
        made: Schema = {}
        inner = [child for child in node if _kind(child) in ("complexType", "simpleType")]
        if inner:
            made = self.type(inner[0], depth + 1)
        elif node.get("type"):
            made = self.named(str(node.get("type")), depth + 1)
        documentation = node.find(f"{_XS}annotation/{_XS}documentation")
        if documentation is not None and (documentation.text or "").strip():
            made = {**made, "description": " ".join(str(documentation.text).split())[:500]}
        if node.get("fixed") is not None:
            made = {**made, "const": node.get("fixed")}
        return made

    def named(self, name: str, depth: int) -> Schema:
        bare = _bare(name)
        if bare in self.types:
            return self.type(self.types[bare], depth)
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
        made = dict(self.named(restriction.get("base") or "string", depth + 1))
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
                known = self.attributes.get(_bare(reference))
                if reference and known is None and not reference.startswith("xml:"):
                    self.missing[reference] = None
                child = child if known is None else known
                inner = child.find(f"{_XS}simpleType")
                properties[name] = (
                    self.simple(inner, depth + 1)
                    if inner is not None
                    else self.named(child.get("type") or "string", depth + 1)
                )
                if use == "required":
                    required.append(name)
            elif kind in ("group", "attributeGroup") and child.get("ref"):
                found = self.groups.get(_bare(str(child.get("ref"))))
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
                base = self.types.get(_bare(child.get("base") or ""))
                if base is not None and _kind(base) == "complexType":
                    self.members(base, properties, required, depth + 1, many=many,
                                 optional=optional)  # fmt: skip
                elif child.get("base"):
                    properties["#text"] = self.named(str(child.get("base")), depth + 1)
                self.members(child, properties, required, depth + 1, many=many, optional=optional)


def _kind(node: ElementTree.Element) -> str:
    return node.tag.removeprefix(_XS) if isinstance(node.tag, str) else ""


def _bare(name: str) -> str:
    return name.rsplit(":", 1)[-1]
