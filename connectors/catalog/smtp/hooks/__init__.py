"""Sending one message: to all recipients or to none, and always under the same Message-ID."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.catalog.smtp.hooks.letters import Letter, compose
from connectors.catalog.smtp.hooks.server import mail_server
from connectors.sdk import CallFacts, OperationContext

__all__ = ["check", "send_email", "send_facts"]


def send_facts(
    fixed: Mapping[str, Any], mapped: frozenset[str], settings: Mapping[str, Any]
) -> CallFacts:
    """A write; sent again by itself only where the step says so."""
    del mapped, settings
    return CallFacts(writes=True, has_key=fixed.get("if_unsure") == "send_again")


def send_email(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The message's id, its recipients and what the server said."""
    letter: Letter = compose(inputs, context.settings, context.idempotency_key)
    with mail_server(context, f"SEND {letter.message_id}", letter.summary) as server:
        answer = server.send(letter)
    return {
        "message_id": letter.message_id,
        "recipients": list(letter.recipients),
        "answer": answer,
    }


def check(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The server's greeting, after signing in."""
    del inputs
    with mail_server(context, "CHECK", "") as server:
        return {"greeting": server.greeting}
