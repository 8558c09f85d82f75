"""Which runs are meant: those under way of a flow, of a connection, or of the filter of a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from runtime import reading
from runtime.engine import FINISHED_RUN, RunStatus
from runtime.models import Family, Release, Run
from runtime.needing import Needing
from runtime.records.choosing import MOST_IDS

UNFINISHED = tuple(str(status) for status in RunStatus if status not in FINISHED_RUN)
ROOTS, BELOW = "roots", "below"
MOST_FLOWS = 50


@dataclass(frozen=True, slots=True)
class RunChoice:
    """A filter; only runs under way are ever meant."""

    flow: str = ""
    connection: str = ""
    status: str = ""  # one or more, with commas between them
    q: str = ""
    ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, wish: Mapping[str, Any]) -> RunChoice:
        """The filter of a request or a stored job; unknown names are left out."""
        known = {name: wish[name] for name in cls.__dataclass_fields__ if wish.get(name)}
        return cls(**{**known, "ids": tuple(known.get("ids", ()))[:MOST_IDS]})

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class Meant:
    """The runs that a choice means in one environment, at this moment.

    A list shows runs that no other run made; of a flow or a connection also those are meant that
    were made by a run that is not meant itself. Whatever a run made ends with it.
    """

    workspace_id: str
    environment: str
    choice: RunChoice

    def roots(self) -> QuerySet[Run]:
        """Runs that no other made."""
        return self._all().filter(self._mine(), parent_id="")

    def below(self) -> QuerySet[Run]:
        """Runs that were made by one that has ended or is not meant, and have begun."""
        if self.choice.status or self.choice.q or self.choice.ids:
            return Run.objects.none()
        families = self._open_families().exclude(
            self._mine("run__") & Q(run__status__in=UNFINISHED)
        )
        rows = self._all().filter(self._mine(), family_id__in=families.values("id"))
        return rows.exclude(status=RunStatus.QUEUED, due_at=None, seq=0)

    @cached_property
    def needing(self) -> Needing | None:
        """What needs the connection, if one was chosen."""
        if not self.choice.connection:
            return None
        under_way = self._of_place().filter(status__in=UNFINISHED)
        made = under_way.filter(family_id__in=self._open_families().values("id"))
        releases = {
            release_id
            for rows in (under_way.filter(parent_id=""), made)
            for release_id in rows.order_by().values_list("release_id", flat=True).distinct()
        }
        place = (self.workspace_id, self.environment)
        return Needing.of(*place, self.choice.connection, releases)

    def newest(self, part: str, *, before: str, until: str, limit: int) -> list[str]:
        """Ids of the newest of them, from ``until`` or behind ``before`` on."""
        rows = self.roots() if part == ROOTS else self.below()
        rows = rows.filter(id__lt=before) if before else rows.filter(id__lte=until)
        found: list[str] = []
        for status in self._statuses():  # one by one: each is a short range of an index
            some = rows.filter(status=status).order_by("-id").values_list("id", flat=True)
            found += some[:limit]
        return sorted(found, reverse=True)[:limit]

    def counts(self) -> Iterator[tuple[str, str, int]]:
        """How many by flow and status."""
        for rows in (self.roots(), self.below()):
            grouped = rows.order_by().values("flow_id", "status").annotate(n=Count("id"))
            for row in grouped:
                yield row["flow_id"], row["status"], row["n"]

    def _statuses(self) -> tuple[str, ...]:
        wanted = self.choice.status.split(",") if self.choice.status else UNFINISHED
        return tuple(status for status in UNFINISHED if status in wanted)

    def _of_place(self) -> QuerySet[Run]:
        return Run.objects.filter(workspace_id=self.workspace_id, environment=self.environment)

    def _all(self) -> QuerySet[Run]:
        return self._of_place().filter(status__in=self._statuses())

    def _open_families(self) -> QuerySet[Family]:
        ended = F("succeeded") + F("failed") + F("cancelled")
        return Family.objects.filter(workspace_id=self.workspace_id, made__gt=ended)

    def _mine(self, prefix: str = "") -> Q:
        wanted = Q()
        if self.choice.flow:
            wanted &= Q(**{f"{prefix}flow_id": self.choice.flow})
        if self.needing is not None:
            wanted &= Q(**{f"{prefix}release_id__in": self.needing.release_ids})
        if self.choice.ids:
            wanted &= Q(**{f"{prefix}id__in": self.choice.ids})
        elif self.choice.q:
            found = reading.matching(self._of_place(), self.choice.q, "")
            wanted &= Q(**{f"{prefix}id__in": found})
        return wanted


def forecast(workspace_id: str, environment: str, choice: RunChoice) -> dict[str, Any]:
    """How many runs under way are meant now, by status and by flow."""
    statuses: dict[str, int] = {}
    flows: dict[str, int] = {}
    for flow_id, status, number in Meant(workspace_id, environment, choice).counts():
        statuses[status] = statuses.get(status, 0) + number
        flows[flow_id] = flows.get(flow_id, 0) + number
    most = sorted(flows, key=lambda flow_id: -flows[flow_id])[:MOST_FLOWS]
    names = dict(
        Release.objects.filter(workspace_id=workspace_id, flow_id__in=most)
        .order_by("created_at")
        .values_list("flow_id", "flow_name")
    )
    return {
        "total": sum(statuses.values()),
        "counts": statuses,
        "flows": [{"id": i, "name": names.get(i, ""), "runs": flows[i]} for i in most],
    }
