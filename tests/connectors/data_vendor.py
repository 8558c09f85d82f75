"""A small vendor, and the manifest that says all about it by data alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ipaas.core import jsonio

MANIFEST = """\
slug: kit
name: Kit
description: A vendor made of data.
auth: {kind: api_key, header: X-Key, fields: [
  {name: api_key, title: Key, secret: true}, {name: hush, title: Hush, secret: true}]}
settings: [{name: base_url, title: Address}]
base_url: "{settings.base_url}"
limits: [{per: account, rate: 10/s, concurrency: 2, daily: 5000}]
error_fields: {code: /code, message: /message}
errors: [{code: taken, recovery: fix_data, name: taken, say: "Taken: {message}"}]
operations:
  offset_list: &list
    title: List
    kind: action
    effect: read
    entity: thing
    input: {type: object, properties: {
      since: {type: string}, limit: {type: integer}, place: {type: string}}}
    request: {method: GET, path: /things, query: {since: $inputs.since, place: $inputs.place}}
    paging: {style: offset, offset: offset, size: limit, most: 3, items: /things, total: /total}
    output: {type: object}
  link_list:
    <<: *list
    request: {method: GET, path: /linked}
    paging: {style: link, items: ""}
  away_list:
    <<: *list
    request: {method: GET, path: /away}
    paging: {style: link, items: ""}
  changes:
    title: Changes
    kind: action
    effect: read
    entity: thing
    input: {type: object, properties: {place: {type: string}}}
    request: {method: GET, path: /changes, query: {place: $inputs.place}}
    output: {type: object}
  make:
    title: Make
    kind: action
    effect: write
    entity: thing
    input: {type: object, properties: {name: {type: string}, own: {type: object}}}
    request: {method: POST, path: /things, body: $inputs}
    idempotency: {header: Idempotency-Key, max_length: 40}
    output: {type: object, properties: {own: {type: object}}}
    output_pointer: /thing
    reference: /id
    batch:
      most: 3
      request: {method: POST, path: /batch, body: {rows: $items}}
      item: {key: "{item.key}", row: $inputs}
      results: /rows
      key: /key
      output: /thing
      failed: /code
      error: {code: /code, message: /message}
  send_form:
    title: Form
    kind: action
    effect: write
    entity: thing
    input: {type: object, properties: {a: {type: string}, tags: {type: array}}}
    request: {method: POST, path: /echo, form: {a: $inputs.a, tag: $inputs.tags}}
    idempotency: none
    output: {type: object}
  send_file:
    title: File
    kind: action
    effect: write
    entity: thing
    repeats: true
    input: {type: object, properties: {file: {type: object}, note: {type: string}}}
    request: {method: POST, path: /echo, multipart: {file: $inputs.file, note: $inputs.note}}
    idempotency: none
    output: {type: object}
  send_xml:
    title: XML
    kind: action
    effect: write
    entity: thing
    input: {type: object, properties: {lines: {type: array}}}
    request: {method: POST, path: /xml, xml: {Order: {"@v": "1", Line: $inputs.lines}}}
    idempotency: none
    reply: xml
    output: {type: object}
  get_file:
    title: Get a file
    kind: action
    effect: read
    entity: thing
    request: {method: GET, path: /file}
    reply: file
    output: {type: object}
  bomb:
    title: Bomb
    kind: action
    effect: read
    entity: thing
    request: {method: GET, path: /bomb}
    reply: xml
    output: {type: object}
  fields:
    title: Fields
    kind: action
    effect: read
    entity: thing
    request: {method: GET, path: /fields}
    output: {type: object}
  changed:
    title: Changed
    kind: trigger
    entity: thing
    topics: [thing.changed]
    poll: {operation: offset_list, since: since, at: /at, id: /id, overlap_s: 0, every_s: 60}
    output: {type: object}
  changed_once:
    title: Ready
    kind: trigger
    entity: thing
    topics: [thing.changed]
    once: ready
    when: {pointer: /state, in: [ready]}
    output: {type: object}
  changed_by_cursor:
    title: Changed by cursor
    kind: trigger
    entity: thing
    poll: {operation: changes, cursor: place, next: /next, more: /more, items: /rows, id: /id,
           revision: /at}
    output: {type: object}
webhook:
  signature: {header: X-Sign, secret: hush, encoding: hex, signed: "{timestamp}.{body}",
              timestamp_header: X-Time}
  handshake: {method: GET, echo: challenge, when: mode=subscribe, token: hush, token_at: verify}
  events: {items: /events, entity_is: thing, id: /thing/id, revision: /thing/at, topic: /topic,
           document: /thing}
options: {things: {operation: offset_list, value: /id, label: "Thing {item.id}"}}
custom_fields:
  - {operations: [make], at: /properties/own, operation: fields, items: /fields, name: /key,
     title: /label, type: /kind, types: {money: number}}
"""
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def stamp(number: int) -> str:
    return (START + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")


class World:
    """What the vendor holds and was asked."""

    def __init__(self) -> None:
        self.things: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.url = ""

    def reply(self, method: str, path: str, query: dict[str, str], body: bytes) -> Any:
        if path == "/things" and method == "GET":
            found = [t for t in self.things if t["at"] >= query.get("since", "")]
            found.sort(key=lambda thing: thing["at"])
            start = int(query.get("offset", 0))
            page = found[start : start + int(query.get("limit", 3))]
            return {"things": page, "total": len(found)}
        if path == "/changes":
            start = int(query.get("place", 0))
            rows = self.things[start : start + 2]
            end = start + len(rows)
            return {"rows": rows, "next": str(end), "more": end < len(self.things)}
        if path == "/batch":
            rows = jsonio.loads(body)["rows"]
            results = []
            for row in rows:
                name = row["row"]["name"]
                if name == "taken":
                    results.append({"key": row["key"], "code": "taken", "message": name})
                elif name != "forgotten":
                    results.append({"key": row["key"], "thing": {"id": f"id-{name}"}})
            return {"rows": list(reversed(results))}
        if path == "/fields":
            return {"fields": [{"key": "x_rate", "label": "Rate", "kind": "money"}]}
        return {"thing": {"id": "1"}}


@pytest.fixture
def world() -> Iterator[World]:
    made = World()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.asked.append((self.command, self.path, headers, body))
            kind, more = "application/json", {}
            if parts.path == "/file":
                content, kind = b"%PDF", "application/pdf"
                more["content-disposition"] = 'attachment; filename="../a/invoice.pdf"'
            elif parts.path == "/xml":
                content, kind = body, "application/xml"
            elif parts.path == "/bomb":
                content, kind = b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "application/xml"
            elif parts.path in ("/linked", "/away"):
                page = int(query.get("page", 1))
                content = jsonio.dumps([{"id": page}])
                server = made.url if parts.path == "/linked" else "http://127.0.0.9:1"
                if page < 3:
                    more["link"] = f'<{server}{parts.path}?page={page + 1}>; rel="next"'
            else:
                content = jsonio.dumps(made.reply(self.command, parts.path, query, body))
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            for name, value in more.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()
