"""Signed messages, checked as a receiver would check them."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from connectors import facade
from connectors.catalog.webhook.hooks import sign
from connectors.sdk import ConnectorError, HttpRequest
from connectors.testing.receiver import Receiver
from ipaas.core import clock, jsonio
from ipaas.core.errors import Recovery

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_" + base64.b64encode(b"an older secret of ours").decode()


class At:
    """A clock that stands still."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


def test_the_signature_of_the_specifications_example_comes_out() -> None:
    request = HttpRequest(
        "POST", "https://x", {"Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek"}, b'{"test": 2432232314}'
    )
    with clock.use(At(1614265330)):
        signed = sign(request, {"secret": SECRET}, {})
    assert signed.headers["Webhook-Timestamp"] == "1614265330"
    assert signed.headers["Webhook-Signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_repetition_bears_the_same_id_and_both_secrets_sign(
    receiver: Receiver, connect: Callable[..., facade.Connection]
) -> None:
    made = connect(
        "webhook",
        settings={"base_url": receiver.url},
        secrets={"secret": SECRET, "previous_secret": OLD},
    )
    inputs = {"type": "invoice.paid", "data": {"number": "17"}}
    for key in ("key-1", "key-1", "key-2"):
        reply = facade.call(made.ref, "send", inputs, idempotency_key=key)
    ids = [headers["webhook-id"] for headers, _ in receiver.seen]
    assert ids[0] == ids[1] != ids[2] == reply.reference
    headers, body = receiver.seen[0]
    assert jsonio.loads(body)["data"] == {"number": "17"}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = []
    for secret in (SECRET, OLD):
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        expected.append(f"v1,{digest}")
    assert headers["webhook-signature"] == " ".join(expected)


def test_answers_are_classified_and_a_lost_one_leaves_it_open(
    receiver: Receiver, connect: Callable[..., facade.Connection]
) -> None:
    made = connect("webhook", settings={"base_url": receiver.url}, secrets={"secret": SECRET})

    def failure(status: int) -> ConnectorError:
        receiver.status = status
        with pytest.raises(ConnectorError) as caught:
            facade.call(made.ref, "send", {"type": "a", "data": {}}, idempotency_key="k")
        return caught.value

    assert (failure(410).code, failure(410).recovery) == ("webhook.gone", Recovery.GIVE_UP)
    assert failure(429).recovery is Recovery.RETRY
    assert (failure(503).recovery, failure(503).executed) == (Recovery.RETRY, "unknown")
    receiver.cut = True
    assert failure(200).executed == "unknown"


def test_a_weak_secret_is_refused_before_anything_leaves(
    receiver: Receiver, connect: Callable[..., facade.Connection]
) -> None:
    made = connect("webhook", settings={"base_url": receiver.url}, secrets={"secret": "short"})
    with pytest.raises(ConnectorError) as caught:
        facade.call(made.ref, "send", {"type": "a", "data": {}}, idempotency_key="k")
    assert caught.value.code == "webhook.secret_weak" and receiver.seen == []


def test_the_connection_test_sends_a_ping(
    receiver: Receiver, connect: Callable[..., facade.Connection]
) -> None:
    made = connect("webhook", settings={"base_url": receiver.url}, secrets={"secret": SECRET})
    result = facade.test_connection(made.workspace_id, made.id)
    assert result.ok and jsonio.loads(receiver.seen[0][1])["type"] == "ping"
