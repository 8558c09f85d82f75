"""Webhooks in, as raw ASGI in front of Django: read, collect, commit together, acknowledge."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

from django.db import connections

from connectors.facade import HandshakeReply
from ipaas.core import jsonio
from ipaas.core.errors import Invalid, IpaasError, TooLarge
from ipaas.core.ids import new_id
from runtime.triggers.intake import Delivery, Receipt, handshake, receive
from runtime.workers.actors import wake

log = logging.getLogger(__name__)
PREFIX = "/hooks/"
MAX_BODY_BYTES = 5 * 1024 * 1024
MAX_BATCH = 64
MAX_WAITING = 2_000
MAX_HELD_BYTES = 64 * 1024 * 1024  # of all messages that are being read or wait to be committed


class BodyTooLarge(TooLarge):
    """The message is larger than a webhook may be."""

    code = "hook.too_large"


class Gate:
    """ASGI application for ``/hooks/<token>``."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="intake")
        self._waiting: list[tuple[Delivery, asyncio.Future[Receipt | IpaasError]]] = []
        self._committing: asyncio.Task[None] | None = None
        self._held_bytes = 0

    async def __call__(self, scope: Any, receive_message: Any, send: Any) -> None:
        """Answer one request; nothing is acknowledged before it is committed."""
        request_id = new_id("req")
        parts: list[bytes] = []
        try:
            headers = {
                k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]
            }
            token = scope["path"][len(PREFIX) :].strip("/")
            if scope["method"] != "POST":
                await self._shake_hands(scope, token, headers, send, request_id)
                return
            await self._read(receive_message, parts)
            answer = await self._commit(Delivery(token, headers, b"".join(parts)))
        except IpaasError as error:
            answer = error
        except Exception:
            log.exception("a webhook could not be committed")
            problem = {
                "type": "/docs/errors#hook.not_committed",
                "title": "The message could not be stored.",
                "status": 503,
                "code": "hook.not_committed",
                "hint": "Send it again; it has not been acknowledged.",
                "request_id": request_id,
            }
            await _send(send, 503, problem, request_id)
            return
        finally:
            self._held_bytes -= sum(map(len, parts))
        if isinstance(answer, IpaasError):
            problem = {**answer.problem(), "status": answer.status, "request_id": request_id}
            await _send(send, answer.status, problem, request_id)
        elif answer.reply is not None:
            await _reply(send, answer.reply, request_id)
        elif answer.status == 204:
            await _send(send, 204, None, request_id)
        else:
            body_out = {
                "accepted": answer.accepted,
                "duplicates": answer.duplicates,
                "runs": list(answer.runs),
            }
            await _send(send, answer.status, body_out, request_id)

    async def _shake_hands(
        self, scope: Any, token: str, headers: dict[str, str], send: Any, request_id: str
    ) -> None:
        """Answer a sender that asks first whether it may deliver here."""
        query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
        more, reply = await asyncio.get_running_loop().run_in_executor(
            self._thread, handshake, token, scope["method"], query, headers
        )
        if reply is not None:
            await _reply(send, reply, request_id)
        else:
            await _send(send, 200, None, request_id, more)

    def close(self) -> None:
        """Give the intake thread and its database connection back."""
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=True)

    async def _read(self, receive_message: Any, parts: list[bytes]) -> None:
        """Collect the body in ``parts``; what all senders together may have here has a bound."""
        size = 0
        while True:
            message = await receive_message()
            if message["type"] == "http.disconnect":
                raise Invalid("The connection was closed before the message was complete.")
            part = message.get("body", b"")
            size += len(part)
            if size > MAX_BODY_BYTES:
                raise BodyTooLarge(
                    f"A webhook may have {MAX_BODY_BYTES // 1024 // 1024} MB at the most.",
                    hint="Send less at once, or send a reference that a flow fetches.",
                )
            if self._held_bytes + len(part) > MAX_HELD_BYTES:
                raise RuntimeError("too many large webhooks are here at once")
            parts.append(part)
            self._held_bytes += len(part)
            if not message.get("more_body"):
                return

    async def _commit(self, delivery: Delivery) -> Receipt | IpaasError:
        if len(self._waiting) >= MAX_WAITING:
            raise RuntimeError("too many webhooks wait for the database")
        future: asyncio.Future[Receipt | IpaasError] = asyncio.get_running_loop().create_future()
        self._waiting.append((delivery, future))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            try:
                answers = await loop.run_in_executor(
                    self._thread, receive, [delivery for delivery, _ in batch]
                )
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)
            if any(isinstance(answer, Receipt) and answer.runs for answer in answers):
                loop.run_in_executor(None, wake)  # the next batch need not wait for it


async def _send(
    send: Any,
    status: int,
    document: dict[str, Any] | None,
    request_id: str,
    more: Mapping[str, str] | None = None,
) -> None:
    body = b"" if document is None else jsonio.dumps(document)
    headers = {"x-request-id": request_id, **(more or {})}
    if status != 204:
        headers["content-length"] = str(len(body))
        headers["content-type"] = "application/json" if status < 400 else "application/problem+json"
    await _answer(send, status, headers, body)


async def _reply(send: Any, reply: HandshakeReply, request_id: str) -> None:
    headers = {
        "x-request-id": request_id,
        "content-type": reply.content_type,
        "content-length": str(len(reply.body)),
        "x-content-type-options": "nosniff",
    }
    await _answer(send, 200, headers, reply.body)


async def _answer(send: Any, status: int, headers: Mapping[str, str], body: bytes) -> None:
    raw = [(name.lower().encode("latin-1"), v.encode("latin-1")) for name, v in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
