"""Statements: named parameters in a database's own style, and names quoted from what exists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.sdk import ConnectorError, Recovery, needed

# Text, quoted names, comments and casts hold no parameters.
_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|::"
    r"|(?P<name>:[A-Za-z_]\w*)|(?P<percent>%)|(?P<end>;)",
    re.DOTALL,
)


def with_parameters(
    statement: str, given: Mapping[str, Any], *, style: str
) -> tuple[str, dict[str, Any]]:
    """The statement in the driver's style, and just the parameters it names.

    ``style`` is ``pyformat`` or ``named``. One statement only; every name must have a value.
    """
    used: dict[str, Any] = {}
    ended = False

    def replace(match: re.Match[str]) -> str:
        nonlocal ended
        if match.group("end"):
            ended = True
            return ""
        if match.group("percent"):
            return "%%" if style == "pyformat" else "%"
        if not match.group("name"):
            text = match.group(0)
            return text.replace("%", "%%") if style == "pyformat" else text
        name = match.group("name")[1:]
        if name not in given:
            raise needed(f"parameters.{name}", f"Parameter “{name}”")
        used[name] = given[name]
        return f"%({name})s" if style == "pyformat" else f":{name}"

    text = statement.strip().rstrip(";").strip()
    if not text:
        raise needed("statement", "Statement")
    made = _TOKEN.sub(replace, text)
    if ended:
        raise ConnectorError(
            "Only one statement can be run at a time.",
            code="sql.several_statements",
            recovery=Recovery.FIX_DATA,
            hint="Make a step of each statement.",
            field="statement",
        )
    return made, used


def quoted(name: str) -> str:
    """``name`` as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def known_table(tables: Mapping[str, Mapping[str, str]], name: Any) -> str:
    """``name``, if the database has such a table."""
    text = str(name or "").strip()
    if not text:
        raise needed("table", "Table")
    if text not in tables:
        raise _unknown(f"There is no table “{text[:60]}”.", tables, "table")
    return text


def known_columns(columns: Mapping[str, str], names: Iterable[Any], table: str) -> list[str]:
    """``names``, if the table has all of these columns."""
    found = [str(name) for name in names]
    for name in found:
        if name not in columns:
            raise _unknown(f"“{table}” has no column “{name[:60]}”.", columns, "row")
    return found


def _unknown(message: str, known: Iterable[str], field: str) -> ConnectorError:
    names = sorted(known)
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return ConnectorError(
        message,
        code="sql.unknown_name",
        recovery=Recovery.FIX_DATA,
        hint=f"There are {shown}. Upper and lower case matter." if names else "There are none.",
        field=field,
    )
