"""The door's ways: redirects, encryption, proxies, streams, limits told, and what is kept."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.http import Door, LimitHeaders, Reach, door, limits, masking, proxies, tracing
from connectors.http.guard import check_url, permitted_addresses
from connectors.sdk import ConnectorError, HttpRequest
from ipaas.core import clock
from ipaas.core.errors import Recovery
from tests.connectors.https_server import Authority, https_server, proxy
from tests.connectors.rude_server import RudeServer, answer, rude_server

SANDBOX = Door(reach=Reach.SANDBOX, connect_timeout_s=2, read_timeout_s=1)


def answering(*replies: bytes) -> Callable[[RudeServer, socket.socket], None]:
    """Gives one reply after the other, over all connections."""
    waiting = list(replies)

    def behave(server: RudeServer, client: socket.socket) -> None:
        while server.read(client):
            client.sendall(waiting.pop(0) if len(waiting) > 1 else waiting[0])

    return behave


def refused(send: Callable[[], Any]) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        send()
    assert caught.value.message.endswith(".") and caught.value.hint
    return caught.value


# Redirects


def test_a_read_follows_a_redirect_on_its_own_host() -> None:
    moved = answer(status="302 Found", more="Location: /there?x=1\r\n")
    with rude_server(answering(moved, answer(b'{"here": 1}'))) as server:
        sent = SANDBOX.send(HttpRequest("GET", f"{server.url}/here"))
        assert sent.response.json() == {"here": 1}
        assert b"GET /there?x=1 " in server.requests[1]


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:1/", "http://169.254.169.254/", "https://evil.example/", "//x/"]
)
def test_a_redirect_to_another_host_is_not_followed(location: str) -> None:
    with rude_server(answering(answer(status="302 Found", more=f"Location: {location}\r\n"))) as s:
        assert SANDBOX.send(HttpRequest("GET", s.url)).response.status == 302
        assert len(s.requests) == 1


def test_a_write_follows_no_redirect() -> None:
    with rude_server(answering(answer(status="307 X", more="Location: /again\r\n"))) as server:
        sent = SANDBOX.send(HttpRequest("POST", server.url, {}, b"1"), write=True)
        assert (sent.response.status, len(server.requests)) == (307, 1)


def test_redirects_in_a_circle_end() -> None:
    with rude_server(answering(answer(status="302 Found", more="Location: /x\r\n"))) as server:
        assert SANDBOX.send(HttpRequest("GET", server.url)).response.status == 302
        assert len(server.requests) == door.MOST_REDIRECTS + 1


# Encryption


def test_a_certificate_of_an_unknown_authority_is_refused_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    with https_server(Authority(), "127.0.0.1", tmp_path) as port:
        request = HttpRequest("POST", f"https://127.0.0.1:{port}/", {}, b"1")
        error = refused(lambda: SANDBOX.send(request, write=True))
    assert (error.code, error.executed) == ("connector.tls", "no")
    assert error.recovery is Recovery.GIVE_UP


def test_an_authority_of_ones_own_is_trusted_for_the_connection_that_names_it(
    tmp_path: Path,
) -> None:
    ours = Authority()
    with https_server(ours, "127.0.0.1", tmp_path) as port:
        trusting = Door(reach=Reach.SANDBOX, ca=ours.pem)
        url = f"https://127.0.0.1:{port}/"
        assert trusting.send(HttpRequest("GET", url)).response.json() == {"ok": True}
        assert refused(lambda: SANDBOX.send(HttpRequest("GET", url))).code == "connector.tls"


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    ours = Authority()
    with https_server(ours, "other.example", tmp_path) as port:
        trusting = Door(reach=Reach.SANDBOX, ca=ours.pem)
        request = HttpRequest("GET", f"https://127.0.0.1:{port}/")
        assert refused(lambda: trusting.send(request)).recovery is Recovery.GIVE_UP


def test_encryption_older_than_tls_1_2_is_refused(tmp_path: Path) -> None:
    ours = Authority()
    with https_server(ours, "127.0.0.1", tmp_path, newest=ssl.TLSVersion.TLSv1_1) as port:
        trusting = Door(reach=Reach.SANDBOX, ca=ours.pem)
        error = refused(lambda: trusting.send(HttpRequest("GET", f"https://127.0.0.1:{port}/")))
    assert error.code == "connector.tls"


# Proxies


def test_a_public_host_is_reached_through_the_proxy_and_only_encrypted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, seen = Authority(), list[str]()
    with https_server(ours, "shop.invalid", tmp_path) as port, proxy(port, seen) as front:
        monkeypatch.setenv("CAUSEWAY_PROXY", f"http://me:se%20cret@127.0.0.1:{front}")
        sent = Door(ca=ours.pem).send(HttpRequest("GET", "https://shop.invalid/a"))
    assert sent.response.json() == {"ok": True}
    assert seen[0].startswith("CONNECT shop.invalid:443 HTTP/1.1")
    assert "Proxy-Authorization: Basic bWU6c2UgY3JldA==" in seen[0]


def test_a_proxy_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(1, [], status="403 Forbidden") as front:
        monkeypatch.setenv("CAUSEWAY_PROXY", f"http://127.0.0.1:{front}")
        error = refused(lambda: Door().send(HttpRequest("GET", "https://shop2.invalid/")))
    assert (error.code, error.executed) == ("connector.unreachable", "no")
    assert "proxy answered 403" in error.message and "CAUSEWAY_PROXY" in error.hint


@pytest.mark.parametrize("rule", ["127.0.0.1", "127.0.0.0/8", "*"])
def test_exempt_hosts_and_sandboxes_are_reached_directly(
    monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    monkeypatch.setenv("CAUSEWAY_PROXY", "http://127.0.0.1:9")
    assert proxies.proxy_for("127.0.0.1", 80, Reach.SANDBOX) is None
    assert proxies.proxy_for("api.example", 443, Reach.PUBLIC) is not None
    monkeypatch.setenv("CAUSEWAY_NO_PROXY", f"x.example,{rule}")
    assert proxies.proxy_for("127.0.0.1", 443, Reach.PUBLIC) is None


def test_the_guard_stands_in_front_of_the_proxy_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUSEWAY_PROXY", "http://127.0.0.1:9")
    error = refused(lambda: Door().send(HttpRequest("GET", "https://169.254.169.254/latest")))
    assert error.code == "connector.address_refused"


# Hostile addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://2130706433/", "https://0177.0.0.1/", "https://0x7f.1/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:a9fe:a9fe]/",
        "https://169.254.169.254/", "https://[fd00:ec2::254]/", "https://100.100.100.200/",
        "https://168.63.129.16/", "https://10.1.2.3/", "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/", "https://0.0.0.0/", "https://localhost/",
    ],
)  # fmt: skip
def test_no_spelling_of_a_private_address_is_reached(url: str) -> None:
    error = refused(lambda: Door(connect_timeout_s=1).send(HttpRequest("GET", url)))
    assert (error.code, error.executed) == ("connector.address_refused", "no")


@pytest.mark.parametrize("host", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200"])
def test_metadata_services_are_refused_on_premise_too(host: str) -> None:
    assert refused(lambda: permitted_addresses(host, 80, Reach.ON_PREMISE))


@pytest.mark.parametrize(
    "url",
    [
        "https://good.example\\@evil.example/", "https://good.example /", "https://x\r\nHost: y/",
        "https://u:p@x.example/", "https://@x.example/", "ftp://x.example/", "https:///x",
        "file:///etc/passwd", "https://x.example:99999/", "https://[::1/", "gopher://x", "",
    ],
)  # fmt: skip
def test_an_address_that_could_be_read_two_ways_is_refused(url: str) -> None:
    error = refused(lambda: check_url(url, Reach.ON_PREMISE))
    assert error.code == "connector.address_refused"


def test_a_line_break_in_a_header_leaves_nothing_behind() -> None:
    with rude_server(answering(answer())) as server:
        request = HttpRequest("POST", server.url, {"X-A": "1\r\nX-Evil: 2"}, b"1")
        error = refused(lambda: SANDBOX.send(request, write=True))
        assert (error.code, error.executed) == ("connector.request_invalid", "no")
        assert server.requests == []


# Sizes and time


def test_a_request_above_the_limit_does_not_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_SENT_BYTES", 1000)
    with rude_server(answering(answer())) as server:
        request = HttpRequest("POST", server.url, {}, b"1" * 1001)
        error = refused(lambda: SANDBOX.send(request, write=True))
        assert (error.code, error.executed) == ("connector.request_too_large", "no")
        assert error.recovery is Recovery.FIX_DATA and server.connections == 0


def test_a_reply_that_trickles_ends_at_the_deadline() -> None:
    stop = threading.Event()

    def behave(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not stop.wait(0.05):
            client.sendall(b"x")

    with rude_server(behave) as server:
        slow = Door(reach=Reach.SANDBOX, connect_timeout_s=0.1, read_timeout_s=0.3)
        assert refused(lambda: slow.send(HttpRequest("GET", server.url))).code == (
            "connector.timeout"
        )
        stop.set()


def test_files_stream_up_and_down_piece_by_piece() -> None:
    big = [bytes([number % 251]) * 100_000 for number in range(40)]
    got: list[int] = []

    def behave(server: RudeServer, client: socket.socket) -> None:
        data = b""
        while not data.endswith(b"0\r\n\r\n"):
            data += client.recv(1 << 20)
        got.append(len(data))
        client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in big:
            client.sendall(b"%x\r\n" % len(piece) + piece + b"\r\n")
        client.sendall(b"0\r\n\r\n")

    with rude_server(behave) as server:
        request = HttpRequest("PUT", server.url)
        with SANDBOX.stream(request, body=iter(big), write=True) as reply:
            sizes = [len(piece) for piece in reply.pieces]
        assert sum(sizes) == 4_000_000 and max(sizes) <= 256 * 1024
        assert got[0] > 4_000_000


def test_a_stream_that_is_cut_or_too_long_is_an_error() -> None:
    packed = gzip.compress(b"0" * 3_000_000)
    whole = answer(packed, more="Content-Encoding: gzip\r\n")

    def read(url: str) -> None:
        with SANDBOX.stream(HttpRequest("GET", url), most_bytes=1_000_000) as reply:
            for _ in reply.pieces:
                pass

    with rude_server(answering(whole)) as server:
        assert refused(lambda: read(server.url)).code == "connector.reply_too_large"

    def cut(server: RudeServer, client: socket.socket) -> None:
        server.read(client)
        client.sendall(answer(b"x" * 5000)[:-100])

    with rude_server(cut) as server:
        assert refused(lambda: read(server.url)).code == "connector.cut"


# What vendors tell of their limits


def test_retry_after_may_be_seconds_or_a_date() -> None:
    assert limits.retry_after_s("17") == 17
    with clock.use(clock.VirtualClock(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))):
        later = format_datetime(clock.now() + timedelta(seconds=90), usegmt=True)
        assert limits.retry_after_s(later) == 90
        assert limits.retry_after_s("Sat, 21 Nov 2020 12:00:00 GMT") == 0
    assert limits.retry_after_s("soon") is None


def test_what_is_left_of_a_limit_is_in_the_exchange() -> None:
    names = LimitHeaders(
        remaining=("x-minlimit-remaining", "x-daylimit-remaining"), reset=("x-reset",)
    )
    more = "X-MinLimit-Remaining: 58\r\nX-DayLimit-Remaining: 12\r\nX-Reset: 30\r\n"
    with rude_server(answering(answer(more=f"{more}Retry-After: 7\r\n"))) as server:
        sent = Door(reach=Reach.SANDBOX, limits=names).send(HttpRequest("GET", server.url))
    told = (sent.exchange.retry_after_s, sent.exchange.limit_remaining, sent.exchange.limit_reset_s)
    assert told == (7, 12, 30)


# What is kept


def test_secrets_are_masked_in_every_form_they_can_take() -> None:
    secret = 'p&ss "w<rd/1'
    shown = masking.forms_of([secret, "short"])
    texts = [
        f"a={secret}", "https://x/?k=p%26ss%20%22w%3Crd%2F1", "k=p%26ss+%22w%3Crd%2F1&z=1",
        '{"k": "p&ss \\"w<rd/1"}', '<k>p&amp;ss "w&lt;rd/1</k>',
    ]  # fmt: skip
    for text in texts:
        assert masking.MASK in masking.mask_text(text, shown), text
    xml = "<a:Logon><OperatorPassword x='1'>hunter22</OperatorPassword><Name>Ann</Name></a:Logon>"
    kept = masking.body_text(xml.encode(), "application/xml")
    assert kept and "hunter22" not in kept and "Ann" in kept


def test_spans_tell_method_address_and_outcome_and_no_secret() -> None:
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    exporter, provider = memory.InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    tracing.configure(provider, headers=True)
    try:
        with rude_server(answering(answer(status="404 Not Found"))) as server:
            trusting = Door(reach=Reach.SANDBOX, secrets=("topsecret1",))
            trusting.send(HttpRequest("GET", f"{server.url}/a?key=topsecret1"))
            assert b"traceparent: 00-" in server.requests[0]
        refused(lambda: SANDBOX.send(HttpRequest("GET", "http://127.0.0.1:1/")))
    finally:
        tracing.configure(None)
    first, second = exporter.get_finished_spans()
    assert first.attributes["http.response.status_code"] == 404
    assert "topsecret1" not in str(first.attributes) and "/a?" in first.attributes["url.full"]
    assert second.attributes["error.type"] == "connector.unreachable"
    assert not tracing.is_on()
