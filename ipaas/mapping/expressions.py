"""Expressions compiled to Python closures.

Everything that can be decided before a document arrives is decided here: paths are split, blocks
are matched, functions are looked up, constants are converted. A closure takes a frame and returns
a value; ``None`` means missing or null. A frame is a list: the context document, the run, then the
current element of each enclosing rows block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeAlias

from ipaas.core import jsonio
from ipaas.mapping import limits
from ipaas.mapping.convert import CONVERTERS, to_text, to_truth
from ipaas.mapping.copying import Copier
from ipaas.mapping.errors import ExpressionFailed, MappingInvalid
from ipaas.mapping.functions import FUNCTIONS, Function
from ipaas.mapping.functions.text import bounded
from ipaas.mapping.jsonata_engine import compile_jsonata
from ipaas.mapping.model import Call, Concat, Const, Expr, Field, If, Jsonata, walk
from ipaas.mapping.paths import EACH, SourcePath, format_source, parse_source
from ipaas.mapping.values import Value

Frame: TypeAlias = list[Any]
Closure: TypeAlias = Callable[[Frame], Value]

CONTEXT: Final = 0
RUN: Final = 1
FIRST_ELEMENT: Final = 2
_HEAVY: Final = 256


class OutOfBounds(Exception):
    """The document asks for more work or output than one mapping may do; evaluation stops."""


class Run:
    """What one application of a mapping has used up, and what it may reuse."""

    __slots__ = ("_json", "cache", "copier", "rows_left", "work_left")

    def __init__(self) -> None:
        self.work_left = limits.MAX_WORK
        self.rows_left = limits.MAX_ROWS
        self.copier = Copier()
        self.cache: dict[int, Value] = {}
        self._json: str | None = None

    def spend(self, units: int) -> None:
        """Count work; raises OutOfBounds when the bound is reached."""
        self.work_left -= units
        if self.work_left < 0:
            raise OutOfBounds("The mapping takes too many steps for this document")

    def context_json(self, context: Value) -> str:
        """The context document as JSON text, written once."""
        if self._json is None:
            try:
                self._json = jsonio.dumps(context).decode()
            except (TypeError, ValueError, RecursionError) as error:
                raise ExpressionFailed(
                    f"The document cannot be written as JSON: {error}"
                ) from error
        return self._json


class ExpressionInvalid(MappingInvalid):
    """An expression that can never run; ``problem_code`` says why in a word."""

    code = "mapping.expression_invalid"

    def __init__(self, message: str, *, problem_code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problem_code = problem_code


@dataclass(frozen=True, slots=True)
class Block:
    """A rows block around an expression: the path of its ``each`` and its place in the frame."""

    each: SourcePath
    slot: int


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows blocks around an expression, outermost first."""

    blocks: tuple[Block, ...] = field(default=())

    def locate(self, path: SourcePath, *, strictly: bool = False) -> tuple[int, SourcePath]:
        """Frame slot a path starts from, and the rest of the path.

        The block with the longest matching ``each`` wins, the inner one of equals. ``strictly``
        leaves out a block that is the whole path.
        """
        best: Block | None = None
        for block in self.blocks:
            size = len(block.each)
            if path[:size] != block.each or (strictly and size == len(path)):
                continue
            if best is None or size >= len(best.each):
                best = block
        if best is None:
            return CONTEXT, path
        return best.slot, path[len(best.each) :]


def source_of(expr: Expr) -> str | None:
    """The one field path that an expression reads; None if it reads none or several."""
    paths = {part.path for part in walk(expr) if isinstance(part, Field)}
    return next(iter(paths)) if len(paths) == 1 else None


def first_source(expr: Expr) -> str | None:
    """The first field path in an expression."""
    return next((part.path for part in walk(expr) if isinstance(part, Field)), None)


def compile_expression(expr: Expr, scope: Scope) -> Closure:
    """The closure of an expression; raises ExpressionInvalid or another MappingInvalid."""
    if isinstance(expr, Field):
        return compile_path(parse_source(expr.path), scope)
    if isinstance(expr, Const):
        return _constant(expr.value)
    if isinstance(expr, Call):
        return _call(expr, scope)
    if isinstance(expr, Concat):
        return _concat(expr, scope)
    if isinstance(expr, If):
        return _if(expr, scope)
    if isinstance(expr, Jsonata):
        return _jsonata(expr)
    raise ExpressionInvalid(
        "A part of this expression is still empty.",
        problem_code="mapping.unfinished",
        hint="Fill it in.",
    )


def compile_condition(expr: Expr, scope: Scope) -> Callable[[Frame], bool]:
    """The closure of an expression that is used as a condition."""
    read, source = compile_expression(expr, scope), source_of(expr)

    def condition(frame: Frame) -> bool:
        value = read(frame)
        if value is True or value is False:
            return value
        try:
            return to_truth(value)
        except ExpressionFailed as error:
            raise error.at(source) from None

    return condition


def _constant(value: Value) -> Closure:
    return lambda frame: value


# --- paths -------------------------------------------------------------------------------------


def compile_path(path: SourcePath, scope: Scope, *, strictly: bool = False) -> Closure:
    """The closure that reads a source path; an absent field is missing, not an error."""
    slot, rest = scope.locate(path, strictly=strictly)
    text = format_source(path)
    names = tuple(segment for segment in rest if isinstance(segment, str))
    if EACH in rest:
        return _list_reader(slot, rest, text)
    if len(names) == len(rest):
        return _field_reader(slot, names, text)
    return _stepwise_reader(slot, rest, text)


def _list_in_path(text: str, name: str) -> ExpressionFailed:
    return ExpressionFailed(
        f"What holds “{name}” is a list of several entries",
        code="mapping.list_in_path",
        hint="Take one entry with first or last, or write [] after the list for all of them.",
        source=text,
    )


def _step(value: Value, segment: str | int, text: str) -> Value:
    kind = type(value)
    if type(segment) is int:
        if kind is list:
            return value[segment] if -len(value) <= segment < len(value) else None
        return value if segment in (0, -1) else None
    if kind is dict:
        return value.get(segment)
    if kind is list and value:
        raise _list_in_path(text, str(segment))
    return None


def _descend(value: Value, segments: Sequence[Any], text: str) -> Value:
    for segment in segments:
        if value is None:
            return None
        value = _step(value, segment, text)
    return Decimal(repr(value)) if type(value) is float else value


def _stepwise_reader(slot: int, segments: SourcePath, text: str) -> Closure:
    return lambda frame: _descend(frame[slot], segments, text)


def _field_reader(slot: int, names: tuple[str, ...], text: str) -> Closure:
    """Unrolled for the usual lengths; what is not a plain chain of objects takes the slow road.

    The last name is read with ``get``, since a missing field is ordinary and must be cheap.
    """
    match names:
        case ():

            def itself(frame: Frame) -> Value:
                value = frame[slot]
                return Decimal(repr(value)) if type(value) is float else value

            return itself
        case (a,):

            def one(frame: Frame) -> Value:
                try:
                    value = frame[slot].get(a)
                except (AttributeError, KeyError, TypeError):
                    return _descend(frame[slot], names, text)
                return Decimal(repr(value)) if type(value) is float else value

            return one
        case (a, b):

            def two(frame: Frame) -> Value:
                try:
                    value = frame[slot][a].get(b)
                except (AttributeError, KeyError, TypeError):
                    return _descend(frame[slot], names, text)
                return Decimal(repr(value)) if type(value) is float else value

            return two
        case (a, b, c):

            def three(frame: Frame) -> Value:
                try:
                    value = frame[slot][a][b].get(c)
                except (AttributeError, KeyError, TypeError):
                    return _descend(frame[slot], names, text)
                return Decimal(repr(value)) if type(value) is float else value

            return three
    return lambda frame: _descend(frame[slot], names, text)


def _list_reader(slot: int, rest: SourcePath, text: str) -> Closure:
    """Reads the list of all values: null ones are left out, and an empty list is missing."""
    groups: list[tuple[Any, ...]] = []
    group: list[Any] = []
    for segment in rest:
        if segment is EACH:
            groups.append(tuple(group))
            group = []
        else:
            group.append(segment)
    if group:
        groups.append(tuple(group))

    def read(frame: Frame) -> Value:
        values = [frame[slot]]
        for segments in groups:
            found: list[Value] = []
            for item in values:
                value = _descend(item, segments, text)
                if type(value) is list:
                    found.extend(value)
                elif value is not None:
                    found.append(value)
            values = [
                Decimal(repr(value)) if type(value) is float else value
                for value in found
                if value is not None
            ]
            frame[RUN].spend(len(found) + 1)
            if len(values) > limits.MAX_LIST:
                raise OutOfBounds(f"The list {text} has more than {limits.MAX_LIST} values")
        return values or None

    return read


# --- operators and functions -------------------------------------------------------------------


def _concat(expr: Concat, scope: Scope) -> Closure:
    parts = tuple((compile_expression(part, scope), source_of(part)) for part in expr.args)
    separator = expr.separator

    def concat(frame: Frame) -> Value:
        texts = []
        for read, source in parts:
            value = read(frame)
            if value is not None:
                try:
                    texts.append(value if type(value) is str else to_text(value))
                except ExpressionFailed as error:
                    raise error.at(source) from None
        if not texts:
            return None
        joined = separator.join(texts)
        if len(joined) > _HEAVY:
            frame[RUN].spend(len(joined) // _HEAVY)
        return bounded(joined)

    return concat


def _if(expr: If, scope: Scope) -> Closure:
    condition = compile_condition(expr.cond, scope)
    then = compile_expression(expr.then, scope)
    if expr.otherwise is None:
        return lambda frame: then(frame) if condition(frame) else None
    otherwise = compile_expression(expr.otherwise, scope)
    return lambda frame: then(frame) if condition(frame) else otherwise(frame)


def _jsonata(expr: Jsonata) -> Closure:
    expression = compile_jsonata(expr.text)
    key = id(expression)

    def evaluate(frame: Frame) -> Value:
        run: Run = frame[RUN]
        if key not in run.cache:
            run.cache[key] = expression.evaluate(run.context_json(frame[CONTEXT]))
        return run.cache[key]

    return evaluate


def _call(call: Call, scope: Scope) -> Closure:
    fn = FUNCTIONS.get(call.fn)
    if fn is None:
        raise ExpressionInvalid(
            f"There is no function “{call.fn[:80]}”.",
            problem_code="mapping.unknown_function",
            hint="Choose a function from the list.",
        )
    if not fn.accepts(len(call.args)):
        raise ExpressionInvalid(
            f"{fn.title} ({fn.name}) takes {fn.arity()} values, but has {len(call.args)}.",
            problem_code="mapping.argument_count",
            hint="It takes " + ", ".join(arg.name for arg in fn.args) + ".",
        )
    if fn.name in ("and", "or"):
        return _and_or(call, scope, stop_at=fn.name == "or")
    if fn.name == "default":
        return _first_given([compile_expression(arg, scope) for arg in call.args])
    plan = [_argument(fn, index, arg, scope) for index, arg in enumerate(call.args)]
    source = first_source(call)
    if len(plan) == 1:
        return _call_one(fn, plan[0], source)
    return _call_many(fn, plan, source)


def _and_or(call: Call, scope: Scope, *, stop_at: bool) -> Closure:
    conditions = [compile_condition(arg, scope) for arg in call.args]

    def and_or(frame: Frame) -> bool:
        for condition in conditions:
            if condition(frame) is stop_at:
                return stop_at
        return not stop_at

    return and_or


def _first_given(readers: list[Closure]) -> Closure:
    def first_given(frame: Frame) -> Value:
        for read in readers:
            value = read(frame)
            if value is not None:
                return value
        return None

    return first_given


@dataclass(frozen=True, slots=True)
class _Argument:
    """How one argument is read and made to fit."""

    read: Closure
    convert: Callable[[Value], Value] | None
    source: str | None
    needed: bool


def _argument(fn: Function, index: int, expr: Expr, scope: Scope) -> _Argument:
    spec = fn.arg_at(index)
    convert = CONVERTERS.get(spec.type)
    needed = spec.required and not fn.takes_missing
    if isinstance(expr, Const):
        value = expr.value
        if value is not None and convert is not None:
            try:
                value = convert(value)
            except ExpressionFailed as error:
                raise ExpressionInvalid(
                    f"{fn.title}, {spec.name}: {error.message}",
                    problem_code=error.failure_code,
                    hint=error.hint,
                ) from error
        return _Argument(_constant(value), None, None, needed)
    return _Argument(compile_expression(expr, scope), convert, source_of(expr), needed)


def _weigh(frame: Frame, value: Value) -> None:
    """Count the work that a long text or a list causes."""
    size = len(value)
    if type(value) is str:
        if size > _HEAVY:
            frame[RUN].spend(size // _HEAVY)
    else:
        frame[RUN].spend(size)


_LIGHT: Final = frozenset({int, Decimal, bool})


def _exact_result(fn: Function, apply: Callable[..., Value]) -> Callable[..., Value]:
    """The function, with a float that it found in a list or object made exact."""
    if fn.returns not in ("any", "list"):
        return apply

    def exact(*values: Value) -> Value:
        result = apply(*values)
        return Decimal(repr(result)) if type(result) is float else result

    return exact


def _call_one(fn: Function, argument: _Argument, source: str | None) -> Closure:
    apply = _exact_result(fn, fn.apply)
    read, needed = argument.read, argument.needed
    source = argument.source or source
    convert = argument.convert or _unchanged

    def call(frame: Frame) -> Value:
        value = read(frame)
        try:
            if value is None:
                return None if needed else apply(None)
            kind = type(value)
            if kind not in _LIGHT and len(value) > _HEAVY:
                _weigh(frame, value)
            return apply(convert(value))
        except ExpressionFailed as error:
            raise error.at(source) from None

    return call


def _unchanged(value: Value) -> Value:
    return value


def _call_many(fn: Function, plan: list[_Argument], source: str | None) -> Closure:
    apply = _exact_result(fn, fn.apply)
    steps = [(arg.read, arg.convert, arg.needed, arg.source or source) for arg in plan]
    # An optional argument that is missing counts as not given, and so do those after it.
    keep = len(plan) if fn.takes_missing else fn.min_args

    def call(frame: Frame) -> Value:
        values: list[Value] = []
        for read, convert, needed, its_source in steps:
            value = read(frame)
            if value is None:
                if needed:
                    return None
                if len(values) >= keep:
                    break
            else:
                if type(value) not in _LIGHT and len(value) > _HEAVY:
                    _weigh(frame, value)
                if convert is not None:
                    try:
                        value = convert(value)
                    except ExpressionFailed as error:
                        raise error.at(its_source) from None
            values.append(value)
        try:
            return apply(*values)
        except ExpressionFailed as error:
            raise error.at(source) from None

    return call
