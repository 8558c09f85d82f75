"""Where a vendor says that its OAuth endpoints are (OpenID Connect Discovery, RFC 8414).

A vendor may move them. What the manifest says holds until the vendor has told, while it does not
answer, and where it names a place that is not its own: client secrets go nowhere else.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from connectors.auth.spec import Endpoint
from connectors.credentials import Opened
from connectors.http.guard import check_url
from connectors.sdk import ConnectorError, HttpRequest
from ipaas.core import clock
from ipaas.core.errors import IpaasError

log = logging.getLogger(__name__)

KEPT, KEPT_IF_SILENT = timedelta(days=1), timedelta(minutes=10)
PATIENCE_S = 5.0
_MOST = 1000
_LONGEST_COMMON = 3  # letters of co, com, org, net …
_told: dict[str, tuple[datetime, Mapping[str, str]]] = {}
_lock = threading.Lock()


def told(connection: Opened, which: Endpoint) -> str | None:
    """The address of that endpoint as the vendor tells it, or None if the manifest's holds."""
    description = connection.auth.discovery
    if description is None or not which.name:
        return None
    base = str(connection.settings.get("base_url", "")).rstrip("/")
    url = f"{base}{description.sandbox_path}" if connection.sandbox else description.url
    found = _described(connection, url).get(which.name)
    if found is None:
        return None
    if connection.sandbox:
        own = found.startswith(f"{base}/")
    else:
        own = urlsplit(found).scheme == "https" and _is_known(connection, urlsplit(found).hostname)
    if not own:
        log.warning("%s names a foreign %s; it is not used", url, which.name)
        return None
    return found


def _described(connection: Opened, url: str) -> Mapping[str, str]:
    now = clock.now()
    with _lock:
        until, known = _told.get(url, (now, {}))
    if until > now:
        return known
    try:
        known, until = _read(connection, url), now + KEPT
    except (IpaasError, ValueError) as error:
        log.warning("%s cannot be read (%s)", url, type(error).__name__)
        until = now + KEPT_IF_SILENT  # what was told before still holds
    with _lock:
        if len(_told) > _MOST:
            _told.clear()
        _told[url] = (until, known)
    return known


def _read(connection: Opened, url: str) -> Mapping[str, str]:
    check_url(url, connection.reach)
    door = replace(connection.door(), read_timeout_s=PATIENCE_S)
    response = door.send(HttpRequest("GET", url, {"Accept": "application/json"}, None)).response
    document = response.document()
    if response.status != 200 or not isinstance(document, Mapping):
        raise ConnectorError("There is no description of endpoints.")
    return {
        str(name): value
        for name, value in document.items()
        if str(name).endswith("_endpoint") and isinstance(value, str)
    }


def _is_known(connection: Opened, host: str | None) -> bool:
    """Whether a host is one of the manifest's, or lies beside one of them."""
    auth = connection.auth
    named = (auth.authorize, auth.token, auth.revoke, auth.discovery)
    for each in named:
        own = (urlsplit(each.url).hostname or "") if each else ""
        parent = own.partition(".")[2]
        if host and (host == own or (_is_domain(parent) and host.endswith(f".{parent}"))):
            return True
    return False


def _is_domain(name: str) -> bool:
    """Whether a name is somebody's, and none under which anybody may have one (co.uk)."""
    labels = name.split(".")
    return len(labels) > 2 or (len(labels) == 2 and len(labels[0]) > _LONGEST_COMMON)
