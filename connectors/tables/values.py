"""Lookup tables as other modules see them: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from connectors.tables.cells import Column, Shape

MissPolicy = Literal["fail", "default", "hold"]


@dataclass(frozen=True, slots=True)
class OnMiss:
    """What a key that is not in the table means; ``values`` stand in for ``default``."""

    policy: MissPolicy
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A lookup table without its rows."""

    id: str
    workspace_id: str
    environment: str
    slug: str
    name: str
    description: str
    kind: str
    columns: tuple[Column, ...]
    on_miss: OnMiss
    ignore_case: bool
    ignore_space: bool
    version: int
    row_count: int
    created_at: datetime
    changed_at: datetime

    @property
    def shape(self) -> Shape:
        """How its rows are read."""
        return Shape(self.columns, self.ignore_case, self.ignore_space)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as of a version."""

    id: int
    key: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Save:
    """What one save did, of a table or of the cross-references."""

    number: int
    action: str
    note: str
    author: str
    added: int
    changed: int
    removed: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Version(Save):
    """A save of a table, and how many rows it had then."""

    row_count: int


@dataclass(frozen=True, slots=True)
class Difference:
    """How one row differs between two versions; None where it is not there."""

    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two versions differ; ``rows`` are the first of them."""

    added: int
    changed: int
    removed: int
    rows: tuple[Difference, ...]
