"""Calls of functions as closures: arguments read, weighed, converted, errors given their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.functions import Function
from ipaas.mapping.reading import RUN, Closure, Frame
from ipaas.mapping.values import Value

HEAVY: Final = 256
"""Texts and lists up to this size cost no work of their own."""


@dataclass(frozen=True, slots=True)
class Argument:
    """How one argument is read and made to fit."""

    read: Closure
    convert: Callable[[Value], Value] | None
    source: str | None
    needed: bool


def _weigh(frame: Frame, value: Value) -> None:
    """Count the work that a long text or a list causes."""
    size = len(value)
    if type(value) is str:
        if size > HEAVY:
            frame[RUN].spend(size // HEAVY)
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


def call_one(fn: Function, argument: Argument, source: str | None) -> Closure:
    """A call with one argument."""
    apply = _exact_result(fn, fn.apply)
    read, needed = argument.read, argument.needed
    source = argument.source or source
    convert = argument.convert or _unchanged

    def called(frame: Frame) -> Value:
        value = read(frame)
        try:
            if value is None:
                return None if needed else apply(None)
            kind = type(value)
            if kind not in _LIGHT and len(value) > HEAVY:
                _weigh(frame, value)
            return apply(convert(value))
        except ExpressionFailed as error:
            raise error.at(source) from None

    return called


def call_fixed(fn: Function, plan: list[Argument], source: str | None) -> Closure:
    """A call whose arguments after the first are constants, such as the digits of a rounding."""
    apply = _exact_result(fn, fn.apply)
    read, convert = plan[0].read, plan[0].convert or _unchanged
    its_source = plan[0].source or source
    fixed = tuple(argument.read([]) for argument in plan[1:])

    def called(frame: Frame) -> Value:
        value = read(frame)
        if value is None:
            return None
        if type(value) not in _LIGHT and len(value) > HEAVY:
            _weigh(frame, value)
        if weighty:
            for text in weighty:
                _weigh(frame, text)
        place = its_source
        try:
            value = convert(value)
            place = source
            return apply(value, *fixed)
        except ExpressionFailed as error:
            raise error.at(place) from None

    weighty = [value for value in fixed if type(value) in (str, list) and len(value) > HEAVY]
    return called


def _unchanged(value: Value) -> Value:
    return value


def call_many(fn: Function, plan: list[Argument], source: str | None) -> Closure:
    """A call with any arguments."""
    apply = _exact_result(fn, fn.apply)
    asks = fn.asks
    steps = [(arg.read, arg.convert, arg.needed, arg.source or source) for arg in plan]
    # An optional argument that is missing counts as not given, and so do those after it.
    keep = len(plan) if fn.takes_missing else fn.min_args

    def called(frame: Frame) -> Value:
        values: list[Value] = []
        for read, convert, needed, its_source in steps:
            value = read(frame)
            if value is None:
                if needed:
                    return None
                if len(values) >= keep:
                    break
            else:
                if type(value) not in _LIGHT and len(value) > HEAVY:
                    _weigh(frame, value)
                if convert is not None:
                    try:
                        value = convert(value)
                    except ExpressionFailed as error:
                        raise error.at(its_source) from None
            values.append(value)
        try:
            return apply(frame[RUN].resources, *values) if asks else apply(*values)
        except ExpressionFailed as error:
            raise error.at(source) from None

    return called
