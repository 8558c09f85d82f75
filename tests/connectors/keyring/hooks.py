"""What the manifest cannot say: a stamp that is fetched with a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from connectors.sdk import HttpRequest, HttpResponse


def stamp(request: HttpRequest, secrets: dict[str, Any], settings: dict[str, Any]) -> HttpRequest:
    """``request`` with the stamp."""
    return replace(request, headers={**request.headers, "X-Stamp": str(secrets.get("stamp", ""))})


def fetch_stamp(
    secrets: dict[str, Any],
    settings: dict[str, Any],
    send: Callable[[HttpRequest], HttpResponse],
) -> tuple[dict[str, Any], int]:
    """A stamp good for ten minutes."""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": secrets["seed"],
    }
    url = f"{settings['base_url']}/token"
    answer = send(HttpRequest("POST", url, headers, b"grant_type=client_credentials")).json()
    return {"stamp": answer["access_token"]}, 600
