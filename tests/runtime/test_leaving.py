"""A write leaves only while its sender holds its run, down to the last line before the wire."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from connectors.http.door import Door
from connectors.http.guard import Reach
from connectors.sdk import ConnectorError, HttpRequest
from ipaas.core import leave


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.settimeout(5)
        yield made


def send(listener: socket.socket, *, write: bool) -> None:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/papers"
    door = Door(reach=Reach.SANDBOX, connect_timeout_s=2, read_timeout_s=2, secrets=())
    door.send(HttpRequest("POST" if write else "GET", url, {}, b"{}"), write=write)


def received(listener: socket.socket, answer: bytes = b"") -> bytes:
    wire, _ = listener.accept()
    with wire:
        wire.settimeout(5)
        data = wire.recv(65536)
        if data and answer:
            wire.sendall(answer)
        return data


def test_a_write_whose_run_was_lost_on_the_way_does_not_leave(listener: socket.socket) -> None:
    held = [True, False]  # when the call began; when it came to the wire
    assert held.pop(0)
    with leave.only_while(lambda: held[0]), pytest.raises(ConnectorError) as caught:
        send(listener, write=True)
    assert (caught.value.code, caught.value.executed) == ("connector.held_up", "no")
    assert received(listener) == b"", "it has connected, and not a byte has left"


def test_a_write_whose_run_is_held_leaves(listener: socket.socket) -> None:
    got: list[bytes] = []
    answer = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
    thread = threading.Thread(target=lambda: got.append(received(listener, answer)))
    thread.start()
    with leave.only_while(lambda: True):
        send(listener, write=True)
    thread.join(5)
    assert got[0].startswith(b"POST /papers")


def test_a_read_may_leave_at_any_time(listener: socket.socket) -> None:
    answer = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
    thread = threading.Thread(target=lambda: received(listener, answer))
    thread.start()
    with leave.only_while(lambda: False):
        send(listener, write=False)
    thread.join(5)
