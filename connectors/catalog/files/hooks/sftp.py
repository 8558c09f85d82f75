"""A folder of an SFTP server whose host key is known."""

from __future__ import annotations

import asyncio
import io
import posixpath
import secrets
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any, BinaryIO, cast

import asyncssh

from connectors.catalog.files.hooks import paths
from connectors.catalog.files.hooks.places import Entry
from connectors.sdk import ConnectorError, OperationContext, Recovery, needed

CONNECT_S = 10
ANSWER_S = 60
PART = 256 * 1024


class SftpPlace:
    """One SSH connection; asyncssh runs on a loop of its own, in this thread."""

    def __init__(self, context: OperationContext) -> None:
        settings = context.settings
        host, user = str(settings.get("host") or ""), str(settings.get("user") or "")
        if not host:
            raise needed("host", "SFTP server")
        port = int(str(settings.get("port") or 22))
        self._folder = paths.clean_folder(settings.get("folder"))
        self._absolute = str(settings.get("folder") or "").startswith("/")
        self.name = f"sftp://{host}:{port}/{self._folder}"
        address = context.addresses(host, port)[0]
        self._pin = _Pin(str(settings.get("host_key") or "").strip())
        self._loop = asyncio.new_event_loop()
        self._connection: asyncssh.SSHClientConnection | None = None
        try:
            with self._failures():
                self._wait(self._connect(context, address, port, user))
        except BaseException:
            self.close()
            raise

    async def _connect(self, context: OperationContext, address: str, port: int, user: str) -> None:
        key = context.secret("private_key")
        keys = (
            [asyncssh.import_private_key(key, context.secret("passphrase") or None)]
            if key
            else None
        )
        pin = self._pin
        self._connection = await asyncssh.connect(
            address,
            port,
            username=user,
            password=context.secret("password") or None,
            client_keys=keys,
            # Nothing of the account this server runs as: no agent, no configuration, no keys.
            agent_path=None,
            config=None,
            known_hosts=([], [], []),
            client_factory=lambda: _Client(pin),
            connect_timeout=CONNECT_S,
            login_timeout=CONNECT_S,
            keepalive_interval=15,
        )
        self._sftp = await self._connection.start_sftp_client()

    def entries(self, folder: str) -> Iterator[Entry]:
        with self._failures():
            try:
                found = self._wait(self._sftp.readdir(self._at(folder)))
            except asyncssh.SFTPNoSuchFile:
                return
        for each in found:
            name = str(each.filename)
            if each.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR:
                yield _entry(f"{folder}/{name}" if folder else name, each.attrs)

    def stat(self, path: str) -> Entry | None:
        with self._failures():
            try:
                attrs = self._wait(self._sftp.stat(self._at(path)))
            except asyncssh.SFTPNoSuchFile:
                return None
        return _entry(path, attrs) if attrs.type == asyncssh.FILEXFER_TYPE_REGULAR else None

    def open(self, path: str) -> BinaryIO:
        with self._failures():
            try:
                file = self._wait(self._sftp.open(self._at(path), "rb"))
            except asyncssh.SFTPNoSuchFile:
                raise paths.missing(path) from None
        return cast(BinaryIO, io.BufferedReader(_Reader(self, file), PART))

    def read(self, file: Any, size: int) -> bytes:
        """The next bytes of an open file."""
        with self._failures():
            return cast(bytes, self._wait(file.read(size)))

    def write(self, path: str, content: IO[bytes]) -> None:
        target = self._at(path)
        folder, name = posixpath.split(target)
        draft = posixpath.join(folder, f".{name[:200]}.{secrets.token_hex(6)}.part")
        with self._failures():
            if folder:
                self._wait(self._sftp.makedirs(folder, exist_ok=True))
            self._wait(self._put(draft, content))
            self._replace(draft, target)

    async def _put(self, draft: str, content: IO[bytes]) -> None:
        async with self._sftp.open(draft, "xb") as file:
            while part := content.read(PART):
                await file.write(part)

    def _replace(self, source: str, target: str) -> None:
        try:
            self._wait(self._sftp.posix_rename(source, target))
        except asyncssh.SFTPOpUnsupported:
            # The older protocol cannot replace; for a moment there is no file of that name.
            if self._wait(self._sftp.exists(target)):
                self._wait(self._sftp.remove(target))
            self._wait(self._sftp.rename(source, target))

    def move(self, path: str, to: str) -> None:
        target = self._at(to)
        with self._failures():
            if folder := posixpath.dirname(target):
                self._wait(self._sftp.makedirs(folder, exist_ok=True))
            self._replace(self._at(path), target)

    def delete(self, path: str) -> None:
        with self._failures():
            try:
                self._wait(self._sftp.remove(self._at(path)))
            except asyncssh.SFTPNoSuchFile:
                return

    def close(self) -> None:
        if self._loop.is_closed():
            return
        if self._connection is not None:
            self._connection.close()
            try:
                self._loop.run_until_complete(asyncio.wait_for(self._connection.wait_closed(), 2))
            except (TimeoutError, OSError, asyncssh.Error):
                self._connection.abort()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _at(self, path: str) -> str:
        whole = posixpath.join(self._folder, path) if self._folder else path
        return f"/{whole}" if self._absolute else whole or "."

    def _wait(self, work: Awaitable[Any]) -> Any:
        return self._loop.run_until_complete(asyncio.wait_for(work, ANSWER_S))

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except asyncssh.HostKeyNotVerifiable as error:
            raise self._pin.failure() from error
        except (asyncssh.PermissionDenied, asyncssh.KeyImportError) as error:
            raise _failure(
                "sign_in",
                Recovery.REAUTHORISE,
                "The SFTP server does not accept user, password or key.",
                "Correct them in the connection.",
            ) from error
        except asyncssh.SFTPError as error:
            refused = isinstance(error, (asyncssh.SFTPPermissionDenied, asyncssh.SFTPNoSuchFile))
            raise _failure(
                "refused",
                Recovery.FIX_DATA if refused else Recovery.RETRY,
                f"The SFTP server says: {str(error.reason)[:200] or type(error).__name__}.",
                "Check the path and the rights of the user.",
            ) from error
        except (asyncssh.Error, OSError, TimeoutError) as error:
            raise _failure(
                "unreachable",
                Recovery.RETRY,
                "The SFTP server cannot be reached, or broke off.",
                "It is tried again by itself.",
            ) from error


class _Pin:
    """The fingerprint we expect, and the one that was shown."""

    def __init__(self, expected: str) -> None:
        self.expected = expected
        self.shown = ""

    def accepts(self, key: asyncssh.SSHKey) -> bool:
        self.shown = key.get_fingerprint()
        return bool(self.expected) and self.shown == self.expected

    def failure(self) -> ConnectorError:
        if self.expected:
            return _failure(
                "host_key_changed",
                Recovery.REAUTHORISE,
                f"The SFTP server shows another host key than before: {self.shown}.",
                "It may be another machine. Ask its operator before you enter the new one.",
            )
        return _failure(
            "host_key_unknown",
            Recovery.REAUTHORISE,
            f"The host key of the SFTP server is not known yet. It shows {self.shown}.",
            "Compare it with what the server's operator says, then enter it in the connection.",
        )


class _Client(asyncssh.SSHClient):
    def __init__(self, pin: _Pin) -> None:
        self._pin = pin

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        """Only the pinned key counts, whatever the name."""
        return self._pin.accepts(key)


class _Reader(io.RawIOBase):
    def __init__(self, place: SftpPlace, file: Any) -> None:
        self._place, self._file = place, file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._place.read(self._file, len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _entry(path: str, attrs: asyncssh.SFTPAttrs) -> Entry:
    size, stamp = int(attrs.size or 0), float(attrs.mtime or 0)
    return Entry(path, size, datetime.fromtimestamp(stamp, UTC), f"{int(stamp):x}-{size:x}")


def _failure(name: str, recovery: Recovery, message: str, hint: str) -> ConnectorError:
    # Writes go to a draft first and repeat harmlessly, so nothing is ever half done.
    return ConnectorError(message, code=f"files.{name}", recovery=recovery, hint=hint)
