"""The settings of every kind of step, as JSON Schemas from which forms can be made.

``x-needs`` names what must be filled in before publishing. ``x-widget`` says how a field is
edited: ``expression`` and ``condition`` (of the mapping language), ``mapping`` (in the mapper),
``target`` (a shape), ``connection``, ``operation``, ``entity``, ``table``, ``flow``, ``assignee``,
``path`` (a field of the documents in reach), ``ports`` (rows that are exits). ``x-unit``
names the field that holds the unit; ``x-when`` shows a field only for a value of another one;
``x-advanced`` fields are folded away.
"""

from __future__ import annotations

from typing import Any

from designer.trigger_schemas import TRIGGER_SCHEMAS
from runtime.facade import AGGREGATES, MAX_PARALLEL, RETRY_CLASSES, WAIT_UNITS


def _config(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "x-needs": required}


def _choice(title: str, options: dict[str, str], default: str, help: str = "") -> dict[str, Any]:
    return {
        "type": "string",
        "title": title,
        "description": help,
        "enum": list(options),
        "x-labels": options,
        "default": default,
    }


def _expression(title: str, help: str = "", widget: str = "expression") -> dict[str, Any]:
    return {"type": "object", "title": title, "description": help, "x-widget": widget}


def _text(title: str, help: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "string", "maxLength": 200, "title": title, "description": help, **more}


def _number(title: str, low: int, high: int, help: str = "", **more: Any) -> dict[str, Any]:
    return {
        "type": "number",
        "title": title,
        "description": help,
        "minimum": low,
        "maximum": high,
        **more,
    }


def _rows(title: str, help: str, most: int, item: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "array",
        "title": title,
        "description": help,
        "maxItems": most,
        "items": item,
        **more,
    }


MAPPING = {"$ref": "#/$defs/mapping", "x-widget": "mapping"}
EXPR = {"type": "object", "description": "An expression of the mapping language"}
TEXT = {"type": "string", "maxLength": 200}
SAMPLE = {"description": "An example document, for designing and testing"}
VENDOR = {
    **TEXT,
    "description": "Which connector the step is meant for while no connection is chosen",
}
_CONNECTION = _text("Connection", **{"x-widget": "connection"})
_OPERATION = _text("What to do", **{"x-widget": "operation"})
_TARGET = {
    "type": ["object", "null"],
    "title": "Shape",
    "x-widget": "target",
    "description": "The shape to make or to check against: an operation's input, a canonical "
    "entity, or a schema of your own",
    "properties": {
        "connector": {"type": "string"},
        "operation": {"type": "string"},
        "canonical": {"type": "string"},
        "schema": {"type": "object"},
    },
}
_END = {"type": "object", "properties": {"connection": TEXT, "id": EXPR}}


def _patience() -> dict[str, Any]:
    return {
        "attempts": _number("Tries in all", 1, 100, "10 if left out", multipleOf=1),
        "first_s": _number("First pause (s)", 0, 3600, "0.5 if left out"),
        "factor": _number("Each pause longer by", 1, 10, "2.7 if left out"),
        "longest_s": _number("Longest pause (s)", 1, 86_400, "300 if left out"),
        "budget_s": _number("Give up after (s)", 1, 30 * 86_400, "Without end if left out"),
    }


_CLASS_TITLES = {
    "transient": "When the other system is in trouble",
    "rate_limit": "When it asks to slow down",
    "unknown": "When a reply was lost",
}
RETRY = {
    "type": "object",
    "title": "Retries",
    "x-advanced": True,
    "x-widget": "retry",
    "properties": {
        **_patience(),
        **{
            name: {"type": "object", "title": _CLASS_TITLES[name], "properties": _patience()}
            for name in RETRY_CLASSES
        },
    },
}
_TOGETHER = _number(
    "Send together with others (s)",
    0,
    5,
    "How long a record may wait for others, where the system takes several in one request. "
    "Leave it out where every second counts",
    **{"x-advanced": True},
)
_LIST = _expression("List", "The field that holds the list, such as trigger.items.")
_UNIT = _choice("Unit", {unit: unit for unit in WAIT_UNITS}, "minutes")
_ASSIGNEE = _text(
    "Who is asked",
    "role:analyst, role:admin … or user:name.",
    pattern=r"^(role|user):.+$",
    default="role:analyst",
    **{"x-widget": "assignee"},
)

CONFIG_SCHEMAS: dict[str, dict[str, Any]] = {
    **TRIGGER_SCHEMAS,
    "action": _config(
        ["connection", "operation"],
        connector=VENDOR,
        connection=_CONNECTION,
        operation=_OPERATION,
        input=MAPPING,
        together_s=_TOGETHER,
        retry=RETRY,
    ),
    "find_or_create": _config(
        ["connection", "entity"],
        connector=VENDOR,
        connection=_CONNECTION,
        entity=_text("Kind of record", **{"x-widget": "entity"}),
        find=MAPPING,
        create=MAPPING,
        retry=RETRY,
    ),
    "xref": _config(["entity", "left", "right"], entity=TEXT, left=_END, right=_END),
    "map": _config(["target"], target=_TARGET, mapping=MAPPING),
    "validate": _config(
        ["source"],
        source=_text("Document", **{"x-widget": "path"}),
        target=_TARGET,
        rules=_rows(
            "Rules",
            "Each must hold; its message says what is wrong.",
            100,
            {
                "type": "object",
                "properties": {
                    "id": TEXT,
                    "check": _expression("Check", widget="condition"),
                    "message": {"type": "string", "maxLength": 500, "title": "Message"},
                },
                "required": ["message"],
            },
        ),
    ),
    "filter": _config(
        ["condition"],
        list=_expression(
            "List",
            "The entries that meet the condition are kept. Without a list the whole record goes on "
            "or takes the rejected exit.",
        ),
        condition=_expression("Condition", "The entry is there as item.", widget="condition"),
    ),
    "aggregate": _config(
        ["list", "figures"],
        list=_LIST,
        keys=_rows(
            "Group by",
            "Without keys there is one group: the whole list.",
            20,
            {
                "type": "object",
                "properties": {
                    "name": _text("Name", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,59}$"),
                    "value": _expression("Value", "The entry is there as item."),
                },
                "required": ["name"],
            },
        ),
        figures=_rows(
            "Figures",
            "What is worked out for each group, exactly.",
            50,
            {
                "type": "object",
                "properties": {
                    "name": _text("Name", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,59}$"),
                    "do": _choice("Work out", {name: name for name in AGGREGATES}, "sum"),
                    "value": _expression("Of", "The entry is there as item."),
                    "digits": _number("Digits", 0, 10, "For averages", multipleOf=1),
                },
                "required": ["name", "do"],
            },
        ),
    ),
    "lookup": _config(
        ["table", "key"],
        table=_text("Table", **{"x-widget": "table"}),
        key=_expression("Code to look up"),
        column=_text("Column", "The table's first one if left out."),
        on_miss=_choice(
            "If the code is not in the table",
            {
                "fail": "Fail (takes the error exit if it is wired)",
                "person": "Hold the record for a person",
                "default": "Use another value",
            },
            "fail",
        ),
        default=_expression("Value to use") | {"x-when": {"on_miss": "default"}},
    ),
    "convert": _config(
        ["source", "fields"],
        source=_text("Document", "A copy of it is converted.", **{"x-widget": "path"}),
        fields=_rows(
            "Fields",
            "Each is replaced by what the function makes of it.",
            100,
            {
                "type": "object",
                "properties": {
                    "path": _text("Field", "Such as items[].weight.", **{"x-widget": "path"}),
                    "fn": _text("Function", "Such as convert_unit.", **{"x-widget": "function"}),
                    "args": {
                        "type": "array",
                        "items": EXPR,
                        "maxItems": 10,
                        "title": "Its other values",
                    },
                },
                "required": ["path", "fn"],
            },
        ),
    ),
    "if": _config(["condition"], condition=_expression("Condition", widget="condition")),
    "switch": _config(
        ["branches"],
        branches=_rows(
            "Ways",
            "The first whose condition holds is taken; otherwise the last exit.",
            20,
            {
                "type": "object",
                "properties": {
                    "id": {
                        "type": "string",
                        "pattern": "^[a-z][a-z0-9_]{0,39}$",
                        "not": {"enum": ["otherwise", "error"]},
                        "title": "Exit",
                    },
                    "name": _text("Name"),
                    "condition": _expression("Condition", widget="condition"),
                },
                "required": ["id"],
            },
            **{"x-widget": "ports"},
        ),
    ),
    "for_each": _config(
        ["list"],
        list=_LIST,
        key=_expression(
            "What names an item",
            "A field that stays the same when the list is sent again, such as item.sku; its place "
            "in the list if left out. It keeps a repeated list from being posted twice.",
        ),
        parallel=_number(
            "At the same time", 1, MAX_PARALLEL, "10 if left out", multipleOf=1, default=10
        ),
        ordered={
            "type": "boolean",
            "title": "One after the other, in order",
            "default": False,
        },
        on_failure=_choice(
            "When an item fails",
            {
                "continue": "Go on; the item waits under Errors",
                "stop": "Start no more items until it is mended",
                "collect": "Go on; list it in the result",
            },
            "continue",
        ),
        results={
            "type": "boolean",
            "title": "Keep the items' results",
            "description": "Switch it off for long lists whose results nobody reads.",
            "default": True,
        },
    ),
    "call_flow": _config(
        ["flow"],
        flow=_text("Flow", **{"x-widget": "flow"}),
        input=MAPPING,
        wait={"type": "boolean", "title": "Wait for its result", "default": True},
    ),
    "wait": _config(
        [],
        mode=_choice("Wait", {"for": "for some time", "until": "until a date"}, "for"),
        amount=_number("How long", 0, 1_000_000) | {"x-unit": "unit", "x-when": {"mode": "for"}},
        unit=_UNIT | {"x-when": {"mode": "for"}},
        until=_expression("Until", "A date or time.") | {"x-when": {"mode": "until"}},
    ),
    "approval": _config(
        ["assignee"],
        text=_expression("Question", "What the person reads."),
        assignee=_ASSIGNEE,
        expires_after=_number(
            "Time to answer", 0, 1_000_000, "Without end if left out", **{"x-unit": "expires_unit"}
        ),
        expires_unit=_UNIT | {"default": "hours"},
        on_expiry=_choice(
            "When nobody answers",
            {
                "reject": "Count it as rejected",
                "approve": "Count it as approved",
                "escalate": "Ask somebody else, then count it as rejected",
            },
            "reject",
        ),
        escalate_to=_ASSIGNEE
        | {"title": "Then ask", "x-when": {"on_expiry": "escalate"}, "default": "role:admin"},
    ),
    "return": _config([], value=_expression("Result", "Such as steps.invoice.")),
    "fail": _config([], message=_expression("Message")),
    "stop": _config([]),
}

DEFAULTS: dict[str, dict[str, Any]] = {
    "validate": {"source": "trigger", "rules": []},
    "switch": {"branches": [{"id": "first", "name": "First"}]},
    "filter": {},
    "aggregate": {"keys": [], "figures": []},
    "lookup": {"on_miss": "person"},
    "convert": {"source": "trigger", "fields": []},
    "for_each": {"parallel": 10, "on_failure": "continue"},
    "call_flow": {"wait": True},
    "wait": {"mode": "for", "amount": 5, "unit": "minutes"},
    "approval": {"assignee": "role:analyst", "on_expiry": "reject"},
}
"""Settings that a new step begins with."""
