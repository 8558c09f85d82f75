"""Sealing what must stay secret, with keys that can be rotated.

The master key comes from ``CAUSEWAY_MASTER_KEY`` or a private file made at the first start; each
holds one or more ``<key id>:<32 bytes in base64>``, the first of which seals, all of which open.
Every workspace has its own keys, derived from it, so a sealed text of one workspace cannot be
opened as another's. Sealed form: version, key id length, key id, nonce (12), AES-256-GCM text.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from ipaas.core.errors import IpaasError

_VERSION = 1


class SealBroken(IpaasError):
    """The sealed text was changed, moved to another record, or its key is gone."""

    code = "vault.seal_broken"


class WorkspaceCipher:
    """Seals and digests for one workspace; safe to share between threads.

    Random 96-bit nonces keep one derived key good for 2^32 messages; rotate the master key
    before a workspace has stored that many.
    """

    def __init__(self, workspace_id: str, masters: dict[str, bytes]) -> None:
        self._keys = {
            key_id.encode(): AESGCM(_derive(master, f"seal:{workspace_id}"))
            for key_id, master in masters.items()
        }
        newest = next(iter(self._keys))
        self._newest = self._keys[newest]
        self._prefix = bytes([_VERSION, len(newest)]) + newest
        # Digests name content, so they use the oldest key: rotation must not rename anything.
        self._digest_key = _derive(list(masters.values())[-1], f"digest:{workspace_id}")

    def seal(self, plain: bytes, aad: bytes = b"") -> bytes:
        """Encrypted and authenticated form of ``plain``, bound to ``aad`` (purpose and record)."""
        nonce = os.urandom(12)
        return self._prefix + nonce + self._newest.encrypt(nonce, plain, aad)

    def open(self, sealed: bytes, aad: bytes = b"") -> bytes:
        """What was sealed under the same ``aad``; raises SealBroken."""
        try:
            if sealed[0] != _VERSION:
                raise KeyError
            start = 2 + sealed[1]
            key = self._keys[sealed[2:start]]
            return key.decrypt(sealed[start : start + 12], sealed[start + 12 :], aad)
        except (IndexError, KeyError, InvalidTag, ValueError) as error:
            raise SealBroken(
                "A sealed value cannot be opened.",
                hint="Its key is missing or it was changed. Restore the master key file.",
            ) from error

    def digest(self, content: bytes) -> bytes:
        """Keyed fingerprint (32 bytes): equal for equal content of this workspace."""
        return hmac.digest(self._digest_key, content, "sha256")


@lru_cache(maxsize=1024)
def workspace_cipher(workspace_id: str) -> WorkspaceCipher:
    """The workspace's cipher; cheap after the first call."""
    return WorkspaceCipher(workspace_id, _masters())


def seal(workspace_id: str, purpose: str, record_id: str, plain: bytes) -> bytes:
    """Sealed ``plain``, bound to workspace, purpose and record."""
    return workspace_cipher(workspace_id).seal(plain, _aad(workspace_id, purpose, record_id))


def open_sealed(workspace_id: str, purpose: str, record_id: str, sealed: bytes) -> bytes:
    """What ``seal`` was given for the same workspace, purpose and record; raises SealBroken."""
    return workspace_cipher(workspace_id).open(sealed, _aad(workspace_id, purpose, record_id))


def key_checks() -> list[str]:
    """Check values of the master keys, the sealing one first: equal for equal keys, and no help in
    finding one."""
    return [
        f"{key_id}:{hmac.digest(_derive(master, 'check'), b'causeway', 'sha256').hex()[:32]}"
        for key_id, master in _masters().items()
    ]


def forget_keys() -> None:
    """Read the master key again at the next use, after a rotation."""
    _masters.cache_clear()
    workspace_cipher.cache_clear()


def _aad(workspace_id: str, purpose: str, record_id: str) -> bytes:
    return f"{workspace_id}\0{purpose}\0{record_id}".encode()


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(master)


@lru_cache(maxsize=1)
def _masters() -> dict[str, bytes]:
    """Master keys by id, the sealing one first."""
    text = os.environ.get("CAUSEWAY_MASTER_KEY") or _key_file(Path(settings.DATA_DIR))
    masters: dict[str, bytes] = {}
    for entry in text.replace(",", "\n").split():
        key_id, separator, encoded = entry.rpartition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise SealBroken("The master key is not base64.") from error
        if len(key) != 32:
            raise SealBroken("The master key must be 32 bytes long.")
        masters[key_id if separator else "k1"] = key
    if not masters:
        raise SealBroken("There is no master key.", hint="Set CAUSEWAY_MASTER_KEY.")
    return masters


def _key_file(folder: Path) -> str:
    """Content of the key file, which only this user can read; made if there is none yet."""
    path = folder / "master.key"
    if not path.exists():
        made = path.with_name(f".master.key.{secrets.token_hex(6)}")
        encoded = base64.b64encode(secrets.token_bytes(32)).decode()
        with open(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"k1:{encoded}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(made, path)  # the first of several starting processes wins, with a whole file
        except FileExistsError:
            pass
        made.unlink()
    return path.read_text()
