"""Tells browsers what was committed, over Channels. Losing a message only costs a reload.

Messages are sent on one event loop: the server's own when web and workers share a process (the
in-memory layer knows only its loop), else a loop in a thread of its own.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from channels.layers import get_channel_layer

from runtime.live.watchers import watched

log = logging.getLogger(__name__)
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_in_order = asyncio.Lock()  # what was committed first is told first


@dataclass(frozen=True, slots=True)
class RunChange:
    """One committed turn of a run, as browsers are told of it."""

    workspace_id: str
    environment: str
    from_seq: int
    run: dict[str, Any]
    steps: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Unseen:
    """A committed turn of a run that is put into words only if somebody looks."""

    workspace_id: str
    environment: str
    run_id: str
    tell: Callable[[], RunChange]


def use_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Send on this loop from now on."""
    global _loop, _in_order
    _loop, _in_order = loop, asyncio.Lock()


def _running_loop() -> asyncio.AbstractEventLoop:
    global _loop, _in_order
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop, _in_order = asyncio.new_event_loop(), asyncio.Lock()
            threading.Thread(target=_loop.run_forever, name="live", daemon=True).start()
        return _loop


def list_group(workspace_id: str, environment: str) -> str:
    """Channels group of a workspace's run list."""
    return f"runs.{workspace_id}.{environment}"


def run_group(run_id: str) -> str:
    """Channels group of one run."""
    return f"run.{run_id}"


def publish(changes: Sequence[RunChange]) -> None:
    """Send the changes; returns at once and never raises."""
    if changes:
        _send(_messages(changes))


def publish_watched(turns: Sequence[Unseen]) -> None:
    """Send those turns that somebody looks at; never raises."""
    lists = {list_group(turn.workspace_id, turn.environment) for turn in turns}
    seen = watched(lists | {run_group(turn.run_id) for turn in turns})
    publish(
        [
            turn.tell()
            for turn in turns
            if seen
            and (
                run_group(turn.run_id) in seen
                or list_group(turn.workspace_id, turn.environment) in seen
            )
        ]
    )


def announce(workspace_id: str, environment: str, message: dict[str, Any]) -> None:
    """Send one message to everybody who looks at a workspace's environment."""
    _send([(list_group(workspace_id, environment), message)])


def send_to(group: str, message: dict[str, Any]) -> None:
    """Send one message to a group."""
    _send([(group, message)])


def _messages(changes: Sequence[RunChange]) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for change in changes:
        delta = {
            "type": "run.delta",
            "run_id": change.run["id"],
            "from_seq": change.from_seq,
            "seq": change.run["seq"],
            "run": change.run,
            "steps": change.steps,
        }
        found.append((run_group(change.run["id"]), delta))
        if change.run.get("parent"):
            continue  # thousands of items would drown the list; they are seen on their own pages
        found.append(
            (
                list_group(change.workspace_id, change.environment),
                {"type": "run", "run": change.run},
            )
        )
    return found


def _send(messages: list[tuple[str, dict[str, Any]]]) -> None:
    try:
        asyncio.run_coroutine_threadsafe(_deliver(messages), _running_loop())
    except RuntimeError:
        log.debug("no loop to send live messages on")


async def _deliver(messages: list[tuple[str, dict[str, Any]]]) -> None:
    layer = get_channel_layer()
    try:
        async with _in_order:
            for group, body in messages:
                await layer.group_send(group, {"type": "live.message", "body": body})
    except Exception:
        log.warning("live messages could not be sent", exc_info=True)
