"""What could be done about a record, by the code of its failure: for a person to accept.

Whatever has looked deeper may store a better one with the record; this table speaks otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from runtime.engine import Program

_QUOTES = "“”\"'‘’"
_LOOKUP = re.compile(r"no entry for (?P<key>“[^”]*”|.+?) in lookup (?P<table>.+?)(?: \(.*)?$")
_TABLE = re.compile(r"The table “(?P<table>.+?)” has no entry for (?P<key>.+)\.$")
_ENTRY = re.compile(r"no entry for (?P<key>“[^”]*”|.+?)(?: \(.*)?$")
_QUOTED = re.compile(r"“([^”]{1,80})”")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to do, in a word that a screen can act on and a sentence for people."""

    do: str  # add_key, create_record, map_code, reconnect, edit, retry, publish, resend, settings
    text: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The form shown to people."""
        return {"do": self.do, "text": self.text, **self.facts}


@dataclass(frozen=True, slots=True)
class _Case:
    code: str
    message: str
    hint: str
    node: str  # what people call it
    connection: str


def suggest(
    program: Program, node_id: str, code: str, message: str, hint: str
) -> dict[str, Any] | None:
    """What could be done about a record that failed at a step; None if nothing is known."""
    node = program.graph.nodes.get(node_id)
    connection = str((node.config.get("connection") if node else "") or "")
    case = _Case(code, message, hint, node.name if node else node_id, connection)
    for rule in _RULES:
        found = rule(case)
        if found is not None:
            return found.as_json()
    return None


def _missing_key(case: _Case) -> Suggestion | None:
    """A lookup table lacks a code: most often that of a tax, an account or a way to pay."""
    if case.code not in ("lookup.missing", "mapping.lookup_miss", "mapping.lookup_hold"):
        return None
    match = _TABLE.search(case.message) or _LOOKUP.search(case.message)
    if match is None:
        return None
    table, key = match["table"].strip(_QUOTES), match["key"].strip(_QUOTES)
    facts = {"table": table, "key": key}
    if "tax" in table.lower():
        text = f"Say which tax code “{key}” stands for: add it to the table “{table}”. "
        return Suggestion("map_code", text + _THEN, facts)
    return Suggestion("add_key", f"Add “{key}” to the lookup table “{table}”. {_THEN}", facts)


_THEN = "All records that wait for it can then be retried together."


def _unknown_record(case: _Case) -> Suggestion | None:
    """The document names a record that the other system does not have: an item, a customer."""
    facts = {"connection": case.connection} if case.connection else {}
    where = f"in “{case.connection}”" if case.connection else "in the other system"
    if case.code == "mapping.no_entry":
        match = _ENTRY.search(case.message)
        if match is None:
            return None
        key = match["key"].strip(_QUOTES + ". ")
        text = f"“{key}” is not known {where}: create it there, or correct it in the document."
        return Suggestion("create_record", text, {**facts, "key": key})
    if case.code.endswith((".bad_reference", ".not_found")):
        named = _QUOTED.search(case.message)
        what = f"“{named[1]}”" if named else "The record that the document names"
        text = f"{what} is missing or inactive {where}: create or reactivate it there, then retry."
        return Suggestion("create_record", text, facts)
    return None


def _no_access(case: _Case) -> Suggestion | None:
    last = case.code.rpartition(".")[2]
    ours = case.code.startswith("connection.")
    if last not in _NO_ACCESS and not ours:
        return None
    name = f"“{case.connection}”" if case.connection else "the connection"
    facts = {"connection": case.connection} if case.connection else {}
    text = f"Connect {name} again, then retry all records of this cause."
    return Suggestion("reconnect", text, facts)


_NO_ACCESS = ("unauthorised", "forbidden", "http_401", "http_403", "access_denied")


def _duplicate(case: _Case) -> Suggestion | None:
    if "duplicate" not in case.code:
        return None
    text = (
        "A record of that name or number is there already. If it is this one, leave out the step "
        "and give its id; if not, correct the document and retry."
    )
    return Suggestion("go_past", text)


_SAID: tuple[tuple[Callable[[str], bool], str, str], ...] = (
    (
        lambda code: code == "retries.used_up",
        "retry",
        "The other system was in trouble for longer than we kept trying. Retry all records of "
        "this cause once it works again; nothing is posted twice.",
    ),
    (
        lambda code: code == "call_flow.not_live",
        "publish",
        "Publish the flow that is called to this environment and switch it on, then retry.",
    ),
    (
        lambda code: code in ("release.broken", "mapping.unknown_function", "mapping.invalid"),
        "publish",
        "Correct the flow and publish it, then retry on the newest version.",
    ),
    (
        lambda code: code == "run.document_missing",
        "resend",
        "Have the other system send the document again; it is no longer kept here.",
    ),
    (
        lambda code: code.endswith(("period_closed", "business_rule", "subscription_ended")),
        "settings",
        "Change it in the other system (see the hint), then retry all records of this cause.",
    ),
    (
        lambda code: code == "mapping.no_rate",
        "add_rate",
        "Add the exchange rate of that day, then retry all records of this cause.",
    ),
    (
        lambda code: code == "mapping.no_pair",
        "create_record",
        "The record that this one refers to has not been brought over yet: bring it over first, "
        "then retry.",
    ),
    (
        lambda code: (
            code.startswith(("validate.", "mapping.", "convert."))
            or code.endswith(("field_missing", "field_invalid", "field_unknown", "input_missing"))
        ),
        "edit",
        "Correct the value in the document and retry; if it comes like that every time, correct "
        "the mapping, publish, and retry on the newest version.",
    ),
    (
        lambda code: code == "flow.raised",
        "edit",
        "The flow itself refused this document: correct what it complains of, then retry.",
    ),
)


def _said(case: _Case) -> Suggestion | None:
    return next((Suggestion(do, text) for fits, do, text in _SAID if fits(case.code)), None)


_RULES: tuple[Callable[[_Case], Suggestion | None], ...] = (
    _missing_key,
    _unknown_record,
    _no_access,
    _duplicate,
    _said,
)
