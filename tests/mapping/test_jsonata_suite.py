"""The official JSONata suite, on the engine behind code blocks and through its adapter."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from ipaas.core.errors import IpaasError
from ipaas.mapping.jsonata_engine import compile_jsonata

SUITE = Path(__file__).parent / "suite"
REFUSED = {
    "flattening/large#0": "a list of more than 100,000 entries",
    "flattening/large#1": "a list of more than 100,000 entries",
    "range-operator/case021": "a list of more than 100,000 entries",
    "range-operator/case024": "a list of more than 100,000 entries",
    "function-tomillis/parseDateTime#28": "reads the clock",
}
"""Cases that ask for what a mapping may not do, and why."""
OTHERWISE = {"function-string/case022"}
"""$string() of no document gives "null" and not nothing; a mapping always has a document."""


def told_apart(value: Any) -> Any:
    """The value with numbers as doubles, apart from yes and no."""
    if isinstance(value, dict):
        return {key: told_apart(item) for key, item in value.items()}
    if isinstance(value, list):
        return [told_apart(item) for item in value]
    return float(value) if isinstance(value, (int, float, Decimal)) and value is not True and (
        value is not False
    ) else value  # fmt: skip


def passes(case: dict[str, Any], datasets: dict[str, Any]) -> bool:
    document = case["data"] if "data" in case else datasets.get(case.get("dataset") or "")
    absent = "data" not in case and case.get("dataset") is None
    fails = "code" in case or "error" in case
    try:
        expression = compile_jsonata(case["expr"], trusted=True)
        given = expression.evaluate(
            None if absent else json.dumps(document), case.get("bindings") or None
        )
    except IpaasError:
        return fails
    if fails or "result" not in case:
        return not fails and given is None
    expected = told_apart(case["result"])
    found = told_apart(given)
    if case.get("unordered"):
        found, expected = sorted(found, key=repr), sorted(expected, key=repr)
    return bool(found == expected)


def test_the_engine_of_code_blocks_passes_the_official_suite() -> None:
    datasets = json.loads((SUITE / "datasets.json").read_text("utf-8"))
    cases = [json.loads(line) for line in (SUITE / "cases.jsonl").read_text("utf-8").splitlines()]
    failed = {case["case"] for case in cases if not passes(case, datasets)}
    assert failed <= REFUSED.keys() | OTHERWISE
    assert len(cases) > 1_600
    assert len(failed) <= len(cases) * 0.005
