"""The nightly tidying up: who does it, what was done, and what would be done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from ipaas.core import clock
from runtime import faults
from runtime.models import DeadLetter, JournalBatch, Pruning
from runtime.retention import documents, letters, runs
from runtime.retention.policy import policies, policy_of

log = logging.getLogger(__name__)
NAME = "retention"
EVERY = timedelta(hours=6)
LEASE = timedelta(hours=1)
FIRST_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Removed:
    """What one tidying up removed, by workspace and environment; documents by workspace."""

    environments: dict[str, dict[str, int]]
    documents: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        return {"environments": self.environments, "documents": self.documents}


def claim(owner: str) -> Callable[[], list[str]] | None:
    """The tidying up, if it is due and nobody else does it."""
    now = clock.now()
    row = Pruning.objects.filter(name=NAME).first()
    if row is None:
        Pruning.objects.get_or_create(name=NAME, defaults={"due_at": now + FIRST_AFTER})
        return None
    if row.due_at > now:
        return None
    taken = Pruning.objects.filter(name=NAME, due_at=row.due_at).update(
        due_at=now + LEASE, owner=owner[:120]
    )
    return (lambda: _carry(owner)) if taken else None


def _carry(owner: str) -> list[str]:
    tidy()
    return []


def tidy() -> Removed:
    """Remove all that no policy keeps. It may be stopped anywhere and done again at any time."""
    now = clock.now()
    known = policies()
    found: dict[str, dict[str, int]] = {}
    for (workspace_id, environment), policy in known.items():
        place = (workspace_id, environment, policy, now)
        found[f"{workspace_id}/{environment}"] = {
            "letters": letters.expire(*place),
            "journals": runs.remove_journals(*place),
            "runs": runs.remove_runs(*place),
            "events": runs.remove_events(*place),
        }
    removed = Removed(found, documents.remove(known, now))
    with faults.commits("retention.done"):
        Pruning.objects.update_or_create(
            name=NAME,
            defaults={
                "due_at": clock.now() + EVERY,
                "finished_at": clock.now(),
                "removed": removed.as_json(),
                "owner": "",
            },
        )
    return removed


def forecast(workspace_id: str, environment: str) -> dict[str, int]:
    """How much would go if it were tidied up now; nothing is changed."""
    now = clock.now()
    policy = policy_of(workspace_id, environment)
    place = (workspace_id, environment, policy)
    needed = Exists(DeadLetter.objects.filter(run_id=OuterRef("pk"), status="open"))
    journals = Exists(JournalBatch.objects.filter(run_id=OuterRef("pk")))
    old = {what: runs.old_runs(*place, what, now) for what in ("payload", "journal", "run")}
    return {
        "runs": old["run"].exclude(needed).count(),
        "journals": old["journal"].exclude(needed).filter(journals).count(),
        "documents_of_runs": old["payload"].exclude(needed).count(),
        "held_for_people": old["payload"].filter(needed).count(),
        "letters": letters.expired(*place, now).count(),
    }


def last(workspace_id: str, environment: str) -> dict[str, Any] | None:
    """When it was last tidied up, and what went from this environment."""
    row = Pruning.objects.filter(name=NAME, finished_at__isnull=False).first()
    if row is None or row.finished_at is None:
        return None
    counts = row.removed.get("environments", {}).get(f"{workspace_id}/{environment}", {})
    gone = row.removed.get("documents", {}).get(workspace_id, 0)
    return {"at": row.finished_at.isoformat(), **counts, "documents": gone}
