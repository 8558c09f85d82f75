"""Empties the database after a test that commits: only the tables in which something was written.

Django empties every table, and then makes content types and permissions again, which nothing here
reads. Most tests write to few of the tables, and to empty one costs more than to look into it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.test import TransactionTestCase

# Made by the migrations from the models, and the same for every test.
KEPT = {"auth_permission", "django_content_type"}


def install() -> None:
    """From now on tests that commit leave the database in this way."""
    TransactionTestCase._fixture_teardown = _empty


def _empty(case: TransactionTestCase) -> None:
    for alias in case._databases_names(include_mirrors=False):
        connection = connections[alias]
        written = _written(connection)
        if not written:
            continue
        if connection.vendor == "postgresql":
            _delete(connection, written)
        else:
            connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), written))


@cache
def _tables(alias: str = DEFAULT_DB_ALIAS) -> tuple[str, ...]:
    names = connections[alias].introspection.django_table_names(
        only_existing=True, include_views=False
    )
    return tuple(sorted(set(names) - KEPT))


def _written(connection: Any) -> list[str]:
    """Tables that hold a row."""
    looks = [
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(name)})"
        for name in _tables(connection.alias)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(looks))
        return [name for (name,) in cursor.fetchall()]


def _delete(connection: Any, tables: list[str]) -> None:
    """Every row of the tables; TRUNCATE would make new files for each table and index."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        # For this transaction, references are not checked: both of their ends go.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")
