"""What an operation hook is given to work with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from connectors.sdk.messages import HttpResponse


class OperationContext(Protocol):
    """A connection, ready for calls: address, authorisation and error reading are done for you."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The connection's settings (never its secrets)."""

    @property
    def account(self) -> str:
        """The vendor's name of the account, such as QuickBooks' realm id; "" if none."""

    @property
    def idempotency_key(self) -> str | None:
        """Key of this write, shortened to what the vendor accepts; None for reads."""

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Document of the reply to one request. Raises ConnectorError for every failure."""

    def exchange(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """The whole reply to one request, for bodies that are not JSON. Raises like ``send``."""

    def call(self, operation: str, inputs: Mapping[str, Any]) -> Any:
        """Output of another operation of this connector, within the same step."""
