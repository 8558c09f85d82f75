"""Where master keys come from: the environment, a private file, or HashiCorp Vault.

All hold the same text: one or more ``<key id>:<32 bytes in base64>``, the first of which seals,
all of which open.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from ipaas.core.errors import IpaasError

_ID = re.compile(r"^[A-Za-z0-9_-]{1,32}$")


class KeysUnavailable(IpaasError):
    """There is no usable master key; nothing can be sealed or opened."""

    code = "vault.keys_unavailable"


class Source(Protocol):
    """A place that keeps master keys."""

    @property
    def name(self) -> str:
        """What people call it."""

    def read(self) -> dict[str, bytes]:
        """Keys by id, the sealing one first. Raises KeysUnavailable."""

    def write(self, keys: dict[str, bytes]) -> None:
        """Keep exactly these keys. Raises KeysUnavailable where only the operator can do that."""

    def stamp(self) -> Any:
        """Something that differs once the keys were changed; None if they never change."""


def source() -> Source:
    """The place this installation is set to use."""
    if text := os.environ.get("CAUSEWAY_MASTER_KEY"):
        return FromEnvironment(text)
    if path := os.environ.get("CAUSEWAY_MASTER_KEY_FILE"):
        return FromFile(Path(path), made_here=False)
    if os.environ.get("CAUSEWAY_VAULT_ADDR"):
        if place := os.environ.get("CAUSEWAY_VAULT_TRANSIT"):
            wrapped = Path(settings.DATA_DIR) / "master.key.wrapped"
            return FromTransit(*_mounted(place), wrapped)
        place = os.environ.get("CAUSEWAY_VAULT_KV", "secret/causeway")
        return FromKeyValue(*_mounted(place))
    return FromFile(Path(settings.DATA_DIR) / "master.key", made_here=True)


def parse(text: str) -> dict[str, bytes]:
    """Keys of a text; raises KeysUnavailable with what is wrong, never with the key."""
    keys: dict[str, bytes] = {}
    for number, entry in enumerate(text.replace(",", "\n").split(), start=1):
        key_id, separator, encoded = entry.rpartition(":")
        key_id = key_id if separator else "k1"
        if not _ID.match(key_id):
            raise _wrong(f"The id of master key {number} is not a short plain word.")
        if key_id in keys:
            raise _wrong(f"Two master keys are named {key_id}.")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise _wrong(f"Master key {key_id} is not base64.") from None
        if len(key) != 32:
            raise _wrong(f"Master key {key_id} has {len(key)} bytes; it must have 32.")
        keys[key_id] = key
    if not keys:
        raise KeysUnavailable(
            "There is no master key.",
            hint="Set CAUSEWAY_MASTER_KEY, CAUSEWAY_MASTER_KEY_FILE or CAUSEWAY_VAULT_ADDR.",
        )
    return keys


def text_of(keys: dict[str, bytes]) -> str:
    """The text that ``parse`` reads."""
    return "".join(f"{name}:{base64.b64encode(key).decode()}\n" for name, key in keys.items())


def with_new(keys: dict[str, bytes]) -> dict[str, bytes]:
    """``keys`` with a fresh one in front, named after the highest number so far."""
    numbers = [int(match.group(1)) for name in keys if (match := re.match(r"^k(\d+)$", name))]
    return {f"k{max(numbers, default=0) + 1}": secrets.token_bytes(32), **keys}


def _wrong(message: str) -> KeysUnavailable:
    return KeysUnavailable(message, hint="A key is `openssl rand -base64 32`, with an id before.")


@dataclass(frozen=True)
class FromEnvironment:
    """``CAUSEWAY_MASTER_KEY``; only the operator changes it."""

    text: str
    name: str = "CAUSEWAY_MASTER_KEY"

    def read(self) -> dict[str, bytes]:
        """The keys of the variable."""
        return parse(self.text)

    def write(self, keys: dict[str, bytes]) -> None:
        """Refused: a process cannot change the environment of others."""
        raise KeysUnavailable(
            "The master keys stand in CAUSEWAY_MASTER_KEY, which only you can change.",
            hint="docs/operations.md, “Keys”, says in which order.",
        )

    def stamp(self) -> None:
        """Never changes while a process runs."""


@dataclass(frozen=True)
class FromFile:
    """A file that only this user can read; ``made_here`` if a first start may make it."""

    path: Path
    made_here: bool
    name: str = "the key file"

    def read(self) -> dict[str, bytes]:
        """The keys of the file."""
        if self.made_here and not self.path.exists():
            first = text_of({"k1": secrets.token_bytes(32)})
            _write_private(self.path, first, replace=False)
        try:
            return parse(self.path.read_text())
        except OSError as error:
            raise KeysUnavailable(
                f"The key file cannot be read ({error.strerror}).",
                hint="CAUSEWAY_MASTER_KEY_FILE must name a file that this user can read.",
            ) from None

    def write(self, keys: dict[str, bytes]) -> None:
        """Replace the file as a whole, so that nobody ever reads half of it."""
        try:
            _write_private(self.path, text_of(keys), replace=True)
        except OSError as error:
            raise KeysUnavailable(
                f"The key file cannot be written ({error.strerror}).",
                hint="Add the key to the file yourself, in front, then run this again.",
            ) from None

    def stamp(self) -> Any:
        """Time and size of the file."""
        try:
            found = self.path.stat()
        except OSError:
            return ()
        return (found.st_mtime_ns, found.st_size, found.st_ino)


@dataclass(frozen=True)
class FromKeyValue:
    """HashiCorp Vault, secrets engine KV version 2: the text in the member ``master_keys``."""

    mount: str
    path: str
    name: str = "Vault (KV)"

    def read(self) -> dict[str, bytes]:
        """The keys of the newest version."""
        found, _ = self._newest()
        return parse(found)

    def write(self, keys: dict[str, bytes]) -> None:
        """A new version, unless somebody else wrote one in between."""
        _, version = self._newest()
        with _VaultErrors():
            _client().secrets.kv.v2.create_or_update_secret(
                path=self.path,
                mount_point=self.mount,
                secret={"master_keys": text_of(keys)},
                cas=version,
            )

    def stamp(self) -> Any:
        """Number of the newest version; None while Vault is away, so that work goes on."""
        try:
            return self._newest()[1]
        except KeysUnavailable:
            return None

    def _newest(self) -> tuple[str, int]:
        with _VaultErrors():
            answer = _client().secrets.kv.v2.read_secret_version(
                path=self.path, mount_point=self.mount, raise_on_deleted_version=True
            )
        return str(answer["data"]["data"].get("master_keys", "")), int(
            answer["data"]["metadata"]["version"]
        )


@dataclass(frozen=True)
class FromTransit:
    """HashiCorp Vault, secrets engine Transit: our file holds keys that only Vault can unwrap."""

    mount: str
    key: str
    path: Path
    name: str = "Vault (Transit)"

    def read(self) -> dict[str, bytes]:
        """The keys of the file, unwrapped; the first start makes one."""
        if not self.path.exists():
            self._keep({"k1": secrets.token_bytes(32)}, replace=False)
        lines = [line.partition(":") for line in self.path.read_text().split()]
        with _VaultErrors():
            transit = _client().secrets.transit
            plain = [
                transit.decrypt_data(name=self.key, ciphertext=text, mount_point=self.mount)
                for _, _, text in lines
            ]
        texts = [
            f"{name}:{answer['data']['plaintext']}"
            for (name, _, _), answer in zip(lines, plain, strict=True)
        ]
        return parse("\n".join(texts))

    def write(self, keys: dict[str, bytes]) -> None:
        """Wrap all anew, with the newest version of Vault's key."""
        self._keep(keys, replace=True)

    def stamp(self) -> Any:
        """Time and size of the file of wrapped keys."""
        return FromFile(self.path, made_here=False).stamp()

    def _keep(self, keys: dict[str, bytes], *, replace: bool) -> None:
        with _VaultErrors():
            transit = _client().secrets.transit
            lines = []
            for name, key in keys.items():
                answer = transit.encrypt_data(
                    name=self.key,
                    plaintext=base64.b64encode(key).decode(),
                    mount_point=self.mount,
                )
                lines.append(f"{name}:{answer['data']['ciphertext']}\n")
        _write_private(self.path, "".join(lines), replace=replace)


def _mounted(place: str) -> tuple[str, str]:
    mount, _, path = place.strip("/").partition("/")
    if not mount or not path:
        raise KeysUnavailable(
            "CAUSEWAY_VAULT_KV and CAUSEWAY_VAULT_TRANSIT must look like mount/path.",
            hint="For example secret/causeway.",
        )
    return mount, path


def _client() -> Any:
    """A logged-in client of Vault, by token or by AppRole."""
    try:
        hvac = importlib.import_module("hvac")
    except ImportError:
        raise KeysUnavailable(
            "CAUSEWAY_VAULT_ADDR is set, but the package for Vault is not installed.",
            hint="Install causeway[vault].",
        ) from None
    client = hvac.Client(
        url=os.environ["CAUSEWAY_VAULT_ADDR"],
        token=_setting("CAUSEWAY_VAULT_TOKEN") or None,
        namespace=os.environ.get("CAUSEWAY_VAULT_NAMESPACE") or None,
        verify=os.environ.get("CAUSEWAY_VAULT_CA") or True,
        timeout=10,
        allow_redirects=False,
    )
    role = _setting("CAUSEWAY_VAULT_ROLE_ID")
    if role:
        client.auth.approle.login(role_id=role, secret_id=_setting("CAUSEWAY_VAULT_SECRET_ID"))
    elif not client.token:
        raise KeysUnavailable(
            "Nothing proves to Vault who we are.",
            hint="Set CAUSEWAY_VAULT_TOKEN (or …_TOKEN_FILE), or role and secret id of an AppRole.",
        )
    return client


def _setting(name: str) -> str:
    """A variable's value, or the content of the file that ``<name>_FILE`` names."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise KeysUnavailable(
                f"The file of {name}_FILE cannot be read ({error.strerror}).",
                hint="Correct the setting.",
            ) from None
    return os.environ.get(name, "").strip()


class _VaultErrors:
    """Turns what goes wrong with Vault into sentences."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if error is None or isinstance(error, IpaasError):
            return
        name = type(error).__name__
        if name in ("Forbidden", "Unauthorized", "InvalidRequest"):
            raise KeysUnavailable(
                "Vault refuses our token, or our role may not read the master keys.",
                hint="Check CAUSEWAY_VAULT_TOKEN or the AppRole, and its policy.",
            ) from None
        if name == "InvalidPath":
            raise KeysUnavailable(
                "Vault holds no master keys at the path that is set.",
                hint="Check CAUSEWAY_VAULT_KV or CAUSEWAY_VAULT_TRANSIT.",
            ) from None
        if isinstance(error, OSError) or name in ("VaultDown", "InternalServerError", "BadGateway"):
            raise KeysUnavailable(
                "Vault cannot be reached, or is sealed.",
                hint="Check CAUSEWAY_VAULT_ADDR; unseal Vault; then start again.",
            ) from None


def _write_private(path: Path, text: str, *, replace: bool) -> None:
    """Write a file that only this user can read; without ``replace`` the first writer wins."""
    made = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with open(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(made, path)
            return
        try:
            os.link(made, path)  # the first of several starting processes wins, with a whole file
        except FileExistsError:
            pass
    finally:
        made.unlink(missing_ok=True)
