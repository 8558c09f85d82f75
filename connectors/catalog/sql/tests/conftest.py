"""A real PostgreSQL and real SQLite files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.contrib.auth import get_user_model

from connectors import facade
from connectors.http import guard
from ipaas.core.ids import new_id
from ipaas.tenancy import facade as tenancy
from tests.kit.servers import start_postgres


@dataclass(frozen=True)
class Store:
    """A connection to a database of its own."""

    workspace: tenancy.WorkspaceRef
    connection: facade.Connection

    def call(self, operation: str, key: str | None = None, /, **inputs: Any) -> Any:
        reply = facade.call(self.connection.ref, operation, inputs, idempotency_key=key)
        return reply.output

    def rows(self, statement: str, **parameters: Any) -> Any:
        return self.call("query", statement=statement, parameters=parameters)["rows"]


@pytest.fixture(scope="session")
def postgres() -> str:
    """Address of a PostgreSQL server."""
    return start_postgres()


@pytest.fixture
def own_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections on premise may reach this machine."""
    monkeypatch.setenv("CAUSEWAY_ON_PREMISE_NETWORKS", "127.0.0.0/8")
    guard._on_premise_networks.cache_clear()
    yield
    guard._on_premise_networks.cache_clear()


@pytest.fixture
def connect(
    db: None, own_network: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Store]:
    """Makes a connection from settings."""
    monkeypatch.setenv("CAUSEWAY_FILES_ROOT", str(tmp_path))

    def make(secrets: dict[str, str] | None = None, **settings: str) -> Store:
        mark = new_id("t")[2:].replace("_", "")
        user = get_user_model().objects.create_user(f"tester-{mark}")
        workspace = tenancy.create_workspace(f"t{mark}"[:40], "Tests", user)
        made = facade.create_connection(
            workspace.id,
            "test",
            connector="sql",
            name="Store",
            settings=settings,
            secrets=secrets,
            on_premise=True,
        )
        return Store(workspace, made)

    return make


def postgres_settings(address: str, database: str) -> dict[str, str]:
    parts = urlsplit(address)
    return {
        "kind": "postgresql",
        "host": parts.hostname or "",
        "port": str(parts.port),
        "user": parts.username or "",
        "database": database,
        "tls": "disable",
    }


SCHEMA = (
    "CREATE TABLE orders (id integer PRIMARY KEY, number varchar(20) UNIQUE, total numeric(12,2),"
    ' "odd ""name%" text, changed_at {time})'
)


@pytest.fixture(params=["postgresql", "sqlite"])
def store(
    request: pytest.FixtureRequest, connect: Callable[..., Store], tmp_path: Path
) -> Iterator[Store]:
    """The same tests on both databases."""
    if request.param == "sqlite":
        import sqlite3

        made = connect(kind="sqlite", database="shop.sqlite")
        folder = tmp_path / made.workspace.slug
        folder.mkdir(exist_ok=True)
        with sqlite3.connect(folder / "shop.sqlite") as file:
            file.execute(SCHEMA.format(time="text"))
        file.close()
        yield made
        return
    address = request.getfixturevalue("postgres")
    name = f"shop_{new_id('d')[2:].replace('_', '').lower()}"
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    settings = postgres_settings(address, name)
    own = address.rsplit("/", 1)[0] + f"/{name}"
    with psycopg.connect(own, autocommit=True) as admin:
        admin.execute(SCHEMA.format(time="timestamptz"))
    yield connect({"password": urlsplit(address).password or ""}, **settings)
