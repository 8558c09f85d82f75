"""Documents of runs: compressed, sealed with the workspace's key, named by a keyed digest.

Equal documents of one workspace and day are stored once; the digest tells nothing to whoever lacks
the key. The day makes sure that a new run never begins to share a document that is about to go. It
stands in front of the name, so that what is written now lies together in the index, however much
of earlier days is kept.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

from connectors import facade as connectors
from ipaas.core import clock, jsonio
from ipaas.core.errors import TooLarge, Unprocessable
from runtime import sql
from runtime.archive import packs

MAX_DOCUMENT_BYTES = 8 * 1024 * 1024
_AAD = b"payload"
_DAY = 8  # hexadecimal digits of a name that say its day
_SMALL = 400  # bytes of JSON that are not worth compressing
_ZLIB = 0x78  # first byte of what zlib made; no JSON text begins with it
_TABLE = sql.Table(
    "runtime_payload",
    {
        "workspace_id": "text",
        "digest": "text",
        "sealed": "bytea",
        "size": "int",
        "created_at": "timestamptz",
    },
)


class DocumentTooLarge(TooLarge):
    """A document is larger than a run may hold."""

    code = "document.too_large"


class NotJson(Unprocessable):
    """A document cannot be written as JSON and read again."""

    code = "document.not_json"


class PayloadBox:
    """Collects the documents of one workspace until they are written in one statement."""

    def __init__(self, workspace_id: str) -> None:
        self.workspace_id = workspace_id
        self._cipher = connectors.workspace_cipher(workspace_id)
        self._new: dict[str, bytes] = {}
        self._known: dict[bytes, str] = {}  # digests of texts
        self._day = _today()

    def keep(self, document: Any) -> str:
        """Reference under which ``document`` will be found once ``rows`` are written.

        Raises DocumentTooLarge, or NotJson for what could not be read again.
        """
        try:
            text = jsonio.dumps(document)
            if b"NaN" in text or b"Infinity" in text:
                jsonio.loads(text)  # a Decimal may be no number; in a string the words are fine
        except (TypeError, ValueError, RecursionError, jsonio.MalformedJson) as error:
            raise NotJson(
                f"The document holds something that JSON cannot say ({error}).",
                hint="Correct the value; numbers must be finite, nesting below some hundred.",
            ) from error
        if len(text) > MAX_DOCUMENT_BYTES:
            raise DocumentTooLarge(
                f"The document has {len(text) // 1024} kB; a run may hold "
                f"{MAX_DOCUMENT_BYTES // 1024} kB.",
                hint="Split it, or send a reference instead of the content.",
            )
        digest = self._known.get(text)
        if digest is None:
            named = self._cipher.digest(b"%d " % self._day + text).hex()
            digest = self._known[text] = f"{self._day:0{_DAY}x}{named[_DAY:]}"
            self._new.setdefault(digest, text)
        return digest

    def rows(self) -> list[sql.Row]:
        """Rows for ``write``; they stay until the box is emptied."""
        now = clock.now()
        return [
            (self.workspace_id, digest, self._cipher.seal(_packed(text), _AAD), len(text), now)
            for digest, text in self._new.items()
        ]

    def empty(self) -> None:
        """Forget the rows: they are committed."""
        self._new, self._known = {}, {}
        self._day = _today()


def _today() -> int:
    """Days since 1970."""
    return int(clock.now().timestamp() // 86_400)


def _packed(text: bytes) -> bytes:
    return text if len(text) < _SMALL else zlib.compress(text, 1)


def _unpacked(stored: bytes) -> bytes:
    return zlib.decompress(stored) if stored[0] == _ZLIB else stored


def write(rows: list[sql.Row]) -> None:
    """Insert payload rows; those that exist already are left as they are."""
    rows.sort(key=lambda row: row[:2])  # one order: no deadlock
    _TABLE.insert(rows, new_only=True)


def load(workspace_id: str, references: Iterable[str | None]) -> dict[str, Any]:
    """Documents by reference, in one query; unknown references are absent.

    Raises StorageAway if some of them are in an object store that does not answer.
    """
    wanted = {reference for reference in references if reference}
    if not wanted:
        return {}
    cipher = connectors.workspace_cipher(workspace_id)
    rows = sql.fetch(
        "SELECT digest, sealed, pack_id, pack_start, pack_length FROM runtime_payload"
        " WHERE workspace_id = %s AND digest = ANY(%s)",
        workspace_id,
        list(wanted),
    )
    found = {row[0]: cipher.open(bytes(row[1]), _AAD) for row in rows if not row[2]}
    if len(found) < len(rows):
        found |= packs.read(workspace_id, [packs.Place(r[0], *r[2:]) for r in rows if r[2]])
    return {digest: jsonio.loads(_unpacked(content)) for digest, content in found.items()}


def sealed(workspace_id: str, content: bytes) -> bytes:
    """What ``opened`` gives, as it is stored."""
    return connectors.workspace_cipher(workspace_id).seal(content, _AAD)


def opened(workspace_id: str, stored: bytes) -> bytes:
    """A stored document, still compressed; raises SealBroken."""
    return connectors.workspace_cipher(workspace_id).open(stored, _AAD)
