"""How long an environment keeps documents, journals and runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from ipaas.core import clock
from ipaas.core.errors import Unprocessable
from ipaas.tenancy import facade as tenancy
from runtime import faults
from runtime.models import RetentionRow

LEAST_DAYS = 2  # a document may be shared by all runs of a day
MOST_DAYS = 3_650


class BadPolicy(Unprocessable):
    """The days do not fit together."""

    code = "retention.bad_policy"


@dataclass(frozen=True, slots=True)
class Policy:
    """Days after the end of a run; None: for ever. Failures and successes apart."""

    payload_days: int | None = 30
    payload_failed_days: int | None = 90
    journal_days: int | None = 90
    journal_failed_days: int | None = 180
    run_days: int | None = 365
    run_failed_days: int | None = 365
    letter_days: int | None = None  # after its birth an open dead letter expires
    letter_warning_days: int = 7

    def days(self, what: str, status: str) -> int | None:
        """Days that ``what`` (payload, journal, run) of a run with this status is kept."""
        failed = "" if status == "succeeded" else "_failed"
        found: int | None = getattr(self, f"{what}{failed}_days")
        return found

    def limit(self, what: str, status: str, now: datetime) -> datetime | None:
        """What ended before that time is not kept any longer; None: all of it is."""
        days = self.days(what, status)
        return None if days is None else now - timedelta(days=days)

    def as_json(self) -> dict[str, Any]:
        """The form shown to people."""
        return asdict(self)


DEFAULT = Policy()
_NAMES = tuple(field.name for field in fields(Policy))


def policy_of(workspace_id: str, environment: str) -> Policy:
    """The policy of an environment."""
    row = RetentionRow.objects.filter(workspace_id=workspace_id, environment=environment).first()
    return DEFAULT if row is None else _policy(row)


def policies() -> dict[tuple[str, str], Policy]:
    """The policies of all environments of this installation, by workspace and environment."""
    found = {
        (workspace.id, environment.slug): DEFAULT
        for workspace in tenancy.all_workspaces()
        for environment in workspace.environments
    }
    rows = RetentionRow.objects.all()
    return found | {(row.workspace_id, row.environment): _policy(row) for row in rows}


def set_policy(workspace_id: str, environment: str, wish: Mapping[str, Any], by: str) -> Policy:
    """Change the policy of an environment; raises BadPolicy for what would contradict itself."""
    found = Policy(**(policy_of(workspace_id, environment).as_json() | dict(wish)))
    _check(found)
    with faults.commits("retention.set"):
        RetentionRow.objects.update_or_create(
            workspace_id=workspace_id,
            environment=environment,
            defaults={**found.as_json(), "changed_by": by[:200], "changed_at": clock.now()},
        )
    return found


def _policy(row: RetentionRow) -> Policy:
    return Policy(**{name: getattr(row, name) for name in _NAMES})


def _check(policy: Policy) -> None:
    for name in _NAMES:
        days = getattr(policy, name)
        least = 0 if name == "letter_warning_days" else LEAST_DAYS
        if days is not None and not least <= days <= MOST_DAYS:
            raise BadPolicy(
                f"Something must be kept for {least} to {MOST_DAYS} days, or for ever.",
                hint="Correct the number of days.",
                field=name,
            )
    for failed in ("", "_failed"):
        chain = [getattr(policy, f"{what}{failed}_days") for what in ("payload", "journal", "run")]
        ordered = [MOST_DAYS + 1 if days is None else days for days in chain]
        if ordered != sorted(ordered):
            raise BadPolicy(
                "Documents cannot be kept longer than journals, nor journals longer than runs.",
                hint="Keep runs the longest and documents the shortest.",
            )
