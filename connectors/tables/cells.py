"""Columns of lookup tables, and what may stand in a cell. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ipaas.core import jsonio
from ipaas.core.errors import IpaasError, Unprocessable

TYPES = ("text", "number", "date", "boolean", "json")
KEY_TYPES = ("text", "number", "date")
MOST_COLUMNS = 40
LONGEST_CELL = 4000
LONGEST_KEY = 400
KEY_SEPARATOR = "|"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SPACE = re.compile(r"\s+")
_TRUE = frozenset({"true", "yes", "y", "1", "x"})
_FALSE = frozenset({"false", "no", "n", "0"})


class TableInvalid(Unprocessable):
    """What was given does not make a lookup table, or not a row of this one."""

    code = "lookup.invalid"


class CellInvalid(Exception):
    """The text does not fit the column; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; together the key columns name a row."""

    name: str
    title: str
    type: str = "text"
    key: bool = False
    required: bool = False

    def as_json(self) -> dict[str, Any]:
        """Form that is stored and shown."""
        return {
            "name": self.name,
            "title": self.title,
            "type": self.type,
            "key": self.key,
            "required": self.required,
        }


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides how a row is read and which rows are the same."""

    columns: tuple[Column, ...]
    ignore_case: bool = False
    ignore_space: bool = True

    @property
    def keys(self) -> tuple[Column, ...]:
        """Key columns, in their order."""
        return tuple(column for column in self.columns if column.key)

    @property
    def values(self) -> tuple[Column, ...]:
        """All other columns, in their order."""
        return tuple(column for column in self.columns if not column.key)

    def row(self, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Key and stored values of a row; raises RowInvalid that names every faulty cell."""
        faults: dict[str, str] = {}
        values: dict[str, Any] = {}
        for column in self.columns:
            try:
                value = read_cell(column, given.get(column.name))
            except CellInvalid as error:
                faults[column.name] = str(error)
                continue
            if value is None and (column.key or column.required):
                faults[column.name] = f"{column.title} is needed."
            values[column.name] = value
        for name in given.keys() - {column.name for column in self.columns}:
            faults[name] = "The table has no such column."
        if not faults:
            key = self.key(values)
            if len(key) <= LONGEST_KEY:
                return key, values
            faults[self.keys[0].name] = f"A key has at most {LONGEST_KEY} characters."
        raise RowInvalid(faults)

    def key(self, values: Mapping[str, Any]) -> str:
        """What is compared to find a row."""
        return KEY_SEPARATOR.join(self._part(as_text(values.get(c.name))) for c in self.keys)

    def asked_key(self, text: str) -> str:
        """The key that a flow's text means; parts of several key columns are divided by ``|``."""
        keys = self.keys
        parts = text.split(KEY_SEPARATOR, len(keys) - 1) if len(keys) > 1 else [text]
        read = []
        for column, part in zip(keys, parts, strict=False):
            try:
                value = read_cell(column, part)
            except CellInvalid:
                value = part
            read.append(self._part(as_text(value)))
        return KEY_SEPARATOR.join(read)

    def _part(self, text: str) -> str:
        if self.ignore_space:
            text = _SPACE.sub(" ", text).strip()
        if self.ignore_case:
            text = text.casefold()
        return text.replace(KEY_SEPARATOR, "¦") if len(self.keys) > 1 else text


class RowInvalid(Exception):
    """A row that cannot be kept; ``faults`` has a sentence for each column."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(next(iter(faults.values()), ""))
        self.faults = faults


RATE_COLUMNS = (
    Column("base", "Base currency", key=True, required=True),
    Column("quote", "Quoted currency", key=True, required=True),
    Column("date", "Date", "date", key=True, required=True),
    Column("rate", "Rate", "number", required=True),
)


def read_columns(given: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """The columns of a table; raises TableInvalid."""
    columns = tuple(
        Column(
            name=str(entry.get("name") or "").strip(),
            title=str(entry.get("title") or entry.get("name") or "").strip()[:80],
            type=str(entry.get("type") or "text"),
            key=bool(entry.get("key")),
            required=bool(entry.get("required") or entry.get("key")),
        )
        for entry in given
    )
    fault = _fault(columns)
    if fault:
        raise TableInvalid(fault, hint="Correct the columns.", fields={"columns": fault})
    return columns


def _fault(columns: tuple[Column, ...]) -> str:
    if len(columns) > MOST_COLUMNS:
        return f"A table has at most {MOST_COLUMNS} columns."
    for column in columns:
        if not _NAME.fullmatch(column.name):
            return (
                f"“{column.name[:60]}” cannot name a column: small letters, digits and _ only, "
                "a letter first."
            )
        if column.type not in TYPES:
            return f"“{column.type[:40]}” is no type of column. Use {', '.join(TYPES)}."
        if column.key and column.type not in KEY_TYPES:
            return f"“{column.title}” cannot be a key: use text, number or date for keys."
    names = [column.name for column in columns]
    if len(set(names)) < len(names):
        return "Two columns have the same name."
    if not any(column.key for column in columns):
        return "At least one column must be a key."
    if all(column.key for column in columns):
        return "At least one column must hold a value."
    return ""


def read_cell(column: Column, given: Any) -> Any:
    """The value of a cell from JSON, a CSV text or an Excel cell; raises CellInvalid."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    match column.type:
        case "text":
            return _text(given)
        case "number":
            return _number(given)
        case "date":
            return _date(given)
        case "boolean":
            return _boolean(given)
        case _:
            return _json(given)


def as_text(value: Any) -> str:
    """A cell as text: for keys, search and files."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | Decimal():
            return plain_number(Decimal(value))
        case _:
            return jsonio.dumps(value).decode()


def plain_number(number: Decimal) -> str:
    """Digits of a number without exponent and trailing zeros: equal numbers, equal texts."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def search_text(columns: Iterable[Column], values: Mapping[str, Any]) -> str:
    """What a search looks through, in lower case."""
    return "\n".join(as_text(values.get(column.name)) for column in columns).lower()


def _text(given: Any) -> str:
    if isinstance(given, datetime):
        given = given.date() if given.time().isoformat() == "00:00:00" else given
    if isinstance(given, float):
        given = Decimal(str(given))
    text = as_text(given) if isinstance(given, bool | int | Decimal) else str(given)
    if isinstance(given, dict | list):
        raise CellInvalid("This must be a text.")
    if len(text) > LONGEST_CELL:
        raise CellInvalid(f"A cell has at most {LONGEST_CELL} characters.")
    return text


def _number(given: Any) -> Decimal | int:
    if isinstance(given, bool):
        raise CellInvalid("This must be a number.")
    text = str(given).strip().replace("\u2212", "-")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise CellInvalid(f"“{text[:40]}” is not a number. Write it like 1234.56.") from None
    if not number.is_finite() or len(number.as_tuple().digits) > 30 or abs(number.adjusted()) > 30:
        raise CellInvalid("This number is too large.")
    return int(number) if number == number.to_integral_value() and "." not in text else number


def _date(given: Any) -> str:
    if isinstance(given, datetime):
        return given.date().isoformat()
    if isinstance(given, date):
        return given.isoformat()
    text = str(given).strip()
    for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007
        except ValueError:
            continue
    raise CellInvalid(f"“{text[:40]}” is not a date. Write it like 2026-01-31.")


def _boolean(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    text = str(given).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise CellInvalid(f"“{text[:40]}” is neither true nor false.")


def _json(given: Any) -> Any:
    if isinstance(given, str):
        try:
            given = jsonio.loads(given)
        except IpaasError as error:
            raise CellInvalid(error.message) from error
    if isinstance(given, float):
        return Decimal(str(given))
    if len(jsonio.dumps(given)) > LONGEST_CELL:
        raise CellInvalid(f"A cell has at most {LONGEST_CELL} characters.")
    return given
