"""Values between documents and databases."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ipaas.core import jsonio


def as_json(value: Any) -> Any:
    """A database's value as a document holds it: exact numbers, times as ISO text."""
    if value is None or isinstance(value, (bool, int, str, Decimal)):
        return _finite(value)
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return Decimal(str(value.total_seconds()))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, Mapping):
        return {str(name): as_json(part) for name, part in value.items()}
    if isinstance(value, Sequence):
        return [as_json(part) for part in value]
    return str(value)


def _finite(value: Any) -> Any:
    return None if isinstance(value, Decimal) and not value.is_finite() else value


def for_postgresql(value: Any) -> Any:
    """A document's value as psycopg takes it; objects and lists of objects become JSON."""
    if isinstance(value, dict) or (isinstance(value, list) and any(_is_deep(v) for v in value)):
        return jsonio.dumps(value).decode()
    return value


def for_sqlite(value: Any) -> Any:
    """A document's value as SQLite takes it: decimals as their digits, the rest as JSON text.

    A column of type NUMERIC or REAL turns digits into a number by itself; TEXT keeps them.
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (dict, list)):
        return jsonio.dumps(value).decode()
    return value


def _is_deep(value: Any) -> bool:
    return isinstance(value, (dict, list))
