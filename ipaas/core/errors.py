"""Errors that say what happened, why, and what to do; one table turns them into HTTP."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """What sort of failure it is, seen from whoever asked."""

    INVALID = "invalid"  # the request cannot be understood
    UNPROCESSABLE = "unprocessable"  # understood, but the content breaks a rule
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UPSTREAM = "upstream"  # another system failed
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class Recovery(StrEnum):
    """What can mend it. The engine reads this, never the text."""

    RETRY = "retry"
    REAUTHORISE = "reauthorise"
    FIX_DATA = "fix_data"
    GIVE_UP = "give_up"


HTTP_STATUS: dict[Kind, int] = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.UNPROCESSABLE: 422,
    Kind.TOO_MANY: 429,
    Kind.INTERNAL: 500,
    Kind.UPSTREAM: 502,
    Kind.UNAVAILABLE: 503,
}


class IpaasError(Exception):
    """Base of all errors the product raises on purpose.

    ``message`` is a sentence for people, ``hint`` says what to do; ``facts`` are shown as extra
    members of the problem document and must hold neither secrets nor payloads.
    """

    code: ClassVar[str] = "internal"
    kind: ClassVar[Kind] = Kind.INTERNAL
    recovery: ClassVar[Recovery] = Recovery.GIVE_UP

    def __init__(self, message: str, *, hint: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.facts = facts

    @property
    def status(self) -> int:
        """HTTP status of this error."""
        return HTTP_STATUS[self.kind]

    def problem(self) -> dict[str, Any]:
        """RFC 9457 problem document, with ``code`` and ``hint`` as extension members."""
        return {
            "type": f"/docs/errors#{self.code}",
            "title": self.message,
            "status": self.status,
            "detail": self.hint or self.message,
            "code": self.code,
            "hint": self.hint,
            **self.facts,
        }


class Invalid(IpaasError):
    """The request cannot be understood."""

    code = "request.invalid"
    kind = Kind.INVALID
    recovery = Recovery.FIX_DATA


class Unprocessable(IpaasError):
    """The request is well formed, but its content breaks a rule."""

    code = "request.unprocessable"
    kind = Kind.UNPROCESSABLE
    recovery = Recovery.FIX_DATA


class NotFound(IpaasError):
    """Nothing by that name is visible to whoever asked."""

    code = "not_found"
    kind = Kind.NOT_FOUND


class Forbidden(IpaasError):
    """Known, but not allowed."""

    code = "forbidden"
    kind = Kind.FORBIDDEN


class Unauthenticated(IpaasError):
    """Nobody is logged in, or a signature does not match."""

    code = "unauthenticated"
    kind = Kind.UNAUTHENTICATED


class Conflict(IpaasError):
    """Somebody or something else changed it first."""

    code = "conflict"
    kind = Kind.CONFLICT


class TooLarge(IpaasError):
    """Larger than the stated limit."""

    code = "too_large"
    kind = Kind.TOO_LARGE


class TooMany(IpaasError):
    """More often, or more at once, than the stated limit."""

    code = "too_many"
    kind = Kind.TOO_MANY
    recovery = Recovery.RETRY
