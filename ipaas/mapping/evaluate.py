"""A compiled mapping and what it gives for a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from typing import Final, TypeAlias, TypeVar

from ipaas.mapping import limits
from ipaas.mapping.copying import TooBig, copy_value
from ipaas.mapping.errors import ExpressionFailed, MappingInvalid, RuleError
from ipaas.mapping.expressions import first_source
from ipaas.mapping.model import Document, Mode, OnMissing, OnNull, Rule
from ipaas.mapping.paths import format_target, parse_target
from ipaas.mapping.reading import FIRST_ELEMENT, Closure, Frame, OutOfBounds, Run
from ipaas.mapping.resources import Resources
from ipaas.mapping.results import LiveValue, Result
from ipaas.mapping.shaping import Shape
from ipaas.mapping.values import Value


class MappingRun(Run):
    """A run that also collects live values and errors, and knows the rows it is in."""

    __slots__ = ("errors", "errors_of", "live", "rows")

    def __init__(
        self,
        live_rules: int | None,
        resources: Resources | None = None,
        mode: Mode | None = None,
    ) -> None:
        super().__init__(resources, mode)
        self.live: list[list[Value]] | None = None
        if live_rules is not None:
            self.live = [[] for _ in range(live_rules)]
        self.errors: list[RuleError] = []
        self.errors_of: dict[str, int] = {}
        self.rows: list[int] = []

    def fail(self, rule: Rule, error: ExpressionFailed) -> None:
        """Record that a rule could not be worked out; the other rules go on."""
        count = self.errors_of[rule.id] = self.errors_of.get(rule.id, 0) + 1
        if count > limits.MAX_ERRORS_PER_RULE:
            return
        row = self.rows[-1] if self.rows else None
        self.errors.append(
            RuleError(
                code=error.failure_code,
                message=f"{_could_not(rule)}: {_lower_first(error.sentence(row))}",
                hint=error.hint,
                rule_id=rule.id,
                target=rule.target,
                source=error.source,
                row=row,
                rows=tuple(self.rows),
                value=error.shown,
            )
        )


def _could_not(rule: Rule) -> str:
    target = readable_target(rule.target)
    if rule.rows is not None:
        return f"The rows of {target} could not be made"
    return f"{target or 'The document'} could not be filled"


@lru_cache(maxsize=4096)
def readable_target(target: str) -> str:
    """The target path as people read it, without the ids of rows rules."""
    try:
        return format_target(parse_target(target), blocks=False)
    except MappingInvalid:  # an unreadable path is shown as it is
        return target


def _lower_first(text: str) -> str:
    if len(text) > 1 and text[0].isupper() and not text[1].isupper():
        head = text.split(" ", 1)[0]
        return text if head == "JSONata" else text[0].lower() + text[1:]
    return text


T = TypeVar("T")
OMITTED: Final = object()
"""Stands for a target that is left out, where None would mean null."""
COUNTED_TEXT: Final = 32
"""Shorter texts are bounded by the number of values."""
SHORT: Final = frozenset({int, Decimal, bool})
"""Types whose values need neither copying nor counting."""

Operation: TypeAlias = Callable[[Frame, dict[str, Value], MappingRun], None]


@dataclass(frozen=True, slots=True)
class ValueRule:
    """A compiled value rule; ``slot`` is its place in the list of live values."""

    rule: Rule
    slot: int
    read: Closure
    default: Closure | None
    guard: Callable[[Frame], bool] | None = None
    null_test: Callable[[Frame], bool] | None = None

    @property
    def simple(self) -> bool:
        """Whether the rule is its expression and nothing more."""
        return self.guard is None and self.default is None and self.null_test is None

    def value(self, frame: Frame, run: MappingRun) -> Value:
        """What the rule gives, or OMITTED; a failure is recorded in the run."""
        try:
            if self.guard is not None and not self.guard(frame):
                return OMITTED
            value = self.read(frame)
            if value is None:
                if self.null_test is not None and self.null_test(frame):
                    return self._null(run)
                if self.default is not None:
                    value = self.default(frame)
        except (ExpressionFailed, RecursionError, OutOfBounds) as error:
            return self.failed(error, run)
        return self.given(value, run)

    def failed(
        self, error: ExpressionFailed | RecursionError | OutOfBounds, run: MappingRun
    ) -> Value:
        """Record why there is no value: OMITTED; raises Stopped if a bound was reached."""
        if isinstance(error, OutOfBounds):
            raise Stopped(self.rule, str(error)) from error
        if isinstance(error, RecursionError):
            error = ExpressionFailed("The value is nested too deeply", code="mapping.too_large")
        return self._failed(run, error)

    def given(self, value: Value, run: MappingRun) -> Value:
        """What becomes of a value that was read: counted, copied, or left out if missing."""
        if run.live is not None:
            run.live[self.slot].append(value)
        kind = type(value)
        if kind is str:
            if len(value) > COUNTED_TEXT:
                run.copier.text_left -= len(value)
                if run.copier.text_left < 0:
                    raise Stopped(self.rule, "The result holds too much text")
        elif value is None:
            return self._missing(run)
        elif kind is dict or kind is list:
            try:
                return run.copier.copy(value)
            except TooBig as error:
                raise Stopped(self.rule, f"The result is too large: {error}") from error
        return value

    def _failed(self, run: MappingRun, error: ExpressionFailed) -> Value:
        if run.live is not None:
            run.live[self.slot].append(None)
        run.fail(self.rule, error)
        return OMITTED

    def _null(self, run: MappingRun) -> Value:
        """What the rule gives for a field that is there, but null."""
        if run.live is not None:
            run.live[self.slot].append(None)
        policy = self.rule.on_null
        if policy is OnNull.FAIL:
            source = None if self.rule.expr is None else first_source(self.rule.expr)
            run.fail(
                self.rule,
                ExpressionFailed(
                    "The value is null",
                    code="mapping.null",
                    hint="Fill the source field, or say what null means for this rule.",
                    source=source,
                ),
            )
        return None if policy is OnNull.NULL else OMITTED

    def _missing(self, run: MappingRun) -> Value:
        on_missing = self.rule.on_missing
        if on_missing is OnMissing.FAIL:
            source = None if self.rule.expr is None else first_source(self.rule.expr)
            run.fail(
                self.rule,
                ExpressionFailed(
                    "There is no value",
                    code="mapping.missing",
                    hint="Fill the source field, or give the rule a default.",
                    source=source,
                ),
            )
        return None if on_missing is OnMissing.NULL else OMITTED


class Stopped(Exception):
    """A bound was reached while a rule was worked out; evaluation ends here."""

    def __init__(self, rule: Rule, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Body:
    """What fills one document or one row: its own whole-value rule, then the rules laid over.

    ``weight`` is the number of these rules and lists, which counts as work.
    """

    whole: ValueRule | None
    operations: tuple[Operation, ...]
    weight: int

    def build(self, frame: Frame, run: MappingRun) -> Value:
        """The document or row; None if a whole-value rule gave nothing and there is no other."""
        built: dict[str, Value] = {}
        if self.whole is not None:
            value = self.whole.value(frame, run)
            if not self.operations:
                return None if value is OMITTED else value
            if type(value) is dict:
                built = value
            elif value is not OMITTED and value is not None:
                run.fail(
                    self.whole.rule,
                    ExpressionFailed(
                        "Other rules fill single fields, so an object is needed here",
                        code="mapping.not_an_object",
                    ),
                )
        for operation in self.operations:
            operation(frame, built, run)
        return built


@dataclass(frozen=True, slots=True)
class RowsRule:
    """A compiled rows rule; ``around`` are the frame places of the entries around an element."""

    rule: Rule
    slot: int
    element_slot: int
    each: Closure | None
    where: Callable[[Frame], bool] | None
    when: Callable[[Frame], bool] | None
    body: Body
    shape: Shape | None = None
    around: tuple[int, int] | None = None

    def append_rows(self, frame: Frame, rows: list[Value], run: MappingRun) -> None:
        """Append this rule's rows to ``rows``."""
        if self.shape is not None:
            self._append_shaped(self.shape, frame, rows, run)
            return
        elements = self._elements(frame, run)
        live = [] if run.live is None else run.live[self.slot]
        element_slot, wanted, body, position = self.element_slot, self.where, self.body, run.rows
        around, operations = self.around, body.operations if body.whole is None else None
        cost = body.weight + 1
        position.append(0)
        try:
            for index, element in enumerate(elements):
                position[-1] = index
                run.work_left -= cost
                if run.work_left < 0:
                    run.spend(0)
                if around is not None:
                    frame[around[0] : around[1]] = element[:-1]
                    element = element[-1]
                frame[element_slot] = element
                if wanted is not None:
                    try:
                        if not wanted(frame):
                            continue
                    except (ExpressionFailed, RecursionError) as error:
                        self._not_wanted(error, run)
                        continue
                run.rows_left -= 1
                if run.rows_left < 0:
                    raise OutOfBounds(f"The result has more than {limits.MAX_ROWS} rows")
                live.append(element)
                if operations is None:
                    row = body.build(frame, run)
                    if row is not None:
                        rows.append(row)
                else:
                    made: dict[str, Value] = {}
                    for operation in operations:
                        operation(frame, made, run)
                    rows.append(made)
        except OutOfBounds as error:
            raise Stopped(self.rule, str(error)) from error
        finally:
            position.pop()

    def _append_shaped(
        self, shape: Shape, frame: Frame, rows: list[Value], run: MappingRun
    ) -> None:
        states = self._guarded(run, lambda: self._states(shape, frame)) or []
        live = [] if run.live is None else run.live[self.slot]
        cost = self.body.weight + 1
        totals: list[Value] = [0] * len(shape.running)
        run.rows.append(0)
        try:
            for index, state in enumerate(states):
                run.rows[-1] = index
                run.spend(cost)
                run.rows_left -= 1
                if run.rows_left < 0:
                    raise OutOfBounds(f"The result has more than {limits.MAX_ROWS} rows")
                if self._guarded(run, lambda: shape.enter(state, index, totals, frame)):  # noqa: B023
                    live.append(state[0])
                    row = self.body.build(frame, run)
                    if row is not None:
                        rows.append(row)
        except OutOfBounds as error:
            raise Stopped(self.rule, str(error)) from error
        finally:
            run.rows.pop()

    def _states(self, shape: Shape, frame: Frame) -> list[list[Value]]:
        return [] if self.when is not None and not self.when(frame) else shape.states(frame)

    def _guarded(self, run: MappingRun, work: Callable[[], T]) -> T | None:
        """What ``work`` gives; None, with the error recorded, if it cannot be worked out."""
        try:
            return work()
        except ExpressionFailed as error:
            run.fail(self.rule, error)
        except RecursionError:
            run.fail(self.rule, ExpressionFailed("The value is nested too deeply"))
        except OutOfBounds as error:
            raise Stopped(self.rule, str(error)) from error
        return None

    def _elements(self, frame: Frame, run: MappingRun) -> list[Value]:
        try:
            if self.when is not None and not self.when(frame):
                return []
            if self.each is None:
                return [None]
            found = self.each(frame)
        except ExpressionFailed as error:
            run.fail(self.rule, error)
            return []
        except RecursionError:
            run.fail(self.rule, ExpressionFailed("The value is nested too deeply"))
            return []
        except OutOfBounds as error:
            raise Stopped(self.rule, str(error)) from error
        return found or []

    def _not_wanted(self, error: ExpressionFailed | RecursionError, run: MappingRun) -> None:
        if isinstance(error, RecursionError):
            error = ExpressionFailed("The value is nested too deeply")
        run.fail(self.rule, error)


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """A mapping ready to run on any number of documents, from any thread."""

    document: Document
    body: Body
    live_rules: tuple[tuple[Rule, bool], ...]
    """Rules that run, by live slot, each with whether it runs in a loop."""
    frame_size: int

    def apply(
        self,
        context: Value,
        *,
        live: bool = True,
        resources: Resources | None = None,
        mode: Mode | None = None,
    ) -> Result:
        """What the mapping makes of a context document; never raises for its content.

        ``live=False`` does not keep the live values, which only people look at. ``resources``
        answer lookup tables, cross-references and rates; without them these are errors.
        ``mode`` leaves out the rules that are only for the other way of writing.
        """
        run = MappingRun(len(self.live_rules) if live else None, resources, mode)
        frame: Frame = [context, run, *([None] * (self.frame_size - FIRST_ELEMENT))]
        try:
            output = self.body.build(frame, run)
            if output is None:
                output = {} if self.body.whole is None else None
        except Stopped as stopped:
            output = {}
            run.rows.clear()
            run.fail(
                stopped.rule,
                ExpressionFailed(
                    stopped.reason,
                    code="mapping.too_large",
                    hint="Use a smaller document, or a mapping that makes fewer rows.",
                ),
            )
        errors = tuple(run.errors)
        if run.live is None:
            return Result(output, errors)
        return Result(output, errors, partial(self._live_values, run.live, errors))

    def _live_values(
        self, live: list[list[Value]], errors: tuple[RuleError, ...]
    ) -> dict[str, LiveValue]:
        messages: dict[str, str] = {}
        for error in errors:
            messages.setdefault(error.rule_id, error.message)
        found: dict[str, LiveValue] = {}
        for slot, (rule, looped) in enumerate(self.live_rules):
            given, message = live[slot], messages.get(rule.id)
            if looped:
                first = tuple(_shareable(value) for value in given[: limits.LIVE_VALUES])
                found[rule.id] = LiveValue(values=first, count=len(given), error=message)
            elif given or message is not None:
                value = _shareable(given[0]) if given else None
                found[rule.id] = LiveValue(value=value, error=message)
        return found


def _shareable(value: Value) -> Value:
    """A copy of a list or object, so that nobody changes the source document through it."""
    if type(value) is dict or type(value) is list:
        try:
            return copy_value(value, limits.MAX_CONSTANT_VALUES, limits.MAX_TEXT)
        except TooBig:
            return None
    return value
