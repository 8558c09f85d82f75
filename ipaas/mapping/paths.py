"""Paths into documents: where a value comes from, and where it goes.

A source path is dotted names: ``trigger.items[].sku``. ``[]`` means each element of an array,
``[0]`` the first one and ``[-1]`` the last. A target path carries the id of the rows rule that
makes the rows: ``Line[b1].Amount``. A name with other characters than letters, digits, ``_``,
``$`` and ``-`` stands in backticks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.limits import MAX_PATH_LENGTH, MAX_PATH_SEGMENTS


class _Marker(Enum):
    EACH = "[]"


EACH: Final = _Marker.EACH
Segment: TypeAlias = str | int | Literal[_Marker.EACH]
SourcePath: TypeAlias = tuple[Segment, ...]

_NAME = re.compile(r"[A-Za-z0-9_$-]+")
_QUOTED = re.compile(r"`([^`]+)`")
_INDEX = re.compile(r"\[(-?[0-9]{1,6})\]")
_BLOCK = re.compile(r"\[([A-Za-z0-9_-]{1,64})\]")


class PathInvalid(MappingInvalid):
    """The text is not a path."""

    code = "mapping.path"


@dataclass(frozen=True, slots=True)
class TargetStep:
    """One name of a target path; ``block`` is the id of the rows rule whose rows are meant."""

    name: str
    block: str | None = None


TargetPath: TypeAlias = tuple[TargetStep, ...]


class _Reader:
    """Reads a path text from left to right."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATH_LENGTH:
            raise PathInvalid(
                f"A path may have {MAX_PATH_LENGTH} characters; this one has {len(text)}."
            )
        self.text = text
        self.at = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def skip(self, literal: str) -> bool:
        if not self.text.startswith(literal, self.at):
            return False
        self.at += len(literal)
        return True

    def name(self) -> str:
        quoted = self.take(_QUOTED)
        if quoted:
            return quoted.group(1)
        plain = self.take(_NAME)
        if plain:
            return plain.group(0)
        raise self.error("a name is expected here")

    def error(self, reason: str, hint: str = "") -> PathInvalid:
        return PathInvalid(
            f"The path “{self.text}” cannot be read at character {self.at + 1}: {reason}.",
            hint=hint or "Put a name with spaces or other signs in `backticks`.",
        )


@lru_cache(maxsize=8192)
def parse_source(text: str) -> SourcePath:
    """Segments of a source path: names, EACH for ``[]``, integers for ``[0]``."""
    reader = _Reader(text)
    segments: list[Segment] = [reader.name()]
    while not reader.done:
        if reader.skip("[]"):
            segments.append(EACH)
        elif index := reader.take(_INDEX):
            segments.append(int(index.group(1)))
        elif reader.skip("."):
            segments.append(reader.name())
        else:
            raise reader.error("a dot or [] is expected here")
    if len(segments) > MAX_PATH_SEGMENTS:
        raise PathInvalid(f"The path “{text[:80]}…” has more than {MAX_PATH_SEGMENTS} parts.")
    return tuple(segments)


@lru_cache(maxsize=8192)
def parse_target(text: str) -> TargetPath:
    """Steps of a target path; the empty text, meaning the whole document, has none."""
    if not text:
        return ()
    reader = _Reader(text)
    steps: list[TargetStep] = []
    while True:
        name = reader.name()
        if reader.text.startswith("[]", reader.at):
            raise reader.error(
                "an array is filled by a rows rule",
                hint=f"Add a rows rule for {name} and use its id: {name}[id].",
            )
        block = reader.take(_BLOCK)
        steps.append(TargetStep(name, block.group(1) if block else None))
        if reader.done:
            break
        if not reader.skip("."):
            raise reader.error("a dot is expected here")
    if len(steps) > MAX_PATH_SEGMENTS:
        raise PathInvalid(f"The path “{text[:80]}…” has more than {MAX_PATH_SEGMENTS} parts.")
    return tuple(steps)


@lru_cache(maxsize=8192)
def quote(name: str) -> str:
    """The name as it stands in a path, in backticks where it must be."""
    return name if _NAME.fullmatch(name) else f"`{name}`"


def format_source(path: SourcePath) -> str:
    """Text of a source path; ``parse_source`` reads it back."""
    text = ""
    for segment in path:
        if segment is EACH:
            text += "[]"
        elif isinstance(segment, int):
            text += f"[{segment}]"
        elif isinstance(segment, str):
            text += f".{quote(segment)}" if text else quote(segment)
    return text


def format_target(path: TargetPath, *, blocks: bool = True) -> str:
    """Text of a target path; without ``blocks``, as people read it: ``Line.Amount``."""
    return ".".join(
        quote(step.name) + (f"[{step.block}]" if blocks and step.block else "") for step in path
    )
