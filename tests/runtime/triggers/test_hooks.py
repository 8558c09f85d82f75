"""Addresses of flows' own: who may send, what is read, what is one message and what is two."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.vault import SealBroken
from ipaas.core import clock, jsonio
from ipaas.core.errors import IpaasError
from runtime.models import Event, Hook, HookSample, Run
from runtime.triggers import hook_setup, hooks
from runtime.triggers.intake import Delivery, Receipt, receive
from tests.runtime.triggers.conftest import Place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
Advance = Callable[..., datetime]
BODY = b'{"order": {"number": "A-7"}, "total": 10.10}'


def send(place: Place, flow: str, body: bytes = BODY, **headers: str) -> Receipt | IpaasError:
    """Answer to one message; ``_`` in names of headers stands for a hyphen."""
    plain = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    (answer,) = receive([Delivery(place.token(flow), plain, body)])
    return answer


def taken(answer: Receipt | IpaasError) -> Receipt:
    assert isinstance(answer, Receipt), answer
    return answer


def refused(answer: Receipt | IpaasError) -> str:
    assert isinstance(answer, IpaasError), answer
    assert answer.hint
    return answer.code


def secret(place: Place, flow: str, kind: str, value: str = "", overlap_s: int = 0) -> str:
    found = hook_setup.set_secret(
        place.workspace_id, "test", flow, kind=kind, value=value, overlap_s=overlap_s
    )
    text: str = found["secret"]
    return text


def hmac_hex(key: str, body: bytes, algorithm: str = "sha256") -> str:
    return hmac.digest(key.encode(), body, algorithm).hex()


def test_hmac_takes_only_what_is_signed_over_the_raw_body(place: Place) -> None:
    setting = {"kind": "hmac", "header": "X-Hub-Signature-256", "prefix": "sha256="}
    flow = place.publish("trigger.webhook", {"signature": setting})
    assert refused(send(place, flow)) == "hook.refused"  # there is no secret yet
    key = secret(place, flow, "hmac")
    right = f"sha256={hmac_hex(key, BODY)}"
    assert taken(send(place, flow, X_Hub_Signature_256=right)).accepted == 1
    for wrong in ("", "sha256=", "sha256=zz", hmac_hex("other", BODY), right[:-2]):
        assert refused(send(place, flow, X_Hub_Signature_256=wrong)) == "hook.refused"
    assert refused(send(place, flow, BODY + b" ", X_Hub_Signature_256=right)) == "hook.refused"
    assert Run.objects.count() == 1
    shown = hook_setup.hook_info(place.workspace_id, "test", flow)
    assert shown["refusal"]["code"] == "hook.refused"


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "sha1"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_hmac_with_a_time_refuses_what_is_replayed_later(
    place: Place, advance: Advance, algorithm: str, encoding: str
) -> None:
    setting = {
        "kind": "hmac",
        "header": "X-Sig",
        "algorithm": algorithm,
        "encoding": encoding,
        "timestamp_header": "X-Time",
        "separator": ":",
        "tolerance_s": 60,
    }
    flow = place.publish("trigger.webhook", {"signature": setting, "dedupe": {"by": "none"}})
    key = secret(place, flow, "hmac")
    stamp = str(int(clock.now().timestamp()))
    mac = hmac.digest(key.encode(), stamp.encode() + b":" + BODY, algorithm)
    text = mac.hex() if encoding == "hex" else base64.b64encode(mac).decode()
    assert taken(send(place, flow, X_Sig=text, X_Time=stamp)).accepted == 1
    other = str(int(stamp) + 1)
    assert refused(send(place, flow, X_Sig=text, X_Time=other)) == "hook.refused"
    assert refused(send(place, flow, X_Sig=text, X_Time="soon")) == "hook.refused"
    assert refused(send(place, flow, X_Sig=text)) == "hook.refused"
    advance(seconds=61)
    assert refused(send(place, flow, X_Sig=text, X_Time=stamp)) == "hook.refused"
    advance(seconds=-180)
    assert refused(send(place, flow, X_Sig=text, X_Time=stamp)) == "hook.refused"


def standard(key: str, message_id: str, stamp: str, body: bytes = BODY) -> dict[str, str]:
    raw = base64.b64decode(key.removeprefix("whsec_"))
    mac = hmac.digest(raw, f"{message_id}.{stamp}.".encode() + body, "sha256")
    return {
        "webhook_id": message_id,
        "webhook_timestamp": stamp,
        "webhook_signature": f"v1,bm90aGluZw== v1,{base64.b64encode(mac).decode()}",
    }


def test_standard_webhooks_as_its_specification_gives_them(place: Place, virtual: Any) -> None:
    # the example of the specification's reference libraries
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    headers = standard(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert headers["webhook_signature"].endswith("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    flow = place.publish("trigger.webhook", {"signature": {"kind": "standard"}})
    secret(place, flow, "standard", key)
    assert refused(send(place, flow, body, **headers)) == "hook.refused"  # years ago
    stamp = str(int(clock.now().timestamp()))
    headers = standard(key, "msg_1", stamp, body)
    assert taken(send(place, flow, body, **headers)).accepted == 1
    assert taken(send(place, flow, body, **headers)).duplicates == 1
    forged = {**headers, "webhook_id": "msg_2"}
    assert refused(send(place, flow, body, **forged)) == "hook.refused"


def test_basic_and_token(place: Place) -> None:
    flow = place.publish(
        "trigger.webhook",
        {"signature": {"kind": "basic", "username": "shop"}, "dedupe": {"by": "none"}},
    )
    key = secret(place, flow, "basic", "correct horse")
    pair = base64.b64encode(f"shop:{key}".encode()).decode()
    assert taken(send(place, flow, authorization=f"Basic {pair}")).accepted == 1
    wrong = base64.b64encode(b"shop:guess").decode()
    for header in (f"Basic {wrong}", f"Bearer {pair}", "Basic !!", ""):
        assert refused(send(place, flow, authorization=header)) == "hook.refused"
    bearer = place.publish("trigger.webhook", {"signature": {"kind": "token"}})
    key = secret(place, bearer, "token")
    assert taken(send(place, bearer, authorization=f"Bearer {key}")).accepted == 1
    assert refused(send(place, bearer, authorization=key)) == "hook.refused"
    named = place.publish("trigger.webhook", {"signature": {"kind": "token", "header": "X-Key"}})
    key = secret(place, named, "token")
    assert taken(send(place, named, X_Key=key)).accepted == 1
    assert refused(send(place, named, X_Key=key + "x")) == "hook.refused"


def test_a_new_secret_overlaps_with_the_old_one(place: Place, advance: Advance) -> None:
    flow = place.publish(
        "trigger.webhook", {"signature": {"kind": "token"}, "dedupe": {"by": "none"}}
    )
    old = secret(place, flow, "token")
    new = secret(place, flow, "token", overlap_s=3600)
    for key in (old, new):
        assert taken(send(place, flow, authorization=f"Bearer {key}")).accepted == 1
    advance(hours=1, seconds=1)
    assert refused(send(place, flow, authorization=f"Bearer {old}")) == "hook.refused"
    assert taken(send(place, flow, authorization=f"Bearer {new}")).accepted == 1
    row = Hook.objects.get()
    assert new.encode() not in bytes(row.secret)


CONTENTS = [
    ("application/json", b'{"a": 1.10}', {"a": Decimal("1.10")}),
    ("", b"[1, 2]", [1, 2]),
    ("application/vnd.shop+json; charset=utf-8", b'{"a": null}', {"a": None}),
    (
        "application/x-www-form-urlencoded",
        b"a=1&b=x+y&a=2&c=",
        {"a": ["1", "2"], "b": "x y", "c": ""},
    ),
    ("text/xml", b"<o n='7'><l>a</l><l>b</l></o>", {"o": {"@n": "7", "l": ["a", "b"]}}),
    ("application/soap+xml", b"<a>x</a>", {"a": "x"}),
    ("text/plain; charset=latin-1", b"caf\xe9", {"text": "caf\u00e9"}),
]


@pytest.mark.parametrize(("kind", "body", "expected"), CONTENTS, ids=range(len(CONTENTS)))
def test_a_body_is_read_as_its_type_says(
    place: Place, kind: str, body: bytes, expected: Any
) -> None:
    flow = place.publish("trigger.webhook")
    taken(send(place, flow, body, content_type=kind))
    (run,) = place.runs(flow)
    assert jsonio.dumps(place.document(run)) == jsonio.dumps(expected)


BOMB = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>'
UNREADABLE = [
    ("application/json", b'{"a":', 400),
    ("application/json", b"\xff\xfe", 400),
    ("application/json", b"", 400),
    ("application/json", b'{"a":' * 5000 + b"1", 400),
    ("text/xml", BOMB, 400),
    ("text/xml", BOMB.decode().encode("utf-16"), 400),
    ("text/xml", b"<a><b></a>", 400),
    ("text/xml", b"<a>" * 200 + b"</a>" * 200, 400),
    ("text/plain; charset=klingon", b"x", 400),
    ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(2000)), 400),
    ("application/pdf", b"%PDF", 415),
    ("multipart/form-data; boundary=x", b"--x--", 415),
]


@pytest.mark.parametrize(("kind", "body", "status"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_body_that_cannot_be_read_is_refused_and_disturbs_no_other(
    place: Place, kind: str, body: bytes, status: int
) -> None:
    flow = place.publish("trigger.webhook")
    token = place.token(flow)
    good = Delivery(token, {}, BODY)
    odd = Delivery(token, {"content-type": kind}, body)
    answers = receive([odd, good])
    assert isinstance(answers[0], IpaasError)
    assert answers[0].status == status
    assert taken(answers[1]).accepted == 1


def test_what_makes_two_messages_one_is_a_setting(place: Place) -> None:
    other = BODY.replace(b"10.10", b"10.20")
    cases: list[tuple[dict[str, str], int, int]] = [
        ({"by": "auto"}, 1, 2),
        ({"by": "header", "header": "X-Shop-Id"}, 1, 1),
        ({"by": "pointer", "pointer": "/order/number"}, 1, 1),
        ({"by": "body"}, 1, 2),
        ({"by": "none"}, 2, 3),
    ]
    for dedupe, again, then in cases:
        flow = place.publish("trigger.webhook", {"dedupe": dedupe})
        for body, count in ((BODY, 1), (BODY, again), (other, then)):
            taken(send(place, flow, body, X_Shop_Id="7"))
            assert len(place.runs(flow)) == count, dedupe


def test_the_key_people_know_and_the_answer_are_settings(place: Place) -> None:
    flow = place.publish("trigger.webhook", {"business_key": "/order/number", "respond": 202})
    assert taken(send(place, flow)).status == 202
    assert place.runs(flow)[0].business_key == "A-7"


def test_an_address_learns_from_samples_before_anything_is_published(
    place: Place, advance: Advance
) -> None:
    flow = "flow_new"
    wish: dict[str, Any] = {"node_id": "start", "kind": "trigger.webhook", "settings": {}}
    found = hook_setup.listen(place.workspace_id, "test", flow, seconds=600, **wish)
    token = found["url"].rsplit("/", 1)[1]
    for number in range(25):
        body = jsonio.dumps({"order": {"number": number, "note": "n" if number % 2 else None}})
        taken(receive([Delivery(token, {"authorization": "Basic c2VjcmV0"}, body)])[0])
    assert Event.objects.count() == 0
    learnt = hook_setup.samples(place.workspace_id, "test", flow)
    assert len(learnt["items"]) == 20
    assert learnt["items"][0]["document"]["order"]["number"] == 24
    assert "authorization" not in learnt["items"][0]["headers"]
    order = learnt["schema"]["properties"]["order"]
    assert order["properties"]["number"]["type"] == "integer"
    assert all(b"number" not in bytes(row.sealed) for row in HookSample.objects.all())
    advance(seconds=601)
    assert refused(receive([Delivery(token, {}, BODY)])[0]) == "hook.unknown"
    place.publish("trigger.webhook", flow=flow)
    assert place.token(flow) == token  # the address that the sender was given stays
    hook_setup.forget_samples(place.workspace_id, "test", flow)
    assert HookSample.objects.count() == 0


def test_a_sample_says_whether_its_signature_was_right(place: Place) -> None:
    settings = {"signature": {"kind": "token"}}
    wish: dict[str, Any] = {"node_id": "start", "kind": "trigger.webhook", "settings": settings}
    found = hook_setup.listen(place.workspace_id, "test", "flow_new", seconds=600, **wish)
    token = found["url"].rsplit("/", 1)[1]
    key = secret(place, "flow_new", "token")
    receive([Delivery(token, {"authorization": f"Bearer {key}"}, BODY)])
    receive([Delivery(token, {}, BODY)])
    learnt = hook_setup.samples(place.workspace_id, "test", "flow_new")["items"]
    assert [item["signature"] for item in learnt] == ["wrong", "right"]


def test_an_address_survives_another_release_and_closes_with_its_trigger(place: Place) -> None:
    flow = place.publish("trigger.webhook")
    token = place.token(flow)
    place.publish("trigger.webhook", {"respond": 201}, flow=flow)
    assert place.token(flow) == token
    place.publish("trigger.manual", flow=flow)
    assert refused(receive([Delivery(token, {}, BODY)])[0]) == "hook.unknown"
    place.publish("trigger.webhook", flow=flow)
    assert place.token(flow) == token


@pytest.mark.parametrize(
    "signature",
    [
        {"kind": "none"},
        {"kind": "hmac", "header": "X-Sig", "prefix": "v1=", "timestamp_header": "X-Time"},
        {"kind": "standard"},
        {"kind": "token"},
        {"kind": "basic", "username": "shop"},
    ],
)
def test_a_delivery_can_be_tried_with_every_signature(
    place: Place, signature: dict[str, str]
) -> None:
    flow = place.publish("trigger.webhook", {"signature": signature})
    if signature["kind"] != "none":
        before = hook_setup.try_delivery(place.workspace_id, "test", flow, {"a": 1})
        assert before["problem"]["code"] == "hook.refused"
        secret(place, flow, signature["kind"])
    found = hook_setup.try_delivery(place.workspace_id, "test", flow, {"a": 1})
    assert found["problem"] is None
    assert len(found["runs"]) == 1


def test_the_secret_of_one_address_does_not_open_for_another(place: Place) -> None:
    for value in ("first-secret", "second-secret"):
        flow = place.publish("trigger.webhook", {"signature": {"kind": "token"}})
        secret(place, flow, "token", value)
    first, second = Hook.objects.order_by("id")
    Hook.objects.filter(pk=second.pk).update(secret=first.secret)
    with pytest.raises(SealBroken):
        hooks.listeners([second.token])
    assert hooks.listeners([first.token])[first.token].secrets == ["first-secret"]
