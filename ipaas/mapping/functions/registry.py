"""The register of mapping functions: each is typed, titled, described and has examples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, TypeVar

from ipaas.mapping.errors import unfit
from ipaas.mapping.values import Value

ArgType: TypeAlias = Literal["any", "text", "number", "integer", "condition", "date", "list"]
ReturnType: TypeAlias = Literal["any", "text", "number", "integer", "condition", "date", "list"]
Group: TypeAlias = Literal[
    "text",
    "number",
    "money",
    "date",
    "convert",
    "logic",
    "list",
    "lookup",
    "unit",
    "address",
    "contact",
    "identifier",
]

GROUPS: Final[dict[str, str]] = {
    "text": "Text",
    "number": "Numbers",
    "money": "Tax, discounts and money",
    "logic": "Logic",
    "date": "Dates",
    "list": "Lists",
    "convert": "Conversion",
    "lookup": "Lookup tables, pairs and rates",
    "unit": "Units of measure",
    "address": "Addresses",
    "contact": "Names, phones, e-mail",
    "identifier": "Identifiers and codes",
}
"""Group to title, in the order people see them."""


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument; ``repeats`` marks the last one of a function that takes any number.

    ``options`` are the only texts it takes, for a pick list.
    """

    name: str
    type: ArgType
    required: bool = True
    repeats: bool = False
    options: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The argument as a JSON object."""
        return {
            "name": self.name,
            "type": self.type,
            "required": self.required,
            "repeats": self.repeats,
            "options": list(self.options),
        }


@dataclass(frozen=True, slots=True)
class Example:
    """Arguments and what the function gives for them; every example is run as a test."""

    args: tuple[Value, ...]
    result: Value

    def as_json(self) -> dict[str, Any]:
        """The example as a JSON object."""
        return {"args": list(self.args), "result": self.result}


@dataclass(frozen=True, slots=True)
class Function:
    """A function that rules may call.

    Arguments arrive converted to their types. Unless ``takes_missing``, a missing required
    argument makes the result missing without a call. A function that ``asks`` is given the
    resources of the run before its arguments.
    """

    name: str
    title: str
    group: Group
    description: str
    args: tuple[Arg, ...]
    returns: ReturnType
    examples: tuple[Example, ...]
    apply: Callable[..., Value]
    takes_missing: bool = False
    asks: bool = False

    @property
    def min_args(self) -> int:
        """Fewest arguments of a call."""
        return sum(arg.required for arg in self.args)

    @property
    def max_args(self) -> int | None:
        """Most arguments of a call; None = any number."""
        return None if self.args and self.args[-1].repeats else len(self.args)

    def accepts(self, count: int) -> bool:
        """Whether a call may have this many arguments."""
        return count >= self.min_args and (self.max_args is None or count <= self.max_args)

    def arg_at(self, index: int) -> Arg:
        """The argument at a position, with the last one repeated."""
        return self.args[min(index, len(self.args) - 1)]

    def arity(self) -> str:
        """How many arguments a call takes, in words."""
        low, high = self.min_args, self.max_args
        if high is None:
            return f"at least {low}"
        return str(low) if low == high else f"{low} to {high}"

    def as_json(self) -> dict[str, Any]:
        """What the designer shows of the function."""
        return {
            "name": self.name,
            "title": self.title,
            "group": self.group,
            "description": self.description,
            "args": [arg.as_json() for arg in self.args],
            "returns": self.returns,
            "examples": [example.as_json() for example in self.examples],
            "asks": self.asks,
        }


Applied = TypeVar("Applied", bound=Callable[..., Value])

FUNCTIONS: Final[dict[str, Function]] = {}
"""Every function by name, in the order people see them."""


def function(
    name: str,
    title: str,
    group: Group,
    args: list[Arg],
    returns: ReturnType,
    *examples: tuple[tuple[Value, ...], Value],
    takes_missing: bool = False,
    asks: bool = False,
) -> Callable[[Applied], Applied]:
    """Decorator that registers a function; its docstring is the description people read."""

    def register(apply: Applied) -> Applied:
        if name in FUNCTIONS:
            raise ValueError(f"The function {name} is registered twice.")
        FUNCTIONS[name] = Function(
            name=name,
            title=title,
            group=group,
            description=" ".join((apply.__doc__ or "").split()),
            args=tuple(args),
            returns=returns,
            examples=tuple(Example(given, result) for given, result in examples),
            apply=apply,
            takes_missing=takes_missing,
            asks=asks,
        )
        return apply

    return register


def option(value: str, options: tuple[str, ...], what: str) -> str:
    """The value, if it is one of the options; letter case does not matter."""
    word = value.strip().lower()
    if word in options:
        return word
    raise unfit(value, f"is not a {what}", code="mapping.option", hint=f"Use {', '.join(options)}.")
