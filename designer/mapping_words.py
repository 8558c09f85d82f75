"""Fields as people call them, for a mapping that is read by those who do not know its paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from designer.sources import Source, context_schema
from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.functions import FUNCTIONS
from ipaas.mapping.model import Document
from ipaas.mapping.paths import EACH, Segment, SourcePath, format_source, parse_source, parse_target
from ipaas.mapping.schemas import as_source_path
from ipaas.mapping.schemas.reading import Finder
from ipaas.mapping.sentences import Words

_BELOW = " › "
_PLACES = {0: "first", -1: "last"}


def source_words(sources: Sequence[Source]) -> Words:
    """Names of source fields, with the step that they come from, and of functions.

    What starts a flow is named for no field, since most fields come from it.
    """
    finder = Finder(context_schema(list(sources)))
    roots = sorted(((parse_source(s.path), s) for s in sources), key=lambda r: -len(r[0]))

    def field(text: str) -> str:
        try:
            path = parse_source(text)
        except MappingInvalid:
            return text
        for root, source in roots:
            if path[: len(root)] == root:
                below = _BELOW.join(_names(finder, path, len(root)))
                if not below:
                    return source.title
                return below if source.path == "trigger" else f"{below} ({source.title})"
        return text

    return Words(field, _function)


def _function(name: str) -> str:
    known = FUNCTIONS.get(name)
    return name if known is None else f"{known.title} "


def target_words(target: Mapping[str, Any], document: Document, text: str) -> str:
    """Name of a target field, with the comment of the rows that it stands in."""
    try:
        steps = parse_target(text)
    except MappingInvalid:
        return text
    comments = {rule.id: rule.comment for rule in document.rules if rule.rows is not None}
    finder = Finder(dict(target))
    named: list[str] = []
    for step in steps:
        path = as_source_path(steps[: len(named) + 1])
        name = _title(finder, path if path[-1] is not EACH else path[:-1])
        comment = comments.get(step.block or "")
        named.append(f"{name} ({comment})" if comment else name)
    return _BELOW.join(named) or "(whole document)"


def _names(finder: Finder, path: SourcePath, skip: int) -> list[str]:
    """A name for each part of a path after the first ones."""
    named: list[str] = []
    for at in range(skip, len(path)):
        part: Segment = path[at]
        if isinstance(part, str):
            named.append(_title(finder, path[: at + 1]))
        elif isinstance(part, int) and named:
            named[-1] += f" ({_PLACES.get(part, f'no. {part + 1}')})"
    return named


def _title(finder: Finder, path: SourcePath) -> str:
    """Title of a field, as its place names it; that of a shape which many places share is none."""
    name = path[-1]
    above = finder.find(path[:-1]).schema or {}
    own = (above.get("properties") or {}).get(name)
    if isinstance(own, Mapping):
        given = own.get("title")
        if given is None and "$ref" not in own:
            given = (finder.find(path).schema or {}).get("title")
        if isinstance(given, str) and given:
            return given
    return str(name)


def leaf_words(finder: Finder, text: str) -> str:
    """Name of a field of a schema by its path, such as ``lines[].sku``."""
    try:
        path = parse_source(text)
    except MappingInvalid:
        return text
    return _BELOW.join(_names(finder, path, 0)) or format_source(path)
