"""What is wrong with the settings of a trigger, seen before it is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema

from ipaas.core.errors import IpaasError
from ipaas.mapping.schemas import infer_schema
from runtime.graph import Problem
from runtime.triggers import signatures
from runtime.triggers.cron import schedule_of


def trigger_problems(node_id: str, kind: str, config: Mapping[str, Any]) -> list[Problem]:
    """Problems of one trigger's own settings; connections and operations are checked elsewhere."""
    match kind:
        case "trigger.schedule":
            return _tried(node_id, "preset", lambda: schedule_of(config))
        case "trigger.webhook" | "trigger.cloudevents":
            setting = config.get("signature") or {}
            return _tried(node_id, "signature", lambda: signatures.check(setting))
        case "trigger.manual" | "trigger.called":
            return _form_problems(node_id, config.get("form"))
    return []


def _tried(node_id: str, field: str, check: Any) -> list[Problem]:
    try:
        check()
    except IpaasError as error:
        return [Problem("error", error.code, error.message, error.hint, node_id, field)]
    return []


def _form_problems(node_id: str, form: Any) -> list[Problem]:
    if not form:
        return []
    try:
        jsonschema.Draft202012Validator.check_schema(form)
    except jsonschema.SchemaError as error:
        return [
            Problem(
                "error",
                "trigger.form_wrong",
                f"The form cannot be used: {error.message[:160]}.",
                "It is a JSON Schema of an object.",
                node_id,
                "form",
            )
        ]
    return []


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_SCHEDULED = _object(
    scheduled_at={**_MOMENT, "title": "Time it was planned for"},
    fired_at={**_MOMENT, "title": "Time it started"},
    timezone=_TEXT,
    local_date={"type": "string", "format": "date"},
    local_time=_TEXT,
    missed={"type": "integer", "title": "Fire times that were missed before it"},
    input={"type": "object"},
)
_FAILED = _object(
    flow=_object(id=_TEXT, name=_TEXT),
    run=_object(id=_TEXT, business_key=_TEXT, created_at=_MOMENT),
    step=_object(id=_TEXT, name=_TEXT),
    error=_object(code=_TEXT, message=_TEXT, hint=_TEXT),
    dead_letter_id=_TEXT,
    environment=_TEXT,
    failed_at=_MOMENT,
)
_CLOUD_EVENT = {
    "type": "object",
    "properties": {
        "specversion": _TEXT,
        "id": _TEXT,
        "source": _TEXT,
        "type": _TEXT,
        "subject": _TEXT,
        "time": _MOMENT,
        "datacontenttype": _TEXT,
        "dataschema": _TEXT,
        "data": {},
        "data_base64": _TEXT,
    },
    "required": ["specversion", "id", "source", "type"],
}


def trigger_schema(kind: str, config: Mapping[str, Any]) -> dict[str, Any] | None:
    """Schema of the document that a trigger gives to its runs, where it is known by itself."""
    match kind:
        case "trigger.schedule":
            given = config.get("input")
            properties = {**_SCHEDULED["properties"]}
            if isinstance(given, Mapping) and given:
                properties["input"] = infer_schema([dict(given)])
            return {**_SCHEDULED, "properties": properties}
        case "trigger.error":
            return _FAILED
        case "trigger.cloudevents":
            sample = config.get("sample")
            return None if sample is not None else _CLOUD_EVENT
        case "trigger.manual" | "trigger.called":
            form = config.get("form")
            return dict(form) if isinstance(form, Mapping) and form else None
    return None
