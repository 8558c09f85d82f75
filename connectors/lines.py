"""What connectors of other protocols than HTTP are given: secrets, checked addresses, a record.

Files, databases and mail servers are spoken to by libraries, inside a connector's hooks. Those
hooks get the addresses they may connect to from here, and leave a masked record of each exchange.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.credentials import Opened
from connectors.http import masking
from connectors.http.guard import AddressRefused, permitted_addresses
from connectors.sdk import ConnectorError, Exchange
from ipaas.core import clock
from ipaas.core.errors import Kind, Recovery, Unprocessable
from ipaas.tenancy import facade as tenancy

FILES_ROOT = "CAUSEWAY_FILES_ROOT"


class SecretsClosed(Unprocessable):
    """Hooks of a connector that speaks HTTP see no secrets: calls are authorised for them."""

    code = "connector.secrets_closed"
    kind = Kind.INTERNAL


class OwnLine:
    """The part of a Session that hooks of ``protocol: other`` use."""

    _connection: Opened
    exchanges: list[Exchange]

    def secret(self, name: str) -> str:
        """A secret of the connection, "" if it was not given. Only for ``protocol: other``."""
        manifest = self._connection.connector.manifest
        if manifest.protocol != "other":
            raise SecretsClosed(f"Hooks of {manifest.slug} see no secrets.")
        return str(self._connection.secrets.get(name) or "")

    def addresses(self, host: str, port: int) -> list[str]:
        """Addresses of ``host`` that this connection may connect to; connect to these, not to it.

        Raises ConnectorError: the name is unknown, or leads where the connection may not go.
        """
        try:
            return permitted_addresses(host, port, self._connection.reach)
        except (socket.gaierror, UnicodeError) as error:
            raise ConnectorError(
                f"The name {host} cannot be resolved.",
                code="connector.name_unknown",
                recovery=Recovery.RETRY,
                hint="Check the address in the connection's settings.",
            ) from error

    def local_root(self) -> Path:
        """The folder of this workspace on the server; nothing outside it may be touched.

        ``CAUSEWAY_FILES_ROOT`` names the folder that holds one folder per workspace. Raises
        AddressRefused if the administrator of the installation has not allowed local folders.
        """
        root = os.environ.get(FILES_ROOT, "").strip()
        if not root:
            raise AddressRefused(
                "Folders of the server are not open to connections.",
                code="connector.address_refused",
                recovery=Recovery.GIVE_UP,
                hint=f"The administrator allows them by setting {FILES_ROOT}.",
            )
        workspace = tenancy.workspace_by_id(self._connection.ref.workspace_id)
        folder = Path(root, workspace.slug)
        folder.mkdir(parents=True, exist_ok=True)
        return folder.resolve()

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
        """Keep a record of one exchange for the inspector; ``answer`` None: there was none."""
        secrets = tuple(str(value) for value in self._connection.secrets.values() if value)
        self.exchanges.append(
            Exchange(
                request={
                    "method": action,
                    "url": masking.mask_url(target, secrets),
                    "headers": {},
                    "body": masking.mask_text(sent[: masking.MOST_TEXT], secrets) or None,
                },
                response=None
                if answer is None
                else {
                    "status": status,
                    "headers": {name: str(value) for name, value in (facts or {}).items()},
                    "body": masking.mask_text(answer[: masking.MOST_TEXT], secrets),
                },
                duration_ms=round((clock.monotonic_s() - started_s) * 1000),
            )
        )
