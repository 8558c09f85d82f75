"""A folder of this server, below the one that belongs to the workspace."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO

from connectors.catalog.files.hooks import paths
from connectors.catalog.files.hooks.places import Entry
from connectors.sdk import ConnectorError, OperationContext, Recovery

PART = 1024 * 1024


class LocalPlace:
    """Real paths are compared with the root's, so no link leads out of it."""

    def __init__(self, context: OperationContext) -> None:
        self._root = context.local_root()
        folder = paths.clean_folder(context.settings.get("folder"))
        self._top = self._inside(self._root / folder, folder)
        self.name = "file://" + (folder or "")
        with failures():
            self._top.mkdir(parents=True, exist_ok=True)

    def entries(self, folder: str) -> Iterator[Entry]:
        where = self._at(folder)
        if not where.is_dir():
            return
        with failures(), os.scandir(where) as found:
            for each in found:
                path = f"{folder}/{each.name}" if folder else each.name
                if each.is_file() and self._at(path).exists():
                    yield _entry(path, each.stat())

    def stat(self, path: str) -> Entry | None:
        where = self._at(path)
        return _entry(path, where.stat()) if where.is_file() else None

    def open(self, path: str) -> BinaryIO:
        where = self._at(path)
        if not where.is_file():
            raise paths.missing(path)
        with failures():
            return where.open("rb")

    def write(self, path: str, content: IO[bytes]) -> None:
        where = self._at(path)
        with failures():
            where.parent.mkdir(parents=True, exist_ok=True)
            draft = where.with_name(f".{where.name[:200]}.{secrets.token_hex(6)}.part")
            try:
                with draft.open("xb") as file:
                    shutil.copyfileobj(content, file, PART)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(where)
            finally:
                draft.unlink(missing_ok=True)

    def move(self, path: str, to: str) -> None:
        source, target = self._at(path), self._at(to)
        with failures():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)

    def delete(self, path: str) -> None:
        with failures():
            self._at(path).unlink(missing_ok=True)

    def close(self) -> None:
        return

    def path(self, path: str) -> Path:
        """The real path, for appending."""
        return self._at(path)

    def _at(self, path: str) -> Path:
        return self._inside(self._top / path, path)

    def _inside(self, where: Path, shown: str) -> Path:
        real = where.resolve()
        if not real.is_relative_to(self._root):
            raise paths.refused(shown)
        return real


def _entry(path: str, facts: os.stat_result) -> Entry:
    modified = datetime.fromtimestamp(facts.st_mtime, UTC)
    return Entry(path, facts.st_size, modified, f"{facts.st_mtime_ns:x}-{facts.st_size:x}")


@contextmanager
def failures() -> Iterator[None]:
    """What the operating system refuses, as a ConnectorError."""
    try:
        yield
    except OSError as error:
        raise ConnectorError(
            f"The server's file system says: {error.strerror or type(error).__name__}.",
            code="files.refused",
            recovery=Recovery.GIVE_UP,
            hint="Check rights and free space of the folder.",
        ) from error
