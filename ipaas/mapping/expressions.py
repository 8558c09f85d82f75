"""Expressions compiled to Python closures.

Everything that can be decided before a document arrives is decided here: paths are split, blocks
are matched, functions are looked up, constants are converted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Final

from ipaas.mapping.calling import HEAVY, Argument, call_fixed, call_many, call_one
from ipaas.mapping.convert import CONVERTERS, Moment, to_text, to_truth
from ipaas.mapping.errors import ExpressionFailed, MappingInvalid
from ipaas.mapping.functions import FUNCTIONS, Function
from ipaas.mapping.functions.text import bounded
from ipaas.mapping.hosted import called_functions, host_functions, in_doubles
from ipaas.mapping.jsonata_engine import compile_jsonata
from ipaas.mapping.model import (
    Call,
    Concat,
    Const,
    Expr,
    Field,
    If,
    Jsonata,
    Param,
    UserFunction,
    With,
    walk,
)
from ipaas.mapping.paths import parse_source
from ipaas.mapping.reading import (
    CONTEXT,
    FIRST_ELEMENT,
    RUN,
    Closure,
    Frame,
    Run,
    Scope,
    Variable,
    compile_null_test,
    compile_path,
)
from ipaas.mapping.values import Value

_VARIABLE: Final = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


class ExpressionInvalid(MappingInvalid):
    """An expression that can never run; ``problem_code`` says why in a word."""

    code = "mapping.expression_invalid"

    def __init__(self, message: str, *, problem_code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problem_code = problem_code


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
        if scope.closed:
            raise ExpressionInvalid(
                "A function of your own cannot hold JSONata text.",
                problem_code="mapping.closed",
                hint="Write it with functions.",
            )
        return _jsonata(expr, scope)
    if isinstance(expr, With):
        return compile_expression(
            expr.body, replace(scope, functions=user_functions(expr.functions, scope.functions))
        )
    raise ExpressionInvalid(
        "A part of this expression is still empty.",
        problem_code="mapping.unfinished",
        hint="Fill it in.",
    )


def compile_condition(expr: Expr, scope: Scope) -> Callable[[Frame], bool]:
    """The closure of an expression that is used as a condition."""
    read, source = compile_expression(expr, scope), source_of(expr)
    if isinstance(expr, Call) and expr.fn not in scope.functions:
        fn = FUNCTIONS[expr.fn]
        if fn.returns == "condition" and fn.takes_missing:
            return read  # it is true or false, whatever it is given

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
        if len(joined) > HEAVY:
            frame[RUN].spend(len(joined) // HEAVY)
        return bounded(joined)

    return concat


def _if(expr: If, scope: Scope) -> Closure:
    condition = compile_condition(expr.cond, scope)
    then = compile_expression(expr.then, scope)
    if expr.otherwise is None:
        return lambda frame: then(frame) if condition(frame) else None
    otherwise = compile_expression(expr.otherwise, scope)
    return lambda frame: then(frame) if condition(frame) else otherwise(frame)


def _jsonata(expr: Jsonata, scope: Scope) -> Closure:
    expression = compile_jsonata(expr.text)
    key = id(expression)
    names = called_functions(expr.text)
    named = frozenset(_VARIABLE.findall(expr.text))
    slots = {v.name: v.slot for v in scope.variables if v.name in named}

    def in_loop(frame: Frame) -> Value:
        run: Run = frame[RUN]
        run.spend(HEAVY)
        bindings: dict[str, Any] = host_functions(names, partial(evaluate_function, run))
        for name, slot in slots.items():
            bindings[name] = in_doubles(frame[slot])
        return expression.evaluate(run.context_json(frame[CONTEXT]), bindings)

    def evaluate(frame: Frame) -> Value:
        run: Run = frame[RUN]
        if key not in run.cache:
            functions = host_functions(names, partial(evaluate_function, run)) if names else None
            run.cache[key] = expression.evaluate(run.context_json(frame[CONTEXT]), functions)
        return run.cache[key]

    return in_loop if slots else evaluate


def evaluate_function(run: Run, name: str, args: tuple[Value, ...]) -> Value:
    """What a function gives for values, with the conversions and bounds of a call in a rule."""
    run.spend(16)
    return _call_of(name, len(args))([{"args": list(args)}, run])


@lru_cache(maxsize=1024)
def _call_of(name: str, count: int) -> Closure:
    return _call(Call(name, tuple(Field(f"args[{index}]") for index in range(count))), Scope())


def _call(call: Call, scope: Scope) -> Closure:
    own = scope.functions.get(call.fn)
    if own is not None:
        return _call_own(own, call, scope)
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
    if fn.name == "is_null" and isinstance(call.args[0], Field):
        return compile_null_test(parse_source(call.args[0].path), scope)
    if fn.name in ("and", "or"):
        return _and_or(call, scope, stop_at=fn.name == "or")
    if fn.name == "default":
        return _first_given([compile_expression(arg, scope) for arg in call.args])
    plan = [_argument(fn, index, arg, scope) for index, arg in enumerate(call.args)]
    source = first_source(call)
    if not fn.asks:
        if len(plan) == 1:
            return call_one(fn, plan[0], source)
        fixed = [arg.value for arg in call.args[1:] if isinstance(arg, Const)]
        if plan[0].needed and len(fixed) == len(plan) - 1 and None not in fixed:
            return call_fixed(fn, plan, source)
    return call_many(fn, plan, source)


class OwnFunction:
    """A user function, compiled when it is first called."""

    def __init__(self, function: UserFunction, known: Mapping[str, OwnFunction]) -> None:
        self.function = function
        self.known = known
        self.cost = sum(1 for _ in walk(function.body))
        self._body: Closure | None = None
        self._compiling = False

    @property
    def body(self) -> Closure:
        """The compiled body; raises ExpressionInvalid for a function that calls itself."""
        if self._body is None:
            if self._compiling:
                raise ExpressionInvalid(
                    f"The function “{self.function.name}” calls itself.",
                    problem_code="mapping.recursion",
                    hint="Write it without a call of itself.",
                )
            self._compiling = True
            variables = tuple(
                Variable(param.name, FIRST_ELEMENT + index)
                for index, param in enumerate(self.function.params)
            )
            size = FIRST_ELEMENT + len(variables)
            scope = Scope((), variables, self.known, size, closed=True)
            try:
                self._body = compile_expression(self.function.body, scope)
            finally:
                self._compiling = False
        return self._body


def user_functions(
    functions: tuple[UserFunction, ...], around: Mapping[str, OwnFunction] | None = None
) -> Mapping[str, OwnFunction]:
    """User functions by name, which may call each other and those ``around``."""
    known: dict[str, OwnFunction] = dict(around or {})
    for function in functions:
        known[function.name] = OwnFunction(function, known)
    return known


def _call_own(own: OwnFunction, call: Call, scope: Scope) -> Closure:
    params = own.function.params
    least = own.function.least
    if not least <= len(call.args) <= len(params):
        takes = f"{least} to {len(params)}" if least < len(params) else str(least)
        raise ExpressionInvalid(
            f"Your function {own.function.name} takes {takes} values, but has {len(call.args)}.",
            problem_code="mapping.argument_count",
            hint="It takes " + ", ".join(param.name for param in params) + ".",
        )
    defaults = [_default_of(own.function, param) for param in params]
    steps = [
        (
            compile_expression(arg, scope),
            CONVERTERS.get(param.type),
            param.required,
            default,
            source_of(arg),
        )
        for arg, param, default in zip(call.args, params, defaults, strict=False)
    ]
    body, cost, absent = own.body, own.cost, defaults[len(call.args) :]

    def call_own(frame: Frame) -> Value:
        run: Run = frame[RUN]
        run.spend(cost)
        inner: Frame = [None, run]
        for read, convert, needed, default, source in steps:
            value = read(frame)
            if value is None:
                if needed:
                    return None
                value = default
            elif convert is not None:
                try:
                    # A date is read to refuse what is none, but handed on as it was written.
                    converted = convert(value)
                except ExpressionFailed as error:
                    raise error.at(source) from None
                value = value if isinstance(converted, Moment) else converted
            inner.append(value)
        inner += absent
        return body(inner)

    return call_own


def _default_of(function: UserFunction, param: Param) -> Value:
    """What an argument is where nothing is given, as its type wants it."""
    convert = CONVERTERS.get(param.type)
    if param.default is None or convert is None:
        return param.default
    try:
        converted = convert(param.default)
    except ExpressionFailed as error:
        raise ExpressionInvalid(
            f"Your function {function.name}, {param.name}: {error.message}",
            problem_code=error.failure_code,
            hint="Give the argument another default.",
        ) from error
    return param.default if isinstance(converted, Moment) else converted


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


def _argument(fn: Function, index: int, expr: Expr, scope: Scope) -> Argument:
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
        return Argument(_constant(value), None, None, needed)
    return Argument(compile_expression(expr, scope), convert, source_of(expr), needed)
