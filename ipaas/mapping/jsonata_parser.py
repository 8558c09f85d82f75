"""JSONata text read into a tree, with the place of everything: the first half of text to rules.

Written from the grammar in the language's documentation. It keeps what was written instead of
preparing it to be run: an engine does that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ipaas.mapping import limits
from ipaas.mapping.jsonata_engine import JsonataInvalid
from ipaas.mapping.values import Value


@dataclass(frozen=True, slots=True)
class Node:
    """One part of a text.

    ``kind`` says what it is, ``value`` what it is called or worth, ``parts`` what it is made of;
    ``start`` and ``end`` are its place in the text.
    """

    kind: str
    start: int
    end: int
    value: Value = None
    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    start: int
    end: int
    value: Value = None


_SPACE: Final = re.compile(r"(?:\s+|/\*.*?\*/)*", re.DOTALL)
_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_NAME: Final = re.compile(r"[^\s.\[\]{}()@#;:?+\-*/%|=<>^&,!~\"'`$]+")
_VARIABLE: Final = re.compile(r"\$(?:\$|[^\s.\[\]{}()@#;:?+\-*/%|=<>^&,!~\"'`$]*)")
_OPERATOR: Final = re.compile(r"\.\.|:=|!=|>=|<=|\*\*|~>|\?:|\?\?|[.\[\]{}()@#;:?+\-*/%|=<>^&,!~]")
_ESCAPES: Final = {
    '"': '"', "'": "'", "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r",
    "t": "\t", "`": "`",
}  # fmt: skip
# How strongly an operator binds what stands to its left.
_POWERS: Final = {
    "?": 20, "..": 20, "|": 20, "or": 25, "and": 30, "=": 40, "!=": 40, "<": 40, ">": 40,
    "<=": 40, ">=": 40, "in": 40, "~>": 40, "^": 40, "?:": 40, "??": 40, "&": 50, "+": 50,
    "-": 50, "*": 60, "/": 60, "%": 60, "{": 70, ".": 75, "[": 80, "(": 80, "@": 80, "#": 80,
    ":=": 10,
}  # fmt: skip
_PLAIN: Final = frozenset("= != < > <= >= in ~> & + - * / % and or .. ?: ??".split())
_MAX_DEPTH: Final = 200


def parse_text(text: str) -> Node:
    """The tree of a JSONata text; raises JsonataInvalid with the position of what is wrong."""
    if len(text) > limits.JSONATA_MAX_IMPORT:
        raise JsonataInvalid(f"it has more than {limits.JSONATA_MAX_IMPORT} characters", None)
    parser = _Parser(text)
    tree = parser.expression(0)
    if parser.token.kind != "end":
        raise parser.unexpected()
    return tree


class _Parser:
    """Operator precedence, one token of look-ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.last_end = 0
        self.depth = 0
        self.token = _Token("end", 0, 0)
        self.advance(infix=False)

    # --- tokens --------------------------------------------------------------------------------

    def advance(self, *, infix: bool) -> None:
        """Go to the next token; ``infix`` where an operator is expected and / divides."""
        self.last_end = self.token.end
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        self.token = self.scan(infix)
        self.at = self.token.end

    def scan(self, infix: bool) -> _Token:
        start = self.at
        if start >= len(self.text):
            return _Token("end", start, start)
        sign = self.text[start]
        if sign in "\"'":
            return self.scan_string(sign)
        if sign == "`":
            end = self.text.find("`", start + 1)
            if end < 0:
                raise JsonataInvalid("a name in backticks has no end", start + 1)
            return _Token("name", start, end + 1, self.text[start + 1 : end])
        if sign == "$":
            variable = _VARIABLE.match(self.text, start)
            assert variable is not None
            return _Token("variable", start, variable.end(), variable.group(0)[1:])
        if sign == "/" and not infix:
            return self.scan_regex()
        number = _NUMBER.match(self.text, start)
        if number:
            written = number.group(0)
            value = Decimal(written)
            whole = written.isdigit()
            return _Token("number", start, number.end(), int(written) if whole else value)
        operator = _OPERATOR.match(self.text, start)
        if operator:
            return _Token(operator.group(0), start, operator.end())
        name = _NAME.match(self.text, start)
        if name is None:
            raise JsonataInvalid(f"“{sign}” is not expected", start + 1)
        word = name.group(0)
        if infix and word in ("and", "or", "in"):
            return _Token(word, start, name.end())
        if word in ("true", "false", "null"):
            fixed = {"true": True, "false": False, "null": None}[word]
            return _Token("value", start, name.end(), fixed)
        return _Token("name", start, name.end(), word)

    def scan_string(self, quote: str) -> _Token:
        start = self.at
        at, made = start + 1, ""
        while at < len(self.text):
            sign = self.text[at]
            if sign == quote:
                return _Token("string", start, at + 1, made)
            if sign == "\\":
                at += 1
                code = self.text[at : at + 1]
                if code == "u":
                    digits = self.text[at + 1 : at + 5]
                    if not re.fullmatch(r"[0-9a-fA-F]{4}", digits):
                        raise JsonataInvalid("\\u needs four hexadecimal digits", at + 1)
                    made += chr(int(digits, 16))
                    at += 4
                elif code in _ESCAPES:
                    made += _ESCAPES[code]
                else:
                    raise JsonataInvalid(f"\\{code} means nothing in a text", at + 1)
            else:
                made += sign
            at += 1
        raise JsonataInvalid("a text has no closing quote", start + 1)

    def scan_regex(self) -> _Token:
        start, at, inside = self.at, self.at + 1, 0
        while at < len(self.text):
            sign = self.text[at]
            if sign == "/" and not inside:
                flags = re.compile("[im]*").match(self.text, at + 1)
                end = flags.end() if flags else at + 1
                return _Token("regex", start, end, self.text[start:end])
            inside += (sign == "[") - (sign == "]" and inside > 0)
            at += 2 if sign == "\\" else 1
        raise JsonataInvalid("a regular expression has no end", start + 1)

    def unexpected(self) -> JsonataInvalid:
        if self.token.kind == "end":
            return JsonataInvalid("it ends too early", self.token.start)
        shown = self.text[self.token.start : self.token.end]
        return JsonataInvalid(f"“{shown[:40]}” is not expected here", self.token.start + 1)

    def take(self, kind: str, *, infix: bool = False) -> _Token:
        token = self.token
        if token.kind != kind:
            if self.token.kind == "end":
                raise JsonataInvalid(f"“{kind}” is missing at the end", self.token.start)
            shown = self.text[token.start : token.end]
            raise JsonataInvalid(f"“{kind}” is expected before “{shown[:40]}”", token.start + 1)
        self.advance(infix=infix)
        return token

    # --- expressions ---------------------------------------------------------------------------

    def expression(self, power: int) -> Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise JsonataInvalid(f"it is nested more than {_MAX_DEPTH} deep", self.token.start)
        left = self.prefix()
        while power < _POWERS.get(self.token.kind, 0):
            left = self.infix(left)
        self.depth -= 1
        return left

    def made(self, kind: str, start: int, value: Value = None, *parts: Node) -> Node:
        return Node(kind, start, self.last_end, value, parts)

    def prefix(self) -> Node:
        token = self.token
        match token.kind:
            case "string" | "number" | "value" | "variable" | "regex":
                self.advance(infix=True)
                return self.made(token.kind, token.start, token.value)
            case "name":
                self.advance(infix=True)
                if (
                    token.value == "function"
                    and self.token.kind == "("
                    and (self.text[token.start] != "`")
                ):
                    return self.function(token)
                return self.made("name", token.start, token.value)
            case "and" | "or" | "in":
                self.advance(infix=True)
                return self.made("name", token.start, token.kind)
            case "*" | "**" | "%":
                self.advance(infix=True)
                return self.made("wildcard", token.start, token.kind)
            case "-":
                self.advance(infix=False)
                operand = self.expression(70)
                return self.made("negate", token.start, None, operand)
            case "(":
                return self.block(token)
            case "[":
                self.advance(infix=False)
                items = self.items("]")
                return self.made("array", token.start, None, *items)
            case "{":
                return self.pairs("object", token.start, ())
            case "|":
                return self.transform(token)
        raise self.unexpected()

    def function(self, token: _Token) -> Node:
        self.take("(")
        names: list[str] = []
        while self.token.kind != ")":
            names.append(str(self.take("variable", infix=True).value))
            if self.token.kind != ",":
                break
            self.advance(infix=False)
        self.take(")", infix=True)
        if self.token.kind == "<":
            depth = 0
            while True:
                depth += (self.token.kind == "<") - (self.token.kind == ">")
                if self.token.kind == "end":
                    raise self.unexpected()
                self.advance(infix=True)
                if depth == 0:
                    break
        self.take("{")
        body = self.expression(0)
        self.take("}", infix=True)
        return self.made("lambda", token.start, tuple(names), body)

    def block(self, token: _Token) -> Node:
        self.advance(infix=False)
        parts: list[Node] = []
        while self.token.kind != ")":
            parts.append(self.expression(0))
            if self.token.kind != ";":
                break
            self.advance(infix=False)
        self.take(")", infix=True)
        return self.made("block", token.start, None, *parts)

    def items(self, closing: str) -> list[Node]:
        found: list[Node] = []
        while self.token.kind != closing:
            if closing == ")" and self.token.kind == "?":
                start = self.token.start
                self.advance(infix=True)
                found.append(self.made("placeholder", start))
            else:
                found.append(self.expression(0))
            if self.token.kind != ",":
                break
            self.advance(infix=False)
        self.take(closing, infix=True)
        return found

    def pairs(self, kind: str, start: int, before: tuple[Node, ...]) -> Node:
        self.advance(infix=False)
        parts: list[Node] = []
        while self.token.kind != "}":
            parts.append(self.expression(0))
            self.take(":")
            parts.append(self.expression(0))
            if self.token.kind != ",":
                break
            self.advance(infix=False)
        self.take("}", infix=True)
        return self.made(kind, start, None, *before, *parts)

    def transform(self, token: _Token) -> Node:
        self.advance(infix=False)
        parts = [self.expression(20)]
        self.take("|")
        parts.append(self.expression(20))
        if self.token.kind == ",":
            self.advance(infix=False)
            parts.append(self.expression(20))
        self.take("|", infix=True)
        return self.made("transform", token.start, None, *parts)

    def infix(self, left: Node) -> Node:
        operator = self.token.kind
        power = _POWERS[operator]
        if operator in _PLAIN:
            self.advance(infix=False)
            right = self.expression(power)
            return self.made("binary", left.start, operator, left, right)
        if operator == ".":
            self.advance(infix=False)
            right = self.expression(power)
            return self.made("path", left.start, None, left, right)
        if operator == "(":
            self.advance(infix=False)
            arguments = self.items(")")
            return self.made("call", left.start, None, left, *arguments)
        if operator == "[":
            self.advance(infix=False)
            if self.token.kind == "]":
                self.advance(infix=True)
                return self.made("keep_array", left.start, None, left)
            test = self.expression(0)
            self.take("]", infix=True)
            return self.made("filter", left.start, None, left, test)
        if operator == "{":
            return self.pairs("group", left.start, (left,))
        if operator == "?":
            self.advance(infix=False)
            parts = [left, self.expression(0)]
            if self.token.kind == ":":
                self.advance(infix=False)
                parts.append(self.expression(0))
            return self.made("condition", left.start, None, *parts)
        if operator == ":=":
            if left.kind != "variable":
                raise JsonataInvalid("only a $variable can be given a value", left.start + 1)
            self.advance(infix=False)
            right = self.expression(power - 1)
            return self.made("bind", left.start, left.value, right)
        if operator == "^":
            return self.sort(left)
        assert operator in "@#"
        self.advance(infix=False)
        variable = self.take("variable", infix=True)
        kind = "focus" if operator == "@" else "index"
        return self.made(kind, left.start, variable.value, left)

    def sort(self, left: Node) -> Node:
        self.advance(infix=False)
        self.take("(")
        parts: list[Node] = []
        downs: list[bool] = []
        while True:
            downs.append(self.token.kind == ">")
            if self.token.kind in "<>":
                self.advance(infix=False)
            parts.append(self.expression(0))
            if self.token.kind != ",":
                break
            self.advance(infix=False)
        self.take(")", infix=True)
        return self.made("sort", left.start, tuple(downs), left, *parts)
