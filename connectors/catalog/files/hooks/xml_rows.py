"""Elements of an XML file as rows, each forgotten before the next is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

MOST_DEPTH = 60


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
