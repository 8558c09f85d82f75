"""What an operation hook is given to work with."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
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
    def entity(self) -> str:
        """Kind of record that the operation under way is about, as its manifest says; "" if none.

        One hook can so serve the same operation of many kinds of records.
        """

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
        good: Container[int] = (),
    ) -> HttpResponse:
        """The whole reply to one request, for bodies that are not JSON. Raises like ``send``.

        Statuses in ``good`` are answers like any other, not failures.
        """

    def call(self, operation: str, inputs: Mapping[str, Any]) -> Any:
        """Output of another operation of this connector, within the same step."""

    # Only for connectors whose manifest says ``protocol: other``.

    def secret(self, name: str) -> str:
        """A secret of the connection, "" if it was not given."""

    def addresses(self, host: str, port: int) -> list[str]:
        """Addresses of ``host`` that may be connected to; connect to these, never to the name."""

    def local_root(self) -> Path:
        """The folder of this workspace on the server; nothing outside it may be touched."""

    def note(
        self,
        action: str,
        target: str,
        *,
        sent: str = "",
        answer: str | None = "",
        status: int = 200,
        facts: Mapping[str, Any] | None = None,
        started_s: float,
    ) -> None:
        """Keep a masked record of one exchange; ``answer`` None says that none came."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What one step's fixed inputs say of its call; a ``facts`` hook gives it."""

    writes: bool
    has_key: bool = False
    can_probe: bool = False
