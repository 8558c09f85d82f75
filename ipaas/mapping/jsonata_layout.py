"""How JSONata text is laid out: names, literals, brackets over lines."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from ipaas.core import jsonio
from ipaas.mapping.values import Value, plain_number

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS: Final = frozenset({"and", "or", "in", "true", "false", "null", "function"})
_LINE: Final = 88


def singular(word: str) -> str:
    """A name for one entry of a list: items -> item, taxes -> tax, entries -> entry."""
    for ending, one in (("ies", "y"), ("xes", "x"), ("sses", "ss"), ("ss", "ss"), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + one
    return word


def name(word: str) -> str:
    """A name of a path, in backticks where it must be."""
    return word if _PLAIN_NAME.fullmatch(word) and word not in _WORDS else f"`{word}`"


def string(text: str) -> str:
    """A text literal."""
    return jsonio.dumps(text).decode()


def literal(value: Value) -> str:
    """A JSON value as JSONata writes it."""
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{string(k)}: {literal(v)}" for k, v in value.items()) + "}"
    return jsonio.dumps(value).decode()


def indent(text: str) -> str:
    """The text two signs further right."""
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))


def inline(text: str) -> str:
    """The text, on lines of its own if it has several."""
    return text if "\n" not in text else f"\n{indent(text)}\n"


def parenthesised(lines: list[str]) -> str:
    """Lines as one block."""
    return "(\n" + "\n".join(indent(line) for line in lines) + "\n)"


def wrapped(opening: str, parts: list[str], closing: str, *, always: bool = False) -> str:
    """Parts between brackets, on one line if they fit."""
    line = f"{opening}{', '.join(parts)}{closing}"
    if not always and ("\n" not in line and len(line) <= _LINE):
        return line
    if len(parts) == 1 and not always:
        return line
    return f"{opening}\n" + ",\n".join(indent(part) for part in parts) + f"\n{closing}"


def braced(pairs: list[str]) -> str:
    """Pairs as an object."""
    return wrapped("{", pairs, "}", always=True) if pairs else "{}"
