"""Rules for the API's description."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from ipaas.core import jsonio
from tests.architecture.tracked import ROOT
from tests.kit import contract

KEPT = ROOT / "designer" / "frontend" / "openapi.json"


def test_the_description_that_is_kept_is_what_the_code_gives() -> None:
    now = json.loads(jsonio.dumps(contract.described()))
    assert json.loads(KEPT.read_text()) == now, "the API has changed: run `make openapi`"


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    operations = [
        operation
        for methods in contract.described()["paths"].values()
        for operation in methods.values()
    ]
    names = Counter(operation["operationId"] for operation in operations)
    assert [name for name, count in names.items() if count > 1] == []
    assert [o["operationId"] for o in operations if not o.get("description")] == []


def test_whatever_changes_something_describes_its_body_or_takes_none() -> None:
    loose = [
        operation["operationId"]
        for methods in contract.described()["paths"].values()
        for operation in methods.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" not in content["schema"]
    ]
    assert loose == []


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "status"),
    [
        ("GET", "runs", ["colour"], None, 200),
        ("GET", "runs", [], None, 201),
        ("GET", "runs/unheard/of/anywhere", [], None, 200),
        ("POST", "flows", [], {"description": "without a name"}, 201),
        ("POST", "runs/run_1/cancel", [], {"reason": "bored"}, 200),
    ],
)
def test_an_exchange_that_is_not_described_fails_the_test_it_happens_in(
    method: str, path: str, query: list[str], body: object, status: int
) -> None:
    with pytest.raises(AssertionError, match=r"describe|know"):
        contract.check(
            method, f"/api/v1/w/north/{path}", query, body, status, "application/json", {}
        )
