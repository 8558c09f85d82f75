"""What must be right about steps that call nobody: their expressions, and what they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors import facade as connectors
from ipaas.core.errors import IpaasError
from ipaas.mapping import FUNCTIONS
from runtime import facade as runtime
from runtime.graph import Node, Problem

_SINGLE = {
    "if": ("condition",),
    "fail": ("message",),
    "filter": ("list", "condition"),
    "aggregate": ("list",),
    "lookup": ("key", "default"),
    "for_each": ("list", "key"),
    "wait": ("until",),
    "approval": ("text",),
    "return": ("value",),
}
_IN_ROWS = {
    "switch": (("branches", "condition"),),
    "validate": (("rules", "check"),),
    "aggregate": (("keys", "value"), ("figures", "value")),
}
_OPTIONAL = {("aggregate", "figures")}
_HOLE = {"op": "hole"}


def expressions(node: Node) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each expression of a step, with its place among the settings; a missing one is a hole."""
    for name in _SINGLE.get(node.type, ()):
        if node.config.get(name):
            yield name, node.config[name]
    for rows, name in _IN_ROWS.get(node.type, ()):
        for number, row in enumerate(node.config.get(rows) or ()):
            if row.get(name) or (node.type, rows) not in _OPTIONAL:
                yield f"{rows}/{number}", row.get(name) or _HOLE
    if node.type == "convert":
        for number, field in enumerate(node.config.get("fields") or ()):
            if str(field.get("fn")) in FUNCTIONS:
                yield f"fields/{number}", runtime.conversion(field)


def problems_of(workspace_id: str, environment: str, node: Node) -> list[Problem]:
    """What a step names and there is not, and settings that contradict each other."""
    check = _CHECKS.get(node.type)
    return list(check(workspace_id, environment, node)) if check else []


def _wrong(node: Node, code: str, message: str, hint: str, field: str) -> Problem:
    return Problem("error", code, f"“{node.name}”: {message}", hint, node.id, field)


def _switch(workspace_id: str, environment: str, node: Node) -> Iterator[Problem]:
    ids = [str(branch.get("id")) for branch in node.config.get("branches") or ()]
    for double in {name for name in ids if ids.count(name) > 1}:
        yield _wrong(
            node,
            "switch.double_exit",
            f"two ways lead to the exit “{double}”.",
            "Give each way an exit of its own.",
            "branches",
        )


def _convert(workspace_id: str, environment: str, node: Node) -> Iterator[Problem]:
    for number, field in enumerate(node.config.get("fields") or ()):
        if str(field.get("fn")) not in FUNCTIONS:
            yield _wrong(
                node,
                "convert.unknown_function",
                f"there is no function “{field.get('fn')}”.",
                "Choose one of the list, such as convert_unit.",
                f"fields/{number}",
            )


def _lookup(workspace_id: str, environment: str, node: Node) -> Iterator[Problem]:
    table = str(node.config.get("table") or "")
    if not table:
        return
    try:
        column = node.config.get("column") or None
        connectors.resources(workspace_id, environment).lookup(table, "", column)
    except IpaasError as error:
        yield _wrong(node, error.code, error.message, error.hint, "table")


def _call_flow(workspace_id: str, environment: str, node: Node) -> Iterator[Problem]:
    flow = str(node.config.get("flow") or "")
    if not flow:
        return
    live = [d for d in runtime.deployments(workspace_id, [flow]) if d.environment == environment]
    if not live or not live[0].active:
        yield Problem(
            "warning",
            "call_flow.not_live",
            f"“{node.name}”: the flow that it calls is not live in {environment}.",
            "Publish it there and switch it on before this one runs.",
            node.id,
            "flow",
        )


def _wait(workspace_id: str, environment: str, node: Node) -> Iterator[Problem]:
    needed = "until" if node.config.get("mode") == "until" else "amount"
    if not node.config.get(needed):
        yield _wrong(
            node,
            "node.incomplete",
            "it does not say how long to wait.",
            "Give a duration, or a field that holds a date.",
            needed,
        )


def _approval(workspace_id: str, environment: str, node: Node) -> Iterator[Problem]:
    if node.config.get("on_expiry") != "escalate":
        return
    for needed, words in (
        ("escalate_to", "whom to ask then"),
        ("expires_after", "after what time"),
    ):
        if not node.config.get(needed):
            yield _wrong(
                node,
                "node.incomplete",
                f"it asks somebody else and does not say {words}.",
                "Fill it in, or choose another outcome.",
                needed,
            )


_CHECKS = {
    "switch": _switch,
    "convert": _convert,
    "lookup": _lookup,
    "call_flow": _call_flow,
    "wait": _wait,
    "approval": _approval,
}
