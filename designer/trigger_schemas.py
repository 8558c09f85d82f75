"""The settings of everything that can start a flow, as JSON Schemas from which forms are made.

The extra members are those of ``settings_schemas``; ``schedule``, ``signature``, ``dedupe`` and
``form`` are widgets of their own, and ``flows`` chooses several flows.
"""

from __future__ import annotations

from typing import Any

_POINTER = {"type": "string", "maxLength": 200, "pattern": "^(/[^/]*)*$"}
_HEADER = {"type": "string", "maxLength": 80}
_TEXT = {"type": "string", "maxLength": 200}
_SAMPLE = {"description": "An example document, for designing and testing"}
_VENDOR = {
    **_TEXT,
    "description": "Which connector the trigger is meant for while no connection is chosen",
}
_CONNECTION = {**_TEXT, "title": "Connection", "x-widget": "connection"}
_OPERATION = {**_TEXT, "title": "What happens", "x-widget": "operation"}


def _config(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {**properties, "sample": _SAMPLE}, "x-needs": required}


def _event(required: list[str], **properties: Any) -> dict[str, Any]:
    """Settings of a trigger whose runs are about records, so that their order may matter."""
    return _config(required, **properties, **_LANES)


def _choice(title: str, options: dict[str, str], default: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "string",
        "title": title,
        "enum": list(options),
        "x-labels": options,
        "default": default,
        **more,
    }


_SIGNATURE = {
    "type": "object",
    "title": "Proof of the sender",
    "x-widget": "signature",
    "description": "The secret itself is not part of the flow; it is made in the trigger's panel",
    "properties": {
        "kind": _choice(
            "Kind",
            {
                "none": "None: whoever knows the address",
                "hmac": "HMAC signature in a header",
                "standard": "Standard Webhooks",
                "token": "Token in a header",
                "basic": "User name and password",
            },
            "none",
        ),
        "header": {**_HEADER, "title": "Header", "x-when": {"kind": ["hmac", "token"]}},
        "algorithm": _choice(
            "Algorithm",
            {"sha256": "SHA-256", "sha512": "SHA-512", "sha1": "SHA-1 (old senders only)"},
            "sha256",
            **{"x-when": {"kind": ["hmac"]}},
        ),
        "encoding": _choice(
            "Written as",
            {"hex": "Hex", "base64": "Base64"},
            "hex",
            **{"x-when": {"kind": ["hmac"]}},
        ),
        "prefix": {**_TEXT, "title": "Text before it", "x-when": {"kind": ["hmac"]}},
        "timestamp_header": {
            **_HEADER,
            "title": "Header with the time of sending",
            "description": "Then “<time><separator><body>” is signed, and old messages are refused",
            "x-when": {"kind": ["hmac"]},
        },
        "separator": {**_TEXT, "title": "Separator", "x-when": {"kind": ["hmac"]}},
        "tolerance_s": {
            "type": "integer",
            "title": "Oldest message (s)",
            "minimum": 10,
            "maximum": 86_400,
            "default": 300,
            "x-when": {"kind": ["hmac", "standard"]},
        },
        "username": {**_TEXT, "title": "User name", "x-when": {"kind": ["basic"]}},
    },
}
_DEDUPE = {
    "type": "object",
    "title": "What makes a message the same as an earlier one",
    "x-widget": "dedupe",
    "x-advanced": True,
    "properties": {
        "by": _choice(
            "By",
            {
                "auto": "Its id header, else its content",
                "header": "A header",
                "pointer": "A field",
                "body": "Its content",
                "none": "Nothing: each message starts a run",
            },
            "auto",
        ),
        "header": {**_HEADER, "title": "Header", "x-when": {"by": ["header"]}},
        "pointer": {**_POINTER, "title": "Field", "x-when": {"by": ["pointer"]}},
    },
}
_RESPOND = {
    "type": "integer",
    "title": "Status of the answer",
    "enum": [200, 201, 202, 204],
    "default": 200,
    "x-advanced": True,
}
_KEY = {
    **_POINTER,
    "title": "What people call it",
    "description": "JSON pointer to a number or name that runs are found by, such as /order/number",
}
_LANES = {
    "order": _choice(
        "Order",
        {"any": "As fast as possible", "by_key": "One after the other for each record"},
        "any",
        **{"x-advanced": True},
    ),
    "on_failure": _choice(
        "When a run fails",
        {
            "block": "Later ones of the same record wait until somebody has settled it",
            "pass": "Later ones of the same record go on",
        },
        "block",
        **{"x-advanced": True, "x-when": {"order": ["by_key"]}},
    ),
    "latest_wins": {
        "type": "boolean",
        "title": "Only the latest of each record",
        "description": "Runs that still wait end when a newer event of the same record comes",
        "default": False,
        "x-advanced": True,
    },
    "max_parallel": {
        "type": ["integer", "null"],
        "title": "Runs at the same time, at most",
        "description": "No limit if left out",
        "minimum": 1,
        "maximum": 1000,
        "x-advanced": True,
    },
}
_SCHEDULE = {
    "preset": {
        "type": ["object", "null"],
        "title": "When",
        "x-widget": "schedule",
        "description": "minutes {every}, hourly {minute}, daily {at}, weekdays {at}, "
        "weekly {days, at} or monthly {day or last, at}",
        "properties": {
            "kind": {"enum": ["minutes", "hourly", "daily", "weekdays", "weekly", "monthly"]},
            "every": {"type": "integer"},
            "minute": {"type": "integer"},
            "at": {"type": "string", "pattern": "^\\d{2}:\\d{2}$"},
            "days": {
                "type": "array",
                "items": {"enum": ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]},
            },
            "day": {"type": ["integer", "string"]},
        },
    },
    "cron": {
        "type": "string",
        "maxLength": 120,
        "title": "Cron expression",
        "description": "In place of a choice above: minute, hour, day, month, day of week",
        "x-advanced": True,
    },
    "timezone": {"type": "string", "maxLength": 60, "title": "Time zone", "default": "UTC"},
    "missed": _choice(
        "If it was missed while everything was down",
        {"once": "Run once, afterwards", "skip": "Leave it out"},
        "once",
    ),
    "input": {"type": "object", "title": "Document given to each run", "x-advanced": True},
}

TRIGGER_SCHEMAS: dict[str, dict[str, Any]] = {
    "trigger.event": _event(
        ["connection", "operation"],
        connector=_VENDOR,
        connection=_CONNECTION,
        operation=_OPERATION,
    ),
    "trigger.poll": _event(
        ["connection", "operation"],
        connector=_VENDOR,
        connection=_CONNECTION,
        operation=_OPERATION,
        every_s={
            "type": "integer",
            "title": "Ask every (s)",
            "description": "What the connector suggests if left out",
            "minimum": 15,
            "maximum": 86_400,
        },
        inputs={"type": "object", "title": "Filter", "x-advanced": True},
    ),
    "trigger.webhook": _event(
        [],
        signature=_SIGNATURE,
        content=_choice(
            "Form of the body",
            {
                "auto": "As its type says",
                "json": "JSON",
                "form": "Form",
                "xml": "XML",
                "text": "Text",
            },
            "auto",
            **{"x-advanced": True},
        ),
        dedupe=_DEDUPE,
        business_key=_KEY,
        respond=_RESPOND,
    ),
    "trigger.cloudevents": _event(
        [],
        signature=_SIGNATURE,
        types={
            "type": "array",
            "title": "Only these types",
            "description": "All if empty; * at the end stands for any rest",
            "maxItems": 100,
            "items": _TEXT,
        },
        origins={
            "type": "array",
            "title": "Senders that may deliver",
            "description": "What they say as WebHook-Request-Origin; any if empty",
            "maxItems": 100,
            "items": _TEXT,
            "x-advanced": True,
        },
        respond=_RESPOND,
    ),
    "trigger.schedule": _config([], **_SCHEDULE),
    "trigger.manual": _config(
        [],
        form={
            "type": "object",
            "title": "Form",
            "x-widget": "form",
            "description": "JSON Schema of what the person fills in",
        },
        business_key=_KEY,
    ),
    "trigger.called": _config(
        [],
        form={
            "type": "object",
            "title": "What it is given",
            "x-widget": "form",
            "description": "JSON Schema of the document that a calling flow must give",
        },
    ),
    "trigger.error": _config(
        [],
        flows={
            "type": "array",
            "title": "Flows",
            "description": "All others of the environment if empty",
            "maxItems": 200,
            "items": {"type": "string", "maxLength": 40},
            "x-widget": "flows",
        },
        codes={
            "type": "array",
            "title": "Only these causes",
            "description": "Codes such as quickbooks.6240; * at the end stands for any rest",
            "maxItems": 100,
            "items": _TEXT,
            "x-advanced": True,
        },
    ),
}
