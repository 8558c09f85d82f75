"""The WebSocket of a workspace: run list and single runs, live."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from ipaas.core import jsonio
from ipaas.core.errors import IpaasError
from ipaas.tenancy.access import Right
from ipaas.tenancy.sockets import close_code, require_socket_access
from runtime.live import watchers
from runtime.live.publisher import list_group, run_group
from runtime.models import Run

MAX_RUNS = 50


class LiveConsumer(AsyncWebsocketConsumer):
    """One browser tab. Messages are only hints of what was committed; the API has the truth."""

    async def connect(self) -> None:
        """Accept members of the workspace; others are told why by the close code."""
        self.groups_joined: set[str] = set()
        self.marking: asyncio.Task[None] | None = None
        query = parse_qs(self.scope["query_string"].decode())
        self.environment = query.get("environment", ["test"])[0]
        slug = self.scope["url_route"]["kwargs"]["workspace"]
        try:
            access = await require_socket_access(
                self.scope, slug, Right.RUNS_VIEW, self.environment
            )
        except IpaasError as error:
            await self.close(code=close_code(error))
            return
        self.workspace_id = access.workspace.id
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave all groups."""
        marking = getattr(self, "marking", None)
        if marking is not None:
            marking.cancel()
        for group in list(getattr(self, "groups_joined", ())):
            await self._leave(group)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Join or leave what the client asks for; anything else is answered with an error."""
        try:
            message = jsonio.loads(text_data or "")
        except IpaasError as error:
            await self._say({"type": "error", "message": error.message})
            return
        if not isinstance(message, dict):
            message = {}
        if message.get("subscribe") == "runs":
            await self._join(list_group(self.workspace_id, self.environment))
        elif message.get("subscribe") == "run" and await self._owns(str(message.get("id"))):
            await self._join(run_group(message["id"]))
        elif message.get("unsubscribe") == "run":
            await self._leave(run_group(str(message.get("id"))))
        elif message.get("unsubscribe") == "runs":
            await self._leave(list_group(self.workspace_id, self.environment))
        else:
            await self._say(
                {"type": "error", "message": "There is nothing to subscribe to by that name."}
            )

    async def live_message(self, event: dict[str, Any]) -> None:
        """Pass on what was committed."""
        await self._say(event["body"])

    async def _owns(self, run_id: str) -> bool:
        runs = Run.objects.filter(id=run_id, workspace_id=self.workspace_id)
        return bool(await sync_to_async(runs.exists)())

    async def _join(self, group: str) -> None:
        if len(self.groups_joined) >= MAX_RUNS:
            await self._say({"type": "error", "message": f"At most {MAX_RUNS} runs at once."})
            return
        await self.channel_layer.group_add(group, self.channel_name)
        if group not in self.groups_joined:
            self.groups_joined.add(group)
            await asyncio.to_thread(watchers.arrive, group)
        if self.marking is None:
            self.marking = asyncio.create_task(self._keep_marking())
        await self._say({"type": "subscribed", "to": group.split(".", 1)[0]})

    async def _leave(self, group: str) -> None:
        await self.channel_layer.group_discard(group, self.channel_name)
        if group in self.groups_joined:
            self.groups_joined.discard(group)
            watchers.leave(group)

    async def _keep_marking(self) -> None:
        while True:
            await asyncio.sleep(watchers.MARK_EVERY_S)
            await asyncio.to_thread(watchers.mark, list(self.groups_joined))

    async def _say(self, body: dict[str, Any]) -> None:
        await self.send(text_data=jsonio.dumps(body).decode())
