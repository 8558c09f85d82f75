"""The server's door: webhooks past Django, WebSockets to Channels, the rest to Django.

On the embedded default the server's lifespan also starts worker threads and the scheduler, so that
one process is the whole product.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipaas.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from runtime.facade import gate, lifespan, websocket_urlpatterns  # noqa: E402

websocket_application = AllowedHostsOriginValidator(
    AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
)
_router = ProtocolTypeRouter({"http": django_application, "websocket": websocket_application})
_gate = gate()
_lifespan = lifespan()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """ASGI entry point."""
    if scope["type"] == "http" and scope["path"].startswith("/hooks/"):
        await _gate(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _lifespan(scope, receive, send)
    else:
        await _router(scope, receive, send)
