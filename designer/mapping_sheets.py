"""A mapping as a spreadsheet that people without a login can read and sign off."""

from __future__ import annotations

import io
import re
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from designer import flows, own_functions
from designer.preview import find_step, first_mapping
from designer.sources import Connections, context_schema, input_schema, sources
from ipaas.core import clock
from ipaas.mapping import check, parse_mapping, unused_sources
from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.model import Document, Rule
from ipaas.mapping.paths import SourcePath, parse_target
from ipaas.mapping.schemas import as_source_path, find, iter_leaves, types
from ipaas.mapping.sentences import condition_sentence, rows_sentence, sentence
from ipaas.mapping.structure import arrange

EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD = PatternFill("solid", fgColor="E8EDF3")
_NOT_IN_A_CELL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST_CELL = 32_000
_WIDTHS = {"Target": 34, "Value": 60, "Condition": 40, "Problem": 70, "What to do": 50, "Note": 40}


def sheet(
    workspace_id: str, environment: str, flow_id: str, node_id: str, mapping_name: str
) -> tuple[str, bytes]:
    """File name and Excel file of one mapping of a flow's draft."""
    flow = flows.get(workspace_id, flow_id)
    drawn = own_functions.embedded(workspace_id, flow.draft.document)
    graph, node = find_step(drawn, node_id)
    mapping_name = mapping_name or first_mapping(node)
    connections = Connections(workspace_id, environment)
    mapping = node.config.get(mapping_name) or {"schema": 1, "rules": []}
    source = context_schema(sources(graph, node_id, connections))
    target = input_schema(node, mapping_name, connections) or {}
    document = parse_mapping(mapping)
    book = Workbook()
    first = book.active
    assert first is not None
    book.remove(first)
    about = [
        ("Flow", flow.name),
        ("Step", node.name),
        ("Mapping", mapping_name),
        ("Revision of the draft", flow.draft.revision),
        ("Written at", clock.now().strftime("%Y-%m-%d %H:%M UTC")),
        ("Rules", len(document.rules)),
        ("Checked by", ""),
        ("Date", ""),
    ]
    _page(book, "Mapping", ("About", "Value"), about)
    _page(
        book,
        "Rules",
        ("Target", "Required", "Type", "Value", "Condition", "If missing", "Note", "State"),
        [_rule(rule, document, target) for rule in document.rules],
    )
    problems = [
        (str(found.severity), found.target or "", found.message, found.hint)
        for found in check(mapping, source, target)
    ]
    _page(book, "Problems", ("Severity", "Target", "Problem", "What to do"), problems)
    _page(book, "Not filled", ("Target", "Required", "Type"), _unfilled(document, target))
    unused = [(path,) for path in unused_sources(mapping, source)]
    _page(book, "Not used", ("Source",), unused)
    out = io.BytesIO()
    book.save(out)
    safe = re.sub(r"[^A-Za-z0-9]+", "-", f"{flow.name} {node.name}").strip("-").lower()
    return f"{safe or 'mapping'}.xlsx", out.getvalue()


def _rule(rule: Rule, document: Document, target: dict[str, Any]) -> tuple[Any, ...]:
    readable = re.sub(r"\[[^\]]*\]", "[]", rule.target) or "(whole document)"
    found = find(target, _path(rule)).schema or {}
    missing = str(rule.on_missing).replace("omit", "left out")
    if rule.default is not None:
        missing = f"use {sentence(rule.default)}, else {missing}"
    state = "off" if rule.disabled else "unfinished" if rule.unfinished else ""
    return (
        readable,
        "yes" if _required(rule, target) else "",
        _kind(found),
        rows_sentence(rule) if rule.rows is not None else sentence(rule.expr),
        condition_sentence(rule, document),
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
    words = " or ".join(sorted(types(schema) - {"null"}))
    limit, form = schema.get("maxLength"), schema.get("format")
    if form:
        words = f"{words} ({form})"
    return f"{words}, at most {limit}" if limit else words


def _unfilled(document: Document, target: dict[str, Any]) -> list[tuple[Any, ...]]:
    filled: set[tuple[str, ...]] = set()
    lost = {rule.id for rule, _ in arrange(document).misplaced}
    for rule in document.rules:
        if rule.rows is None and not rule.disabled and not rule.unfinished and rule.id not in lost:
            filled.add(tuple(name for name in _path(rule) if isinstance(name, str)))
    found = []
    for leaf in iter_leaves(target):
        names = tuple(part.strip("`[]") for part in leaf.path.replace("[]", "").split("."))
        if leaf.schema.get("readOnly") or any(
            names[:count] in filled for count in range(len(names) + 1)
        ):
            continue
        found.append((leaf.path, "yes" if leaf.required else "", _kind(leaf.schema)))
    return found


def _page(book: Workbook, title: str, headers: tuple[str, ...], rows: Any) -> None:
    page = book.create_sheet(title)
    page.append(list(headers))
    for values in rows:
        page.append([None] * len(headers))
        for column, value in enumerate(values, start=1):
            cell = page.cell(row=page.max_row, column=column)
            cell.value = _cell(value)
            if isinstance(value, str):
                cell.data_type = "s"  # a text that begins with = is no formula
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    for column, name in enumerate(headers, start=1):
        page.cell(row=1, column=column).font = Font(bold=True)
        page.cell(row=1, column=column).fill = _HEAD
        page.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(name, 22)
    page.freeze_panes = "A2"


def _cell(value: Any) -> Any:
    return _NOT_IN_A_CELL.sub("", value)[:_LONGEST_CELL] if isinstance(value, str) else value
