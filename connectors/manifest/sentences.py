"""What a break of the manifest's schema means, in one sentence, and what to do about it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import ValidationError

from connectors.manifest.source import Fault, Path

_KINDS = {
    "string": "text",
    "object": "names and values",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
_PATTERNS = {
    "^[a-z][a-z0-9_]*$": "Use small letters, digits and _, beginning with a letter.",
    "^(/[^/]*)*$": "Write it as a JSON pointer: /orders/0/id, or empty for the whole.",
    "^https://": "Write a whole address that begins with https://.",
    "^/": "Begin it with a slash.",
    "^(/|$)": "Begin it with a slash; the server is named in base_url.",
    "^[1-9][0-9]*/(s|min|h|day)$": "Write for example 10/s, 500/min, 5000/h or 10000/day.",
    "\\{body\\}": "It must hold {body}; {timestamp} may stand before or after it.",
    "=": "Write name=value.",
    "^[a-z0-9_]+$": "Use small letters, digits and _.",
}


def faults(errors: Iterator[ValidationError]) -> list[Fault]:
    """One fault for each error, the deepest cause of a choice that fits nothing."""
    found = []
    for error in errors:
        found.extend(_one(error))
    return found


def _one(error: ValidationError) -> list[Fault]:
    path: Path = tuple(error.absolute_path)
    schema: Any = error.schema
    rule: Any = error.validator_value
    held: Any = error.instance
    match error.validator:
        case "required":
            return [
                Fault(path, f"“{name}” is missing.", _about(schema, name))
                for name in rule
                if isinstance(error.instance, dict) and name not in error.instance
            ][:1]
        case "additionalProperties":
            known = list(schema.get("properties", {}))
            return [
                Fault((*path, name), f"“{name}” is not known here.", _nearest(name, known))
                for name in held
                if name not in known
            ]
        case "propertyNames":
            wrong = str(error.instance)
            hint = _PATTERNS["^[a-z][a-z0-9_]*$"]
            return [Fault((*path, wrong), f"“{wrong}” cannot be a name here.", hint)]
        case "enum":
            allowed = ", ".join(str(value) for value in rule)
            if isinstance(error.instance, bool):
                allowed += " (in quotes: YAML reads a bare yes, no, on and off as true and false)"
            return [
                Fault(
                    path,
                    f"“{error.instance}” is not possible here.",
                    _nearest(str(error.instance), [str(v) for v in rule])
                    if len(rule) > 12
                    else f"Choose one of: {allowed}.",
                )
            ]
        case "type":
            wanted = rule
            names = wanted if isinstance(wanted, list) else [wanted]
            return [
                Fault(
                    path,
                    f"{_shown(error.instance)} stands where "
                    f"{' or '.join(_KINDS[name] for name in names)} is needed.",
                    "Put the value into quotes if it is meant as text."
                    if "string" in names and not isinstance(error.instance, dict | list)
                    else "Look at the same part of another connector.",
                )
            ]
        case "pattern":
            hint = _PATTERNS.get(rule, f"It must fit {rule}.")
            return [Fault(path, f"“{error.instance}” has the wrong form.", hint)]
        case "anyOf" | "oneOf":
            return _choice(error, path)
        case "not":
            both = ", ".join(f"“{name}”" for name in schema["not"].get("required", ()))
            return [Fault(path, f"{both} cannot stand together.", "Keep one of them.")]
        case "minItems" | "minProperties":
            return [
                Fault(path, "There is nothing in it.", "Give at least one entry, or remove it.")
            ]
        case "maxProperties":
            return [Fault(path, "There is too much in it.", "Keep one entry.")]
        case "dependentRequired":
            return [Fault(path, error.message.replace("'", "“", 1) + ".", "Add the missing part.")]
    return [Fault(path, f"{_shown(error.instance)} is not possible here.", _limits(error))]


def _choice(error: ValidationError, path: Path) -> list[Fault]:
    """The branch that fits best explains itself; branches that ask for a member are a list."""
    branches: Any = error.validator_value
    held: Any = error.instance
    needs = [
        " and ".join(f"“{name}”" for name in branch["required"])
        for branch in branches
        if isinstance(branch, dict) and set(branch) <= {"required", "not"} and "required" in branch
    ]
    if needs and len(needs) == len(branches):
        given = [
            branch
            for branch in branches
            if all(name in (held or {}) for name in branch["required"])
        ]
        if len(given) > 1:
            return [Fault(path, f"{' and '.join(needs)} exclude each other.", "Keep one of them.")]
        return [Fault(path, "Something is missing.", f"Give {', or '.join(needs)}.")]
    fitting = [cause for cause in error.context or () if cause.validator != "type"]
    deepest = max(fitting, key=lambda cause: len(cause.absolute_path), default=None)
    if deepest is not None:
        return _one(deepest)
    kinds = [
        _KINDS[branch["type"]]
        for branch in branches
        if isinstance(branch, dict) and branch.get("type") in _KINDS
    ]
    wanted = " or ".join(kinds) or "something else"
    return [
        Fault(
            path,
            f"{_shown(error.instance)} stands where {wanted} is needed.",
            "Look at the same part of another connector.",
        )
    ]


def _about(schema: Any, name: str) -> str:
    text = schema.get("properties", {}).get(name, {}).get("description", "")
    return f"Add it: {text[0].lower()}{text[1:]}" if text else f"Add “{name}: …” here."


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"Did you mean “{near[0]}”?"
    return f"Known here: {', '.join(sorted(known))}." if known else "Remove it."


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "A block of names and values"
    if isinstance(value, list):
        return "A list"
    if value is None:
        return "Nothing"
    if isinstance(value, bool):
        return f"“{str(value).lower()}”"
    return f"“{re.sub(r'[^ -~]', '?', str(value))[:60]}”"


def _limits(error: ValidationError) -> str:
    words = {
        "minimum": "It must be at least {}.",
        "exclusiveMinimum": "It must be above {}.",
        "maximum": "It must be at most {}.",
        "minLength": "It must not be empty.",
        "format": "It must be a {}.",
        "const": "It must be {}.",
    }
    return words.get(str(error.validator), "Compare it with the schema.").format(
        error.validator_value
    )
