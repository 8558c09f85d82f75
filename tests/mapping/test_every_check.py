"""Every check offers fixes, and every fix mends its problem or opens what is to be done."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import ipaas.mapping
from ipaas.mapping import Problem, check, compile_mapping
from tests.mapping.builders import call, concat, const, field, if_, mapping, rows, rule
from tests.mapping.test_checks import SOURCE
from tests.mapping.test_fixes import NUMBER, mended
from tests.mapping.test_fixes import TARGET as PLAIN

TARGET: dict[str, Any] = {
    **PLAIN,
    "properties": {
        **PLAIN["properties"],
        "Id": {"type": "string", "readOnly": True},
        "Code": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "Kind": {"type": "string", "enum": ["A", "B"]},
        "Ship": {
            "type": "object",
            "required": ["Weight"],
            "properties": {"Weight": {"type": "integer"}, "City": {"type": "string"}},
        },
        "Deep": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "Sub": {"type": "array", "items": {"properties": {"X": {"type": "string"}}}}
                },
            },
        },
    },
}
CASES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "text of a number": ("mapping.type_mismatch", [rule("r", "Name", "trigger.total")]),
    "number of a text": ("mapping.type_mismatch", [rule("r", "Count", "trigger.number")]),
    "yes/no of a number": ("mapping.type_mismatch", [rule("r", "Active", "trigger.id")]),
    "date with time": ("mapping.date_form", [rule("r", "TxnDate", "trigger.created_at")]),
    "finer number": ("mapping.lossy_number", [rule("r", "Total", "trigger.total")]),
    "number into count": ("mapping.lossy_number", [rule("r", "Count", "trigger.total")]),
    "long constant": ("mapping.too_long", [rule("n", "Number", const("too long"))]),
    "option": ("mapping.not_an_option", [rule("r", "Status", const("paid"))]),
    "list into text": ("mapping.list_into_single", [rule("r", "Name", "trigger.tags")]),
    "list into upper": (
        "mapping.list_into_single",
        [rule("r", "Name", call("upper", "trigger.tags"))],
    ),
    "into a list": ("mapping.list_in_path", [rule("r", "Name", "trigger.items.sku")]),
    "into the row's list": (
        "mapping.list_in_path",
        [rows("b", "Line", "trigger.items[]"), rule("r", "Line[b].Sku", "trigger.items.sku")],
    ),
    "single into list": ("mapping.single_into_list", [rule("r", "Tags", "trigger.number")]),
    "rows of no list": (
        "mapping.each_not_a_list",
        [rows("b", "Line", "trigger.items"), rule("r", "Line[b].Sku", "trigger.items[].sku")],
    ),
    "misspelt source": ("mapping.unknown_source", [rule("r", "Name", "trigger.numbr")]),
    "misspelt target": ("mapping.unknown_target", [rule("r", "Nmae", "trigger.number")]),
    "misspelt function": (
        "mapping.unknown_function",
        [rule("r", "Name", call("uper", "trigger.number"))],
    ),
    "twice": ("mapping.duplicate_target", [rule("r", "Number", "trigger.number")]),
    "unfinished": ("mapping.unfinished", [{"id": "r", "target": "Name"}]),
    "object into text": ("mapping.type_mismatch", [rule("r", "Name", "trigger.customer")]),
    "field of a list without rows": (
        "mapping.target_in_list",
        [rule("r", "Line.Sku", "trigger.items[].sku")],
    ),
    "field of a list with rows": (
        "mapping.target_in_list",
        [rows("b", "Line", "trigger.items[]"), rule("r", "Line.Sku", "trigger.items[].sku")],
    ),
    "field that moved": ("mapping.unknown_source", [rule("r", "Name", "trigger.buyer.name")]),
    "field that is gone": ("mapping.unknown_source", [rule("r", "Name", "trigger.qqqq")]),
    "way never taken": (
        "mapping.unreachable",
        [rule("r", "Name", if_(const(True), "trigger.number", const("never")))],
    ),
    "way asked before": (
        "mapping.unreachable",
        [
            rule(
                "r",
                "Name",
                call(
                    "upper",
                    if_(
                        call("eq", "trigger.id", const(1)),
                        const("a"),
                        if_(call("eq", "trigger.id", const(1)), const("b"), const("c")),
                    ),
                ),
            )
        ],
    ),
    "default never used": (
        "mapping.unreachable",
        [rule("r", "Name", const("a"), default=const("b"))],
    ),
    "values after a constant": (
        "mapping.unreachable",
        [rule("r", "Name", call("default", "trigger.number", const("a"), "trigger.number"))],
    ),
    "nothing left": ("mapping.unreachable", [rule("r", "Name", if_(const(False), const("a")))]),
    "never": ("mapping.unreachable", [rule("r", "Name", "trigger.number", when=const(False))]),
}


OWN_LOOP = [{"name": "own", "params": [{"name": "x"}], "body": call("own", "$x")}]
OWN_CODE = [{"name": "own", "params": [{"name": "x"}], "body": {"op": "jsonata", "text": "1"}}]
HOLE = {"op": "hole"}
OWN = mapping(NUMBER, rule("r", "Name", call("own", "trigger.number")))
MORE: dict[str, tuple[str, list[dict[str, Any]] | dict[str, Any]]] = {
    "misspelt inside": (
        "mapping.unknown_function",
        [rule("r", "Name", call("upper", call("trm", "trigger.number")))],
    ),
    "unheard of": (
        "mapping.unknown_function",
        [rule("r", "Name", call("qqqqqq", "trigger.number"))],
    ),
    "nothing handed in": ("mapping.unknown_function", [rule("r", "Name", call("qqqqqq"))]),
    "misspelt in a condition": (
        "mapping.unknown_function",
        [rule("r", "Name", "trigger.number", when=call("is_empti", "trigger.number"))],
    ),
    "too few": ("mapping.argument_count", [rule("r", "Name", call("replace", "trigger.number"))]),
    "too many": (
        "mapping.argument_count",
        [rule("r", "Name", call("upper", "trigger.number", const("x")))],
    ),
    "too many for one's own": (
        "mapping.argument_count",
        {**mapping(NUMBER, rule("r", "Name", call("own", "trigger.number", const(1)))),
         "functions": [{"name": "own", "params": [{"name": "x"}], "body": field("$x")}]},
    ),
    "calls itself": ("mapping.recursion", {**OWN, "functions": OWN_LOOP}),
    "code in a function": ("mapping.closed", {**OWN, "functions": OWN_CODE}),
    "function reads the document": (
        "mapping.path",
        {**OWN, "functions": [{"name": "own", "params": [{"name": "x"}],
                               "body": field("trigger.number")}]},
    ),
    "number that is none": (
        "mapping.not_a_number",
        [rule("r", "Total", call("round", "trigger.total", const("two")))],
    ),
    "whole number that is none": (
        "mapping.not_a_whole_number",
        [rule("r", "Name", call("truncate", "trigger.number", const("1.5")))],
    ),
    "date that is none": (
        "mapping.not_a_date",
        [rule("r", "TxnDate", call("add_days", const("soon"), const(1)))],
    ),
    "text that is none": (
        "mapping.not_a_text",
        [rule("r", "Name", call("upper", const({"a": 1})))],
    ),
    "yes/no that is none": (
        "mapping.not_a_condition",
        [rule("r", "Active", call("not", const("perhaps")))],
    ),
    "digits without end": (
        "mapping.number_too_long",
        [rule("r", "Total", call("round", const("1" * 200)))],
    ),
    "source path": ("mapping.path", [rule("r", "Name", "trigger..number")]),
    "source path beyond repair": ("mapping.path", [rule("r", "Name", "trigger.]]nu mber[[")]),
    "target path": ("mapping.path", [rule("r", "Tags..x", "trigger.number")]),
    "target with brackets": ("mapping.path", [rule("r", "Line[].Sku", "trigger.number")]),
    "loop variable": (
        "mapping.path",
        [{"id": "b", "target": "Line", "rows": {"each": "trigger.items[]", "as": "item"}},
         rule("r", "Line[b].Sku", "$itme.sku")],
    ),
    "no loop at all": ("mapping.path", [rule("r", "Name", "$item.sku")]),
    "branch": ("mapping.branch", [rule("r", "Name", "trigger.number", branch="gone")]),
    "another branch": (
        "mapping.branch",
        {**mapping(NUMBER, rule("r", "Name", "trigger.number", branch="gone")),
         "branches": [{"id": "b", "when": call("gt", "trigger.total", const(1))}]},
    ),
    "code": ("mapping.jsonata_syntax", [rule("r", "Name", {"op": "jsonata", "text": "a +"})]),
    "rows that are gone": (
        "mapping.target",
        [rule("r", "Line[gone].Sku", "trigger.items[].sku")],
    ),
    "other rows": (
        "mapping.target",
        [rows("b", "Line", "trigger.items[]"), rule("r", "Line[gone].Sku", "trigger.number")],
    ),
    "rows for the document": (
        "mapping.target",
        [rows("r", "", "trigger.items[]")],
    ),
    "rows in rows that are gone": (
        "mapping.target",
        [rows("r", "Deep[gone].Sub", "trigger.items[]"),
         rule("x", "Deep[gone].Sub[r].X", "trigger.items[].sku")],
    ),
    "rows in a list without rows": (
        "mapping.target_in_list",
        [rows("r", "Deep.Sub", "trigger.items[]"),
         rule("x", "Deep.Sub[r].X", "trigger.items[].sku")],
    ),
    "rows into a text": ("mapping.rows_into_single", [rows("r", "Name", "trigger.items[]")]),
    "rows into a record": (
        "mapping.rows_into_single",
        [rows("r", "Ship", "trigger.items[]"),
         rule("x", "Ship[r].City", "trigger.items[].sku"),
         rule("w", "Ship[r].Weight", const(1))],
    ),
    "read only": ("mapping.read_only", [rule("r", "Id", "trigger.number")]),
    "pattern, case": ("mapping.pattern", [rule("r", "Code", const("de"))]),
    "pattern": ("mapping.pattern", [rule("r", "Code", const("Germany"))]),
    "option of a default": (
        "mapping.not_an_option",
        [rule("r", "Kind", "trigger.number", default=const("a"))],
    ),
    "long default": (
        "mapping.too_long",
        [rule("n", "Number", call("truncate", "trigger.number", const(5)),
              default=const("too long"))],
    ),
    "default of another type": (
        "mapping.type_mismatch",
        [rule("r", "Name", "trigger.number", default=const(5))],
    ),
    "text into a record": ("mapping.type_mismatch", [rule("r", "Ship", "trigger.number")]),
    "record into upper": (
        "mapping.type_mismatch",
        [rule("r", "Name", call("upper", "trigger.customer"))],
    ),
    "list in a joined text": (
        "mapping.list_into_single",
        [rule("r", "Name", concat("trigger.number", "trigger.tags"))],
    ),
    "list in a condition": (
        "mapping.list_into_single",
        [rule("r", "Name", "trigger.number", when=call("starts_with", "trigger.tags", const("a")))],
    ),
    "long value": ("mapping.lossy_text", [rule("n", "Number", concat(const("abc"), const("def")))]),
    "twice, joined": (
        "mapping.duplicate_target",
        [rule("a", "Name", "trigger.number"), rule("r", "Name", "trigger.customer.name")],
    ),
    "record that lacks something": ("mapping.required", [rule("r", "Ship.City", const("x"))]),
    "nothing mapped": ("mapping.required", [rule("n", "Name", const("x"))]),
    "empty constant": ("mapping.no_value", [rule("n", "Number", const(None))]),
    "unfinished rows": ("mapping.unfinished", [rows("r", "Line", "")]),
    "unfinished part": (
        "mapping.unfinished",
        [rule("r", "Name", call("upper", HOLE))],
    ),
    "branch never reached": (
        "mapping.unreachable",
        {**mapping(NUMBER, rule("r", "Name", "trigger.number", branch="b")),
         "branches": [{"id": "b", "when": const(False)}]},
    ),
    "malformed rule": ("mapping.invalid", [{"id": "r", "target": "Name", "expr": {"op": "what"}}]),
}  # fmt: skip
ALL = {**CASES, **MORE}

NO_FIX = {
    "mapping.invalid": "where no one rule is to blame the document was not made by the mapper",
}
ONLY_WITH_A_DOCUMENT = {
    "mapping.failed", "mapping.expression", "mapping.value", "mapping.too_large", "mapping.clock",
    "mapping.jsonata", "mapping.jsonata_limit", "mapping.text_too_long", "mapping.missing",
    "mapping.null", "mapping.not_comparable", "mapping.schema",
}  # fmt: skip
"""What goes wrong with one document only; recent documents and the preview show it."""
ELSEWHERE = {
    "mapping.expression_invalid": "each such error names its own code",
    "mapping.not_in_list": "tests/mapping/test_vendor_lists.py",
}
CHECKING = (
    "checks", "coverage", "losses", "static", "constants", "structure", "paths", "expressions",
    "compiler", "shaping", "reading", "jsonata_engine", "errors", "convert",
)  # fmt: skip


def document_of(name: str) -> dict[str, Any]:
    given = ALL[name][1]
    if isinstance(given, dict):
        return given
    return mapping(*given) if given[0]["id"] == "n" else mapping(NUMBER, *given)


def found(document: dict[str, Any], code: str) -> list[Problem]:
    return [problem for problem in check(document, SOURCE, TARGET) if problem.code == code]


def codes_of_checks() -> set[str]:
    """Every code that stands in the modules that find problems."""
    folder = Path(ipaas.mapping.__file__).parent
    trees = [ast.parse((folder / f"{name}.py").read_text()) for name in CHECKING]
    texts = {part.value for tree in trees for part in ast.walk(tree)
             if isinstance(part, ast.Constant) and isinstance(part.value, str)}  # fmt: skip
    return {text for text in texts if text.startswith("mapping.") and " " not in text}


def test_every_check_is_tried_here_or_listed_with_a_reason() -> None:
    tried = {code for code, _ in ALL.values()}
    assert codes_of_checks() - tried - ONLY_WITH_A_DOCUMENT - set(ELSEWHERE) == set()


@pytest.mark.parametrize("name", ALL)
def test_every_fix_mends_its_problem_or_opens_what_is_to_be_done(name: str) -> None:
    code = ALL[name][0]
    document = document_of(name)
    problems = found(document, code)
    assert problems, check(document, SOURCE, TARGET)
    problem = problems[0]
    assert problem.fixes, problem
    same = [(p.message, p.rule_id) for p in problems].count((problem.message, problem.rule_id))
    assert same == 1
    for fix in problem.fixes:
        after = mended(document, fix)
        ids = [each["id"] for each in after["rules"]]
        assert len(ids) == len(set(ids)), fix
        if fix.open is not None:
            assert fix.open in ids, fix
        if not fix.put and not fix.remove:
            assert fix.open is not None, fix
            continue
        left = [(p.message, p.rule_id) for p in found(after, code)]
        opened = fix.open is not None
        assert (problem.message, problem.rule_id) not in left, (fix, left)
        if not opened and code != "mapping.invalid":
            assert left == [] or code in ("mapping.required", "mapping.unfinished"), (fix, left)
            compile_mapping(after)


@pytest.mark.parametrize("name", ALL)
def test_no_fix_breaks_something_else(name: str) -> None:
    document = document_of(name)

    def errors(of: dict[str, Any]) -> set[tuple[str, str, str | None]]:
        return {(p.code, p.message, p.rule_id) for p in check(of, SOURCE, TARGET)
                if p.severity == "error" and p.code != "mapping.required"}  # fmt: skip

    for problem in found(document, ALL[name][0]):
        for fix in problem.fixes:
            made = errors(mended(document, fix)) - errors(document)
            # What could not be read at all may then be found to need more.
            if fix.open is None and problem.code != "mapping.path":
                assert made == set(), fix


def test_rows_made_for_a_rule_are_made_where_it_runs() -> None:
    sku = rule("r", "Line[gone].Sku", "trigger.items[].sku", branch="p")
    document = {**mapping(sku), "branches": [{"id": "p", "when": call("exists", "trigger.q")}]}
    (problem,) = found(document, "mapping.target")
    after = compile_mapping(mended(document, problem.fixes[0]))
    items = [{"sku": "a"}]
    assert after.apply({"trigger": {"items": items}}).output == {}
    lines = after.apply({"trigger": {"items": items, "q": 1}}).output
    assert lines == {"Line": [{"Sku": "a"}]}


def test_rules_that_run_at_different_times_are_not_joined() -> None:
    first = rule("a", "Name", "trigger.number", branch="p")
    document = {**mapping(first, rule("r", "Name", "trigger.customer.name")),
                "branches": [{"id": "p", "when": call("exists", "trigger.q")}]}  # fmt: skip
    (problem,) = found(document, "mapping.duplicate_target")
    assert [fix.title for fix in problem.fixes] == ["Remove the rule"]


@pytest.mark.parametrize("name", ALL)
def test_every_check_offers_something_that_mends_it_without_typing(name: str) -> None:
    code = ALL[name][0]
    problem = found(document_of(name), code)[0]
    assert any(fix.open is None for fix in problem.fixes), problem


@pytest.mark.parametrize("name", ALL)
def test_every_check_offers_more_than_to_open_the_rule_or_to_switch_it_off(name: str) -> None:
    problem = found(document_of(name), ALL[name][0])[0]
    true = [fix.title for fix in problem.fixes
            if fix.open is None and fix.title != "Switch the rule off"]  # fmt: skip
    assert true, problem
