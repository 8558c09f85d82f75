"""JSONata text, run within bounds; the only module that knows a JSONata engine.

Numbers inside a JSONata expression are binary doubles: ``0.1 + 0.2`` is 0.30000000000000004 and
digits beyond the sixteenth are lost. What comes out is read back as exact decimals, but exactness
lost inside is lost. Amounts are therefore worked out with the functions of
``ipaas.mapping.functions``, never in JSONata.

Two engines: ``jlens`` (Rust, the default) and ``jsonata-python`` (a pure-Python second opinion:
slow, and without a bound on regular expressions, so those are refused there).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, Final, Literal, NoReturn, Protocol, TypeAlias

import jlens
import jsonata
from jsonata.jexception import JException
from jsonata.utils import Utils

from ipaas.core import jsonio
from ipaas.core.errors import IpaasError
from ipaas.mapping import limits
from ipaas.mapping.errors import ExpressionFailed, MappingInvalid
from ipaas.mapping.values import Value

EngineName: TypeAlias = Literal["jlens", "jsonata-python"]

_READS_CLOCK: Final = re.compile(r"now|millis|eval")
_STOPPED: Final = {
    "D1011": "it calls itself too deeply",
    "D1012": "it took too long",
    "U1001": "it took too long or went too deep",
}
_SEED: Final = 1


class JsonataInvalid(MappingInvalid):
    """The text is not JSONata; ``position`` is how many characters were read until then."""

    code = "mapping.jsonata_syntax"

    def __init__(self, reason: str, position: int | None) -> None:
        place = "" if position is None else f" (at character {max(position, 1)})"
        super().__init__(
            f"The JSONata text cannot be read: {reason.rstrip('.')}{place}.",
            hint="Correct the expression at the place shown.",
        )
        self.position = position
        self.facts["position"] = position


class JsonataExpression(Protocol):
    """A compiled JSONata text; safe to share between threads."""

    def evaluate(self, document: str | None, bindings: Mapping[str, Any] | None = None) -> Value:
        """The result for a document given as JSON text (None: no document); may raise
        ExpressionFailed.

        ``bindings`` are variables and functions of ours by the name that the text uses.
        """
        ...


def compile_jsonata(
    text: str, engine: EngineName = "jlens", *, trusted: bool = False
) -> JsonataExpression:
    """The compiled text; raises JsonataInvalid with the position of a syntax error.

    ``trusted`` texts, which no user wrote, may hold regular expressions in either engine.
    """
    if len(text) > limits.JSONATA_MAX_TEXT:
        raise JsonataInvalid(f"it has more than {limits.JSONATA_MAX_TEXT} characters", None)
    return _jlens(text) if engine == "jlens" else _JsonataPython(text, trusted=trusted)


def _clock_refused(*_: Any) -> NoReturn:
    raise ExpressionFailed(
        "A mapping cannot read the clock: the same document must always give the same result",
        code="mapping.clock",
        hint="Use a date of the document.",
    )


def _failed(reason: str, code: str | None, position: int | None) -> ExpressionFailed:
    stopped = _STOPPED.get(code or "")
    reason = f"it was stopped because {stopped}" if stopped else reason.rstrip(".")
    place = "" if position is None else f", at character {max(position, 1)}"
    return ExpressionFailed(
        f"The JSONata expression failed{place}: {reason}",
        code="mapping.jsonata_limit" if stopped else "mapping.jsonata",
        hint="Correct the expression, or the value it works on.",
    )


class _Jlens:
    """The Rust engine; JSON text in and out, so that no value passes through Python floats."""

    def __init__(self, text: str) -> None:
        try:
            self._expression = jlens.Expression(text)
        except jlens.JlensError as error:
            raise JsonataInvalid(str(error), error.position) from error
        except UnicodeEncodeError as error:
            raise JsonataInvalid("it holds half of a character", error.start) from error
        self._bindings: dict[str, Any] | None = None
        if _READS_CLOCK.search(text):
            self._bindings = {"now": _clock_refused, "millis": _clock_refused}

    def evaluate(self, document: str | None, bindings: Mapping[str, Any] | None = None) -> Value:
        given = {**(self._bindings or {}), **bindings} if bindings else self._bindings
        try:
            result = self._expression.evaluate_json(
                document,
                given,
                timeout=limits.JSONATA_TIMEOUT_S,
                max_depth=limits.JSONATA_MAX_DEPTH,
                max_steps=limits.JSONATA_MAX_STEPS,
                max_string_length=limits.MAX_TEXT,
                max_array_length=limits.MAX_LIST,
                max_result_size=limits.JSONATA_MAX_RESULT_BYTES,
                now=0,
                seed=_SEED,
            )
        except jlens.JlensError as error:
            raise _failed(str(error), error.code, error.position) from error
        except ValueError as error:
            raise _failed(str(error), None, None) from error
        return None if result is None else jsonio.loads(result)


class _JsonataPython:
    """The pure-Python engine: each evaluation parses anew, because a parsed expression that is
    shared between threads mixes their documents."""

    def __init__(self, text: str, *, trusted: bool) -> None:
        self._text = text
        self._trusted = trusted
        self._parse()

    def _parse(self) -> Any:
        try:
            expression = jsonata.Jsonata(self._text)
        except JException as error:
            raise JsonataInvalid(str(error), error.location) from error
        except (RecursionError, ValueError, TypeError, AttributeError, IndexError) as error:
            raise JsonataInvalid(str(error) or type(error).__name__, None) from error
        if not self._trusted and _has_regex(expression.ast):
            raise JsonataInvalid("this engine runs no regular expressions", None)
        return expression

    def evaluate(self, document: str | None, bindings: Mapping[str, Any] | None = None) -> Value:
        expression = self._parse()
        values = bindings or {}
        for name, value in values.items():
            if callable(value):
                expression.register_lambda(name, partial(_called, value))
        for name in ("now", "millis"):
            expression.register_lambda(name, _clock_refused)
        frame = expression.create_frame()
        for name, value in values.items():
            if not callable(value):
                frame.bind(name, value)
        frame.set_runtime_bounds(int(limits.JSONATA_TIMEOUT_S * 1000), limits.JSONATA_MAX_DEPTH)
        try:
            result = expression.evaluate(None if document is None else json.loads(document), frame)
            text = json.dumps(_without_markers(result))
        except JException as error:
            raise _failed(str(error), error.error, error.location) from error
        except IpaasError:
            raise
        except Exception as error:  # a young pure-Python port leaks every kind of error
            raise _failed(str(error) or type(error).__name__, None, None) from error
        if len(text) > limits.JSONATA_MAX_RESULT_BYTES:
            raise _failed("the result is too large", None, None)
        return jsonio.loads(text)


def _without_markers(value: Any) -> Any:
    """The value with the engine's own null marker turned into None."""
    if value is Utils.NULL_VALUE:
        return None
    if isinstance(value, dict):
        return {key: _without_markers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_markers(item) for item in value]
    return value


def _called(function: Callable[..., Any], *args: Any) -> Any:
    """The function's answer; this engine hands over its own null marker."""
    return function(*[_without_markers(arg) for arg in args])


def _has_regex(node: Any) -> bool:
    """Whether a parsed expression holds a regular expression."""
    stack, seen = [node], set()
    while stack:
        item = stack.pop()
        if id(item) in seen or item is None or isinstance(item, (str, int, float)):
            continue
        seen.add(id(item))
        if isinstance(item, re.Pattern):
            return True
        if isinstance(item, (list, tuple)):
            stack.extend(item)
        elif hasattr(item, "__dict__"):
            if getattr(item, "type", None) == "regex":
                return True
            stack.extend(vars(item).values())
    return False


@lru_cache(maxsize=512)
def _jlens(text: str) -> JsonataExpression:
    return _Jlens(text)
