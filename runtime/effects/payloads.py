"""Documents of runs: compressed, sealed with the workspace's key, named by a keyed digest.

Equal documents of one workspace are stored once; the digest tells nothing to whoever lacks the key.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

from connectors import facade as connectors
from ipaas.core import clock, jsonio
from ipaas.core.errors import TooLarge, Unprocessable
from runtime.models import Payload

MAX_DOCUMENT_BYTES = 8 * 1024 * 1024
_AAD = b"payload"


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
        self._new: dict[str, tuple[bytes, int]] = {}

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
        digest = self._cipher.digest(text).hex()
        if digest not in self._new:
            self._new[digest] = (self._cipher.seal(zlib.compress(text, 1), _AAD), len(text))
        return digest

    def rows(self) -> list[Payload]:
        """Rows to insert, ignoring those that exist; they stay until the box is emptied."""
        now = clock.now()
        return [
            Payload(
                workspace_id=self.workspace_id,
                digest=digest,
                sealed=sealed,
                size=size,
                created_at=now,
            )
            for digest, (sealed, size) in self._new.items()
        ]

    def empty(self) -> None:
        """Forget the rows: they are committed."""
        self._new = {}


def write(rows: list[Payload]) -> None:
    """Insert payload rows; those that exist already are left as they are."""
    if rows:
        rows.sort(key=lambda row: (row.workspace_id, row.digest))  # one order: no deadlock
        Payload.objects.bulk_create(rows, ignore_conflicts=True)


def load(workspace_id: str, references: Iterable[str | None]) -> dict[str, Any]:
    """Documents by reference, in one query; unknown references are absent."""
    wanted = {reference for reference in references if reference}
    if not wanted:
        return {}
    cipher = connectors.workspace_cipher(workspace_id)
    rows = Payload.objects.filter(workspace_id=workspace_id, digest__in=wanted)
    return {
        digest: jsonio.loads(zlib.decompress(cipher.open(bytes(sealed), _AAD)))
        for digest, sealed in rows.values_list("digest", "sealed")
    }
