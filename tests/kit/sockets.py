"""A WebSocket client that talks to the ASGI application without a server."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from asgiref.testing import ApplicationCommunicator
from django.conf import settings

from ipaas.core import jsonio
from tests.kit.cast import ApiClient


class Socket:
    """One person's WebSocket; use from one event loop."""

    def __init__(self, path: str, user: Any = None) -> None:
        from ipaas.asgi import websocket_application

        cookies = ApiClient(user).http.cookies if user is not None else {}
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
        route, _, query = path.partition("?")
        self._wire = ApplicationCommunicator(
            websocket_application,
            {
                "type": "websocket",
                "path": unquote(route),
                "query_string": query.encode(),
                "headers": [
                    (b"origin", settings.PUBLIC_URL.encode()),
                    (b"cookie", cookie.encode()),
                ],
                "subprotocols": [],
            },
        )

    async def connect(self) -> tuple[bool, int | None]:
        """Whether the server accepts, and the close code if it does not."""
        await self._wire.send_input({"type": "websocket.connect"})
        message = await self._wire.receive_output(5)
        if message["type"] == "websocket.accept":
            return True, None
        return False, message.get("code", 1000)

    async def say(self, document: Any) -> None:
        """Send a JSON document."""
        text = jsonio.dumps(document).decode()
        await self._wire.send_input({"type": "websocket.receive", "text": text})

    async def hear(self, timeout_s: float = 5) -> Any:
        """The next JSON document the server sends."""
        message = await self._wire.receive_output(timeout_s)
        assert message["type"] == "websocket.send", message
        return jsonio.loads(message["text"])

    async def close(self) -> None:
        """Leave."""
        await self._wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._wire.wait(5)
