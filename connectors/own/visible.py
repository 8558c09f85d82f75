"""Which connectors a workspace sees, and which of them it may connect."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from connectors import registry
from connectors.models import ConnectionRow, EnabledConnector, OwnConnector
from connectors.registry import Connector, ConnectorNotFound
from ipaas.core.errors import Conflict, Unprocessable


class ConnectorNotEnabled(Unprocessable):
    """The connector comes from a package that no administrator of the workspace allowed yet."""

    code = "connector.not_enabled"


class ConnectorInUse(Conflict):
    """Connections of the workspace are made with this connector."""

    code = "connector.in_use"


def visible(workspace_id: str) -> list[Connector]:
    """Every connector that the workspace sees, by name; two queries."""
    own = OwnConnector.objects.filter(workspace_id=workspace_id).values_list("slug", flat=True)
    found = [*registry.all_connectors().values(), *_readable(own)]
    return sorted(found, key=lambda connector: connector.manifest.name.lower())


def _readable(slugs: Any) -> list[Connector]:
    found = []
    for slug in slugs:
        try:
            found.append(registry.get(slug))
        except ConnectorNotFound:
            continue
    return found


def enabled_slugs(workspace_id: str) -> set[str]:
    """Packaged connectors that an administrator of the workspace has allowed."""
    rows = EnabledConnector.objects.filter(workspace_id=workspace_id)
    return set(rows.values_list("slug", flat=True))


def seen(workspace_id: str, slug: str) -> Connector:
    """Connector ``slug`` if the workspace sees it; raises ConnectorNotFound also for others'."""
    connector = registry.get(slug)
    if connector.origin == "workspace":
        rows = OwnConnector.objects.filter(workspace_id=workspace_id, slug=slug)
        if not rows.exists():
            raise ConnectorNotFound(
                f"There is no connector “{slug}”.", hint="Choose one of the catalogue."
            )
    return connector


def usable(workspace_id: str, slug: str) -> Connector:
    """Connector ``slug`` if connections may be made with it; raises ConnectorNotEnabled too."""
    connector = seen(workspace_id, slug)
    if connector.origin == "package" and slug not in enabled_slugs(workspace_id):
        raise ConnectorNotEnabled(
            f"{connector.manifest.name} comes from the package “{connector.distribution}” and is "
            "not enabled in this workspace.",
            hint="An administrator can enable it in the catalogue. Its code then runs here.",
        )
    return connector


def enable(workspace_id: str, slug: str, user: Any) -> bool:
    """Allow a packaged connector; False if it was allowed already, or needs no permission."""
    connector = seen(workspace_id, slug)
    if connector.origin != "package":
        return False
    _, made = EnabledConnector.objects.get_or_create(
        workspace_id=workspace_id, slug=slug, defaults={"enabled_by": user}
    )
    return made


@transaction.atomic
def disable(workspace_id: str, slug: str) -> bool:
    """Forbid a packaged connector again; raises ConnectorInUse while connections use it."""
    seen(workspace_id, slug)
    refuse_if_used(workspace_id, slug)
    gone, _ = EnabledConnector.objects.filter(workspace_id=workspace_id, slug=slug).delete()
    return bool(gone)


def refuse_if_used(workspace_id: str, slug: str) -> None:
    """Raise ConnectorInUse, with names, while connections are made with the connector."""
    rows = ConnectionRow.objects.filter(workspace_id=workspace_id, connector=slug)
    names = sorted(set(rows.values_list("name", flat=True)))
    if names:
        raise ConnectorInUse(
            f"The connections {', '.join(names)} are made with it.",
            hint="Delete them first, or make them with another connector.",
            connections=names,
        )
