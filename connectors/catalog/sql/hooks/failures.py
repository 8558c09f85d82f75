"""What a database's error means: who can mend it, and whether anything was done."""

from __future__ import annotations

import sqlite3

import psycopg

from connectors.sdk import ConnectorError, Recovery

# By class of SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html).
_CLASSES: dict[str, tuple[str, Recovery, str]] = {
    "08": ("unreachable", Recovery.RETRY, "It is tried again by itself."),
    "22": ("wrong_value", Recovery.FIX_DATA, "Correct the value, or convert it in the mapping."),
    "23": ("constraint", Recovery.FIX_DATA, "Correct the row so that it fits the table's rules."),
    "25": ("read_only", Recovery.GIVE_UP, "Use “Run a statement” for changes."),
    "28": ("sign_in", Recovery.REAUTHORISE, "Correct user and password of the connection."),
    "3D": ("no_database", Recovery.REAUTHORISE, "Correct the name of the database."),
    "40": ("conflict", Recovery.RETRY, "It is tried again by itself."),
    "42": ("statement", Recovery.GIVE_UP, "Correct the statement, or the user's rights."),
    "53": ("overloaded", Recovery.RETRY, "It is tried again by itself."),
    "55": ("locked", Recovery.RETRY, "It is tried again by itself."),
    "57": ("stopped", Recovery.RETRY, "The statement took too long, or the server is stopping."),
}


def failure_of(error: Exception, in_doubt: bool) -> ConnectorError:
    """The failure; ``in_doubt`` if the commit had been sent when it came."""
    name, recovery, hint = _meaning(error)
    words = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        words = _without_address(words)
    return ConnectorError(
        f"The database says: {words[:300]}",
        code=f"sql.{name}",
        recovery=recovery,
        executed="unknown" if in_doubt else "no",
        hint=hint,
    )


def _meaning(error: Exception) -> tuple[str, Recovery, str]:
    state = getattr(error, "sqlstate", None)
    if state == "42501":
        return "no_right", Recovery.GIVE_UP, "Give the database user the right to do this."
    if state and state[:2] in _CLASSES:
        return _CLASSES[state[:2]]
    if isinstance(error, psycopg.OperationalError):
        text = str(error).lower()
        if "password" in text or "authentication" in text:
            return _CLASSES["28"]
        if "certificate" in text or "ssl" in text:
            return "tls", Recovery.REAUTHORISE, "Check the connection's encryption setting."
        return _CLASSES["08"]
    if isinstance(error, sqlite3.IntegrityError):
        return _CLASSES["23"]
    if isinstance(error, sqlite3.OperationalError):
        text = str(error).lower()
        if "locked" in text or "busy" in text:
            return _CLASSES["55"]
        if "interrupted" in text:
            return _CLASSES["57"]
        if "readonly" in text:
            return _CLASSES["25"]
        return _CLASSES["42"]
    if isinstance(error, (sqlite3.DatabaseError, psycopg.DataError, OverflowError)):
        return _CLASSES["42"] if "authoriz" in str(error) else _CLASSES["22"]
    return "failed", Recovery.GIVE_UP, "Look at the statement and its values."


def _without_address(words: str) -> str:
    return words.replace("connection failed: ", "").strip()
