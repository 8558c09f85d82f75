"""A workspace of its own, connected to a running sandbox."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.contrib.auth import get_user_model

from connectors import credentials, facade
from connectors.own import visible
from connectors.sandbox_kit.testing import Control, SandboxHandle
from ipaas.core.ids import new_id
from ipaas.tenancy import facade as tenancy


@dataclass(frozen=True)
class Bench:
    """A connection to a fresh copy of one vendor, and the switches of that copy."""

    workspace: tenancy.WorkspaceRef
    user: Any
    connection: facade.Connection
    control: Control

    @property
    def ref(self) -> facade.ConnectionRef:
        """What calls are given."""
        return self.connection.ref

    def call(self, operation: str, key: str | None = None, /, **inputs: Any) -> facade.Reply:
        """One operation on the connection."""
        return facade.call(self.ref, operation, inputs, idempotency_key=key)

    def fault(self, name: str, **options: Any) -> None:
        """Switch a fault of the vendor on."""
        self.control.fault_on(self.connection.connector, name, **options)

    def records(self, entity: str) -> list[Any]:
        """What the vendor holds, newest first."""
        items: list[Any] = self.control.records(self.connection.connector, entity)["items"]
        return items

    def reread(self) -> facade.Connection:
        """The connection as it is stored now."""
        return facade.get_connection_by_id(self.workspace.id, self.connection.id)


def make_bench(sandbox: SandboxHandle, connector: str) -> Bench:
    """A ready connection to a fresh sandbox of ``connector``; OAuth consent is given."""
    mark = new_id("t")[2:].replace("_", "")
    user = get_user_model().objects.create_user(f"tester-{mark}")
    workspace = tenancy.create_workspace(f"t{mark}"[:40], "Tests", user)
    visible.enable(workspace.id, connector, user)
    made = facade.create_connection(
        workspace.id, "test", connector=connector, name=f"{connector} sandbox", sandbox=True
    )
    if made.status == "needs_consent":
        url = facade.begin_consent(workspace.id, made.id, user.pk)
        answer = approve(url)
        made = facade.finish_consent(
            user.pk,
            state=answer["state"],
            code=answer["code"],
            account=answer.get("realmId", ""),
        )
    credentials.forget(made.id)
    return Bench(workspace, user, made, sandbox.control(workspace.slug))


def approve(url: str) -> dict[str, str]:
    """Parameters with which a sandbox sends the person back who pressed “Connect”."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}&auto_approve=1")
        answer = connection.getresponse()
        answer.read()
        location = answer.getheader("location") or ""
    finally:
        connection.close()
    assert answer.status in (302, 303), f"the consent page answered {answer.status}"
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
