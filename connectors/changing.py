"""Changes of a connection that may mend it: made and noted in one commit.

What waits for the connection goes on when it is told (``health.tell_ready``). Whoever changes it
may die before that, so the note must be there as soon as the change is: the sweep of the runtime
reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from connectors import credentials, health
from connectors.links import save_secrets, update_connection
from connectors.values import Connection


def change_connection(
    workspace_id: str,
    connection_id: str,
    *,
    secrets: Mapping[str, str | None],
    actor: str,
    disabled: bool | None = None,
    **changes: Any,
) -> Connection:
    """The connection with these secrets and changes (see ``update_connection``); what is not given
    stays."""
    kind = health.SECRETS_CHANGED if secrets else health.CHANGED
    if disabled is not None:
        kind = health.DISABLED if disabled else health.ENABLED
    with transaction.atomic():
        if secrets:
            save_secrets(workspace_id, connection_id, secrets)
        changed = update_connection(workspace_id, connection_id, disabled=disabled, **changes)
        health.record(changed.id, kind, "", actor)
    credentials.forget(connection_id)  # whoever read it meanwhile has the old ones
    return changed
