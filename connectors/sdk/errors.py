"""The one error a vendor call ends in: what happened, whether it was done, what can mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ipaas.core.errors import IpaasError, Kind, Recovery

if TYPE_CHECKING:
    from connectors.sdk.messages import Exchange

Executed = Literal["no", "unknown", "yes"]


class ConnectorError(IpaasError):
    """A vendor call that did not succeed.

    ``executed`` says whether the vendor may have acted: "no" is safe to send again, "unknown" must
    be probed first (the reply was lost), "yes" means it was done although an error came back.
    ``code`` is stable per cause (``quickbooks.6240``), so that equal failures can be grouped.
    ``limit_remaining`` and ``limit_reset_s`` are what the vendor told about its limits.
    ``exchanges`` are the HTTP exchanges made so far, secrets masked.
    """

    kind = Kind.UPSTREAM
    code: str  # type: ignore[misc]
    recovery: Recovery  # type: ignore[misc]

    def __init__(
        self,
        message: str,
        *,
        code: str = "connector.failed",
        recovery: Recovery = Recovery.GIVE_UP,
        executed: Executed = "no",
        hint: str = "",
        retry_after_s: float | None = None,
        limit_remaining: float | None = None,
        limit_reset_s: float | None = None,
        field: str | None = None,
        status: int | None = None,
        exchanges: tuple[Exchange, ...] = (),
        **facts: Any,
    ) -> None:
        super().__init__(message, hint=hint, **facts)
        self.code = code
        self.recovery = recovery
        self.executed: Executed = executed
        self.retry_after_s = retry_after_s
        self.limit_remaining = limit_remaining
        self.limit_reset_s = limit_reset_s
        self.field = field
        self.vendor_status = status
        self.exchanges = exchanges

    def __repr__(self) -> str:
        return f"ConnectorError({self.code!r}, {self.message!r}, {self.recovery}, {self.executed})"


def needed(field: str, title: str) -> ConnectorError:
    """The error for an input that an operation cannot do without."""
    return ConnectorError(
        f"“{title}” is needed but empty.",
        code="connector.input_missing",
        recovery=Recovery.FIX_DATA,
        hint="Map a value to it.",
        field=field,
    )
