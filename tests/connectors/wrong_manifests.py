"""A right manifest, and every way to spoil it that the checker must name."""

from __future__ import annotations

GOOD = """\
slug: acme
name: Acme
description: A vendor of everything.
auth: {kind: bearer}
settings: [{name: shop, title: Shop}]
base_url: https://acme.example
errors:
  - {status: 422, recovery: fix_data, say: "Refused: {detail}"}
operations:
  get_thing:
    title: Get a thing
    kind: action
    effect: read
    entity: thing
    input: {type: object, properties: {id: {type: string}}}
    request: {method: GET, path: "/things/{inputs.id}"}
    output: {type: object}
  list_things:
    title: List things
    kind: action
    effect: read
    entity: thing
    input: {type: object, properties: {since: {type: string}}}
    request: {method: GET, path: /things, query: {since: "{inputs.since}"}}
    paging: {style: cursor, cursor: after, next: /next, items: /items}
    output: {type: object}
  create_thing:
    title: Create a thing
    kind: action
    effect: write
    entity: thing
    input: {type: object, properties: {name: {type: string}}}
    request: {method: POST, path: /things, body: $inputs}
    idempotency: {header: Idempotency-Key}
    lookup: {operation: list_things, inputs: {since: /name}}
    output: {type: object}
  thing_changed:
    title: Thing changed
    kind: trigger
    entity: thing
    poll: {operation: list_things, since: since, at: /at, id: /id}
    output: {type: object}
test: {operation: get_thing}
"""

# What is changed in GOOD, and the line, column, path and words of the one sentence that comes.
WRONG: dict[str, tuple[str, str, int, int, str, str]] = {
    "a part is missing": (
        "name: Acme\n",
        "",
        1,
        1,
        "(top)",
        "“name” is missing. Add it: what people",
    ),
    "an unknown part": (
        "effect: read\n    entity: thing\n    input: {type: object, properties: {id",
        "efect: read\n    entity: thing\n    input: {type: object, properties: {id",
        13,
        5,
        "operations/get_thing/efect",
        "Did you mean “effect”?",
    ),
    "an unknown kind of action": (
        "kind: action",
        "kind: deed",
        12,
        5,
        "operations/get_thing/kind",
        "Choose one of: action, trigger",
    ),
    "a bare no": (
        "recovery: fix_data,",
        "recovery: fix_data, executed: no,",
        8,
        39,
        "errors/0/executed",
        "in quotes",
    ),
    "a number for a name": ("name: Acme", "name: 12", 2, 1, "name", "quotes"),
    "a wrong slug": ("slug: acme", "slug: Acme-1", 1, 1, "slug", "small letters, digits"),
    "a relative path": (
        'path: "/things/{inputs.id}"',
        "path: things",
        16,
        28,
        "operations/get_thing/request/path",
        "Begin it with a slash",
    ),
    "an unknown input in a path": (
        "/things/{inputs.id}",
        "/things/{inputs.idd}",
        16,
        28,
        "operations/get_thing/request/path",
        "Did you mean “id”?",
    ),
    "a place that does not exist": (
        "/things/{inputs.id}",
        "/things/{input.id}",
        16,
        28,
        "operations/get_thing/request/path",
        "no place that can be filled",
    ),
    "an unknown setting": (
        "https://acme.example",
        "https://{settings.shpo}.example",
        6,
        1,
        "base_url",
        "There are: shop",
    ),
    "an environment that is not described": (
        "https://acme.example",
        '"{env.base_url}"',
        6,
        1,
        "base_url",
        "Add “environments:”",
    ),
    "an unknown word in a sentence": (
        "{detail}",
        "{details}",
        8,
        39,
        "errors/0/say",
        "{message}, {detail}, {code} and {name}",
    ),
    "a lookup of an unknown action": (
        "lookup: {operation: list_things",
        "lookup: {operation: list_thing",
        35,
        14,
        "operations/create_thing/lookup/operation",
        "Did you mean “list_things”?",
    ),
    "a lookup that writes": (
        "lookup: {operation: list_things",
        "lookup: {operation: create_thing",
        35,
        14,
        "operations/create_thing/lookup/operation",
        "a read is needed",
    ),
    "a lookup by an unknown input": (
        "inputs: {since: /name}",
        "inputs: {after: /name}",
        35,
        47,
        "operations/create_thing/lookup/inputs/after",
        "There is no input “after”",
    ),
    "a write that can happen twice": (
        "    idempotency: {header: Idempotency-Key}\n"
        "    lookup: {operation: list_things, inputs: {since: /name}}\n",
        "",
        27,
        3,
        "operations/create_thing",
        "idempotency: none",
    ),
    "a write by GET": (
        "{method: POST, path: /things, body",
        "{method: GET, path: /things, body",
        33,
        15,
        "operations/create_thing/request/method",
        "GET never changes anything",
    ),
    "two bodies": (
        "body: $inputs",
        "body: $inputs, form: {a: b}",
        33,
        5,
        "operations/create_thing/request",
        "cannot stand together",
    ),
    "paging without its next place": (
        ", next: /next",
        "",
        25,
        5,
        "operations/list_things/paging",
        "“next” is missing",
    ),
    "a pointer without a slash": (
        "items: /items",
        "items: items",
        25,
        57,
        "operations/list_things/paging/items",
        "JSON pointer",
    ),
    "a poll by an unknown input": (
        "since: since,",
        "since: changed,",
        41,
        36,
        "operations/thing_changed/poll/since",
        "There is no input “changed”",
    ),
    "a poll without an id": (", id: /id}", "}", 41, 5, "operations/thing_changed/poll", "id: /"),
    "a trigger that nothing starts": (
        "    poll: {operation: list_things, since: since, at: /at, id: /id}\n",
        "",
        37,
        3,
        "operations/thing_changed",
        "“topics”, or “poll”",
    ),
    "topics without a web hook": (
        "    poll: {operation",
        "    topics: [changed]\n    poll: {operation",
        41,
        5,
        "operations/thing_changed/topics",
        "Add “webhook”",
    ),
    "a web hook with an unknown secret": (
        "test: {",
        "webhook: {signature: {header: X-Sign, secret: hush}, events: read}\ntest: {",
        43,
        39,
        "webhook/signature/secret",
        "Add it to auth/fields",
    ),
    "a limit that says nothing": (
        "errors:\n",
        "limits: [{per: connection}]\nerrors:\n",
        7,
        10,
        "limits/0",
        "“rate”, or “concurrency”",
    ),
    "a limit in words": (
        "errors:\n",
        "limits: [{per: connection, rate: many}]\nerrors:\n",
        7,
        28,
        "limits/0/rate",
        "500/min",
    ),
    "an address without https": (
        "errors:\n",
        "environments: {test: {title: T, base_url: http://a}}\nerrors:\n",
        7,
        33,
        "environments/test/base_url",
        "begins with https://",
    ),
    "a read with a key": (
        "    paging:",
        "    idempotency: {header: K}\n    paging:",
        25,
        5,
        "operations/list_things/idempotency",
        "belongs to writes",
    ),
    "a pick-list from nowhere": (
        "test: {",
        "options: {things: {operation: things, value: /id}}\ntest: {",
        43,
        20,
        "options/things/operation",
        "There is no action “things”",
    ),
    "a pick-list by hook and by data": (
        "test: {",
        "options: {t: {hook: t, operation: get_thing, value: /id}}\ntest: {",
        43,
        11,
        "options/t",
        "exclude each other",
    ),
    "custom fields of an unknown action": (
        "test: {",
        "custom_fields: [{operations: [x], hook: y}]\ntest: {",
        43,
        31,
        "custom_fields/0/operations/0",
        "There is no action “x”",
    ),
    "a test that writes": (
        "test: {operation: get_thing}",
        "test: {operation: create_thing}",
        43,
        8,
        "test/operation",
        "a read is needed",
    ),
    "a name twice": (
        "name: Acme\n",
        "name: Acme\nname: Other\n",
        3,
        1,
        "name",
        "stands here twice",
    ),
    "a tab": ("  get_thing:", "\tget_thing:", 10, 1, "(top)", "spaces, not with tabs"),
    "a bracket left open": (
        "auth: {kind: bearer}",
        "auth: {kind: bearer",
        5,
        9,
        "(top)",
        "not YAML",
    ),
    "a colon in bare text": (
        "A vendor of everything.",
        "A vendor: of everything.",
        3,
        22,
        "(top)",
        "into quotes",
    ),
    "no names at all": (GOOD, "- a\n- b\n", 1, 1, "(top)", "Begin with “slug"),
    "nothing": (GOOD, "", 1, 1, "(top)", "Begin with “slug"),
    "a quality without proof": (
        "test: {",
        "quality: {coverage: all}\ntest: {",
        43,
        1,
        "quality",
        "“verified” is missing",
    ),
    "two readers of errors": (
        "errors:\n",
        "error_reader: r\nerror_fields: {code: /c}\nerrors:\n",
        8,
        1,
        "error_fields",
        "Keep one",
    ),
}
