"""Lists in every style of paging, and lists that would never end."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors import credentials
from connectors.models import ConnectionRow
from connectors.sdk import ConnectorError
from connectors.testing import Bench
from ipaas.core import jsonio
from tests.connectors.rude_server import RudeServer, answer, rude_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(make: Callable[[str], Bench]) -> Iterator[Bench]:
    yield make("http")


def fetch(service: Bench, limit: int | None = None, **paging: Any) -> Any:
    wish: dict[str, Any] = {"path": "/entries", "items": "/items", "paging": paging}
    if limit:
        wish["limit"] = limit
    return service.call("fetch_all", **wish).output


@pytest.mark.parametrize(
    "paging",
    [
        {"style": "offset", "size_parameter": "limit", "size": 7},
        # The service caps its pages at 10, whatever is asked for.
        {"style": "offset", "size_parameter": "limit", "size": 100},
        {"style": "offset", "total": "/total"},
        {"style": "page", "size_parameter": "limit", "size": 6},
        {"style": "page", "total": "/total"},
        {"style": "cursor", "next": "/next"},
        {"style": "link"},
    ],
)
def test_every_style_gives_every_entry_once(service: Bench, paging: dict[str, Any]) -> None:
    found = fetch(service, **paging)
    assert [entry["id"] for entry in found["items"]] == list(range(1, 26))
    assert (found["count"], found["complete"]) == (25, True)


def test_a_limit_is_kept_and_said(service: Bench) -> None:
    found = fetch(service, limit=12, style="offset", total="/total")
    assert (found["count"], found["complete"], found["pages"]) == (12, False, 2)


def test_a_parameter_without_effect_is_noticed(service: Bench) -> None:
    with pytest.raises(ConnectorError) as caught:
        fetch(service, style="page", parameter="seite")
    assert caught.value.code == "http.endless_list"


def test_a_wrong_place_of_the_list_is_said(service: Bench) -> None:
    with pytest.raises(ConnectorError) as caught:
        service.call("fetch_all", path="/entries/1", items="/name", paging={"style": "none"})
    assert caught.value.code == "http.no_list"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({"items": [1], "next": "same"}, "http.endless_list"),
        ({"items": [1], "next": None, "total": 9}, "http.list_short"),
    ],
)
def test_a_list_that_never_ends_or_ends_too_soon_is_a_failure(
    service: Bench, reply: dict[str, Any], code: str
) -> None:
    def behave(server: RudeServer, client: socket.socket) -> None:
        while server.read(client):
            client.sendall(answer(jsonio.dumps(reply)))

    with rude_server(behave) as server:
        ConnectionRow.objects.filter(id=service.connection.id).update(
            settings={"base_url": server.url}
        )
        credentials.forget(service.connection.id)
        with pytest.raises(ConnectorError) as caught:
            fetch(service, style="cursor", next="/next", total="/total")
    assert caught.value.code == code


def test_a_next_page_on_another_server_is_not_asked_for(service: Bench) -> None:
    def behave(server: RudeServer, client: socket.socket) -> None:
        while server.read(client):
            client.sendall(answer(b'{"items": [1], "next": "https://evil.example/entries?x=1"}'))

    with rude_server(behave) as server:
        ConnectionRow.objects.filter(id=service.connection.id).update(
            settings={"base_url": server.url}
        )
        credentials.forget(service.connection.id)
        with pytest.raises(ConnectorError) as caught:
            fetch(service, style="link", next="/next")
    assert caught.value.code == "http.page_elsewhere"
