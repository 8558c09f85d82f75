"""Where files are: one face for folders, SFTP servers and S3 stores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a folder; ``revision`` changes with its content."""

    path: str
    size: int
    modified: datetime
    revision: str

    def as_json(self) -> dict[str, Any]:
        """How the file stands in a document."""
        return {
            "path": self.path,
            "name": self.path.rpartition("/")[2],
            "size": self.size,
            "modified": self.modified.isoformat(),
            "revision": self.revision,
        }


class Place(Protocol):
    """A folder with everything below it; paths are clean (see ``paths``)."""

    name: str

    def entries(self, folder: str) -> Iterator[Entry]:
        """Files directly in ``folder``, in no order."""

    def stat(self, path: str) -> Entry | None:
        """The file, or None."""

    def open(self, path: str) -> BinaryIO:
        """The file to be read from its start, part by part. Raises ``paths.missing``."""

    def write(self, path: str, content: IO[bytes]) -> None:
        """The file with what ``content`` holds: whole or not at all, in place of an older one."""

    def move(self, path: str, to: str) -> None:
        """The file under another name, in place of an older one there."""

    def delete(self, path: str) -> None:
        """The file gone."""

    def close(self) -> None:
        """Hang up."""
