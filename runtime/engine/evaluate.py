"""What a node does when its turn comes, decided in memory: a result, a failure or a call."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from ipaas.core.errors import IpaasError, Recovery
from runtime.engine.program import Program
from runtime.engine.values import Document, Failure, Pair
from runtime.graph import Node

log = logging.getLogger(__name__)

MAX_SCHEMA_FINDINGS = 5
MAX_ID_LENGTH = 120  # of a remembered pair


@dataclass(frozen=True, slots=True)
class Done:
    """The node has finished."""

    output: Document
    port: str = "out"
    pair: Pair | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """The node wants to call a connector with these inputs."""

    inputs: Document


def evaluate(program: Program, node: Node, data: Document) -> Done | Request | Failure:
    """Result of ``node`` for the context document ``data``; never raises."""
    try:
        result: Done | Request | Failure = _EVALUATORS[node.type](program, node, data)
    except Exception as error:
        return failure_of(error, node.name)
    return result


def failure_of(error: Exception, name: str) -> Failure:
    """What an exception means for the step (or run) called ``name``."""
    if isinstance(error, IpaasError):
        return Failure(error.code, error.message, error.hint, error.recovery)
    log.error("“%s” failed by a fault of the product", name, exc_info=error)
    return Failure(
        "step.bug",
        f"“{name}” failed by a fault of the product itself ({type(error).__name__}).",
        "Report it with the number of the run; the log of the worker tells more.",
    )


def _mapped(program: Program, node: Node, name: str, document: Any, data: Any) -> Any:
    result = program.mapping(node, name, document or {"schema": 1, "rules": []}).apply(
        data, live=False
    )
    if result.errors:
        return mapping_failure(result.errors)
    return result.output


def mapping_failure(errors: Any) -> Failure:
    """One failure for the errors of a mapping; the first in full, the others counted."""
    first = errors[0]
    more = f" ({len(errors) - 1} more fields have problems.)" if len(errors) > 1 else ""
    return Failure(
        first.code,
        first.message + more,
        first.hint or "Correct the document and retry, or correct the mapping and publish again.",
        Recovery.FIX_DATA,
    )


def _map(program: Program, node: Node, data: Any) -> Done | Failure:
    output = _mapped(program, node, "mapping", node.config.get("mapping"), data)
    return output if isinstance(output, Failure) else Done(output)


def _action(program: Program, node: Node, data: Any) -> Request | Failure:
    inputs = _mapped(program, node, "input", node.config.get("input"), data)
    return inputs if isinstance(inputs, Failure) else Request(inputs)


def _find_or_create(program: Program, node: Node, data: Any) -> Request | Failure:
    find = _mapped(program, node, "find", node.config.get("find"), data)
    if isinstance(find, Failure):
        return find
    create = _mapped(program, node, "create", node.config.get("create"), data)
    if isinstance(create, Failure):
        return create
    return Request({"find": find, "create": create})


def _validate(program: Program, node: Node, data: Any) -> Done | Failure:
    source = node.config.get("source") or "trigger"
    document = program.expression(node, "source", {"op": "field", "path": source})(data)
    if document is None:
        return Failure("validate.missing", f"There is no document at “{source}”.")
    findings: list[str] = []
    validator = program.validator(node)
    if validator is not None:
        for error in validator.iter_errors(document):
            findings.append(_in_words(error))
            if len(findings) == MAX_SCHEMA_FINDINGS:
                break
    for number, rule in enumerate(node.config.get("rules") or ()):
        name = f"rule{number}"
        if not program.condition(node, name, rule.get("check") or {"op": "hole"})(data):
            findings.append(str(rule.get("message") or "A rule is not met."))
    if findings:
        return Failure(
            "validate.refused",
            " ".join(findings),
            "Correct the document and retry; nothing has been sent for it.",
            Recovery.FIX_DATA,
        )
    return Done(document)


def _in_words(error: Any) -> str:
    """A sentence about one JSON Schema finding, without repeating the whole document."""
    where = ".".join(str(part) for part in error.absolute_path) or "the document"
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"{where}: {', '.join(missing)} is missing."
    shown = str(error.instance)
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    if error.validator == "type":
        wanted = error.validator_value
        wanted = wanted if isinstance(wanted, str) else " or ".join(wanted)
        return f"{where}: “{shown}” is not of type {wanted}."
    if error.validator == "minItems":
        return f"{where} needs at least {error.validator_value} entry."
    if error.validator == "enum":
        return f"{where}: “{shown}” is not one of the allowed values."
    return f"{where}: “{shown}” does not satisfy {error.validator} {error.validator_value}."


def _if(program: Program, node: Node, data: Any) -> Done | Failure:
    chosen = program.condition(node, "condition", node.config.get("condition"))(data)
    return Done({"result": chosen}, "true" if chosen else "false")


def _xref(program: Program, node: Node, data: Any) -> Done | Failure:
    ends = []
    for side in ("left", "right"):
        end = node.config.get(side) or {}
        found = program.expression(node, side, end.get("id") or {"op": "hole"})(data)
        if found is None or found == "":
            return Failure(
                "xref.no_id",
                f"The id for “{end.get('connection')}” is missing, so the pair cannot be kept.",
                "Choose a field that always has a value.",
                Recovery.FIX_DATA,
            )
        if len(str(found)) > MAX_ID_LENGTH or "\0" in str(found):
            return Failure(
                "xref.bad_id",
                f"The id for “{end.get('connection')}” is longer than {MAX_ID_LENGTH} characters, "
                "or holds one that cannot be stored.",
                "Choose the field that holds the record's number.",
                Recovery.FIX_DATA,
            )
        ends.append((str(end.get("connection")), str(found)))
    entity = str(node.config.get("entity") or "record")
    pair = Pair(node.id, entity, ends[0], ends[1])
    output = {
        "entity": entity,
        "left": {"connection": pair.left[0], "id": pair.left[1]},
        "right": {"connection": pair.right[0], "id": pair.right[1]},
    }
    return Done(output, pair=pair)


def _fail(program: Program, node: Node, data: Any) -> Failure:
    message = node.config.get("message")
    text = program.expression(node, "message", message)(data) if message else None
    return Failure("flow.raised", str(text or "The flow raised an error."), "", Recovery.FIX_DATA)


def _stop(program: Program, node: Node, data: Any) -> Done:
    return Done({}, "stopped")


_EVALUATORS: dict[str, Any] = {
    "map": _map,
    "action": _action,
    "find_or_create": _find_or_create,
    "validate": _validate,
    "if": _if,
    "xref": _xref,
    "fail": _fail,
    "stop": _stop,
}
