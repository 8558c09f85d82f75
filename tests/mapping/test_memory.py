"""Expressions made to fill the memory, in a process that is not given much of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

resource = pytest.importorskip("resource")
ROOT = Path(__file__).resolve().parents[2]
MOST_MB = 500
PROGRAM = """
import resource, sys
from ipaas.core.errors import IpaasError
from ipaas.mapping import compile_expr, compile_mapping
from tests.mapping.builders import call, concat, const, field, mapping, rows, rule
from ipaas.mapping.jsonata_engine import compile_jsonata

def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

before, stopped = memory(), 0
long = const("x" * 5_000)
doubled = concat(*[long] * 60)
expressions = [
    call("pad_left", const("x"), const(10**9)),
    call("repeat", const("x" * 1_000), const(10**9)),
    call("replace", const("x" * 5_000), const("x"), const("y" * 5_000)),
    call("join", const(["x"] * 9_000), const("y" * 1_000)),
    concat(doubled, doubled, doubled),
    call("multiply", const("9" * 99), const("9" * 99)),
    call("split_text", field("text"), const("x")),
]
for expression in expressions:
    try:
        compile_expr(expression)({"text": "x," * 150_000})
    except IpaasError:
        stopped += 1
context = {"a": [{"x": "y" * 200} for _ in range(2_000)]}
bomb = mapping(
    rows("b1", "L", "a[]"), rows("b2", "L[b1].L", "a[]"),
    rule("r", "L[b1].L[b2].all", field("a")),
)
assert compile_mapping(bomb).apply(context).errors
for text in (
    "$pad('x', 1e9)", "[1..1e7]", "$join([1..1e6].'xxxxxxxxxxxxxxxxxxxx')",
    "($f := function($x) { [$f($x), $f($x)] }; $f(1))",
    "($d := function($s, $n) { $n = 0 ? $s : $d($s & $s, $n - 1) }; $d('xxxxxxxx', 40))",
    "($g := function($a, $n) { $n = 0 ? $a : $g($append($a, $a), $n - 1) }; $g([1], 40))",
):
    try:
        compile_jsonata(text).evaluate("{}")
    except IpaasError:
        stopped += 1
print(stopped, memory() - before)
"""


def test_nothing_that_a_mapping_says_fills_the_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    stopped, grown_mb = map(int, done.stdout.split())
    assert stopped >= 11
    assert grown_mb < MOST_MB
