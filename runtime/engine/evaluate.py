"""What a node does when its turn comes, decided in memory: a result, a failure or a call."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any

from ipaas.core.errors import IpaasError, Recovery
from ipaas.mapping.resources import NO_RESOURCES, Resources
from runtime.engine import codes, lists
from runtime.engine.awaited import Watched
from runtime.engine.program import Program
from runtime.engine.values import Document, Failure, Pair
from runtime.engine.view import Done, View
from runtime.graph import Node, way_of_writing

log = logging.getLogger(__name__)

HELD = "mapping.lookup_hold"
MAX_SCHEMA_FINDINGS = 5
MAX_ID_LENGTH = 120  # of a remembered pair


@dataclass(frozen=True, slots=True)
class Request:
    """The node wants to call a connector with these inputs."""

    inputs: Document


def evaluate(
    program: Program, node: Node, data: Document, resources: Resources = NO_RESOURCES
) -> Done | Request | Failure:
    """Result of ``node`` for the context document ``data``; never raises."""
    view = View(program, node, data, resources)
    try:
        result: Done | Request | Failure = _EVALUATORS[node.type](view)
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


def _mapped(view: View, name: str) -> Any:
    document = view.config.get(name) or {"schema": 1, "rules": []}
    compiled = view.program.mapping(view.node, name, document)
    mode = way_of_writing(view.node, name)
    result = compiled.apply(view.data, live=False, resources=view.resources, mode=mode)
    if not result.errors:
        return result.output
    failure = mapping_failure(result.errors)
    if all(error.code != HELD for error in result.errors):
        return failure
    watched = Watched(view.resources)
    compiled.apply(view.data, live=False, resources=watched, mode=mode)
    return replace(failure, for_person=True, awaits=watched.places)


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


def _map(view: View) -> Done | Failure:
    output = _mapped(view, "mapping")
    return output if isinstance(output, Failure) else Done(output)


def _action(view: View) -> Request | Failure:
    inputs = _mapped(view, "input")
    return inputs if isinstance(inputs, Failure) else Request(inputs)


def _find_or_create(view: View) -> Request | Failure:
    find = _mapped(view, "find")
    if isinstance(find, Failure):
        return find
    create = _mapped(view, "create")
    if isinstance(create, Failure):
        return create
    return Request({"find": find, "create": create})


def _validate(view: View) -> Done | Failure:
    source = view.config.get("source") or "trigger"
    document = view.at("source", source)
    if document is None:
        return Failure("validate.missing", f"There is no document at “{source}”.")
    findings: list[str] = []
    validator = view.program.validator(view.node)
    if validator is not None:
        for error in validator.iter_errors(document):
            findings.append(_in_words(error))
            if len(findings) == MAX_SCHEMA_FINDINGS:
                break
    for number, rule in enumerate(view.config.get("rules") or ()):
        if not view.holds(f"rule{number}", rule.get("check")):
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


def _if(view: View) -> Done | Failure:
    chosen = view.holds("condition", view.config.get("condition"))
    return Done({"result": chosen}, "true" if chosen else "false")


def _xref(view: View) -> Done | Failure:
    ends = []
    for side in ("left", "right"):
        end = view.config.get(side) or {}
        found = view.value(side, end.get("id"))
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
    entity = str(view.config.get("entity") or "record")
    pair = Pair(view.node.id, entity, ends[0], ends[1])
    output = {
        "entity": entity,
        "left": {"connection": pair.left[0], "id": pair.left[1]},
        "right": {"connection": pair.right[0], "id": pair.right[1]},
    }
    return Done(output, pair=pair)


def _fail(view: View) -> Failure:
    text = view.value("message", message) if (message := view.config.get("message")) else None
    return Failure("flow.raised", str(text or "The flow raised an error."), "", Recovery.FIX_DATA)


def _stop(view: View) -> Done:
    return Done({}, "stopped")


def _switch(view: View) -> Done:
    for number, branch in enumerate(view.config.get("branches") or ()):
        if view.holds(f"branch{number}", branch.get("condition")):
            name = str(branch.get("name") or branch.get("id"))
            return Done({"branch": str(branch.get("id")), "name": name}, str(branch.get("id")))
    return Done({"branch": "otherwise", "name": "otherwise"}, "otherwise")


def _return(view: View) -> Done:
    value = view.config.get("value")
    return Done(view.value("value", value) if value else {})


_EVALUATORS: dict[str, Any] = {
    "map": _map,
    "action": _action,
    "find_or_create": _find_or_create,
    "validate": _validate,
    "if": _if,
    "switch": _switch,
    "filter": lists.keep,
    "aggregate": lists.aggregate,
    "lookup": codes.look_up,
    "convert": codes.convert,
    "return": _return,
    "xref": _xref,
    "fail": _fail,
    "stop": _stop,
}
