"""Connections cannot be pointed at what lies behind the wall."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from connectors.http import Door, Reach
from connectors.http.guard import AddressRefused, allows, check_url
from connectors.sdk import ConnectorError, HttpRequest
from tests.connectors.rude_server import RudeServer, answer, rude_server

METADATA = "169.254.169.254"
BEHIND = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", METADATA, "0.0.0.0", "::1",
          "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe",
          "2002:7f00:1::", "100.64.0.1", "224.0.0.1", "::"]  # fmt: skip


@pytest.mark.parametrize("address", BEHIND)
def test_a_public_connection_reaches_nothing_private(address: str) -> None:
    assert not allows(ipaddress.ip_address(address), Reach.PUBLIC)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111"])
def test_a_public_connection_reaches_the_internet(address: str) -> None:
    assert allows(ipaddress.ip_address(address), Reach.PUBLIC)


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("192.168.1.5", True),
        ("10.0.0.1", True),
        ("fc00::1", True),
        ("93.184.216.34", True),
        ("127.0.0.1", False),
        ("::1", False),
        (METADATA, False),
        ("::ffff:169.254.169.254", False),
        ("::ffff:127.0.0.1", False),
    ],
)
def test_an_on_premise_connection_reaches_private_networks_but_not_this_machine(
    address: str, reached: bool
) -> None:
    assert allows(ipaddress.ip_address(address), Reach.ON_PREMISE) is reached


@pytest.mark.parametrize("reach", list(Reach))
def test_nothing_reaches_the_metadata_service(reach: Reach) -> None:
    for text in (METADATA, "::ffff:169.254.169.254", "fe80::a9fe:a9fe"):
        assert not allows(ipaddress.ip_address(text), reach)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://user:pass@example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://",
        "example.com",
    ],
)
def test_addresses_of_another_form_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, Reach.PUBLIC)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1"])
def test_nothing_is_sent_to_this_machine_however_it_is_written(host: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        Door().send(HttpRequest("POST", f"https://{host}:1/", {}, b"x"), write=True)
    assert caught.value.executed == "no"
    assert caught.value.code in ("connector.address_refused", "connector.name_unknown")


def test_a_name_that_changes_between_check_and_connection_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first answer may be reached, the next may not, as an attacker's name server would do."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host != "rebind.example":
            return real(host, port, *args, **options)
        asked.append(host)
        address = "10.255.255.1" if len(asked) % 2 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.sendall(answer())

    with rude_server(behave) as server:
        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        for _ in range(4):
            with pytest.raises(ConnectorError):
                Door(reach=Reach.ON_PREMISE, connect_timeout_s=0.2).send(
                    HttpRequest("GET", f"http://rebind.example:{server.port}/")
                )
        assert asked and server.connections == 0
