"""Infor's credentials file (``.ionapi``): read into the fields and settings of a connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ipaas.core import jsonio
from ipaas.core.errors import Unprocessable

_MOST = 20_000
_NEEDED = {
    "ti": "tenant",
    "ci": "client id",
    "cs": "client secret",
    "iu": "gateway address",
    "pu": "authorisation server",
    "ot": "token path",
    "saak": "service account access key",
    "sask": "service account secret key",
}


class CredentialsFileInvalid(Unprocessable):
    """The uploaded file is not a credentials file, or lacks something."""

    code = "connection.credentials_file_invalid"


@dataclass(frozen=True, slots=True)
class Read:
    """What a credentials file holds; ``secrets`` are to be sealed at once."""

    secrets: dict[str, str]
    settings: dict[str, str]


def read(text: str) -> Read:
    """Secrets and settings of a file's ``text``. Raises CredentialsFileInvalid, in words."""
    if len(text) > _MOST:
        raise _invalid("This is no .ionapi file: it is far too large.")
    try:
        found: Any = jsonio.loads(text.encode().lstrip(b"\xef\xbb\xbf"))
    except jsonio.MalformedJson:
        raise _invalid("This is no .ionapi file: it holds no JSON.") from None
    if not isinstance(found, Mapping):
        raise _invalid("This is no .ionapi file: it holds no object.")
    values = {str(name): str(value).strip() for name, value in found.items() if value is not None}
    values.setdefault("iu", values.get("ia", ""))  # older files
    missing = [name for name in _NEEDED if not values.get(name)]
    if "saak" in missing or "sask" in missing:
        raise CredentialsFileInvalid(
            "The file holds no service account.",
            hint="Download it again with “Create service account” ticked, from a backend service "
            "app; other kinds of apps cannot be used without a person.",
            fields={"ionapi": "The file holds no service account."},
        )
    if missing:
        words = ", ".join(f"{_NEEDED[name]} ({name})" for name in missing)
        raise _invalid(f"The file lacks {words}.")
    for name in ("iu", "pu"):
        if not values[name].startswith("https://"):
            raise _invalid(f"The {_NEEDED[name]} in the file does not begin with https://.")
    server = values["pu"] if values["pu"].endswith("/") else values["pu"] + "/"
    settings = {
        "base_url": values["iu"].rstrip("/"),
        "tenant": values["ti"],
        "token_url": server + values["ot"].lstrip("/"),
    }
    if values.get("or"):
        settings["revoke_url"] = server + values["or"].lstrip("/")
    secrets = {
        "client_id": values["ci"],
        "client_secret": values["cs"],
        "username": values["saak"],
        "password": values["sask"],
    }
    return Read(secrets, settings)


def _invalid(message: str) -> CredentialsFileInvalid:
    return CredentialsFileInvalid(
        message,
        hint="Download the credentials of the app again, and upload the file as it is.",
        fields={"ionapi": message},
    )
