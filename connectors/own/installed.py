"""Every connector of the installation and of a workspace, as its administrators see them."""

from __future__ import annotations

from dataclasses import dataclass

from connectors import catalogue, registry
from connectors.models import ConnectionRow, OwnConnector
from connectors.own import uploads
from connectors.registry import Origin
from connectors.values import ConnectorInfo
from ipaas.tenancy.paging import DEFAULT_LIMIT, Page, slice_of


@dataclass(frozen=True, slots=True)
class MadeWith:
    """A connection that is made with a connector."""

    id: str
    name: str
    environment: str


@dataclass(frozen=True, slots=True)
class Installed:
    """A connector and who uses it; ``problem`` says why it cannot be read, then without info."""

    slug: str
    name: str
    origin: Origin
    package: str
    enabled: bool
    version: str
    own_id: str
    problem: str
    connections: tuple[MadeWith, ...]
    info: ConnectorInfo | None

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it stands in the list: those with a problem first."""
        return ("0" if self.problem else "1", self.name.lower(), self.slug)


def list_installed(
    workspace_id: str, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Installed]:
    """One page of all connectors, also those that cannot be read."""
    own = {row.slug: row for row in OwnConnector.objects.filter(workspace_id=workspace_id)}
    made: dict[str, list[MadeWith]] = {}
    rows = ConnectionRow.objects.filter(workspace_id=workspace_id).order_by("name", "id")
    for slug, *facts in rows.values_list("connector", "id", "name", "environment"):
        made.setdefault(slug, []).append(MadeWith(*facts))
    found = [
        Installed(
            info.slug,
            info.name,
            info.origin,
            info.package,
            info.enabled,
            f"{own[info.slug].version}" if info.slug in own else info.version,
            own[info.slug].id if info.slug in own else "",
            "",
            tuple(made.get(info.slug, ())),
            info,
        )
        for info in catalogue.catalogue_of(workspace_id)
    ]
    readable = {each.slug for each in found}
    for slug, left in registry.broken().items():
        row = own.get(slug)
        if slug in readable or (row is None and slug.startswith(uploads.PREFIX)):
            continue
        found.append(
            Installed(
                slug,
                row.name if row else slug,
                "workspace" if row else "package" if left.distribution else "built_in",
                left.distribution,
                False,
                str(row.version) if row else "",
                row.id if row else "",
                left.sentence,
                tuple(made.get(slug, ())),
                None,
            )
        )
    return slice_of(found, lambda each: each.place, cursor, limit)
