"""The way out through a proxy, for installations that have no direct one."""

from __future__ import annotations

import base64
import ipaddress
import os
import socket
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from connectors.http.guard import Reach, permitted_addresses
from ipaas.core.errors import IpaasError


class ProxyInvalid(IpaasError):
    """The operator's proxy setting cannot be understood."""

    code = "proxy.invalid"


class Proxy(NamedTuple):
    """Where the proxy listens, and what proves that we may use it."""

    host: str
    port: int
    authorisation: str


def proxy_for(host: str, port: int, reach: Reach) -> Proxy | None:
    """The proxy on the way to ``host``, None for a direct way.

    Sandboxes, hosts of ``CAUSEWAY_NO_PROXY`` (else ``NO_PROXY``), and what an on-premise connection
    finds in a private network are reached directly.
    """
    text = os.environ.get("CAUSEWAY_PROXY", "")
    if not text or reach is Reach.SANDBOX:
        return None
    if _is_exempt(host, port, os.environ.get("CAUSEWAY_NO_PROXY", os.environ.get("NO_PROXY", ""))):
        return None
    if reach is Reach.ON_PREMISE and _is_private(host, port):
        return None
    return _parsed(text)


def check(host: str, port: int, reach: Reach) -> None:
    """Refuse what the guard refuses, as far as names can be resolved here.

    Many networks that need a proxy resolve no public names; then the proxy decides alone.
    """
    try:
        permitted_addresses(host, port, reach)
    except socket.gaierror:
        return


def addresses(proxy: Proxy) -> list[str]:
    """Addresses of the proxy itself: the operator chose it, so any address is right."""
    found = socket.getaddrinfo(proxy.host, proxy.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@lru_cache(maxsize=8)
def _parsed(text: str) -> Proxy:
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme != "http" or not parts.hostname:
        raise ProxyInvalid(
            "CAUSEWAY_PROXY must look like http://proxy.example:3128.",
            hint="Correct the setting and start again.",
        )
    authorisation = ""
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorisation = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return Proxy(parts.hostname, parts.port or 3128, authorisation)


def _is_exempt(host: str, port: int, rules: str) -> bool:
    """Whether a list like ``localhost,.corp.example,10.0.0.0/8,db:5432`` names ``host``."""
    for rule in rules.replace(" ", ",").lower().split(","):
        if not rule:
            continue
        if rule == "*" or _matches(host.lower(), port, rule):
            return True
    return False


def _matches(host: str, port: int, rule: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        pass
    name, _, wanted = rule.partition(":")
    if wanted and wanted != str(port):
        return False
    name = name.removeprefix("*").lstrip(".")
    return host == name or host.endswith(f".{name}")


def _is_private(host: str, port: int) -> bool:
    try:
        found = permitted_addresses(host, port, Reach.ON_PREMISE)
    except socket.gaierror:
        return False
    return not ipaddress.ip_address(found[0].split("%", 1)[0]).is_global
