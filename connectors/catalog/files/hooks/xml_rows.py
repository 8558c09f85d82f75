"""Elements of an XML file as rows, one at a time, and rows as elements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import IO, Any, BinaryIO

from lxml import etree

from connectors.sdk import ConnectorError, Recovery
from ipaas.core import jsonio

MOST_DEPTH = 60
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,199}")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def xml_rows(file: BinaryIO, element: str) -> Iterator[dict[str, Any]]:
    """Elements of that name, or those directly below the outermost one.

    A document type is refused, so that no entity can grow or reach out. Raises ValueError.
    """
    depth = 0
    events = etree.iterparse(
        file,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for event, node in events:
            if event == "start":
                depth += 1
                if depth == 1 and node.getroottree().docinfo.doctype:
                    raise ValueError("a document type is not accepted")
                continue
            depth -= 1
            if _local(node) == element if element else depth == 1:
                value = _value(node, 0)
                yield value if isinstance(value, dict) else {"value": value}
                _forget(node)
    except etree.LxmlError as error:
        raise ValueError(str(error)[:200]) from error


def _forget(node: Any) -> None:
    node.clear(keep_tail=False)
    parent = node.getparent()
    if parent is not None:
        while node.getprevious() is not None:
            del parent[0]


def _local(node: Any) -> str:
    return str(etree.QName(node).localname)


def _value(node: Any, depth: int) -> Any:
    """``@name`` for attributes, ``#text`` beside children, a list for equal names."""
    if depth > MOST_DEPTH:
        raise ValueError("it is nested too deeply")
    found: dict[str, Any] = {
        f"@{etree.QName(name).localname}": value for name, value in node.attrib.items()
    }
    for child in node:
        if not isinstance(child.tag, str):
            raise ValueError("an entity is not accepted")
        name, value = _local(child), _value(child, depth + 1)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    text = (node.text or "").strip()
    if not found:
        return text
    if text:
        found["#text"] = text
    return found


def write_xml(
    file: IO[bytes], rows: Iterable[Mapping[str, Any]], inputs: Mapping[str, Any]
) -> None:
    """A file that ``xml_rows`` reads as these rows, as far as XML tells types apart."""
    root, element = (
        _name(str(inputs.get(name) or usual))
        for name, usual in (("root", "rows"), ("element", "row"))
    )
    with etree.xmlfile(file, encoding="utf-8") as out:
        out.write_declaration()
        with out.element(root):
            for row in rows:
                out.write(_element(element, row, 0))


def _element(name: str, value: Any, depth: int) -> Any:
    if depth > MOST_DEPTH:
        raise _unwritable("The rows are nested too deeply.")
    made = etree.Element(_name(name))
    if not isinstance(value, Mapping):
        made.text = _text(value)
        return made
    for key, each in value.items():
        if key == "#text":
            made.text = _text(each)
        elif key.startswith("@"):
            made.set(_name(key[1:]), _text(each))
        else:
            for one in each if isinstance(each, list) else [each]:
                made.append(_element(key, one, depth + 1))
    return made


def _name(name: str) -> str:
    if not _NAME.fullmatch(name) or name.lower().startswith("xml"):
        raise _unwritable(f"“{name[:60]}” cannot be the name of an element.")
    return name


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    text = jsonio.dumps(value).decode() if isinstance(value, list | dict) else str(value)
    return _FORBIDDEN.sub("", text)


def _unwritable(message: str) -> ConnectorError:
    return ConnectorError(
        message,
        code="files.unwritable",
        recovery=Recovery.FIX_DATA,
        hint="Give the fields names of letters, digits, “_”, “-” and “.”.",
        field="rows",
    )
