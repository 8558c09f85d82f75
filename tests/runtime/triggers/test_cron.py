"""When schedules fire, also where clocks are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.triggers.cron import MOST_COUNTED, ScheduleWrong, parse, schedule_of

# zone, expression, asked after (wall clock), expected instants in UTC
DST = [
    # put forward: 02:00 becomes 03:00 on 29 March 2026
    ("Europe/Paris", "30 2 * * *", "2026-03-28T12:00", ["03-29T01:00", "03-30T00:30"]),
    ("Europe/Paris", "0 3 * * *", "2026-03-28T12:00", ["03-29T01:00", "03-30T01:00"]),
    ("Europe/Paris", "*/15 2 * * *", "2026-03-28T12:00", ["03-29T01:00", "03-30T00:00"]),
    ("Europe/Paris", "0 */2 29 3 *", "2026-03-28T23:00", ["03-28T23:00", "03-29T01:00"]),
    ("Europe/Paris", "0 * * * *", "2026-03-29T00:30", ["03-29T00:00", "03-29T01:00"]),
    # put back: 03:00 becomes 02:00 on 25 October 2026
    ("Europe/Paris", "30 2 * * *", "2026-10-24T12:00", ["10-25T00:30", "10-26T01:30"]),
    ("Europe/Paris", "0 2,3 * * *", "2026-10-24T12:00", ["10-25T00:00", "10-25T02:00"]),
    ("Europe/Paris", "0 * * * *", "2026-10-25T01:30", ["10-25T00:00", "10-25T01:00"]),
    ("America/New_York", "30 2 * * *", "2026-03-07T12:00", ["03-08T07:00", "03-09T06:30"]),
    ("America/New_York", "30 1 * * *", "2026-10-31T12:00", ["11-01T05:30", "11-02T06:30"]),
    # half an hour, and midnight itself
    ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00", ["10-03T15:30", "10-04T15:15"]),
    ("Asia/Beirut", "0 0 * * *", "2026-03-28T12:00", ["03-28T22:00", "03-29T21:00"]),
    ("Asia/Kolkata", "0 6 * * *", "2026-03-28T12:00", ["03-29T00:30", "03-30T00:30"]),
]


@pytest.mark.parametrize(("zone", "expression", "after", "expected"), DST)
def test_a_schedule_fires_once_through_each_change_of_the_clocks(
    zone: str, expression: str, after: str, expected: list[str]
) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo(zone))
    fires = islice(parse(expression, zone).after(moment), len(expected))
    assert [fire.strftime("%m-%dT%H:%M") for fire in fires] == expected


@given(
    moment=st.integers(1_577_836_800, 1_893_456_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
    zone=st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    expression=st.sampled_from(
        ["0 6 * * 1-5", "*/20 1-3 * * *", "30 2 * * *", "0 0 L * *", "15 * * * *", "0 9 1 */3 *"]
    ),
)
def test_fire_times_rise_and_asking_from_any_of_them_goes_on_the_same(
    moment: datetime, zone: str, expression: str
) -> None:
    schedule = parse(expression, zone)
    fires = list(islice(schedule.after(moment), 8))
    assert all(a < b for a, b in zip([moment, *fires], fires, strict=False))
    assert list(islice(schedule.after(fires[3]), 4)) == fires[4:]
    between = fires[3] + (fires[4] - fires[3]) / 2
    assert schedule.next(between) == fires[4]


@pytest.mark.parametrize(
    ("preset", "expression"),
    [
        ({"kind": "minutes", "every": 15}, "*/15 * * * *"),
        ({"kind": "minutes", "every": 1}, "* * * * *"),
        ({"kind": "hourly", "minute": 5}, "5 * * * *"),
        ({"kind": "daily", "at": "06:30"}, "30 6 * * *"),
        ({"kind": "weekdays", "at": "18:00"}, "0 18 * * 1-5"),
        ({"kind": "weekly", "days": ["sun", "wed"], "at": "08:00"}, "0 8 * * 0,3"),
        ({"kind": "monthly", "day": 31, "at": "23:59"}, "59 23 31 * *"),
        ({"kind": "monthly", "day": "last", "at": "00:00"}, "0 0 L * *"),
    ],
)
def test_a_choice_in_words_is_a_schedule(preset: dict[str, object], expression: str) -> None:
    assert schedule_of({"preset": preset, "timezone": "Europe/Paris"}).expression == expression


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"cron": "* * * *"},
        {"cron": "0 0 * * * *"},
        {"cron": "61 * * * *"},
        {"cron": "0 0 30 2 *"},
        {"cron": "0 6 * * *", "timezone": "Mars/Olympus"},
        {"cron": "0 6 * * *", "timezone": "../../etc/passwd"},
        {"preset": {"kind": "minutes", "every": 7}},
        {"preset": {"kind": "daily", "at": "25:00"}},
        {"preset": {"kind": "weekly", "days": []}},
        {"preset": {"kind": "never"}},
        {"preset": {"kind": "hourly", "minute": True}},
        {"preset": "daily"},
    ],
)
def test_a_wrong_schedule_is_refused_with_what_to_do(settings: dict[str, object]) -> None:
    with pytest.raises(ScheduleWrong) as refused:
        schedule_of(settings)
    assert refused.value.hint


def test_the_last_of_very_many_missed_times_is_found() -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    until = datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)
    last, count = parse("* * * * *", "Europe/Paris").latest(start, until)
    assert last == until - timedelta(seconds=30)
    assert count == MOST_COUNTED
