"""What the functions of a JSONata text are called here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ipaas.mapping.functions import FUNCTIONS
from ipaas.mapping.jsonata_definitions import BUILT_IN, CALLED_AS, DEFINITIONS
from ipaas.mapping.model import Call, Concat, Const, Expr, If

Made = Callable[[list[Expr]], "Expr | None"]
"""From arguments to an expression; None if it cannot be said."""

TAKES_LIST: Final = frozenset(
    "sum max min average count distinct reverse append sort join total smallest largest mean"
    " how_many without_repeats joined first last pluck sum_of values list backwards one_list"
    " entry is_in where_field".split()
)
"""Functions whose first argument is a list, so that all values of a path are meant."""


def _to(name: str, low: int = 1, high: int | None = None) -> Made:
    most = low if high is None else high

    def make(args: list[Expr]) -> Expr | None:
        return Call(name, tuple(args)) if low <= len(args) <= most else None

    return make


def _pad(args: list[Expr]) -> Expr | None:
    if len(args) < 2 or not isinstance(args[1], Const) or type(args[1].value) is not int:
        return None
    width = args[1].value
    fill = args[2] if len(args) > 2 else Const(" ")
    name = "pad_left" if width < 0 else "pad_right"
    return Call(name, (args[0], Const(abs(width)), fill))


def _round(args: list[Expr]) -> Expr | None:
    # JSONata rounds halves to the even neighbour.
    digits = args[1] if len(args) > 1 else Const(0)
    return Call("round_by", (args[0], digits, Const("half_even"))) if 0 < len(args) < 3 else None


def _join(args: list[Expr]) -> Expr | None:
    separator = args[1] if len(args) > 1 else Const("")
    return Call("join", (args[0], separator)) if 0 < len(args) < 3 else None


def _format_number(args: list[Expr]) -> Expr | None:
    if len(args) != 2 or not isinstance(args[1], Const) or type(args[1].value) is not str:
        return None
    match = re.fullmatch(r"(#,##)?0(?:\.(0+))?", args[1].value)
    if match is None:
        return None
    thousands = "," if match.group(1) else ""
    return Call("format_number", (args[0], Const(len(match.group(2) or "")), Const(thousands)))


_PICTURES: Final = {
    "Y0001": "yyyy", "Y": "yyyy", "Y,2-2": "yy", "Y,2": "yy", "M01": "MM", "M": "M", "MNn": "MMMM",
    "MNn,3-3": "MMM", "D01": "dd", "D": "d", "H01": "HH", "H": "H", "m01": "mm", "m": "mm",
    "s01": "ss", "s": "ss",
}  # fmt: skip


def pattern_of(picture: str) -> str | None:
    """Our date pattern for a picture of JSONata; None if there is none."""
    made = ""
    for part in re.split(r"(\[\[|\]\]|\[[^\]]*\])", picture):
        if part in ("[[", "]]"):
            made += "'" + part[:1] + "'"
        elif part.startswith("["):
            if part[1:-1] not in _PICTURES:
                return None
            made += _PICTURES[part[1:-1]]
        elif "'" in part:
            return None
        else:
            made += re.sub(r"([A-Za-z]+)", r"'\1'", part)
    return made


def _from_millis(args: list[Expr]) -> Expr | None:
    at = args[0] if args else None
    if at is None or len(args) > 2:
        return None
    date = at.args[0] if isinstance(at, Call) and at.fn == "to_epoch" else None
    if len(args) == 1:
        return Call("datetime", (date,)) if date else Call("from_epoch", (at, Const("millis")))
    picture = args[1].value if isinstance(args[1], Const) else None
    pattern = pattern_of(picture) if isinstance(picture, str) else None
    if pattern is None:
        return None
    moment = date or Call("from_epoch", (at, Const("millis")))
    return Call("format_date", (Call("datetime", (moment,)), Const(pattern)))


def _to_millis(args: list[Expr]) -> Expr | None:
    return Call("to_epoch", (args[0], Const("millis"))) if len(args) == 1 else None


def _written_date(args: list[Expr]) -> Expr | None:
    """Our own ``$format_date`` of a text, whose pattern stands in JSONata's notation."""
    picture = args[1].value if len(args) == 2 and isinstance(args[1], Const) else None
    pattern = pattern_of(picture) if isinstance(picture, str) else None
    return None if pattern is None else Call("format_date", (args[0], Const(pattern)))


BUILT_INS: Final[dict[str, Made]] = {
    "uppercase": _to("upper"), "lowercase": _to("lower"), "trim": _to("trim"),
    "substring": _to("substring", 2, 3), "substringBefore": _to("before", 2),
    "substringAfter": _to("after", 2), "length": _to("length"), "contains": _to("includes", 2),
    "split": _to("split_text", 2), "join": _join, "replace": _to("replace", 3), "pad": _pad,
    "string": _to("to_text"), "number": _to("number"), "sum": _to("sum"), "max": _to("max"),
    "min": _to("min"), "average": _to("average"), "count": _to("count"), "round": _round,
    "floor": lambda args: Call("round_by", (args[0], Const(0), Const("floor"))),
    "ceil": lambda args: Call("round_by", (args[0], Const(0), Const("ceiling"))),
    "abs": _to("abs"), "not": _to("not"), "boolean": _to("to_condition"),
    "exists": _to("exists"), "distinct": _to("distinct"), "reverse": _to("backwards"),
    "append": _to("append", 2), "formatNumber": _format_number, "fromMillis": _from_millis,
    "toMillis": _to_millis, "base64encode": _to("base64"), "base64decode": _to("from_base64"),
    "sort": lambda args: Call("sort_by", (args[0], Const(""))) if len(args) == 1 else None,
}  # fmt: skip
"""Built-in functions of JSONata that have a like here."""


def _same(args: list[Expr]) -> Expr | None:
    return args[0] if len(args) == 1 else None


def _present(args: list[Expr]) -> Expr | None:
    return Call("exists", tuple(args)) if len(args) == 1 else None


OWN_IDIOMS: Final[dict[str, Made]] = {
    "truth": _same, "values": _same, "list": _same, "as_text": _to("to_text"),
    "present": _present, "or_null": _same, "format_date": _written_date,
}  # fmt: skip
"""Definitions of our own texts that are no function of their own."""

_OF_MANY: Final = frozenset("sum max min average total smallest largest mean".split())
_OWN: Final = {definition: fn for fn, definition in CALLED_AS.items()}


def translated(name: str, args: list[Expr]) -> Expr | None:
    """The expression for a call of ``$name``; None if there is none."""
    if name in OWN_IDIOMS:
        return OWN_IDIOMS[name](args)
    listed = args[0].args if args and isinstance(args[0], Call) and args[0].fn == "append" else None
    if name in ("joined", "join") and listed is not None:
        separator = args[1] if len(args) > 1 else Const(", " if name == "joined" else "")
        if isinstance(separator, Const) and isinstance(separator.value, str):
            return Concat(listed, separator.value)
    if name in _OF_MANY and listed is not None and len(args) == 1:
        return Call(_OWN.get(name, name), listed)
    if name in BUILT_IN:
        return BUILT_INS[name](args) if name in BUILT_INS and args else None
    fn = FUNCTIONS.get(_OWN.get(name, name))
    if fn is None or not fn.accepts(len(args)):
        return None
    if name in DEFINITIONS and fn.name == "default" and len(args) == 2:
        return _defaults(args)
    return Call(fn.name, tuple(args))


def _defaults(args: list[Expr]) -> Expr:
    rest = args[1]
    more = rest.args if isinstance(rest, Call) and rest.fn == "default" else (rest,)
    return Call("default", (args[0], *more))


BINARY: Final = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "remainder", "=": "eq",
    "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "and": "and", "or": "or", "in": "in",
}  # fmt: skip


def joined_binary(operator: str, left: Expr, right: Expr) -> Expr | None:
    """The expression of two values between which an operator stands."""
    if operator == "&":
        parts = [
            part
            for side in (left, right)
            for part in (side.args if isinstance(side, Concat) and not side.separator else (side,))
        ]
        return Concat(tuple(parts))
    if operator == "??":
        return Call("default", (left, right))
    if operator == "?:":
        return If(left, left, right)
    fn = BINARY.get(operator)
    if fn is None:
        return None
    if fn in ("add", "multiply", "and", "or") and isinstance(left, Call) and left.fn == fn:
        return Call(fn, (*left.args, right))
    return Call(fn, (left, right))
