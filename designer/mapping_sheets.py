"""A mapping as a spreadsheet that people without a login can read and sign off."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from connectors import facade as connectors
from designer import flows, mapping_pdf, own_functions
from designer.mapping_pdf import Named
from designer.mapping_words import leaf_words, source_words, target_words
from designer.preview import context_of, find_step, first_mapping
from designer.sources import Connections, context_schema, input_schema, sources
from ipaas.core import clock, jsonio
from ipaas.mapping import LiveValue, check, compile_mapping, parse_mapping, unused_sources
from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.model import Document, Rule
from ipaas.mapping.paths import SourcePath, parse_target
from ipaas.mapping.schemas import as_source_path, find, iter_leaves, types
from ipaas.mapping.schemas.reading import Finder
from ipaas.mapping.sentences import TECHNICAL, Words, condition_sentence, rows_sentence, sentence
from ipaas.mapping.structure import arrange
from runtime.graph import way_of_writing

EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD = PatternFill("solid", fgColor="E8EDF3")
_NOT_IN_A_CELL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST_CELL = 32_000
_WIDTHS = {"Target": 34, "Value": 60, "Condition": 40, "Problem": 70, "What to do": 50, "Note": 40}


_FORMS = {"date": "date", "date-time": "date and time", "time": "time", "email": "e-mail address"}
_TYPES = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "yes or no",
    "object": "group",
    "array": "list",
}

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One table of a sheet."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """A mapping written down; ``name`` is that of a file without its ending."""

    name: str
    title: str
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is written down: as it is drawn on a screen, or without ``document`` the draft.

    ``sample`` is a document or a run whose values stand beside the rules.
    """

    node_id: str
    mapping_name: str = ""
    document: Any = None
    mapping: Any = None
    sample: dict[str, Any] | None = None


def pages(workspace_id: str, environment: str, flow_id: str, wanted: Wanted) -> Pages:
    """A mapping as tables: what it is, its rules in words, problems, what is left."""
    flow = flows.get(workspace_id, flow_id)
    drawn = own_functions.embedded(workspace_id, wanted.document or flow.draft.document)
    graph, node = find_step(drawn, wanted.node_id)
    name = wanted.mapping_name or first_mapping(node)
    connections = Connections(workspace_id, environment)
    mapping = wanted.mapping or node.config.get(name) or {"schema": 1, "rules": []}
    mapping = own_functions.embedded(workspace_id, mapping)
    trees = sources(graph, node.id, connections)
    source, words = context_schema(trees), source_words(trees)
    target = input_schema(node, name, connections) or {}
    parsed = parse_mapping(mapping)
    state = flow.draft.revision if wanted.document is None else "as on the screen"
    about: list[Row] = [
        ("Flow", flow.name),
        ("Step", node.name),
        ("Mapping", name),
        ("Revision of the draft", state),
        ("Written at", clock.now().strftime("%Y-%m-%d %H:%M UTC")),
        ("Rules", len(parsed.rules)),
    ]
    headers: tuple[str, ...]
    headers = ("Target", "Required", "Type", "Value", "Condition", "If missing", "Note", "State")
    rules: list[Row] = [_rule(rule, parsed, target, words) for rule in parsed.rules]
    if wanted.sample:
        seen = context_of(workspace_id, environment, drawn, node.id, wanted.sample)
        resources = connectors.resources(workspace_id, environment)
        applied = compile_mapping(mapping).apply(
            seen.context, resources=resources, mode=way_of_writing(node, name)
        )
        about.append(("Sample", str(wanted.sample.get("title") or "")))
        headers = (*headers, "Value in the sample")
        given = zip(rules, parsed.rules, strict=True)
        rules = [(*row, _live(applied.values.get(rule.id))) for row, rule in given]
    problems = [
        (
            str(found.severity),
            _target(found.target or "", parsed, target),
            found.message,
            found.hint,
        )
        for found in check(mapping, source, target)
    ]
    return Pages(
        _file_name(flow.name, node.name),
        f"{flow.name}: {node.name}",
        (
            _page_of("Mapping", ("About", "Value"), about),
            _page_of("Rules", headers, rules),
            _page_of("Problems", ("Severity", "Target", "Problem", "What to do"), problems),
            _page_of("Not filled", ("Target", "Required", "Type"), _unfilled(parsed, target)),
            _page_of(
                "Not used",
                ("Source",),
                [(Named(words.field(path), path),) for path in unused_sources(mapping, source)],
            ),
        ),
    )


def written(
    workspace_id: str, environment: str, flow_id: str, wanted: Wanted, form: str
) -> tuple[str, str, bytes]:
    """Content type, file name and file of a mapping written down, as ``xlsx`` or ``pdf``."""
    found = pages(workspace_id, environment, flow_id, wanted)
    name = f"{found.name}.{form}"
    if form == "pdf":
        return mapping_pdf.PDF_TYPE, name, mapping_pdf.pdf(found.title, found.pages)
    return EXCEL_TYPE, name, excel(found)


def excel(written: Pages) -> bytes:
    """The tables as an Excel file."""
    book = Workbook()
    first = book.active
    assert first is not None
    book.remove(first)
    for page in written.pages:
        _page(book, page)
    for signature in ("Checked by", "Date"):
        book.worksheets[0].append([signature])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _page_of(title: str, headers: tuple[str, ...], rows: Iterable[Row]) -> Page:
    return Page(title, headers, tuple(rows))


def _file_name(*words: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", " ".join(words)).strip("-").lower() or "mapping"


def _live(live: LiveValue | None) -> str:
    """The value of a rule in a sample as one line; of rows the first three and their number."""
    if live is None:
        return ""
    if live.error:
        return live.error
    if live.values is None:
        return _told(live.value)
    told = ", ".join(map(_told, live.values[:3]))
    return f"{told} … ({live.count} rows)" if live.count > 3 else told


def _told(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else jsonio.dumps(value).decode()


def _target(text: str, document: Document, target: dict[str, Any]) -> Named | str:
    readable = re.sub(r"\[[^\]]*\]", "[]", text)
    return Named(target_words(target, document, text), readable) if text else ""


def _rule(rule: Rule, document: Document, target: dict[str, Any], words: Words) -> tuple[Any, ...]:
    found = find(target, _path(rule)).schema or {}
    missing = str(rule.on_missing).replace("omit", "left out")
    if rule.default is not None:
        missing = f"use {sentence(rule.default, words)}, else {missing}"
    state = "off" if rule.disabled else "unfinished" if rule.unfinished else ""
    told: Callable[[Words], str]
    if rule.rows is not None:
        told = partial(rows_sentence, rule)
    else:
        told = partial(sentence, rule.expr)
    return (
        _target(rule.target, document, target) or "(whole document)",
        "yes" if _required(rule, target) else "",
        _kind(found),
        Named(told(words), told(TECHNICAL)),
        condition_sentence(rule, document, words),
        missing if rule.rows is None else "",
        rule.comment,
        state,
    )


def _path(rule: Rule) -> SourcePath:
    """Where the target's schema stands; nowhere for one that cannot be read."""
    try:
        return as_source_path(parse_target(rule.target))
    except MappingInvalid:
        return ("",)


def _required(rule: Rule, target: dict[str, Any]) -> bool:
    path = _path(rule)
    if not path:
        return False
    above = find(target, path[:-1]).schema or {}
    return path[-1] in (above.get("required") or ())


def _kind(schema: Any) -> str:
    form = _FORMS.get(schema.get("format") or "")
    words = form or " or ".join(_TYPES[name] for name in sorted(types(schema) & _TYPES.keys()))
    limit = schema.get("maxLength")
    return f"{words}, at most {limit}" if limit and not form else words


def _unfilled(document: Document, target: dict[str, Any]) -> list[tuple[Any, ...]]:
    filled: set[tuple[str, ...]] = set()
    lost = {rule.id for rule, _ in arrange(document).misplaced}
    for rule in document.rules:
        if rule.rows is None and not rule.disabled and not rule.unfinished and rule.id not in lost:
            filled.add(tuple(name for name in _path(rule) if isinstance(name, str)))
    found, finder = [], Finder(target)
    for leaf in iter_leaves(target):
        names = tuple(part.strip("`[]") for part in leaf.path.replace("[]", "").split("."))
        if leaf.schema.get("readOnly") or any(
            names[:count] in filled for count in range(len(names) + 1)
        ):
            continue
        name = Named(leaf_words(finder, leaf.path), leaf.path)
        found.append((name, "yes" if leaf.required else "", _kind(leaf.schema)))
    return found


def _technical(page: Page) -> Page:
    """The page with what a field is called by systems in columns of its own, after the others."""
    columns = [
        column
        for column in range(len(page.headers))
        if any(isinstance(row[column], Named) for row in page.rows)
    ]
    headers = (*page.headers, *(f"{page.headers[column]}, technical" for column in columns))
    rows = tuple(
        (
            *(cell.words if isinstance(cell, Named) else cell for cell in row),
            *(row[c].technical if isinstance(row[c], Named) else row[c] for c in columns),
        )
        for row in page.rows
    )
    return Page(page.title, headers, rows)


def _page(book: Workbook, page: Page) -> None:
    page = _technical(page)
    sheet = book.create_sheet(page.title)
    sheet.append(list(page.headers))
    for values in page.rows:
        sheet.append([None] * len(page.headers))
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row=sheet.max_row, column=column)
            cell.value = _cell(value)
            if isinstance(value, str):
                cell.data_type = "s"  # a text that begins with = is no formula
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    for column, name in enumerate(page.headers, start=1):
        sheet.cell(row=1, column=column).font = Font(bold=True)
        sheet.cell(row=1, column=column).fill = _HEAD
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(name, 22)
    sheet.freeze_panes = "A2"


def _cell(value: Any) -> Any:
    return _NOT_IN_A_CELL.sub("", value)[:_LONGEST_CELL] if isinstance(value, str) else value
