"""More functions on texts: parts, patterns, letters."""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser
from typing import Final

from ipaas.mapping.errors import ExpressionFailed, unfit
from ipaas.mapping.functions.registry import Arg, function
from ipaas.mapping.functions.text import bounded
from ipaas.mapping.limits import MAX_LIST, MAX_TEXT

_TEXT: Final = Arg("text", "text")
_PART: Final = Arg("part", "text")
_MAX_PATTERN: Final = 200


@function("title_case", "Capital initials", "text", [_TEXT], "text", (("ANA silva",), "Ana Silva"))
def title_case(text: str) -> str:
    """Each word with a capital initial, the rest in small letters."""
    return bounded(" ".join(word[:1].upper() + word[1:].lower() for word in text.split(" ")))


@function(
    "starts_with", "Begins with", "text", [_TEXT, _PART], "condition", (("INV-7", "INV-"), True)
)
def starts_with(text: str, part: str) -> bool:
    """Whether the text begins with a part; upper and lower case differ."""
    return text.startswith(part)


@function("ends_with", "Ends with", "text", [_TEXT, _PART], "condition", (("a.pdf", ".pdf"), True))
def ends_with(text: str, part: str) -> bool:
    """Whether the text ends with a part; upper and lower case differ."""
    return text.endswith(part)


@function(
    "includes", "Contains", "text", [_TEXT, _PART], "condition", (("gift wrap", "gift"), True)
)
def includes(text: str, part: str) -> bool:
    """Whether the text holds a part; upper and lower case differ."""
    return part in text


@function(
    "before", "Part before", "text", [_TEXT, Arg("separator", "text")], "text",
    (("ana@example.com", "@"), "ana"), (("ana", "@"), "ana"),
)  # fmt: skip
def before(text: str, separator: str) -> str:
    """What stands before the first separator; the whole text if there is none."""
    return text.split(separator, 1)[0] if separator else text


@function(
    "after", "Part after", "text", [_TEXT, Arg("separator", "text")], "text",
    (("ana@example.com", "@"), "example.com"), (("ana", "@"), "ana"),
)  # fmt: skip
def after(text: str, separator: str) -> str:
    """What stands after the first separator; the whole text if there is none."""
    head, found, tail = text.partition(separator) if separator else (text, "", "")
    return tail if found else head


@function(
    "split_text", "Split to a list", "text", [_TEXT, Arg("separator", "text")], "list",
    (("red, blue", ","), ["red", "blue"]),
)  # fmt: skip
def split_text(text: str, separator: str) -> list[str]:
    """The parts between separators, without spaces at their ends and without empty ones."""
    if not separator:
        raise ExpressionFailed("split_text needs a separator", hint="For example a comma.")
    if text.count(separator) >= MAX_LIST:
        raise ExpressionFailed("The list would be too long", code="mapping.too_large")
    return [part.strip() for part in text.split(separator) if part.strip()]


@function(
    "pad_right", "Fill up from the right", "text",
    [_TEXT, Arg("length", "integer"), Arg("fill", "text", required=False)], "text",
    (("AB", 4), "AB  "), (("AB", 4, "."), "AB.."),
)  # fmt: skip
def pad_right(text: str, length: int, fill: str = " ") -> str:
    """The text filled up on the right to a length; with spaces unless told otherwise."""
    if len(fill) != 1:
        raise unfit(fill, "is not one character", hint="Fill with a single character.")
    if length > MAX_TEXT:
        raise unfit(length, f"is more than the {MAX_TEXT} characters a text may have")
    return text.ljust(length, fill)


@function(
    "keep", "Keep only", "text",
    [_TEXT, Arg("kind", "text", options=("digits", "letters", "both"))], "text",
    (("(512) 555-01", "digits"), "51255501"), (("A-1 b", "both"), "A1b"),
)  # fmt: skip
def keep(text: str, kind: str) -> str:
    """Only the digits, only the letters, or both; everything else is left out."""
    tests = {"digits": str.isdecimal, "letters": str.isalpha, "both": str.isalnum}
    test = tests.get(kind)
    if test is None:
        raise unfit(kind, "is not digits, letters or both", code="mapping.option")
    return "".join(letter for letter in text if test(letter))


@function(
    "without_accents", "Without accents", "text", [_TEXT], "text", (("Zoë Müller",), "Zoe Muller")
)
def without_accents(text: str) -> str:
    """The text with plain letters in place of accented ones, for systems that take no others."""
    special = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ł": "l",
                             "Ł": "L", "đ": "d", "œ": "oe", "Œ": "OE"})  # fmt: skip
    plain = unicodedata.normalize("NFKD", text.translate(special))
    return bounded("".join(letter for letter in plain if not unicodedata.combining(letter)))


class _Visible(HTMLParser):
    """Collects the text of HTML; paragraphs, breaks and list entries become lines."""

    BREAKS = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4"})
    HIDDEN = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.hidden += tag in self.HIDDEN
        if tag in self.BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in self.HIDDEN and self.hidden > 0
        if tag in self.BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


@function(
    "plain_text", "HTML to text", "text", [_TEXT], "text",
    (("<p>Soft &amp; warm</p><p>Wool</p>",), "Soft & warm\nWool"),
)  # fmt: skip
def plain_text(text: str) -> str:
    """The words of an HTML text, without its tags."""
    if len(text) > 50_000:
        raise unfit(text, "has more than 50000 characters", code="mapping.text_too_long")
    reader = _Visible()
    reader.feed(text.replace("<!", "< !"))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


@function(
    "matches", "Looks like", "text", [_TEXT, Arg("pattern", "text")], "condition",
    (("INV-2024", "INV-####"), True), (("AB12", "@@*"), True), (("7", "##"), False),
)  # fmt: skip
def matches(text: str, pattern: str) -> bool:
    """Whether the whole text has a form: # a digit, @ a letter, ? any sign, * any signs, the rest
    stands for itself."""
    if len(pattern) > _MAX_PATTERN:
        raise unfit(pattern, f"has more than {_MAX_PATTERN} characters")
    if len(text) * (1 + pattern.count("*")) > 100_000:
        raise unfit(text, "is too long to be compared with a pattern", code="mapping.too_large")
    # Two pointers and one place to go back to: never more steps than text times pattern.
    at = form = 0
    star, resume = -1, 0
    while at < len(text):
        if form < len(pattern) and pattern[form] == "*":
            star, resume, form = form, at, form + 1
        elif form < len(pattern) and _fits(text[at], pattern[form]):
            at, form = at + 1, form + 1
        elif star >= 0:
            resume += 1
            at, form = resume, star + 1
        else:
            return False
    return all(sign == "*" for sign in pattern[form:])


def _fits(letter: str, form: str) -> bool:
    if form == "#":
        return letter.isdecimal()
    if form == "@":
        return letter.isalpha()
    return form == "?" or form == letter


@function("repeat", "Repeat", "text", [_TEXT, Arg("times", "integer")], "text", (("ab", 2), "abab"))
def repeat(text: str, times: int) -> str:
    """The text so many times in a row."""
    if len(text) * max(times, 0) > MAX_TEXT:
        raise ExpressionFailed(
            f"The text would have more than {MAX_TEXT} characters", code="mapping.text_too_long"
        )
    return text * max(times, 0)
