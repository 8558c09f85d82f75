"""Cross-references corrected and forgotten by people; every edit is a version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from connectors.models import CrossReferenceRow
from connectors.values import CrossReference
from connectors.xref_versions import Counterpart, edit, pair_of
from connectors.xrefs import xref_row, xref_value
from ipaas.core.errors import Conflict, Unprocessable
from ipaas.tenancy import facade as tenancy


class CrossReferenceInvalid(Unprocessable):
    """What was given is not a pair of ids."""

    code = "xref.invalid"


def change_xref(
    workspace_id: str, xref_id: int, *, left_id: str, right_id: str, actor: Any
) -> CrossReference:
    """The reference with other ids; a person decided this, so it belongs to no run any more."""
    left_id, right_id = left_id.strip(), right_id.strip()
    if not left_id or not right_id:
        raise CrossReferenceInvalid(
            "Both ids are needed.", hint="To forget the pair, delete the cross-reference."
        )
    environment = xref_row(workspace_id, xref_id).environment
    with edit(workspace_id, environment, "edited", actor=actor) as making:
        row = xref_row(workspace_id, xref_id, lock=True)
        before = {"left_id": row.left_id, "right_id": row.right_id}
        old, was = pair_of(row), Counterpart(row.right_id, row.run_id)
        row.left_id, row.right_id, row.run_id = left_id, right_id, ""
        if before == {"left_id": left_id, "right_id": right_id}:
            return xref_value(row)
        _save(row)
        new = pair_of(row)
        if new != old:
            making.note(old, was, None)
            making.note(new, Counterpart(None), right_id)
        else:
            making.note(new, was, right_id)
        facts = {"entity": row.entity, "before": before, "after": [left_id, right_id]}
        tenancy.record_audit(workspace_id, actor, "xref.changed", f"xref:{row.pk}", facts)
    return xref_value(row)


def delete_xrefs(
    workspace_id: str, environment: str, xref_ids: Sequence[int], *, actor: Any
) -> int:
    """How many of them were there and are forgotten now."""
    with edit(workspace_id, environment, "deleted", actor=actor) as making:
        rows = CrossReferenceRow.objects.filter(
            workspace_id=workspace_id, environment=environment, id__in=xref_ids
        )
        there = {pair_of(row): row for row in rows.select_for_update()}
        making.put({pair: Counterpart(None) for pair in there})
        if there:
            gone = [
                f"{r.entity}: {r.left_connection}/{r.left_id} = {r.right_connection}/{r.right_id}"
                for r in there.values()
            ]
            facts = {"environment": environment, "pairs": gone[:200], "count": len(gone)}
            tenancy.record_audit(workspace_id, actor, "xref.deleted", "xref", facts)
    return len(there)


def _save(row: CrossReferenceRow) -> None:
    try:
        with transaction.atomic():
            row.save(update_fields=["left_id", "right_id", "run_id"])
    except IntegrityError as error:
        raise Conflict(
            f"“{row.left_id[:80]}” of {row.left_connection} has a counterpart already.",
            hint="Change or delete that one instead.",
        ) from error
