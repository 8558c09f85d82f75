"""Every commit and every call of the runtime has a name at which a process can be made to die."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from runtime import faults
from tests.kit.processes import ROOT

OPENS = {"commits", "repeats", "writing"}  # of faults and sql
CALLS = {"call", "call_batch", "find_or_create", "probe", "poll"}
# The two places that open a transaction for others.
OWN = {"runtime/faults.py", "runtime/sql.py"}
# Functions that are called by those that hold the points.
WITHIN = {"runtime/effects/performer.py": {"_asked", "_alone"}}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "runtime").rglob("*.py")):
        if "migrations" not in path.parts:
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def commits() -> list[str]:
    """Names of all transactions of the runtime."""
    return [
        call.args[0].value
        for _, tree in sources()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in OPENS
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]


def points(tree: ast.AST) -> set[str]:
    return {
        str(call.args[0].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "point"
        and isinstance(call.args[0], ast.Constant)
    }


def test_no_transaction_is_opened_without_a_name() -> None:
    bare = [
        f"{name}:{node.lineno}"
        for name, tree in sources()
        if name not in OWN
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("atomic", "set_autocommit", "commit")
    ]
    assert bare == [], "open it with faults.commits(name)"


def test_every_commit_has_a_name_of_its_own() -> None:
    doubled = [name for name, count in Counter(commits()).items() if count > 1]
    assert doubled == []
    assert {"intake", "claim", "checkpoint", "extend", "poll", "schedule"} <= set(commits())


def test_every_call_of_a_vendor_stands_between_two_points() -> None:
    found: set[str] = set()
    for name, tree in sources():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef) or not _calls_a_vendor(function):
                continue
            if function.name in WITHIN.get(name, ()):
                continue
            here = points(function)
            sends = {point.removesuffix(".before_send") for point in here if "before_send" in point}
            assert sends, f"{name}:{function.lineno} calls a vendor without a point before it"
            assert {f"{send}.after_reply" for send in sends} <= here, function.name
            found |= sends
    assert "call" in points_of_sends("runtime/effects/performer.py")
    assert found | {"call"} == set(faults.SENDS)


def points_of_sends(name: str) -> set[str]:
    tree = ast.parse((ROOT / name).read_text())
    return {p.removesuffix(".before_send") for p in points(tree) if p.endswith(".before_send")}


def test_the_door_has_points_around_the_wire() -> None:
    tree = ast.parse(Path(ROOT / "connectors/http/door.py").read_text())
    assert {"door.before_send", "door.after_send"} <= points(tree)


def _calls_a_vendor(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "connectors"
        and call.func.attr in CALLS
        for call in ast.walk(function)
    )
