"""Dead letters that nobody dealt with in time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from runtime import control, faults
from runtime.live.counts import tell_count
from runtime.models import DeadLetter
from runtime.retention.policy import Policy

PAGE = 200
BY = "Causeway"
WHY = "Nobody dealt with it in the time that this environment keeps open errors."


def expired(
    workspace_id: str, environment: str, policy: Policy, now: datetime
) -> QuerySet[DeadLetter]:
    """Open dead letters whose time is over."""
    rows = DeadLetter.objects.filter(
        workspace_id=workspace_id, environment=environment, status="open"
    )
    if policy.letter_days is None:
        return rows.none()
    return rows.filter(created_at__lt=now - timedelta(days=policy.letter_days))


def expires_at(created_at: datetime, policy: Policy) -> datetime | None:
    """When an open dead letter expires; None: never."""
    if policy.letter_days is None:
        return None
    return created_at + timedelta(days=policy.letter_days)


def expire(workspace_id: str, environment: str, policy: Policy, now: datetime) -> int:
    """Close what nobody dealt with; runs that were held up by it may move. How many there were."""
    done = 0
    while True:
        page = list(expired(workspace_id, environment, policy, now).order_by("id")[:PAGE])
        for letter in page:
            edit = {"at": now.isoformat(), "by": BY, "reason": WHY, "did": "expired"}
            with faults.commits("retention.expire"):
                done += control.close_dead_letter(letter, "expired", edit)
        if len(page) < PAGE:
            break
    if done:
        tell_count(workspace_id, environment)
    return done
