"""The day's numbers: what each hour held, and that the hours add up to the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ipaas.core import clock
from ipaas.core.ids import new_id, oldest_id
from runtime import reading
from runtime.models import Run
from tests.kit.cast import Cast
from tests.kit.objects import a_run

pytestmark = [pytest.mark.django_db, pytest.mark.both_stacks]
NOON = datetime(2026, 3, 29, 12, 20, tzinfo=UTC)


def runs(cast: Cast, *made: tuple[datetime, str], **other: str) -> None:
    first = Run.objects.get(id=a_run(cast))
    for at, status in made:
        identity = oldest_id("run", at)[:-8] + new_id("run")[-8:]
        values = {"id": identity, "created_at": at, "status": status, **other}
        Run.objects.create(**{**_values(first), **values})
    first.delete()


def _values(run: Run) -> dict[str, object]:
    return {f.attname: getattr(run, f.attname) for f in Run._meta.concrete_fields}


def test_hours_hold_what_began_in_them_and_add_up_to_the_day(cast: Cast) -> None:
    hour = timedelta(hours=1)
    runs(
        cast,
        (NOON - 24 * hour - timedelta(minutes=1), "failed"),  # a day and a minute ago
        (NOON - 24 * hour + timedelta(minutes=1), "succeeded"),
        (datetime(2026, 3, 29, 0, 0, tzinfo=UTC), "succeeded"),
        (datetime(2026, 3, 29, 0, 59, 59, 999_000, tzinfo=UTC), "failed"),
        (NOON, "waiting"),
    )
    runs(cast, (NOON, "succeeded"), parent_id="run_of_the_flow_above")
    with clock.use(clock.VirtualClock(NOON)):
        seen = reading.overview(cast.north.id, "test")
    hours = {hour["at"]: hour["counts"] for hour in seen["hours"]}
    assert len(hours) == 25
    assert list(hours)[0] == "2026-03-28T12:00:00+00:00"
    assert {at: counts for at, counts in hours.items() if counts} == {
        "2026-03-28T12:00:00+00:00": {"succeeded": 1},
        "2026-03-29T00:00:00+00:00": {"succeeded": 1, "failed": 1},
        "2026-03-29T12:00:00+00:00": {"waiting": 1},
    }
    assert seen["counts"] == {"succeeded": 2, "failed": 1, "waiting": 1}


def test_another_environment_has_its_own_hours(cast: Cast) -> None:
    runs(cast, (NOON, "failed"), environment="production")
    with clock.use(clock.VirtualClock(NOON)):
        assert not any(hour["counts"] for hour in reading.overview(cast.north.id, "test")["hours"])
        assert reading.overview(cast.north.id, "production")["hours"][-1]["counts"] == {"failed": 1}
