"""Which dead letters are meant: one filter for lists, groups, exports and bulk work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from runtime.models import DeadLetter
from runtime.records import aftermath

MOST_IDS = 1_000


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter; ``ids`` names records one by one, within the rest."""

    status: str = "open"
    flow: str = ""
    code: str = ""
    cause: str = ""
    q: str = ""
    assignee: str = ""  # id of a member, or "none"
    job: str = ""  # id of a job that had retried them: they failed again
    ids: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, wish: Mapping[str, Any]) -> Choice:
        """The filter of a request or a stored job; unknown names are left out."""
        known = {name: wish[name] for name in cls.__dataclass_fields__ if wish.get(name)}
        return cls(**{**known, "ids": tuple(known.get("ids", ()))[:MOST_IDS]})

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        return {name: value for name, value in asdict(self).items() if value}

    def rows(self, workspace_id: str, environment: str) -> QuerySet[DeadLetter]:
        """The dead letters meant."""
        rows = DeadLetter.objects.filter(workspace_id=workspace_id, environment=environment)
        if self.status != "all":
            rows = rows.filter(status=self.status)
        for name, column in (("flow", "flow_id"), ("code", "code"), ("cause", "fingerprint")):
            if value := getattr(self, name):
                rows = rows.filter(**{column: value})
        if self.assignee:
            nobody = self.assignee == "none"
            number = self.assignee.isdecimal() and len(self.assignee) < 19
            known = Q(assignee_id=self.assignee) if number else Q(pk__in=())
            rows = rows.filter(Q(assignee=None) if nobody else known)
        if self.q:
            rows = rows.filter(Q(run__business_key__icontains=self.q) | Q(run_id=self.q))
        if self.job:
            rows = aftermath.failed_again(rows, self.job)
        return rows.filter(id__in=self.ids) if self.ids else rows
