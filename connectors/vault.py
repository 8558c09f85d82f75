"""Sealing what must stay secret, with keys that can be rotated while the product runs.

Every workspace has its own keys, derived from the master keys (``connectors.keys``), so a sealed
text of one workspace cannot be opened as another's. Sealed form: version, key id length, key id,
nonce (12), AES-256-GCM text.
"""

from __future__ import annotations

import hmac
import os
import threading
import time
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connectors import keys
from ipaas.core.errors import IpaasError

_VERSION = 1
LOOK_AGAIN_S = 15.0  # so long a process may go on sealing with a key that was rotated out


class SealBroken(IpaasError):
    """The sealed text was changed, moved to another record, or its key is gone."""

    code = "vault.seal_broken"


class WorkspaceCipher:
    """Seals and digests for one workspace; safe to share between threads.

    Random 96-bit nonces keep one derived key good for 2^32 messages; rotate the master key
    before a workspace has stored that many.
    """

    def __init__(self, workspace_id: str, masters: dict[str, bytes]) -> None:
        self._workspace_id = workspace_id
        self._keys = {
            key_id.encode(): AESGCM(_derive(master, f"seal:{workspace_id}"))
            for key_id, master in masters.items()
        }
        newest = next(iter(self._keys))
        self._newest = self._keys[newest]
        self._prefix = bytes([_VERSION, len(newest)]) + newest
        # Digests name content, so they use the oldest key: a new key renames nothing. Once the
        # oldest is retired, equal content gets a second name; what is stored keeps its own.
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
            key = self._keys.get(sealed[2:start]) or self._key_made_since(sealed[2:start])
            return key.decrypt(sealed[start : start + 12], sealed[start + 12 :], aad)
        except (IndexError, KeyError, InvalidTag, ValueError) as error:
            raise SealBroken(
                "A sealed value cannot be opened.",
                hint="Its key is missing or it was changed. Restore the master key.",
            ) from error

    def is_newest(self, sealed: bytes) -> bool:
        """Whether ``sealed`` was made with the key that seals now."""
        return sealed.startswith(self._prefix)

    def _key_made_since(self, key_id: bytes) -> AESGCM:
        """A key that another process has begun to use; raises KeyError."""
        forget_keys()
        return workspace_cipher(self._workspace_id)._keys[key_id]

    def digest(self, content: bytes) -> bytes:
        """Keyed fingerprint (32 bytes): equal for equal content of this workspace."""
        return hmac.digest(self._digest_key, content, "sha256")


def workspace_cipher(workspace_id: str) -> WorkspaceCipher:
    """The workspace's cipher; cheap after the first call. Raises KeysUnavailable."""
    now = time.monotonic()
    if now >= _held.look_at:
        _look_again(now)
    cipher = _ciphers.get(workspace_id)
    if cipher is None:
        if len(_ciphers) > 5000:
            _ciphers.clear()
        cipher = _ciphers[workspace_id] = WorkspaceCipher(workspace_id, masters())
    return cipher


def seal(workspace_id: str, purpose: str, record_id: str, plain: bytes) -> bytes:
    """Sealed ``plain``, bound to workspace, purpose and record."""
    return workspace_cipher(workspace_id).seal(plain, bound_to(workspace_id, purpose, record_id))


def open_sealed(workspace_id: str, purpose: str, record_id: str, sealed: bytes) -> bytes:
    """What ``seal`` was given for the same workspace, purpose and record; raises SealBroken."""
    return workspace_cipher(workspace_id).open(sealed, bound_to(workspace_id, purpose, record_id))


def key_checks() -> list[str]:
    """Check values of the master keys, the sealing one first: equal for equal keys, and no help in
    finding one."""
    return [
        f"{key_id}:{hmac.digest(_derive(master, 'check'), b'causeway', 'sha256').hex()[:32]}"
        for key_id, master in masters().items()
    ]


def newest_prefix() -> bytes:
    """How everything begins that is sealed now."""
    newest = next(iter(masters())).encode()
    return bytes([_VERSION, len(newest)]) + newest


def masters() -> dict[str, bytes]:
    """Master keys by id, the sealing one first. Raises KeysUnavailable."""
    with _lock:
        if not _held.masters:
            source = keys.source()
            _held.stamp = source.stamp()
            _held.masters = source.read()
            _held.stamp = source.stamp() if _held.stamp == () else _held.stamp
            _held.look_at = time.monotonic() + LOOK_AGAIN_S
        return _held.masters


def forget_keys() -> None:
    """Read the master keys again at the next use, after a rotation."""
    with _lock:
        _held.masters = {}
        _ciphers.clear()


def _look_again(now: float) -> None:
    """Notice keys that were changed in the file or in Vault; once in a while, never per call."""
    _held.look_at = now + LOOK_AGAIN_S
    if _held.masters:
        stamp = keys.source().stamp()
        if stamp is not None and stamp != _held.stamp:
            forget_keys()


class _Held:
    """The master keys this process has read."""

    masters: dict[str, bytes] = {}
    stamp: Any = None
    look_at: float = 0.0


_held = _Held()
_ciphers: dict[str, WorkspaceCipher] = {}
_lock = threading.RLock()


def bound_to(workspace_id: str, purpose: str, record_id: str) -> bytes:
    """Associated data of ``seal``: where the sealed value belongs."""
    return f"{workspace_id}\0{purpose}\0{record_id}".encode()


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(master)
