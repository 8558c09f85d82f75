"""What flows use: as their drafts stand, and as they are live in an environment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors import facade as connectors
from designer.flows import connections_of
from designer.models import Flow, Version
from runtime import facade as runtime


@dataclass(frozen=True, slots=True)
class InUse:
    """A document of a flow; ``publisher`` is the id of who made it live, None for a draft."""

    flow_id: str
    name: str
    document: dict[str, Any]
    publisher: str | None = None


def documents_in_use(workspace_id: str, environment: str) -> Iterator[InUse]:
    """Drafts, which know no environment, and the versions that take events in this one."""
    rows = Flow.objects.filter(workspace_id=workspace_id, archived_at=None).select_related("draft")
    for flow in rows.order_by("name", "id").iterator(chunk_size=100):
        yield InUse(flow.id, flow.name, flow.draft.document)
    live = [
        deployment.release_id
        for deployment in runtime.deployments(workspace_id)
        if deployment.active and deployment.environment == environment
    ]
    versions = Version.objects.filter(flow__workspace_id=workspace_id, release_id__in=live)
    for version in versions.select_related("flow").order_by("flow__name", "flow_id").iterator():
        publisher = str(version.published_by_id or "")
        yield InUse(version.flow_id, version.flow.name, version.document, publisher)


def uses_of_connections(
    workspace_id: str, environment: str
) -> dict[str, list[connectors.ConnectionUse]]:
    """Flows by the slug of the connection that their draft or their live version uses."""
    found: dict[str, dict[str, connectors.ConnectionUse]] = {}
    for used in documents_in_use(workspace_id, environment):
        for slug in connections_of(used.document):
            found.setdefault(slug, {})[used.flow_id] = connectors.ConnectionUse(
                used.flow_id, used.name, used.publisher
            )
    return {slug: list(by_flow.values()) for slug, by_flow in found.items()}
