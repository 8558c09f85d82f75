"""Rules that are only for creating, or only for updating, in steps as they run."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.engine import Program
from runtime.engine.evaluate import Request, evaluate
from runtime.graph import way_of_writing


def const(value: Any) -> dict[str, Any]:
    return {"op": "const", "value": value}


MAPPING: dict[str, Any] = {
    "schema": 1,
    "rules": [
        {"id": "a", "target": "name", "expr": const("Ana")},
        {"id": "c", "target": "opened", "only": "create", "expr": const(True)},
        {"id": "u", "target": "id", "only": "update", "expr": const("58")},
    ],
}


def asked(kind: str, **config: Any) -> Any:
    """What a step of these settings would send."""
    node = {"id": "s", "type": kind, "name": "S", "config": config, "position": {"x": 0, "y": 0}}
    body = {"document": {"schema": 1, "nodes": [node], "edges": []}, "facts": {}, "schemas": {}}
    program = Program.compile("w", "r", "f", "F", 1, {**body, "names": {}})
    result = evaluate(program, program.graph.nodes["s"], {"trigger": {}, "steps": {}})
    assert isinstance(result, Request), result
    return result.inputs


@pytest.mark.parametrize(
    ("operation", "sent"),
    [
        ("create_customer", {"name": "Ana", "opened": True}),
        ("insert", {"name": "Ana", "opened": True}),
        ("update_customer", {"name": "Ana", "id": "58"}),
        ("update", {"name": "Ana", "id": "58"}),
        ("upsert", {"name": "Ana", "opened": True, "id": "58"}),
    ],
)
def test_an_action_sends_what_is_for_its_way_of_writing(operation: str, sent: Any) -> None:
    assert asked("action", operation=operation, input=MAPPING) == sent


def test_what_find_or_create_creates_has_no_fields_for_updates() -> None:
    made = asked("find_or_create", entity="customer", find=MAPPING, create=MAPPING)
    assert made["create"] == {"name": "Ana", "opened": True}
    assert made["find"] == {"name": "Ana", "opened": True, "id": "58"}


def test_a_word_that_only_begins_alike_is_no_way_of_writing() -> None:
    node = {"id": "s", "type": "action", "name": "S", "config": {"operation": "updates_since"}}
    body = {"document": {"schema": 1, "nodes": [node], "edges": []}, "facts": {}, "schemas": {}}
    program = Program.compile("w", "r", "f", "F", 1, {**body, "names": {}})
    assert way_of_writing(program.graph.nodes["s"], "input") is None
