"""A local folder, an SFTP server and an S3 endpoint, all real enough to be wrong with."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from django.contrib.auth import get_user_model

from connectors import facade
from connectors.http import guard
from ipaas.core.ids import new_id
from ipaas.tenancy import facade as tenancy

from .s3_server import ACCESS, SECRET, s3_server

PASSWORD = "the sftp password"


@dataclass(frozen=True)
class Desk:
    """A connection, and the folder in which its files lie."""

    connection: facade.Connection
    folder: Path

    def call(self, operation: str, key: str | None = None, /, **inputs: Any) -> Any:
        ref = self.connection.ref
        return facade.call(ref, operation, inputs, idempotency_key=key).output

    def rows(self, path: str, **more: Any) -> Any:
        return self.call("read_rows", path=path, **more)["rows"]

    def put(self, path: str, content: str | bytes) -> Path:
        where = self.folder / path
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(content.encode() if isinstance(content, str) else content)
        return where


@pytest.fixture
def connect(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., facade.Connection]]:
    """Makes a connection on premise."""
    monkeypatch.setenv("CAUSEWAY_FILES_ROOT", str(tmp_path / "root"))
    monkeypatch.setenv("CAUSEWAY_ON_PREMISE_NETWORKS", "127.0.0.0/8")
    guard._on_premise_networks.cache_clear()

    def make(secrets: dict[str, str] | None = None, **settings: str) -> facade.Connection:
        mark = new_id("t")[2:].replace("_", "")
        user = get_user_model().objects.create_user(f"tester-{mark}")
        workspace = tenancy.create_workspace(f"t{mark}"[:40], "Tests", user)
        return facade.create_connection(
            workspace.id,
            "test",
            connector="files",
            name="Files",
            settings=settings,
            secrets=secrets,
            on_premise=True,
        )

    yield make
    guard._on_premise_networks.cache_clear()


def local_desk(connect: Callable[..., facade.Connection], tmp_path: Path) -> Desk:
    made = connect(place="local", folder="exchange")
    slug = tenancy.workspace_by_id(made.workspace_id).slug
    folder = tmp_path / "root" / slug / "exchange"
    folder.mkdir(parents=True)
    return Desk(made, folder)


@dataclass(frozen=True)
class SftpServer:
    port: int
    fingerprint: str
    folder: Path


class _Guest(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("shop", PASSWORD)


@pytest.fixture(scope="session")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    """A real SFTP server over one folder."""
    folder = tmp_path_factory.mktemp("sftp")
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            _Guest,
            "127.0.0.1",
            0,
            server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder)),
        )

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    yield SftpServer(server.get_port(), key.get_fingerprint(), folder)
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


def sftp_desk(connect: Callable[..., facade.Connection], server: SftpServer) -> Desk:
    folder = server.folder / new_id("f").replace("_", "")
    folder.mkdir()
    made = connect(
        {"password": PASSWORD},
        place="sftp",
        host="127.0.0.1",
        port=str(server.port),
        user="shop",
        host_key=server.fingerprint,
        folder=folder.name,
    )
    return Desk(made, folder)


def s3_desk(connect: Callable[..., facade.Connection], url: str, folder: Path) -> Desk:
    made = connect(
        {"access_key": ACCESS, "secret_key": SECRET},
        place="s3",
        base_url=url,
        bucket="shop",
        folder="in out",
    )
    return Desk(made, folder / "shop" / "in out")


@pytest.fixture(params=["local", "sftp", "s3"])
def desk(
    request: pytest.FixtureRequest, connect: Callable[..., facade.Connection], tmp_path: Path
) -> Iterator[Desk]:
    """The same tests in every place."""
    if request.param == "local":
        yield local_desk(connect, tmp_path)
    elif request.param == "sftp":
        yield sftp_desk(connect, request.getfixturevalue("sftp_server"))
    else:
        with s3_server(tmp_path / "s3") as url:
            yield s3_desk(connect, url, tmp_path / "s3")


@pytest.fixture
def local(connect: Callable[..., facade.Connection], tmp_path: Path) -> Desk:
    return local_desk(connect, tmp_path)
