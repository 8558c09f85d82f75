"""From mapping document to compiled mapping: rules are sorted into the blocks they fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ipaas.core.errors import IpaasError
from ipaas.mapping import placing
from ipaas.mapping.copying import TooBig
from ipaas.mapping.errors import ExpressionFailed, MappingInvalid
from ipaas.mapping.evaluate import (
    Body,
    CompiledMapping,
    MappingRun,
    Operation,
    RowsRule,
    ValueRule,
)
from ipaas.mapping.expressions import ExpressionInvalid, compile_expression, user_functions
from ipaas.mapping.expressions import compile_condition as condition_closure
from ipaas.mapping.model import Document, Expr, Field, OnNull, Rule
from ipaas.mapping.parsing import parse_expr, parse_mapping
from ipaas.mapping.paths import TargetPath, parse_source
from ipaas.mapping.placing import Placed
from ipaas.mapping.reading import (
    FIRST_ELEMENT,
    RUN,
    Closure,
    Frame,
    OutOfBounds,
    Run,
    Scope,
    compile_null_test,
)
from ipaas.mapping.resources import Resources
from ipaas.mapping.shaping import compile_elements, compile_shape, each_path, row_scope
from ipaas.mapping.structure import Node, Structure, arrange
from ipaas.mapping.values import Value

__all__ = ["compile_condition", "compile_expr", "compile_mapping", "each_path"]


def compile_mapping(document: object) -> CompiledMapping:
    """The compiled form of a mapping document; raises MappingInvalid if it is none.

    A rule that can never run (an unknown function, a path that cannot be read) does not stop the
    others: it gives an error each time the mapping is applied.
    """
    parsed = parse_mapping(document)
    return _Compiler(arrange(parsed), parsed).compile()


def compile_expr(expression: object) -> Evaluate:
    """A function from context document (and resources) to the value of one expression.

    Raises MappingInvalid if the expression can never run; the function raises ExpressionFailed if
    there is no answer for a document. Missing is None.
    """
    return _within_bounds(compile_expression(parse_expr(expression), Scope()))


def compile_condition(expression: object) -> Decide:
    """A function from context document (and resources) to whether a condition holds.

    As in rows rules and “if”: missing, false, 0, “0”, “no”, “false” and an empty text do not
    hold; a text that is neither true nor false raises ExpressionFailed.
    """
    return _within_bounds(condition_closure(parse_expr(expression), Scope()))


class Evaluate(Protocol):
    """A compiled expression."""

    def __call__(self, context: Value, resources: Resources | None = None) -> Value:
        """The value for a context document; raises ExpressionFailed."""
        ...


class Decide(Protocol):
    """A compiled condition."""

    def __call__(self, context: Value, resources: Resources | None = None) -> bool:
        """Whether it holds for a context document; raises ExpressionFailed."""
        ...


def _within_bounds(closure: Closure) -> Callable[..., Any]:
    def evaluate(context: Value, resources: Resources | None = None) -> Any:
        run = Run(resources)
        try:
            value = closure([context, run])
            return run.copier.copy(value) if type(value) in (dict, list) else value
        except (OutOfBounds, TooBig) as error:
            raise ExpressionFailed(str(error), code="mapping.too_large") from error
        except RecursionError as error:
            raise ExpressionFailed(
                "The value is nested too deeply", code="mapping.too_large"
            ) from error

    return evaluate


@dataclass(slots=True)
class _Compiler:
    structure: Structure
    document: Document
    live: list[tuple[Rule, bool]] = field(default_factory=list)
    frame_size: int = FIRST_ELEMENT

    def compile(self) -> CompiledMapping:
        scope = Scope(functions=user_functions(self.document.functions))
        body = self.body(self.structure.root, scope, depth=0)
        broken = tuple(
            _always_fails(rule, _failure(reason)) for rule, reason in self.structure.misplaced
        )
        body = Body(body.whole, (*body.operations, *broken), body.weight + len(broken))
        return CompiledMapping(self.document, body, tuple(self.live), self.frame_size)

    def slot(self, rule: Rule, *, looped: bool) -> int:
        self.live.append((rule, looped))
        return len(self.live) - 1

    def body(self, node: Node, scope: Scope, depth: int) -> Body:
        looped = depth > 0
        whole: ValueRule | None = None
        operations: list[Placed] = []
        for entry in node.entries:
            if isinstance(entry, Rule):
                try:
                    compiled = self.value_rule(entry, scope, looped=looped)
                except MappingInvalid as error:
                    operations.append(placing.fixed(_always_fails(entry, _failure(error))))
                    continue
                path = node.inner_path(entry)
                if not path:
                    whole = compiled
                else:
                    operations.append(placing.value(compiled, path, scope))
            else:
                operations.append(self.array(entry.path, entry.blocks, scope, depth))
        return Body(whole, placing.grouped(operations), len(operations))

    def value_rule(self, rule: Rule, scope: Scope, *, looped: bool) -> ValueRule:
        assert rule.expr is not None
        read = compile_expression(rule.expr, scope)
        default = None if rule.default is None else compile_expression(rule.default, scope)
        guard = compile_guard(rule, self.document, scope)
        null_test = None
        if rule.on_null is not OnNull.MISSING and isinstance(rule.expr, Field):
            null_test = compile_null_test(parse_source(rule.expr.path), scope)
        slot = self.slot(rule, looped=looped)
        return ValueRule(rule, slot, read, default, guard, null_test)

    def array(
        self, path: TargetPath, blocks: list[tuple[Rule, Node]], scope: Scope, depth: int
    ) -> Placed:
        compiled: list[RowsRule | Operation] = []
        for rule, node in blocks:
            try:
                compiled.append(self.rows_rule(rule, node, scope, depth))
            except MappingInvalid as error:
                compiled.append(_always_fails(rule, _failure(error)))
        return placing.rows(tuple(compiled), path)

    def rows_rule(self, rule: Rule, node: Node, scope: Scope, depth: int) -> RowsRule:
        rows = rule.rows
        assert rows is not None
        inner = row_scope(rows, scope)
        self.frame_size = max(self.frame_size, inner.size)
        when = None if rows.when is None else condition_closure(rows.when, scope)
        guard = compile_guard(rule, self.document, scope)
        shape, each, where, around = None, None, None, 0
        if rows.shaped:
            shape = compile_shape(rows, scope)
        else:
            each, around = compile_elements(rows, scope)
            where = None if rows.where is None else condition_closure(rows.where, inner)
        return RowsRule(
            rule=rule,
            slot=self.slot(rule, looped=True),
            element_slot=scope.size,
            each=each,
            where=where,
            when=_both(guard, when),
            body=self.body(node, inner, depth + 1),
            shape=shape,
            around=(inner.size - around, inner.size) if around else None,
        )


def compile_guard(rule: Rule, document: Document, scope: Scope) -> Callable[[Frame], bool] | None:
    """Whether a rule runs for a document: its own condition, its branch, its way of writing."""
    guards: list[Callable[[Frame], bool]] = []
    if rule.only is not None:
        only = rule.only
        guards.append(lambda frame: frame[RUN].mode is None or frame[RUN].mode == only)
    if rule.branch is not None:
        chain = document.chain(rule.branch)
        if not chain:
            raise ExpressionInvalid(
                f"There is no branch “{rule.branch}”.",
                problem_code="mapping.branch",
                hint="Put the rule into another branch, or into none.",
            )
        own, *earlier = chain
        for branch in reversed(earlier):
            # A branch without condition always holds, so nothing after it ever does.
            guards.append(_not(branch.when, scope))
        if own.when is not None:
            guards.append(condition_closure(own.when, scope))
    if rule.when is not None:
        guards.append(condition_closure(rule.when, scope))
    if len(guards) < 2:
        return guards[0] if guards else None
    return lambda frame: all(guard(frame) for guard in guards)


def _not(condition: Expr | None, scope: Scope) -> Callable[[Frame], bool]:
    if condition is None:
        return lambda frame: False
    holds = condition_closure(condition, scope)
    return lambda frame: not holds(frame)


def _both(
    first: Callable[[Frame], bool] | None, second: Callable[[Frame], bool] | None
) -> Callable[[Frame], bool] | None:
    if first is None or second is None:
        return first or second
    return lambda frame: first(frame) and second(frame)


def _failure(error: IpaasError) -> Callable[[], ExpressionFailed]:
    code = error.problem_code if isinstance(error, ExpressionInvalid) else error.code
    reason = error.message.rstrip(".")
    return lambda: ExpressionFailed(reason, code=code, hint=error.hint)


def _always_fails(rule: Rule, failure: Callable[[], ExpressionFailed]) -> Operation:
    def fail(frame: Frame, out: dict[str, Value], run: MappingRun) -> None:
        run.fail(rule, failure())

    return fail
