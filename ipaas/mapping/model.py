"""The mapping document as frozen values; ``parsing`` reads it from JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from ipaas.mapping.values import Value


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the context document."""

    path: str


@dataclass(frozen=True, slots=True)
class Const:
    """A fixed JSON value."""

    value: Value


@dataclass(frozen=True, slots=True)
class Concat:
    """Texts joined; a missing part is skipped together with its separator."""

    args: tuple[Expr, ...]
    separator: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A registered function and its arguments."""

    fn: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class If:
    """One of two expressions."""

    cond: Expr
    then: Expr
    otherwise: Expr | None = None


@dataclass(frozen=True, slots=True)
class Jsonata:
    """JSONata text, run on the whole context document."""

    text: str


@dataclass(frozen=True, slots=True)
class Hole:
    """A place a person has still to fill."""


@dataclass(frozen=True, slots=True)
class Param:
    """One argument of a user function, read in its body as ``$name``.

    One with a ``default`` is not required: it has that value where a call gives none.
    """

    name: str
    type: str = "any"
    required: bool = True
    default: Value = None


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A function made of others; its body sees its arguments and nothing of the document."""

    name: str
    params: tuple[Param, ...]
    body: Expr
    version: int = 1
    title: str = ""

    @property
    def least(self) -> int:
        """The fewest values that a call gives: as many as the last required argument needs."""
        return max((at for at, param in enumerate(self.params, 1) if param.required), default=0)


@dataclass(frozen=True, slots=True)
class With:
    """An expression together with the user functions that it calls."""

    functions: tuple[UserFunction, ...]
    body: Expr


Expr: TypeAlias = Field | Const | Concat | Call | If | Jsonata | Hole | With


class OnMissing(StrEnum):
    """What a rule does when its value is missing or null."""

    OMIT = "omit"
    NULL = "null"
    FAIL = "fail"


class OnNull(StrEnum):
    """What a rule that copies one field does when the field is there, but null."""

    MISSING = "missing"
    OMIT = "omit"
    NULL = "null"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class SortKey:
    """One thing that rows are ordered by; rows without it come last."""

    by: Expr
    down: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """A second list that is found by key: the loop variable ``name`` holds the match.

    ``left`` is worked out for the row, ``right`` for each entry of the second list (as ``$name``).
    ``many`` makes one row per match instead of taking the first; ``inner`` leaves rows without a
    match out.
    """

    source: Expr
    name: str
    left: Expr
    right: Expr
    many: bool = False
    inner: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """A running total over the rows, this one included, read as ``$name``."""

    name: str
    add: Expr


@dataclass(frozen=True, slots=True)
class Rows:
    """How a rows rule makes rows: one per element of ``each`` or ``items``, or one single row.

    ``name`` and ``number`` are loop variables: the element, and its number from 1. The steps work
    in this order: joins, ``where``, ``group``, ``sort``, ``distinct``, ``first`` and ``last``. With
    ``group`` the element is an object of ``key`` and ``items``.
    """

    each: str | None = None
    where: Expr | None = None
    when: Expr | None = None
    items: Expr | None = None
    name: str | None = None
    number: str | None = None
    joins: tuple[Join, ...] = ()
    group: Expr | None = None
    sort: tuple[SortKey, ...] = ()
    distinct: Expr | None = None
    first: int | None = None
    last: int | None = None
    running: tuple[Running, ...] = ()

    @property
    def variable(self) -> str | None:
        """Name of the loop variable that holds the element."""
        if self.name is not None:
            return self.name
        if self.group is not None:
            return "group"
        return "item" if self.items is not None else None

    @property
    def shaped(self) -> bool:
        """Whether rows are more than the elements of a list that pass a filter."""
        return bool(
            self.joins
            or self.group is not None
            or self.sort
            or self.distinct is not None
            or self.first is not None
            or self.last is not None
            or self.running
            or self.number
        )


Mode: TypeAlias = Literal["create", "update"]


@dataclass(frozen=True, slots=True)
class Branch:
    """A condition over several rules; ``after`` another branch it is its “else”.

    Without ``when`` it holds whenever the branches before it do not.
    """

    id: str
    when: Expr | None = None
    after: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a mapping: a value rule has ``expr``, a rows rule has ``rows``.

    ``only`` names the one way of writing (create or update) that the rule is for; ``origin`` is
    the rule of a template that this one came from, ``insertion`` the time it was laid in.
    """

    id: str
    target: str
    expr: Expr | None = None
    rows: Rows | None = None
    comment: str = ""
    disabled: bool = False
    on_missing: OnMissing = OnMissing.OMIT
    default: Expr | None = None
    on_null: OnNull = OnNull.MISSING
    when: Expr | None = None
    branch: str | None = None
    only: Mode | None = None
    origin: str | None = None
    insertion: str | None = None

    @property
    def unfinished(self) -> bool:
        """Whether a part of the rule has still to be filled in; such a rule does not run."""
        if self.rows is not None and self.rows.each == "":
            return True
        if self.rows is None and self.expr is None:
            return True
        return any(has_hole(expr) for expr in expressions(self))


OWN_FIELD_TYPES: Final = (
    "text", "number", "integer", "boolean", "date", "datetime", "object", "list",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field that a person added to a target whose schema leaves room; lists are ``[]``."""

    path: str
    kind: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Insertion:
    """A template that was laid into a mapping: in which version, and where its parts stand there.

    ``reads`` names the paths that are read instead of the template's, ``place`` the record that its
    targets stood under and the one they stand under now, ``branches`` the template's branches by
    the names they have in the mapping.
    """

    id: str
    template: str
    version: int
    reads: tuple[tuple[str, str], ...] = ()
    place: tuple[str, str] | None = None
    branches: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole mapping."""

    rules: tuple[Rule, ...]
    branches: tuple[Branch, ...] = ()
    functions: tuple[UserFunction, ...] = ()
    own_fields: tuple[OwnField, ...] = ()
    insertions: tuple[Insertion, ...] = ()

    def chain(self, branch_id: str) -> tuple[Branch, ...]:
        """The branch and those it comes after, nearest first; a circle ends where it closes."""
        by_id = {branch.id: branch for branch in self.branches}
        found: list[Branch] = []
        branch = by_id.get(branch_id)
        while branch is not None and branch not in found:
            found.append(branch)
            branch = by_id.get(branch.after) if branch.after is not None else None
        return tuple(found)


def children(expr: Expr) -> tuple[Expr, ...]:
    """Direct parts of an expression."""
    if isinstance(expr, (Concat, Call)):
        return expr.args
    if isinstance(expr, If):
        both = (expr.cond, expr.then)
        return both if expr.otherwise is None else (*both, expr.otherwise)
    return (expr.body,) if isinstance(expr, With) else ()


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all its parts, outermost first."""
    yield expr
    for part in children(expr):
        yield from walk(part)


def has_hole(expr: Expr) -> bool:
    """Whether any part has still to be filled in."""
    return any(
        isinstance(part, Hole) or (isinstance(part, Field) and not part.path) for part in walk(expr)
    )


def outer_expressions(rule: Rule) -> tuple[Expr, ...]:
    """Expressions of a rows rule that are worked out once, outside of its rows."""
    if rule.rows is None:
        return ()
    found = [rule.rows.when, rule.rows.items, *(join.source for join in rule.rows.joins)]
    return tuple(expr for expr in found if expr is not None)


def row_expressions(rule: Rule) -> tuple[Expr, ...]:
    """Expressions of a rows rule that are worked out for its elements."""
    rows = rule.rows
    if rows is None:
        return ()
    found: list[Expr | None] = [rows.where, rows.group, rows.distinct]
    for join in rows.joins:
        found += [join.left, join.right]
    found += [key.by for key in rows.sort]
    found += [total.add for total in rows.running]
    return tuple(expr for expr in found if expr is not None)


def expressions(rule: Rule) -> tuple[Expr, ...]:
    """Every expression a rule holds."""
    found = [expr for expr in (rule.expr, rule.default, rule.when) if expr is not None]
    return (*found, *outer_expressions(rule), *row_expressions(rule))
