"""What the practice vendors say when they refuse: one set of words, each vendor's own form."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import Call, Refused, Reply, html_reply, json_reply
from ipaas.core.jsonio import MalformedJson

Form = Callable[[str, str, str | None], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Words:
    """``form`` makes a vendor's document of a code, a sentence and the name of a field."""

    form: Form
    signed_out: tuple[str, str] = (
        "unauthorised",
        "The access token is missing, unknown or over.",
    )

    def refused(self, status: int, code: str, message: str, name: str | None = None) -> Refused:
        """A refusal, to be raised."""
        return Refused(json_reply(self.form(code, message, name), status))

    def no_access(self) -> Refused:
        """Who calls has shown nothing, or something that does not count any more."""
        return self.refused(401, *self.signed_out)

    def no_route(self) -> Refused:
        """There is nothing at this address."""
        return self.refused(404, "no_route", "There is no such address.")

    def require_known(self, call: Call, names: Collection[str]) -> None:
        """Refuse query parameters that the vendor does not know."""
        for given, _ in call.query:
            if given not in names:
                raise self.refused(400, "unknown_parameter", f"{given} is not known here.", given)

    def body(self, call: Call) -> dict[str, Any]:
        """The object that was sent; an empty body is an empty object."""
        try:
            wish = call.document() if call.body else {}
        except MalformedJson:
            raise self.refused(400, "malformed", "The body is not JSON.") from None
        if not isinstance(wish, dict):
            raise self.refused(400, "malformed", "The body must be an object.")
        return wish

    def fault(self, fault: str, ledger: Ledger) -> Reply:
        """The reply to a fault that a person switched on (``Vendor.refusal``)."""
        match fault:
            case "rate_limited":
                reply = self.refused(429, "too_many_requests", "Slow down.").reply
                return reply.with_header("Retry-After", str(ledger.setting("retry_after_s")))
            case "unavailable":
                return html_reply("<html><title>Maintenance</title></html>", 503)
            case "token_expired":
                return self.no_access().reply
        return self.refused(500, "internal", "Something went wrong.").reply
