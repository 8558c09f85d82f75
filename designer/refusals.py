"""Lines that were proposed for a mapping and refused, so that nobody is asked twice."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from designer import flows
from designer.mapping_models import RefusedSuggestions
from ipaas.core import clock

MOST_PAIRS = 2_000
Pair = tuple[str, str]


def refused(workspace_id: str, flow_id: str, node_id: str, mapping_name: str) -> list[Pair]:
    """Source and target of each refused line, in the order in which they were refused."""
    flows.get(workspace_id, flow_id)
    row = _rows(workspace_id, flow_id, node_id, mapping_name).first()
    return [] if row is None else [(source, target) for source, target in row.pairs]


def refuse(
    workspace_id: str, flow_id: str, node_id: str, mapping_name: str, pairs: list[Any]
) -> list[Pair]:
    """Add refused lines; of more than ``MOST_PAIRS`` the oldest are forgotten."""
    flows.get(workspace_id, flow_id)
    with transaction.atomic():
        RefusedSuggestions.objects.get_or_create(
            flow_id=flow_id, node_id=node_id, mapping_name=mapping_name,
            defaults={"workspace_id": workspace_id, "pairs": [], "changed_at": clock.now()},
        )  # fmt: skip
        row = _rows(workspace_id, flow_id, node_id, mapping_name).select_for_update().get()
        known = dict.fromkeys((source, target) for source, target in row.pairs)
        known |= dict.fromkeys((source, target) for source, target in pairs)
        row.pairs = [list(pair) for pair in list(known)[-MOST_PAIRS:]]
        row.changed_at = clock.now()
        row.save()
    return [(source, target) for source, target in row.pairs]


def ask_again(workspace_id: str, flow_id: str, node_id: str, mapping_name: str) -> None:
    """Forget what was refused for a mapping."""
    flows.get(workspace_id, flow_id)
    _rows(workspace_id, flow_id, node_id, mapping_name).delete()


def _rows(workspace_id: str, flow_id: str, node_id: str, mapping_name: str) -> Any:
    return RefusedSuggestions.objects.filter(
        workspace_id=workspace_id, flow_id=flow_id, node_id=node_id, mapping_name=mapping_name
    )
