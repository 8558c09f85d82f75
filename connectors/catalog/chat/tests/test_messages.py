"""Messages as chats take them, and an address that stays a secret."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connectors import facade
from connectors.sdk import ConnectorError
from connectors.testing.receiver import Receiver
from ipaas.core import jsonio
from ipaas.core.errors import Recovery

MESSAGE = {
    "title": "Order 17",
    "text": "<!channel> 5 > 3 & more",
    "facts": {"Total": Decimal("19.90"), "Nothing": None},
    "link": {"url": "https://shop.example.com/17", "title": "Open | it"},
}


@pytest.fixture
def post(
    receiver: Receiver, connect: Callable[..., facade.Connection]
) -> Callable[..., tuple[Any, facade.Reply]]:
    """Sends a message to a chat of that kind: the body that arrived, and the reply."""

    def send(kind: str, **inputs: Any) -> tuple[Any, facade.Reply]:
        made = connect("chat", settings={"kind": kind}, secrets={"url": receiver.url})
        reply = facade.call(made.ref, "post_message", inputs, idempotency_key="k")
        return jsonio.loads(receiver.seen[-1][1]), reply

    return send


def test_slack_gets_blocks_in_which_nothing_can_call_the_channel(post: Any) -> None:
    body, reply = post("slack", **MESSAGE)
    assert body["text"] == "&lt;!channel&gt; 5 &gt; 3 &amp; more"
    header, section, facts, link = body["blocks"]
    assert header["text"]["text"] == "Order 17" and section["text"]["text"] == body["text"]
    assert [field["text"] for field in facts["fields"]] == ["*Total*\n19.90"]
    assert link["text"]["text"] == "<https://shop.example.com/17|Open ¦ it>"
    assert reply.output == {"answer": "ok"}


def test_teams_gets_an_adaptive_card(post: Any) -> None:
    body, _ = post("teams", **MESSAGE, extra=[{"type": "TextBlock", "text": "More"}])
    [attachment] = body["attachments"]
    card = attachment["content"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert [part["type"] for part in card["body"]] == [
        "TextBlock",
        "TextBlock",
        "FactSet",
        "TextBlock",
    ]
    assert card["actions"][0]["url"] == "https://shop.example.com/17"


def test_any_other_chat_gets_plain_text(post: Any) -> None:
    body, _ = post("other", **MESSAGE)
    assert body["text"].splitlines() == [
        "Order 17",
        "<!channel> 5 > 3 & more",
        "Total: 19.90",
        "Open | it: https://shop.example.com/17",
    ]


def test_the_address_is_in_no_record_and_no_error(post: Any, receiver: Receiver) -> None:
    _, reply = post("slack", text="Hi")
    assert "T0SECRETADDRESS" not in str([exchange.as_json() for exchange in reply.exchanges])
    receiver.status, receiver.answer = 404, b"no_service"
    with pytest.raises(ConnectorError) as caught:
        post("slack", text="Hi")
    error = caught.value
    assert (error.code, error.recovery) == ("chat.no_channel", Recovery.REAUTHORISE)
    shown = f"{error.message} {error.hint} {error.facts} {[e.as_json() for e in error.exchanges]}"
    assert "T0SECRETADDRESS" not in shown


def test_a_link_to_no_web_page_is_refused(post: Any, receiver: Receiver) -> None:
    with pytest.raises(ConnectorError) as caught:
        post("slack", text="Hi", link={"url": "javascript:alert(1)"})
    assert caught.value.field == "link.url" and receiver.seen == []


def test_a_private_address_is_refused_unless_it_is_declared(
    receiver: Receiver, connect: Callable[..., facade.Connection]
) -> None:
    made = connect("chat", secrets={"url": receiver.url})
    facade.update_connection(made.workspace_id, made.id, on_premise=False)
    with pytest.raises(ConnectorError) as caught:
        facade.call(made.ref, "post_message", {"text": "x"}, idempotency_key="k")
    assert caught.value.code == "connector.address_refused" and receiver.seen == []


def test_a_step_can_ask_a_person_when_an_answer_was_lost() -> None:
    spec = facade.describe_operation("chat", "post_message")
    assert facade.describe_call(spec, {}, frozenset(), {}).idempotency == "key"
    assert facade.describe_call(spec, {"if_unsure": "ask"}, frozenset(), {}).idempotency == "none"
