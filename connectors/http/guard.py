"""Which addresses a connection may reach; private networks only where that is declared."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from enum import StrEnum
from functools import cache
from urllib.parse import quote, urlsplit

from connectors.sdk import ConnectorError
from ipaas.core.errors import Recovery

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# RFC 1918, shared address space and unique local IPv6. Never loopback or link-local: there sit
# this server's own services and the cloud's metadata.
_ON_PREMISE_DEFAULT = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,fc00::/7"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Where clouds hand out credentials to whoever asks: beside link-local, some chose other addresses.
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)


class Reach(StrEnum):
    """How far a connection may go."""

    PUBLIC = "public"  # public internet addresses only
    ON_PREMISE = "on_premise"  # also the private networks the operator allows
    SANDBOX = "sandbox"  # our own sandbox process, on loopback or in a private network


class AddressRefused(ConnectorError):
    """The name leads to an address this connection may not reach; nothing was sent."""


@cache
def _on_premise_networks() -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    text = os.environ.get("CAUSEWAY_ON_PREMISE_NETWORKS", _ON_PREMISE_DEFAULT)
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def allows(address: Address, reach: Reach) -> bool:
    """Whether a connection of that reach may talk to ``address``."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return allows(inner, reach)
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address in _METADATA:
        return False
    if reach is Reach.SANDBOX:
        return address.is_loopback or address.is_private
    if reach is Reach.ON_PREMISE and any(
        address in network
        for network in _on_premise_networks()
        if network.version == address.version
    ):
        return True
    return address.is_global


def permitted_addresses(host: str, port: int, reach: Reach) -> list[str]:
    """Addresses of ``host`` that may be connected to, in the resolver's order.

    The caller connects to these very addresses, so a name that changes its mind between the check
    and the connection gains nothing. Raises AddressRefused, or socket.gaierror.
    """
    found = []
    for _, _, _, _, sockaddr in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        text = str(sockaddr[0])
        if allows(ipaddress.ip_address(text.split("%", 1)[0]), reach) and text not in found:
            found.append(text)
    if not found:
        raise AddressRefused(
            f"{host} is not an address this connection may reach.",
            code="connector.address_refused",
            recovery=Recovery.GIVE_UP,
            hint="It leads into a private network. If that is meant, mark the connection as "
            "on-premise.",
        )
    return found


_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


def check_url(url: str, reach: Reach) -> None:
    """Return if ``url`` is a plain http(s) address without credentials in it.

    Plain http is for sandboxes and on-premise systems only: elsewhere secrets would travel open.
    """
    split(url, reach)


def split(url: str, reach: Reach) -> tuple[str, str, int, str]:
    """Scheme, host (as DNS knows it), port and path of an address that ``check_url`` accepts."""
    problem = "The address must begin with https://."
    port = None
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        host = ""
        problem = "The address is not a valid one."
    if not host or _UNSAFE.search(url):
        problem = problem if not host else "The address holds a blank, a backslash or a line break."
    elif parts.scheme not in ("http", "https"):
        pass
    elif parts.username is not None or parts.password is not None:
        problem = "The address must not hold a user name or password."
    elif parts.scheme == "http" and reach is Reach.PUBLIC:
        problem = "The address must begin with https://, so that secrets do not travel open."
    else:
        path = parts.path or "/"
        if parts.query:
            path = f"{path}?{parts.query}"
        if not path.isascii():
            path = quote(path, safe="%/?&=:;,@+$!*'()[]~-._|")
        return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path
    raise AddressRefused(
        problem,
        code="connector.address_refused",
        recovery=Recovery.GIVE_UP,
        hint="Correct the address in the connection's settings.",
    )
