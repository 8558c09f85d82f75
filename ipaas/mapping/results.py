"""What a mapping gave for a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ipaas.mapping.errors import MappingFailed, RuleError
from ipaas.mapping.values import Value


@dataclass(frozen=True, slots=True)
class LiveValue:
    """What a rule gave: one ``value``, or in a loop the first ``values`` and their ``count``.

    ``error`` is the message of the first value that could not be worked out.
    """

    value: Value = None
    values: tuple[Value, ...] | None = None
    count: int = 1
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The live value as a JSON object."""
        if self.values is not None:
            looped: dict[str, Any] = {"values": list(self.values), "count": self.count}
            return looped if self.error is None else {**looped, "error": self.error}
        return {"value": self.value} if self.error is None else {"error": self.error}


@dataclass(frozen=True)
class Result:
    """The document a mapping made, the live value of each rule, and every error there was.

    ``output`` holds all that could be worked out, also when there are errors; only a result
    without errors may be sent anywhere.
    """

    output: Value
    errors: tuple[RuleError, ...] = ()
    make_values: Callable[[], Mapping[str, LiveValue]] = field(
        default=dict, repr=False, compare=False
    )

    @cached_property
    def values(self) -> Mapping[str, LiveValue]:
        """The live value of each rule that ran, made when first asked for.

        Ask before the context document is changed: until then it is only referred to.
        """
        return self.make_values()

    @property
    def ok(self) -> bool:
        """Whether every rule could be worked out."""
        return not self.errors

    @property
    def errors_by_rule(self) -> dict[str, tuple[RuleError, ...]]:
        """The errors of each rule that has some."""
        found: dict[str, tuple[RuleError, ...]] = {}
        for error in self.errors:
            found[error.rule_id] = (*found.get(error.rule_id, ()), error)
        return found

    def require(self) -> Value:
        """The output; raises MappingFailed, which lists the errors, if there are any."""
        if self.errors:
            raise MappingFailed(self.errors)
        return self.output
