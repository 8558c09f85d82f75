"""The same door for WebSockets as for requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async

from ipaas.core.errors import IpaasError
from ipaas.tenancy import access
from ipaas.tenancy.access import Access, Right


async def require_socket_access(
    scope: Mapping[str, Any], workspace_slug: str, right: Right, environment: str | None = None
) -> Access:
    """What the person of a socket may do; raises as ``access.require`` does.

    ``scope`` must have passed Channels' AuthMiddlewareStack, which puts the user into it.
    """
    return await sync_to_async(access.require, thread_sensitive=True)(
        scope.get("user"), workspace_slug, right, environment
    )


def close_code(error: IpaasError) -> int:
    """WebSocket close code for a refusal: 4401, 4403, 4404 as in HTTP."""
    return 4000 + error.status
