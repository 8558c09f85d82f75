"""The table of addresses, read from Django's resolver and the WebSocket router."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver

INSIDE = "api/v1/w/<slug:workspace>/"
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Address:
    """One pattern of the table and the view behind it."""

    pattern: str
    name: str
    view: Any
    kwargs: tuple[str, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """What the view offers; a page that is a function offers ``get``."""
        if self.view is None:
            return ("get",)
        return tuple(method for method in METHODS if hasattr(self.view, method))

    def fill(self, values: dict[str, Any]) -> str:
        """The path with every part filled in."""
        text = self.pattern
        for name in self.kwargs:
            start = text.index("<")
            end = text.index(">", start)
            text = f"{text[:start]}{values[name]}{text[end + 1 :]}"
        return f"/{text}"


def all_addresses() -> list[Address]:
    """Every address of the product, in the order in which they are tried."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def inside_workspaces() -> list[Address]:
    """Addresses under ``/api/v1/w/<workspace>/``."""
    return [address for address in all_addresses() if address.pattern.startswith(INSIDE)]


def outside_workspaces() -> list[Address]:
    """All other addresses."""
    return [address for address in all_addresses() if not address.pattern.startswith(INSIDE)]


def sockets() -> list[Address]:
    """WebSocket addresses of the server's router."""
    from runtime.facade import websocket_urlpatterns

    return list(_walk(websocket_urlpatterns, "", ()))


def _walk(patterns: Any, prefix: str, names: tuple[str, ...]) -> Iterator[Address]:
    for entry in patterns:
        text = prefix + str(entry.pattern)
        own = (*names, *entry.pattern.converters)
        if isinstance(entry, URLPattern):
            view = getattr(entry.callback, "view_class", getattr(entry.callback, "cls", None))
            yield Address(text, entry.name or "", view, own)
        else:
            yield from _walk(entry.url_patterns, text, own)
