"""A list is asked again and again: what is new is told once, what is not costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors import facade
from connectors.sdk import ConnectorError
from connectors.testing import Bench
from ipaas.core.errors import Recovery

pytestmark = pytest.mark.django_db

LIST = {"path": "/entries", "query": {"limit": 10, "offset": 20}, "items": "/items", "id": "/id"}
XML = {"path": "/entries.xml", "items": "/entries/entry", "id": "/@id"}


@pytest.fixture
def service(make: Callable[[str], Bench]) -> Bench:
    return make("http")


def look(service: Bench, cursor: Any, wish: Any = LIST, **more: Any) -> facade.Polled:
    return facade.poll(service.ref, "entry_changed", cursor, inputs=wish, **more)


def add(service: Bench, reference: str) -> int:
    body = {"reference": reference, "name": "New"}
    output = service.call("request", method="POST", path="/entries", body=body).output
    return int(output["body"]["id"])


def change(service: Bench, number: int, name: str) -> None:
    path = f"/entries/{number}"
    service.call("request", method="PATCH", path=path, body={"name": name})


def told(polled: facade.Polled) -> list[str]:
    return [event.id for event in polled.events]


@pytest.mark.parametrize(("wish", "header"), [(LIST, "etag"), (XML, "modified")])
def test_a_list_that_has_not_changed_is_not_sent_again(
    service: Bench, wish: Any, header: str
) -> None:
    first = look(service, None, wish)
    assert told(first) == [] and first.cursor is not None and first.cursor[header]
    second = look(service, first.cursor, wish)
    assert (told(second), second.cursor) == ([], first.cursor)
    latest = service.control.calls("http")[:2]
    assert [each["status"] for each in latest] == [304, 200]


def test_what_is_new_or_changed_is_told_once(service: Bench) -> None:
    cursor = look(service, None).cursor
    number = add(service, "REF-NEW")
    polled = look(service, cursor)
    assert told(polled) == [str(number)]
    assert polled.events[0].document["reference"] == "REF-NEW"
    assert told(look(service, polled.cursor)) == []
    assert told(look(service, cursor)) == [str(number)], "a look that died is repeated"
    change(service, number, "Changed")
    again = look(service, polled.cursor)
    assert told(again) == [str(number)]
    assert again.events[0].revision != polled.events[0].revision


def test_a_service_that_gives_everything_again_starts_nothing_twice(service: Bench) -> None:
    cursor = look(service, None).cursor
    assert cursor is not None
    forgetful = {"seen": cursor["seen"]}  # as if it had sent no ETag
    assert told(look(service, forgetful)) == []


def test_many_changes_come_in_portions_and_none_is_lost(service: Bench) -> None:
    cursor = look(service, None).cursor
    numbers = [str(add(service, f"REF-{n}")) for n in range(5)]
    found: list[str] = []
    more = True
    while more:
        polled = look(service, cursor, limit=2)
        found += told(polled)
        cursor, more = polled.cursor, polled.more
    assert found == numbers
    assert told(look(service, cursor)) == []


def test_a_list_in_pages_is_read_to_its_end(service: Bench) -> None:
    wish = {"path": "/entries", "items": "/items", "id": "/id", "paging": {"style": "link"}}
    cursor = look(service, None, wish).cursor
    assert cursor is not None and len(cursor["seen"]) == 25
    change(service, 3, "Changed")
    number = add(service, "REF-NEW")
    assert told(look(service, cursor, wish)) == ["3", str(number)]


def test_an_entry_without_an_id_is_told_and_nothing_is_skipped(service: Bench) -> None:
    with pytest.raises(ConnectorError) as caught:
        look(service, None, {**LIST, "id": "/nothing"})
    assert caught.value.recovery is Recovery.GIVE_UP
    assert caught.value.code == "http.entry_without_id"
