"""What a person typed for a connection, checked: every fault is named by its field."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from connectors import sandboxes
from connectors.auth import ionapi
from connectors.auth.spec import Auth
from connectors.http import Reach
from connectors.http.guard import check_url
from connectors.registry import Connector
from connectors.sdk import ConnectorError
from ipaas.core.errors import Unprocessable

MOST_SECRET = 20_000
MOST_SETTING = 2_000
_ONE_LINE = frozenset(("api_key", "basic", "bearer"))


class ConnectionInvalid(Unprocessable):
    """What was typed does not make a connection."""

    code = "connection.invalid"


def checked_auth(held: Connector, name: str) -> Auth:
    """The way to authorise of that name, the usual one for ""; raises ConnectionInvalid."""
    if name and name not in {auth.name for auth in held.manifest.auths}:
        raise _invalid({"auth": "Choose one of the listed ways to authorise."})
    return held.manifest.auth_named(name)


def checked_settings(held: Connector, given: Mapping[str, Any], reach: Reach) -> dict[str, Any]:
    """``given`` in stored form; raises ConnectionInvalid."""
    specs = {spec.name: spec for spec in held.manifest.settings}
    faults = {name: "There is no such setting." for name in given if name not in specs}
    checked: dict[str, Any] = {}
    for spec in specs.values():
        value = str(given.get(spec.name) or "").strip() or spec.default
        if not value:
            if spec.required:
                faults[spec.name] = f"{spec.title} is needed."
            continue
        if len(value) > MOST_SETTING:
            faults[spec.name] = f"{spec.title} is longer than {MOST_SETTING} characters."
            continue
        if spec.name == "base_url" or spec.name.endswith("_url"):
            value = value.rstrip("/")
            ours = reach is not Reach.SANDBOX or sandboxes.is_sandbox_url(value)
            if spec.name == "base_url" and not ours:
                faults[spec.name] = "A sandbox connection must lead to the sandbox."
            try:
                check_url(value, reach)
            except ConnectorError as error:
                faults[spec.name] = error.message
        if spec.choices and reach is Reach.PUBLIC and value not in dict(spec.choices):
            faults[spec.name] = "Choose one of the listed values."
        checked[spec.name] = value
    if faults:
        raise _invalid(faults)
    return checked


def checked_secrets(
    auth: Auth, given: Mapping[str, str | None], *, complete: bool
) -> dict[str, str]:
    """``given`` without blanks around; raises ConnectionInvalid."""
    specs = {spec.name: spec for spec in auth.fields}
    faults = {name: "There is no such field." for name in given if name not in specs}
    checked = {name: str(value or "").strip() for name, value in given.items() if name in specs}
    for name, value in checked.items():
        if len(value) > MOST_SECRET:
            faults[name] = f"{specs[name].title} is longer than {MOST_SECRET} characters."
        elif auth.kind in _ONE_LINE and len(value.splitlines()) > 1:
            faults[name] = f"{specs[name].title} holds a line break. Copy it again."
    if complete:
        for spec in specs.values():
            if spec.required and not checked.get(spec.name):
                faults[spec.name] = f"{spec.title} is needed."
    if faults:
        raise _invalid(faults)
    return checked


def from_file(
    held: Connector, auth: Auth, secrets: Mapping[str, str | None], settings: Mapping[str, Any]
) -> tuple[dict[str, str | None], dict[str, Any]]:
    """Secrets and settings with what an uploaded credentials file says; the file is not kept.

    What was typed beside it wins for settings, the file for secrets.
    """
    text = secrets.get("ionapi") if auth.file == "ionapi" else None
    if not text:
        return dict(secrets), dict(settings)
    found = ionapi.read(text)
    known = {spec.name for spec in held.manifest.settings}
    told = {name: value for name, value in found.settings.items() if name in known}
    kept = {name: value for name, value in secrets.items() if name != "ionapi"}
    return {**kept, **found.secrets}, {**told, **{n: v for n, v in settings.items() if v}}


def checked_certificate(text: str) -> str:
    """A certificate authority in PEM form, or ""; raises ConnectionInvalid."""
    text = text.strip()
    if not text:
        return ""
    fault = {"ca_certificate": "This is no certificate in PEM form (-----BEGIN CERTIFICATE-----)."}
    if len(text) > MOST_SECRET or "PRIVATE KEY" in text:
        raise _invalid(fault)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text + "\n")
    except (ssl.SSLError, ValueError):
        raise _invalid(fault) from None
    return text + "\n"


def _invalid(faults: dict[str, str]) -> ConnectionInvalid:
    return ConnectionInvalid(
        next(iter(faults.values())), hint="Correct the marked fields.", fields=faults
    )
