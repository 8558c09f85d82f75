"""What a manifest says by data alone works: polls, batches, pages, bodies, files, lists, fields."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors import credentials, facade, registry
from connectors.manifest.load import read_manifest
from connectors.models import ConnectionRow
from connectors.own.uploads import NO_FOLDER
from connectors.sdk import ConnectorError, FileContent
from ipaas.core import jsonio
from tests.connectors.data_vendor import MANIFEST, START, World, stamp, world
from tests.kit.cast import Cast

__all__ = ["world"]


@pytest.fixture
def row(cast: Cast, world: World) -> Iterator[ConnectionRow]:
    """A connection to that vendor."""
    held = registry.all_connectors()
    held["kit"] = registry.Connector(read_manifest(MANIFEST, NO_FOLDER, hooks=None), "kit")
    row = ConnectionRow.objects.create(
        workspace_id=cast.north.id,
        environment="test",
        slug="kit",
        name="Kit",
        connector="kit",
        sandbox=True,
        settings={"base_url": world.url},
    )
    credentials.replace(
        cast.north.id, row.id, {"api_key": "key-123456", "hush": "hush-hush"}, version=None
    )
    yield row
    held.pop("kit", None)


@pytest.fixture
def ref(row: ConnectionRow) -> facade.ConnectionRef:
    return facade.ConnectionRef(row.workspace_id, "test", "kit")


def changed(world: World, *numbers: int, at: int | None = None) -> None:
    for number in numbers:
        when = stamp(number if at is None else at)
        world.things.append({"id": str(number), "at": when, "state": "ready"})


def ids(found: facade.Polled) -> list[tuple[str, str]]:
    return [(event.id, event.revision) for event in found.events if "changed" in event.triggers]


# Polls


def test_a_first_look_begins_now_and_tells_nothing_old(ref: Any, world: World) -> None:
    changed(world, 1, 2)
    found = facade.poll(ref, "changed", None, inputs={})
    assert (found.events, found.more) == ((), False)
    assert world.asked == []


def test_a_look_goes_on_where_the_last_one_ended_and_skips_nothing(ref: Any, world: World) -> None:
    changed(world, *range(10))
    cursor: dict[str, Any] | None = None
    told: list[tuple[str, str]] = []
    for _ in range(20):
        found = facade.poll(ref, "changed", cursor, inputs={}, since=START, limit=3)
        cursor, told = found.cursor, told + ids(found)
        if not found.more:
            break
    assert told == [(str(n), stamp(n)) for n in range(10)]


def test_more_changes_at_one_moment_than_a_look_takes_are_all_told(ref: Any, world: World) -> None:
    changed(world, *range(8), at=5)
    changed(world, 20)
    cursor: dict[str, Any] | None = None
    told: list[str] = []
    for _ in range(20):
        found = facade.poll(ref, "changed", cursor, inputs={}, since=START, limit=2)
        cursor, told = found.cursor, told + [each for each, _ in ids(found)]
        if not found.more:
            break
    assert told == [*map(str, range(8)), "20"]


def test_until_ends_a_look_into_the_past(ref: Any, world: World) -> None:
    changed(world, 1, 2, 3)
    until = START + timedelta(seconds=3)
    found = facade.poll(ref, "changed", None, inputs={}, since=START, until=until)
    assert [each for each, _ in ids(found)] == ["1", "2"]


def test_a_vendors_own_cursor_is_sent_back(ref: Any, world: World) -> None:
    changed(world, 1, 2, 3)
    first = facade.poll(ref, "changed_by_cursor", None, inputs={})
    second = facade.poll(ref, "changed_by_cursor", first.cursor, inputs={})
    third = facade.poll(ref, "changed_by_cursor", second.cursor, inputs={})
    assert [[e.id for e in look.events] for look in (first, second, third)] == [
        ["1", "2"],
        ["3"],
        [],
    ]
    assert (first.more, second.more, third.more) == (True, False, False)


def test_a_time_that_cannot_be_read_moves_nothing(ref: Any, world: World) -> None:
    world.things.append({"id": "1", "at": "yesterday"})
    with pytest.raises(ConnectorError) as caught:
        facade.poll(ref, "changed", None, inputs={}, since=START)
    assert caught.value.code == "connector.poll_unreadable"


# Messages


def message(world: World, at: datetime, secret: str = "hush-hush") -> tuple[dict[str, str], bytes]:
    body = jsonio.dumps({"events": [{"topic": "thing.changed", "thing": world.things[0]}]})
    time = str(int(at.timestamp()))
    signed = hmac.digest(secret.encode(), time.encode() + b"." + body, hashlib.sha256).hex()
    return {"X-Sign": signed, "X-Time": time}, body


def test_a_message_and_a_poll_tell_one_change_with_one_identity(
    ref: Any, row: ConnectionRow, world: World
) -> None:
    changed(world, 7)
    headers, body = message(world, datetime.now(UTC))
    told = facade.receive_webhook(row.webhook_token, headers, body).events
    polled = facade.poll(ref, "changed", None, inputs={}, since=START).events
    identities = [
        {(e.entity, e.id, e.revision, e.triggers) for e in events} for events in (told, polled)
    ]
    assert identities[0] == identities[1] != set()
    assert ("thing", "7", "ready", ("changed_once",)) in identities[0]


def test_a_connection_that_only_takes_messages_says_when_it_was_last_used(
    row: ConnectionRow, world: World
) -> None:
    changed(world, 7)
    headers, body = message(world, datetime.now(UTC), "wrong")
    with pytest.raises(facade.SignatureWrong):
        facade.receive_webhook(row.webhook_token, headers, body)
    row.refresh_from_db()
    assert row.last_used_at is None
    facade.receive_webhook(row.webhook_token, *message(world, datetime.now(UTC)))
    row.refresh_from_db()
    assert row.last_used_at is not None


@pytest.mark.parametrize(("age_s", "secret"), [(600, "hush-hush"), (0, "wrong")])
def test_an_old_or_forged_message_is_refused(
    row: ConnectionRow, world: World, age_s: int, secret: str
) -> None:
    changed(world, 7)
    headers, body = message(world, datetime.now(UTC) - timedelta(seconds=age_s), secret)
    with pytest.raises(facade.SignatureWrong):
        facade.receive_webhook(row.webhook_token, headers, body)


def test_a_vendor_that_asks_whether_the_address_is_ours_gets_its_challenge_back(
    row: ConnectionRow,
) -> None:
    def ask(**query: str) -> Any:
        return facade.answer_handshake(row.webhook_token, "GET", query, {}, b"")

    reply = ask(mode="subscribe", challenge="c-1", verify="hush-hush")
    assert (reply.body, reply.content_type) == (b"c-1", "text/plain; charset=utf-8")
    assert ask(mode="other", challenge="c-1", verify="hush-hush") is None
    with pytest.raises(facade.SignatureWrong):
        ask(mode="subscribe", challenge="c-1", verify="guess")


# Batches


def test_each_item_of_a_batch_gets_its_own_answer(ref: Any, world: World) -> None:
    names = ["a", "taken", "forgotten", "b"]
    items = [facade.BatchItem({"name": name}, f"key-{name}") for name in names]
    found = facade.call_batch(ref, "make", items)
    a, taken, forgotten, b = found
    assert isinstance(a, facade.Reply) and (a.reference, a.output) == ("id-a", {"id": "id-a"})
    assert isinstance(b, facade.Reply) and b.reference == "id-b"
    assert isinstance(taken, ConnectorError)
    assert (taken.code, taken.executed, taken.message) == ("kit.taken", "no", "Taken: taken")
    assert isinstance(forgotten, ConnectorError) and forgotten.executed == "unknown"
    assert [path for _, path, _, _ in world.asked] == ["/batch", "/batch"], "three at a time"


def test_the_same_batch_carries_the_same_key(ref: Any, world: World) -> None:
    items = [facade.BatchItem({"name": n}, f"key-{n}") for n in "ab"]
    facade.call_batch(ref, "make", items)
    facade.call_batch(ref, "make", items)
    keys = [headers["idempotency-key"] for _, _, headers, _ in world.asked]
    assert keys[0] == keys[1] and len(keys[0]) <= 40


# Pages, bodies, files


def test_offsets_go_on_until_the_total(ref: Any, world: World) -> None:
    changed(world, *range(7))
    found = facade.call(ref, "offset_list", {"limit": 100}).output
    assert ([each["id"] for each in found["items"]], found["total_count"]) == (
        [str(n) for n in range(7)],
        7,
    )
    assert len(facade.call(ref, "offset_list", {"limit": 5}).output["items"]) == 5


def test_links_are_followed_at_the_vendor_and_nowhere_else(ref: Any, world: World) -> None:
    assert facade.call(ref, "link_list", {"limit": 10}).output["items"] == [
        {"id": 1},
        {"id": 2},
        {"id": 3},
    ]
    with pytest.raises(ConnectorError) as caught:
        facade.call(ref, "away_list", {"limit": 10})
    assert caught.value.code == "connector.paging_elsewhere"


def test_a_form_is_sent_as_a_form(ref: Any, world: World) -> None:
    facade.call(ref, "send_form", {"a": "x&y", "tags": ["1", "2"]})
    _, _, headers, body = world.asked[-1]
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert body == b"a=x%26y&tag=1&tag=2"


def test_a_file_is_sent_and_comes_back(ref: Any, world: World) -> None:
    file = FileContent("a.csv", "text/csv", b"a,b\n").as_json()
    facade.call(ref, "send_file", {"file": file, "note": "n"})
    first = world.asked[-1]
    facade.call(ref, "send_file", {"file": file, "note": "n"})
    assert first[3] == world.asked[-1][3], "the same bytes each time"
    assert b'filename="a.csv"' in first[3] and b"a,b\n" in first[3]
    got = FileContent.from_json(facade.call(ref, "get_file", {}).output)
    assert got == FileContent("invoice.pdf", "application/pdf", b"%PDF")


def test_xml_is_escaped_and_read_back(ref: Any) -> None:
    lines = [{"@no": 1, "Text": "a < b & c"}, {"@no": 2, "Text": '"q"'}]
    assert facade.call(ref, "send_xml", {"lines": lines}).output == {
        "Order": {
            "@v": "1",
            "Line": [{"@no": "1", "Text": "a < b & c"}, {"@no": "2", "Text": '"q"'}],
        }
    }


def test_xml_with_entities_is_refused(ref: Any) -> None:
    with pytest.raises(ConnectorError) as caught:
        facade.call(ref, "bomb", {})
    assert caught.value.code == "connector.not_xml"


# Lists, custom fields, facts


def test_a_pick_list_comes_from_an_operation(ref: Any, row: ConnectionRow, world: World) -> None:
    changed(world, 1, 2)
    found = facade.options(row.workspace_id, row.id, "things", "thing 2")
    assert [(each.value, each.label) for each in found] == [("2", "Thing 2")]


def test_fields_of_the_account_are_in_both_schemas_and_asked_for_once(
    ref: Any, row: ConnectionRow, world: World
) -> None:
    for _ in range(2):
        spec = facade.describe_operation_of(ref, "make")
        for schema in (spec.input_schema, spec.output_schema):
            assert schema["properties"]["own"]["properties"] == {
                "x_rate": {"type": "number", "title": "Rate"}
            }
    assert len(world.asked) == 1
    facade.forget_custom_fields(row.id)
    facade.describe_operation_of(ref, "make")
    assert len(world.asked) == 2
    plain = facade.describe_operation("kit", "make")
    assert "properties" not in plain.input_schema["properties"]["own"]


def test_the_facts_the_engine_needs_are_told(ref: Any) -> None:
    make, file = (facade.describe_operation("kit", name) for name in ("make", "send_file"))
    assert (make.batch_max, make.repeats, make.custom_fields) == (3, False, True)
    assert file.repeats and file.idempotency == "none"
    assert facade.describe_operation("kit", "changed").delivery == ("webhook", "poll")
    assert facade.describe_operation("kit", "changed").poll_every_s == 60
    assert facade.limits_of("kit") == (facade.Limit("account", 10, 1, 2, 5000),)
