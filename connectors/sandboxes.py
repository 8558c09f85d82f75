"""The sandbox process as this app sees it: its control API, and connections that lead into it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

from connectors import registry
from connectors.http import Door, Reach
from connectors.sdk import ConnectorError, HttpRequest
from ipaas.core import jsonio
from ipaas.core.errors import Invalid, IpaasError, Kind, Recovery

_door = Door(reach=Reach.SANDBOX, connect_timeout_s=2, read_timeout_s=30)


class SandboxDown(IpaasError):
    """The sandbox process does not answer."""

    code = "sandbox.down"
    kind = Kind.UNAVAILABLE
    recovery = Recovery.RETRY


class SandboxRefused(Invalid):
    """The sandbox does not know what it was asked for."""

    code = "sandbox.refused"


def base_url(instance: str, connector: str) -> str:
    """Address at which a workspace's own copy of the vendor answers."""
    return f"{settings.SANDBOX_URL}/{quote(instance, safe='')}/{connector}"


def is_sandbox_url(url: str) -> bool:
    """Whether ``url`` lies inside our sandbox process."""
    return url == settings.SANDBOX_URL or url.startswith(f"{settings.SANDBOX_URL}/")


def control(
    method: str,
    instance: str,
    *path: str,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
) -> Any:
    """Answer of the sandbox's control API for one instance. Raises SandboxDown, SandboxRefused."""
    parts = "/".join(quote(part, safe="") for part in ("_control", instance, *path))
    url = f"{settings.SANDBOX_URL}/{parts}"
    if query:
        url += f"?{urlencode(query)}"
    request = HttpRequest(
        method,
        url,
        {"Content-Type": "application/json"},
        jsonio.dumps(body) if body is not None else None,
    )
    try:
        response = _door.send(request).response
    except ConnectorError as error:
        raise SandboxDown(
            "The sandbox does not answer.",
            hint="Start it with: python manage.py up (or python -m connectors.sandbox_kit).",
        ) from error
    document = response.document()
    if response.status >= 400:
        said = document if isinstance(document, dict) else {}
        text = said.get("error") or said.get("message") or said.get("detail")
        raise SandboxRefused(
            str(text or f"The sandbox answered with status {response.status}."),
            hint="Check the names of sandbox, record and fault.",
        )
    return document


def credentials_for(instance: str, connector: str, names: set[str]) -> dict[str, str]:
    """The secrets that the vendor's own screens would show, as far as ``names`` asks for them."""
    shown = control("GET", instance, connector, "settings")
    return {name: str(shown[name]) for name in names if shown.get(name)}


def new_webhook_secret() -> str:
    """A secret for both sides of a web hook."""
    return secrets.token_urlsafe(24)


def announce_webhook(instance: str, connector: str, url: str, secret: str) -> None:
    """Have the sandbox send its events to ``url``, beside the receivers it knows already."""
    known = control("GET", instance, connector, "settings").get("webhooks") or []
    receivers = [entry for entry in known if entry.get("url") != url]
    control(
        "PUT",
        instance,
        connector,
        "settings",
        body={"webhooks": [*receivers, {"url": url, "secret": secret}]},
    )


def withdraw_webhook(instance: str, connector: str, url: str) -> None:
    """Have the sandbox no longer send to ``url``."""
    known = control("GET", instance, connector, "settings").get("webhooks") or []
    receivers = [entry for entry in known if entry.get("url") != url]
    if receivers != known:
        control("PUT", instance, connector, "settings", body={"webhooks": receivers})


def overview(instance: str) -> list[dict[str, Any]]:
    """Every connector's sandbox: its records and faults if the process is up, else just names."""
    try:
        shown = {entry["slug"]: entry for entry in control("GET", instance)["vendors"]}
        up = True
    except SandboxDown:
        shown, up = {}, False
    found = []
    for connector in registry.all_connectors().values():
        if not connector.has_sandbox:
            continue
        entry = shown.get(connector.slug, {})
        found.append(
            {
                "slug": connector.slug,
                "name": entry.get("name", connector.manifest.name),
                "url": base_url(instance, connector.slug),
                "up": up and connector.slug in shown,
                "entities": entry.get("entities", []),
                "webhooks": entry.get("webhooks", {}),
                "faults": entry.get("faults", []),
            }
        )
    return found


def order_samples(instance: str, connector: str) -> list[dict[str, Any]]:
    """Documents that the vendor's sandbox offers to begin with: ``{id, title, order}`` each."""
    if connector != "magento":
        return []
    found = control("GET", instance, connector, "order-samples")
    items: list[dict[str, Any]] = found["items"]
    return items
