"""What a target's schema says against a fixed value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ipaas.mapping.schemas import Schema
from ipaas.mapping.values import Value, shown


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value, in words."""

    code: str
    message: str
    hint: str


def faults_of(value: Value, target: Schema, name: str) -> Iterator[Fault]:
    """Why the target called ``name`` does not take a fixed value."""
    if value is None:
        return
    options = target.get("enum")
    if options and not any(value == option for option in options):
        listed = ", ".join(shown(option) for option in options[:8])
        more = " …" if len(options) > 8 else ""
        message = f"{name} does not allow {shown(value)}."
        yield Fault("mapping.not_an_option", message, f"Allowed are {listed}{more}.")
    limit = target.get("maxLength")
    if isinstance(limit, int) and isinstance(value, str) and len(value) > limit:
        message = f"{name} takes at most {limit} characters; the constant has {len(value)}."
        yield Fault("mapping.too_long", message, "Shorten the text.")
    pattern = target.get("pattern")
    if isinstance(pattern, str) and isinstance(value, str) and not suits_pattern(pattern, value):
        message = f"{name} does not allow {shown(value)}: it must match {pattern}."
        yield Fault("mapping.pattern", message, "Correct the text.")


def suits_pattern(pattern: str, value: str) -> bool:
    """Whether a text matches; a pattern of another dialect is left to the other system."""
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True
