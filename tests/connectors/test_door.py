"""The door out: what is sent is sent once, and every failure says whether it may have been done."""

from __future__ import annotations

import gzip
import socket
import struct
import threading

import pytest

from connectors.http import Door, Reach, pool
from connectors.http import door as door_module
from connectors.sdk import ConnectorError, HttpRequest
from ipaas.core.errors import Recovery
from tests.connectors.rude_server import RudeServer, answer, rude_server

SANDBOX = Door(reach=Reach.SANDBOX, connect_timeout_s=2, read_timeout_s=1)


def post(url: str, door: Door = SANDBOX) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        door.send(HttpRequest("POST", url, {}, b'{"a":1}'), write=True)
    return caught.value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_nobody_listening_means_it_was_not_done() -> None:
    error = post(f"http://127.0.0.1:{free_port()}/")
    assert (error.code, error.executed) == ("connector.unreachable", "no")
    assert error.recovery is Recovery.RETRY
    assert error.exchanges[0].response is None


def test_an_unknown_name_means_it_was_not_done() -> None:
    door = Door(reach=Reach.ON_PREMISE, connect_timeout_s=2)
    error = post("http://nobody.invalid/", door)
    assert (error.code, error.executed) == ("connector.name_unknown", "no")


def test_a_reply_that_is_cut_off_leaves_a_write_open_and_it_is_sent_only_once() -> None:
    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)

    with rude_server(behave) as server:
        error = post(server.url)
        assert (error.code, error.executed) == ("connector.cut", "unknown")
        assert len(server.requests) == 1


def test_a_reset_connection_leaves_a_write_open() -> None:
    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with rude_server(behave) as server:
        assert post(server.url).executed == "unknown"
        assert len(server.requests) == 1


def test_half_a_reply_leaves_a_write_open() -> None:
    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.sendall(answer(b'{"Invoice": {"Id": "1"}}')[:-5])

    with rude_server(behave) as server:
        assert post(server.url).executed == "unknown"
        assert len(server.requests) == 1


def test_silence_leaves_a_write_open() -> None:
    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.recv(1)  # until the other side gives up

    with rude_server(behave) as server:
        error = post(server.url)
        assert (error.code, error.executed) == ("connector.timeout", "unknown")
        assert len(server.requests) == 1


def test_a_read_is_never_in_doubt() -> None:
    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)

    with rude_server(behave) as server:
        with pytest.raises(ConnectorError) as caught:
            SANDBOX.send(HttpRequest("GET", server.url))
        assert caught.value.executed == "no"


@pytest.fixture
def rested(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections need no rest between two calls."""
    monkeypatch.setattr(pool, "REST_S", 0.0)


def test_a_connection_that_breaks_when_used_again_is_not_sent_a_second_time(rested: None) -> None:
    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.sendall(answer())
        server.read(client)  # takes the second request and hangs up

    with rude_server(behave) as server:
        SANDBOX.send(HttpRequest("POST", server.url, {}, b"1"), write=True)
        error = post(server.url)
        assert error.executed == "unknown"
        assert (len(server.requests), server.connections) == (2, 1)


def test_a_connection_found_closed_before_sending_is_replaced() -> None:
    closed = []

    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.sendall(answer())
        client.close()
        closed.append(True)

    with rude_server(behave) as server:
        SANDBOX.send(HttpRequest("POST", server.url, {}, b"1"), write=True)
        while not closed:
            pass
        SANDBOX.send(HttpRequest("POST", server.url, {}, b"2"), write=True)
        assert (len(server.requests), server.connections) == (2, 2)


def keep_answering(server: RudeServer, client: socket.socket) -> None:
    while server.read(client):
        client.sendall(answer())


def test_an_answer_given_twice_is_never_the_answer_to_the_next_call() -> None:
    """The second one comes when the next request is already on its way."""

    def behave(server: RudeServer, client: socket.socket) -> None:
        while server.read(client):
            body = server.requests[-1].partition(b"\r\n\r\n")[2]
            client.sendall(answer(body))
            if body == b"1":
                told.wait(5)
                client.sendall(answer(body))

    told = threading.Event()
    with rude_server(behave) as server:
        for body in (b"1", b"2", b"3"):
            sent = SANDBOX.send(HttpRequest("POST", server.url, {}, body), write=True)
            assert sent.response.body == body
            told.set()


def test_a_server_that_speaks_unasked_gets_a_connection_for_each_request(rested: None) -> None:
    """It may do so again when the next request is on its way, and no rest is long enough."""

    def behave(server: RudeServer, client: socket.socket) -> None:
        while server.read(client):
            client.sendall(answer())
            if len(server.requests) == 1 and read.wait(5):
                client.sendall(answer(b"again"))
                said.set()

    read, said = threading.Event(), threading.Event()
    with rude_server(behave) as server:
        for number in range(4):
            SANDBOX.send(HttpRequest("POST", server.url, {}, b"1"), write=True)
            read.set()
            assert said.wait(5)
            assert (len(server.requests), server.connections) == (number + 1, number + 1)


def test_connections_are_kept_for_the_next_call(rested: None) -> None:
    with rude_server(keep_answering) as server:
        for _ in range(5):
            SANDBOX.send(HttpRequest("POST", server.url, {}, b"1"), write=True)
        assert (len(server.requests), server.connections) == (5, 1)


def test_a_connection_that_was_idle_for_long_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "MAX_IDLE_S", -1.0)
    with rude_server(keep_answering) as server:
        for _ in range(2):
            SANDBOX.send(HttpRequest("POST", server.url, {}, b"1"), write=True)
        assert server.connections == 2


def test_redirects_are_not_followed() -> None:
    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.sendall(answer(status="302 Found", more="Location: http://127.0.0.1:1/\r\n"))

    with rude_server(behave) as server:
        sent = SANDBOX.send(HttpRequest("GET", server.url))
        assert sent.response.status == 302
        assert len(server.requests) == 1


def test_a_reply_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "MOST_BYTES", 1_000_000)
    packed = gzip.compress(b"0" * 5_000_000)

    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.sendall(answer(packed, more="Content-Encoding: gzip\r\n"))

    with rude_server(behave) as server:
        error = post(server.url)
        assert (error.code, error.executed) == ("connector.reply_too_large", "unknown")


def test_packed_replies_are_unpacked_and_headers_are_lower_case() -> None:
    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.sendall(answer(gzip.compress(b'{"a": 1.50}'), more="Content-Encoding: gzip\r\n"))

    with rude_server(behave) as server:
        sent = SANDBOX.send(HttpRequest("GET", server.url))
        assert str(sent.response.json()["a"]) == "1.50"
        assert sent.response.headers["content-type"] == "application/json"


def test_secrets_and_card_numbers_are_not_kept() -> None:
    body = b'{"access_token": "abc.def", "note": "card 4111 1111 1111 1111", "id": "%s"}'

    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.sendall(answer(body % b"hush-hush-hush", more="Set-Cookie: s=cookie-value\r\n"))

    door = Door(reach=Reach.SANDBOX, secrets=("hush-hush-hush",))
    with rude_server(behave) as server:
        sent = door.send(
            HttpRequest(
                "POST",
                f"{server.url}/x?token=sesame&q=1",
                {"Authorization": "Bearer hush-hush-hush", "Content-Type": "application/json"},
                b'{"client_secret": "s3", "echo": "hush-hush-hush"}',
            ),
            write=True,
        )
        kept = str(sent.exchange)
        for secret in ("hush-hush-hush", "sesame", "s3", "abc.def", "4111 1111", "cookie-value"):
            assert secret not in kept, secret
        assert "1111" in kept and "Bearer" in kept and "q=1" in kept
        assert b"hush-hush-hush" in server.requests[0], "the vendor gets the real value"


@pytest.mark.parametrize("interim", ["102 Processing", "103 Early Hints"])
def test_an_interim_answer_is_not_taken_for_the_answer(interim: str) -> None:
    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        hint = f"HTTP/1.1 {interim}\r\nLink: </x>\r\n\r\n".encode()
        client.sendall(hint + hint + answer(b'{"id": "7"}', status="201 Created"))
        client.recv(1)

    with rude_server(behave) as server:
        sent = SANDBOX.send(HttpRequest("POST", server.url, {}, b"{}"), write=True)
        assert (sent.response.status, sent.response.body) == (201, b'{"id": "7"}')


def test_a_server_that_never_comes_to_its_answer_leaves_a_write_open() -> None:
    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.sendall(b"HTTP/1.1 102 Processing\r\n\r\n" * 100)
        client.recv(1)

    with rude_server(behave) as server:
        assert post(server.url).executed == "unknown"
