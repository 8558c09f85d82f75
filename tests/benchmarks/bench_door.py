"""Processor time of one POST: the bare client, our door, and a whole operation of a connector.

A server in another process answers at once; the time is this thread's own, so neither the network
nor the server counts.
"""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from connectors.counting import counted_by_the_caller  # noqa: E402
from connectors.credentials import Opened  # noqa: E402
from connectors.http import Door, Reach  # noqa: E402
from connectors.manifest.load import load_manifest  # noqa: E402
from connectors.registry import Connector  # noqa: E402
from connectors.sdk import HttpRequest  # noqa: E402
from connectors.session import Session  # noqa: E402
from connectors.values import ConnectionRef  # noqa: E402
from ipaas.core import jsonio  # noqa: E402

ROUNDS, CALLS = 15, 200
FOLDER = Path(__file__).resolve().parents[1] / "connectors" / "keyring"
SERVER = """
import socket, threading
reply = (b'HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nServer: x\\r\\n'
         b'Date: Sat, 21 Nov 2026 12:00:00 GMT\\r\\n'
         b'Content-Length: %d\\r\\n\\r\\n' % len(BODY) + BODY)
def serve(client):
    with client:
        while True:
            data = b''
            while b'\\r\\n\\r\\n' not in data:
                part = client.recv(65536)
                if not part: return
                data += part
            head, _, body = data.partition(b'\\r\\n\\r\\n')
            length = 0
            for line in head.lower().split(b'\\r\\n'):
                if line.startswith(b'content-length:'): length = int(line[15:])
            while len(body) < length: body += client.recv(65536)
            client.sendall(reply)
listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    threading.Thread(target=serve, args=(client,), daemon=True).start()
"""
DOCUMENT: dict[str, Any] = {
    "CustomerRef": {"value": "58"},
    "DocNumber": "100000045",
    "Line": [
        {
            "Amount": jsonio.loads("59.90"),
            "Description": f"Hooded jacket, size {number}",
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": str(number)}, "Qty": 2},
        }
        for number in range(5)
    ],
}
BODY = jsonio.dumps({"Invoice": {"Id": "145", "SyncToken": "0", **DOCUMENT}, "time": "now"})


def median_us(work: Callable[[], None]) -> float:
    """Microseconds of processor time of one call, the median of many rounds."""
    for _ in range(CALLS):
        work()
    times = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for _ in range(CALLS):
            work()
        times.append((time.thread_time() - began) / CALLS * 1e6)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    server = subprocess.Popen(
        [sys.executable, "-c", f"BODY = {BODY!r}\n{SERVER}"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        with counted_by_the_caller():  # as in a run
            measure(port)
    finally:
        server.kill()
        server.wait()


def measure(port: int) -> None:
    """Measure against the server on ``port``."""
    content = jsonio.dumps(DOCUMENT)
    headers = {"Content-Type": "application/json", "Authorization": "Bearer 0123456789abcdef"}
    bare = http.client.HTTPConnection("127.0.0.1", port)

    def by_client() -> None:
        bare.request("POST", "/invoice", content, headers)
        bare.getresponse().read()

    door = Door(reach=Reach.SANDBOX, secrets=("0123456789abcdef",))
    request = HttpRequest("POST", f"http://127.0.0.1:{port}/invoice", headers, content)

    def by_door() -> None:
        door.send(request, write=True)

    connector = Connector(load_manifest(FOLDER), "tests.connectors.keyring")
    opened = Opened(
        id="con_bench",
        ref=ConnectionRef("ws", "test", "bench"),
        name="Bench",
        connector=connector,
        settings={"base_url": f"http://127.0.0.1:{port}"},
        account="",
        sandbox=True,
        on_premise=False,
        status="ready",
        version=1,
        expires_at=None,
        secrets={"access_token": "0123456789abcdef"},
        auth_name="bearer",
    )
    inputs = {"what": "invoice", **DOCUMENT}

    def by_operation() -> None:
        Session(replace(opened)).call("tell", inputs)

    client_us, door_us, whole_us = (median_us(w) for w in (by_client, by_door, by_operation))
    print("POST of a five-line invoice, 1 kB, keep-alive; processor time, median")
    print(f"{'http.client alone':42} {client_us:7.0f} µs")
    print(f"{'our door (guard, limits, masked record)':42} {door_us:7.0f} µs")
    print(f"{'an operation (template, auth, errors, JSON)':42} {whole_us:7.0f} µs")
    print(f"{'kit overhead per call':42} {whole_us - client_us:7.0f} µs   goal: below 500")


if __name__ == "__main__":
    main()
