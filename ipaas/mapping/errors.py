"""What can go wrong: with a mapping document, with one of its rules, with one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from ipaas.core.errors import Kind, Recovery, Unprocessable
from ipaas.mapping.values import shown


class Severity(StrEnum):
    """How much a problem matters: an error stops publishing, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that mends a problem: rules to put in place of those with their ids, or to add;
    and ids of rules to remove.

    ``open`` is the rule that a person has to go on with: its editor opens, with the cursor in it.
    """

    title: str
    put: tuple[dict[str, Any], ...] = ()
    remove: tuple[str, ...] = ()
    open: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The fix as a JSON object."""
        return {
            "title": self.title,
            "put": list(self.put),
            "remove": list(self.remove),
            "open": self.open,
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a list that the connected system keeps, such as one of its accounts."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about a mapping, made before it runs; ``part`` of the rule is to blame."""

    severity: Severity
    code: str
    message: str
    hint: str = ""
    rule_id: str | None = None
    target: str | None = None
    fixes: tuple[Fix, ...] = ()
    part: Literal["expr", "default"] = "expr"
    misused: bool = False
    """Whether a function inside is given what it cannot use."""
    choices: tuple[Choice, ...] = ()
    """What the connected system would take instead of ``value``."""
    value: str | int | None = None

    def as_json(self) -> dict[str, Any]:
        """The problem as a JSON object."""
        return {
            "fixes": [fix.as_json() for fix in self.fixes],
            "severity": str(self.severity),
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "rule_id": self.rule_id,
            "target": self.target,
        }


@dataclass(frozen=True, slots=True)
class RuleError:
    """One value that a rule could not work out, in words for the person who can mend it.

    ``source`` is the path the offending value came from, ``row`` counts from 0 in the innermost
    rows block, ``rows`` holds the row of every enclosing block. ``value`` is short, for display.
    """

    code: str
    message: str
    hint: str
    rule_id: str
    target: str
    source: str | None = None
    row: int | None = None
    rows: tuple[int, ...] = ()
    value: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The error as a JSON object."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "rule_id": self.rule_id,
            "target": self.target,
            "source": self.source,
            "row": self.row,
            "value": self.value,
        }


class MappingInvalid(Unprocessable):
    """The document is not a mapping: it breaks the published schema of mappings."""

    code = "mapping.invalid"

    def __init__(self, message: str, *, hint: str = "", where: str = "") -> None:
        super().__init__(message, hint=hint, where=where)
        self.where = where


class MappingFailed(Unprocessable):
    """A mapping could not work out every value of a document."""

    code = "mapping.failed"

    def __init__(self, errors: Sequence[RuleError]) -> None:
        first = errors[0]
        more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(
            first.message + more, hint=first.hint, errors=[error.as_json() for error in errors]
        )
        self.errors = tuple(errors)


class ExpressionFailed(Unprocessable):
    """One expression has no answer for one document.

    Functions raise it without knowing where their argument came from; the compiled call adds
    ``source``, the rule adds its target and row.
    """

    code = "mapping.expression"
    kind = Kind.UNPROCESSABLE
    recovery = Recovery.FIX_DATA

    def __init__(
        self,
        reason: str,
        *,
        code: str = "mapping.expression",
        hint: str = "",
        value: object = None,
        has_value: bool = False,
        source: str | None = None,
    ) -> None:
        self.reason = reason
        self.failure_code = code
        self.source = source
        self.shown = shown(value) if has_value else None
        super().__init__(self.sentence(None), hint=hint)

    def sentence(self, row: int | None) -> str:
        """What happened, with the value and the place it came from."""
        place = self.source or ""
        if row is not None:
            place += f" (row {row + 1})" if place else f"row {row + 1}"
        if self.shown is None:
            return f"{self.reason} (in {place})." if place else f"{self.reason}."
        return (
            f"{self.shown} in {place} {self.reason}." if place else f"{self.shown} {self.reason}."
        )

    def at(self, source: str | None) -> ExpressionFailed:
        """This error, with the source path if it had none."""
        if self.source is None:
            self.source = source
            self.message = self.sentence(None)
        return self

    def problem(self) -> dict[str, Any]:
        """RFC 9457 problem document under the code of what failed."""
        return {**super().problem(), "code": self.failure_code, "source": self.source}


def unfit(
    value: object, reason: str, *, code: str = "mapping.value", hint: str = ""
) -> ExpressionFailed:
    """An error about one value: ``reason`` goes on from it, as in “is not a number”."""
    return ExpressionFailed(reason, code=code, hint=hint, value=value, has_value=True)
