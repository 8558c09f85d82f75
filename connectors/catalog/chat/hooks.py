"""Messages in the forms that chats take; the address of the channel is the secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from connectors.sdk import (
    CallFacts,
    ConnectorError,
    HttpRequest,
    HttpResponse,
    OperationContext,
    Recovery,
    VendorError,
    needed,
)
from ipaas.core import jsonio

MOST_TEXT = 2900  # a section of Slack holds 3000 characters
MOST_FACTS = 10  # and 10 fields


def lead(
    request: HttpRequest, secrets: Mapping[str, Any], settings: Mapping[str, Any]
) -> HttpRequest:
    """``request``, sent to the sealed address."""
    del settings
    return replace(request, url=str(secrets.get("url") or ""))


def read_error(response: HttpResponse) -> VendorError | None:
    """The chat's words, which are plain text in Slack (“invalid_payload”)."""
    words = response.body[:200].decode("utf-8", "replace").strip()
    return VendorError(words[:60], words) if words and "<" not in words else None


def post_facts(
    fixed: Mapping[str, Any], mapped: frozenset[str], settings: Mapping[str, Any]
) -> CallFacts:
    """A write that is sent again by itself, unless the step says that a person is asked."""
    del mapped, settings
    return CallFacts(writes=True, has_key=fixed.get("if_unsure", "send_again") != "ask")


def post_message(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The chat's answer."""
    if not inputs.get("text"):
        raise needed("text", "Text")
    match context.settings.get("kind"):
        case "teams":
            body = _card(inputs)
        case "other":
            body = {"text": _plain(inputs)}
        case _:
            body = _blocks(inputs)
    response = context.exchange("POST", "", content=jsonio.dumps(body))
    return {"answer": response.body[:200].decode("utf-8", "replace")}


def _blocks(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks"""
    text = _escaped(str(inputs["text"]))[:MOST_TEXT]
    blocks: list[dict[str, Any]] = []
    if inputs.get("title"):
        heading = {"type": "plain_text", "text": str(inputs["title"])[:150]}
        blocks.append({"type": "header", "text": heading})
    blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": text}})
    facts = _facts(inputs)
    for start in range(0, len(facts), MOST_FACTS):
        fields = [
            {"type": "mrkdwn", "text": f"*{_escaped(name)}*\n{_escaped(value)}"[:2000]}
            for name, value in facts[start : start + MOST_FACTS]
        ]
        blocks.append({"type": "section", "fields": fields})
    if link := _link(inputs):
        words = _escaped(link[1]).replace("|", "¦")
        shown = {"type": "mrkdwn", "text": f"<{_escaped(link[0])}|{words}>"}
        blocks.append({"type": "section", "text": shown})
    return {"text": text, "blocks": [*blocks, *_extra(inputs)]}


def _card(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Teams: an adaptive card in a message, as the Workflows webhook takes it."""
    body: list[dict[str, Any]] = []
    if inputs.get("title"):
        heading = {"size": "Medium", "weight": "Bolder", "wrap": True}
        body.append({"type": "TextBlock", "text": str(inputs["title"]), **heading})
    body.append({"type": "TextBlock", "text": str(inputs["text"]), "wrap": True})
    if facts := _facts(inputs):
        shown = [{"title": name, "value": value} for name, value in facts]
        body.append({"type": "FactSet", "facts": shown})
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [*body, *_extra(inputs)],
    }
    if link := _link(inputs):
        card["actions"] = [{"type": "Action.OpenUrl", "url": link[0], "title": link[1]}]
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _plain(inputs: Mapping[str, Any]) -> str:
    lines = [str(inputs["title"])] if inputs.get("title") else []
    lines.append(str(inputs["text"]))
    lines += [f"{name}: {value}" for name, value in _facts(inputs)]
    if link := _link(inputs):
        lines.append(f"{link[1]}: {link[0]}")
    return "\n".join(lines)


def _facts(inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    given = inputs.get("facts")
    found = []
    for name, value in given.items() if isinstance(given, Mapping) else ():
        if value is None or value == "":
            continue
        if isinstance(value, Decimal):
            text = format(value, "f")
        elif isinstance(value, (dict, list)):
            text = jsonio.dumps(value).decode()
        else:
            text = str(value)
        found.append((str(name), text))
    return found[: 4 * MOST_FACTS]


def _link(inputs: Mapping[str, Any]) -> tuple[str, str] | None:
    given = inputs.get("link")
    url = str(given.get("url") or "") if isinstance(given, Mapping) else ""
    if not url:
        return None
    if urlsplit(url).scheme not in ("http", "https") or any(char in url for char in '<>| "\n'):
        raise ConnectorError(
            "The link is not an address of a web page.",
            code="chat.link_refused",
            recovery=Recovery.FIX_DATA,
            hint="Give an address that begins with https://.",
            field="link.url",
        )
    assert isinstance(given, Mapping)
    return url, str(given.get("title") or url)


def _extra(inputs: Mapping[str, Any]) -> list[Any]:
    given = inputs.get("extra")
    return [part for part in given if isinstance(part, Mapping)] if isinstance(given, list) else []


def _escaped(text: str) -> str:
    """So that a document's text cannot call a whole channel or hide a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
