"""XML as JSON documents and back: ``@name`` is an attribute, ``#text`` the text of an element.

A document type is refused before anything of it is read, so no entity can grow or reach out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from connectors.manifest.templates import as_text

MOST_DEPTH = 100


class XmlUnreadable(ValueError):
    """This is not XML that may be read."""


def dumps(document: Mapping[str, Any]) -> bytes:
    """The document with one root; a list stands for elements of one name."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>']
    for name, value in document.items():
        _write(parts, name, value)
    return "".join(parts).encode()


def _write(parts: list[str], name: str, value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _write(parts, name, item)
        return
    attributes, children, text = "", [], ""
    if isinstance(value, Mapping):
        for key, held in value.items():
            if held is None:
                continue
            if key.startswith("@"):
                attributes += f" {_name(key[1:])}={quoteattr(as_text(held))}"
            elif key == "#text":
                text = as_text(held)
            else:
                children.append((key, held))
    elif value is not None:
        text = as_text(value)
    parts.append(f"<{_name(name)}{attributes}>{escape(text)}")
    for key, held in children:
        _write(parts, key, held)
    parts.append(f"</{name}>")


def _name(name: str) -> str:
    if not name or any(char in name for char in " <>&\"'/=\t\n"):
        raise XmlUnreadable(f"“{name}” cannot be the name of an element.")
    return name


def loads(content: bytes) -> dict[str, Any]:
    """The document as ``{root: …}``; elements of one name beside each other are a list.

    Names lose their prefix. Raises XmlUnreadable.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise XmlUnreadable(f"The XML is broken: {error}.") from error
    return reader.root


def _refuse(*_: Any) -> None:
    raise XmlUnreadable("XML with a document type is not accepted.")


class _Reader:
    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._open: list[dict[str, Any]] = [self.root]
        self._names: list[str] = []
        self._texts: list[list[str]] = [[]]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MOST_DEPTH:
            raise XmlUnreadable("The XML is nested too deeply.")
        element = {f"@{_local(key)}": value for key, value in attributes.items()}
        self._open.append(element)
        self._names.append(_local(name))
        self._texts.append([])

    def text(self, text: str) -> None:
        self._texts[-1].append(text)

    def end(self, _: str) -> None:
        element, name = self._open.pop(), self._names.pop()
        text = "".join(self._texts.pop()).strip()
        value: Any = element
        if not element:
            value = text
        elif text:
            element["#text"] = text
        parent = self._open[-1]
        if name not in parent:
            parent[name] = value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
