"""The table of functions in docs/mapping.md, written from the registry.

``python -m tests.mapping.functions_table`` writes it; a test tells when it is out of date.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from ipaas.core import jsonio
from ipaas.mapping import FUNCTIONS, Function
from ipaas.mapping.functions import GROUPS

PAGE = Path(__file__).parents[2] / "docs" / "mapping.md"
BEGIN = "<!-- functions:"
END = "<!-- end of functions -->"


def signature(fn: Function) -> str:
    """The function as one writes it: ``round(value, [digits])``."""
    args = []
    for arg in fn.args:
        name = arg.name if arg.required else f"[{arg.name}]"
        args.append(f"{name} …" if arg.repeats else name)
    return f"{fn.name}({', '.join(args)})"


def example(fn: Function) -> str:
    """The first example: ``round(1.005, 2)`` = ``1.01``."""
    shown = fn.examples[0]
    args = ", ".join(jsonio.dumps(arg).decode() for arg in shown.args)
    return f"`{fn.name}({args})` = `{jsonio.dumps(shown.result).decode()}`"


def table() -> str:
    """Markdown of all functions by group."""
    parts = []
    for group, members in groupby(FUNCTIONS.values(), key=lambda fn: fn.group):
        rows = "\n".join(
            f"| `{signature(fn)}` | {fn.title} | {fn.description} | {example(fn)} |"
            for fn in members
        )
        head = "| function | title | gives | example |\n|---|---|---|---|"
        parts.append(f"### {GROUPS[group]}\n\n{head}\n{rows}")
    return "\n\n".join(parts)


def page_with_table(page: str) -> str:
    """The page with its table of functions renewed."""
    head, rest = page.split(BEGIN, 1)
    marker, rest = rest.split("\n", 1)
    _, tail = rest.split(END, 1)
    return f"{head}{BEGIN}{marker}\n\n{table()}\n\n{END}{tail}"


if __name__ == "__main__":
    PAGE.write_text(page_with_table(PAGE.read_text()))
