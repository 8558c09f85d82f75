"""Functions on texts."""

from __future__ import annotations

from ipaas.mapping.convert import to_text as text_of
from ipaas.mapping.errors import ExpressionFailed, unfit
from ipaas.mapping.functions.registry import Arg, function
from ipaas.mapping.limits import MAX_TEXT
from ipaas.mapping.values import Value

_TEXT = Arg("text", "text")


def bounded(text: str) -> str:
    """The text itself, if its length is within bounds."""
    if len(text) > MAX_TEXT:
        raise ExpressionFailed(
            f"The text would have {len(text)} characters; at most {MAX_TEXT} are allowed",
            code="mapping.text_too_long",
        )
    return text


@function("upper", "Upper case", "text", [_TEXT], "text", (("sku-1",), "SKU-1"))
def upper(text: str) -> str:
    """The text in capital letters."""
    return bounded(text.upper())


@function("lower", "Lower case", "text", [_TEXT], "text", (("Ana@Example.COM",), "ana@example.com"))
def lower(text: str) -> str:
    """The text in small letters."""
    return bounded(text.lower())


@function("trim", "Trim spaces", "text", [_TEXT], "text", (("  Ana   Silva ",), "Ana Silva"))
def trim(text: str) -> str:
    """The text without spaces at its ends; several spaces in a row become one."""
    return " ".join(text.split())


@function(
    "substring",
    "Part of a text",
    "text",
    [_TEXT, Arg("start", "integer"), Arg("length", "integer", required=False)],
    "text",
    (("000000042", 6, 3), "042"),
    (("INV-2024", 4), "2024"),
    (("INV-2024", -4), "2024"),
)
def substring(text: str, start: int, length: int | None = None) -> str:
    """Characters from a start position (0 is the first, -1 the last), as many as asked for."""
    begin = max(len(text) + start, 0) if start < 0 else start
    if length is None:
        return text[begin:]
    return text[begin : begin + length] if length > 0 else ""


@function(
    "replace",
    "Replace text",
    "text",
    [_TEXT, Arg("find", "text"), Arg("with", "text")],
    "text",
    (("1.234,50", ".", ""), "1234,50"),
)
def replace(text: str, find: str, with_: str) -> str:
    """The text with every occurrence of one part replaced; upper and lower case differ."""
    if not find:
        raise ExpressionFailed(
            "replace needs a text to look for", hint="Fill in the part to be replaced."
        )
    count = text.count(find)
    if len(text) + count * (len(with_) - len(find)) > MAX_TEXT:
        raise ExpressionFailed(
            f"The text would have more than {MAX_TEXT} characters", code="mapping.text_too_long"
        )
    return text.replace(find, with_)


@function(
    "split_part",
    "Part between separators",
    "text",
    [_TEXT, Arg("separator", "text"), Arg("number", "integer")],
    "text",
    (("WEB-100-RED", "-", 2), "100"),
    (("WEB-100-RED", "-", -1), "RED"),
    (("WEB", "-", 2), None),
)
def split_part(text: str, separator: str, number: int) -> str | None:
    """The part with this number (1 is the first, -1 the last); missing if there are fewer."""
    if not separator:
        raise ExpressionFailed("split_part needs a separator", hint="For example a dash.")
    if number == 0:
        raise ExpressionFailed("split_part counts from 1", hint="Use 1 for the first part.")
    parts = text.split(separator)
    index = number - 1 if number > 0 else len(parts) + number
    return parts[index] if 0 <= index < len(parts) else None


@function(
    "pad_left",
    "Fill up from the left",
    "text",
    [_TEXT, Arg("length", "integer"), Arg("fill", "text", required=False)],
    "text",
    (("42", 6), "000042"),
    (("42", 4, " "), "  42"),
)
def pad_left(text: str, length: int, fill: str = "0") -> str:
    """The text filled up on the left to a length; with zeros unless told otherwise."""
    if len(fill) != 1:
        raise unfit(fill, "is not one character", hint="Fill with a single character.")
    if length > MAX_TEXT:
        raise unfit(length, f"is more than the {MAX_TEXT} characters a text may have")
    return text.rjust(length, fill)


@function("length", "Length of a text", "text", [_TEXT], "integer", (("Ana",), 3))
def length(text: str) -> int:
    """How many characters the text has."""
    return len(text)


@function(
    "to_text",
    "To text",
    "text",
    [Arg("value", "any")],
    "text",
    ((45,), "45"),
    ((True,), "true"),
)
def to_text(value: Value) -> str:
    """The value as text; a number keeps all its digits."""
    return text_of(value)


@function(
    "truncate",
    "Shorten a text",
    "text",
    [_TEXT, Arg("length", "integer")],
    "text",
    (("A very long product name", 11), "A very long"),
)
def truncate(text: str, length: int) -> str:
    """The first characters of the text, at most as many as asked for."""
    return text[: max(length, 0)]
