"""When a schedule fires: cron expressions in a time zone, also on days of 23 or 25 hours.

A schedule that names hours goes by the clock on the wall: an hour that daylight saving skips fires
once, at the first instant after the gap; an hour that comes twice fires in its first pass only.
A schedule of every hour (``*``) goes by elapsed time and fires in both passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from ipaas.core.errors import Unprocessable

MOST_COUNTED = 1_000
_LOOK_BACK = tuple(timedelta(hours=hours) for hours in (1, 25, 32 * 24, 367 * 24, 5 * 366 * 24))
_ANY_DAY = datetime(2024, 1, 1)  # noqa: DTZ001 a wall clock's time, for checks and words
_TIME = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)$")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class ScheduleWrong(Unprocessable):
    """The schedule cannot be read, or it never fires."""

    code = "schedule.wrong"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression of five fields, read in a time zone."""

    expression: str
    timezone: str = "UTC"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.timezone)

    @property
    def by_the_wall(self) -> bool:
        """Whether hours are named, so that the clock on the wall decides."""
        return self.expression.split()[1] != "*"

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Fire times after ``moment``, in UTC, each once, without end."""
        return self._wall(moment) if self.by_the_wall else self._elapsed(moment)

    def next(self, moment: datetime) -> datetime | None:
        """The first fire time after ``moment``; None if there is none within fifty years."""
        return next(self.after(moment), None)

    def latest(self, since: datetime, until: datetime) -> tuple[datetime | None, int]:
        """The last fire time after ``since`` up to ``until``, and how many there were.

        Counted up to ``MOST_COUNTED``; the last one is right however many there were.
        """
        found, count = None, 0
        for moment in self.after(since):
            if moment > until:
                return found, count
            found, count = moment, count + 1
            if count >= MOST_COUNTED:
                return self._last_before(until) or found, count
        return found, count

    def describe(self) -> str:
        """The expression in words."""
        text: str = CronSim(self.expression, _ANY_DAY).explain()
        return text

    def _last_before(self, until: datetime) -> datetime | None:
        for back in _LOOK_BACK:
            last = None
            for moment in self.after(until - back):
                if moment > until:
                    break
                last = moment
            if last is not None:
                return last
        return None

    def _elapsed(self, moment: datetime) -> Iterator[datetime]:
        for fire in CronSim(self.expression, moment.astimezone(self.zone)):
            yield fire.astimezone(UTC)

    def _wall(self, moment: datetime) -> Iterator[datetime]:
        zone, last = self.zone, moment
        for wall in CronSim(self.expression, moment.astimezone(zone).replace(tzinfo=None)):
            instant = _instant(wall, zone)
            if instant > last:  # the rest is a second pass, or several of one gap
                last = instant
                yield instant


def schedule_of(settings: Mapping[str, Any]) -> Schedule:
    """The schedule that a trigger's settings name; raises ScheduleWrong, which says why."""
    preset = settings.get("preset")
    expression = _from_preset(preset) if preset else str(settings.get("cron") or "")
    return parse(expression, str(settings.get("timezone") or "UTC"))


@lru_cache(maxsize=512)
def parse(expression: str, timezone: str) -> Schedule:
    """A schedule that is known to fire; raises ScheduleWrong."""
    expression = " ".join(expression.split())
    if len(expression.split(" ")) != 5:
        raise ScheduleWrong(
            "A schedule has five fields: minute, hour, day of month, month, day of week.",
            hint="For example “0 6 * * 1-5” is six in the morning from Monday to Friday.",
        )
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ScheduleWrong(
            f"There is no time zone “{timezone[:60]}”.", hint="Use a name such as Europe/Paris."
        ) from error
    found = Schedule(expression, zone.key)
    try:
        first = next(CronSim(expression, _ANY_DAY), None)
    except CronSimError as error:
        raise ScheduleWrong(
            f"The schedule “{expression[:80]}” cannot be read: {error}.",
            hint="For example “0 6 * * 1-5” is six in the morning from Monday to Friday.",
        ) from error
    if first is None:
        raise ScheduleWrong(
            f"The schedule “{expression[:80]}” never fires.", hint="Check its day and month."
        )
    return found


def _from_preset(preset: Any) -> str:
    """Cron expression of a choice that people make without knowing cron."""
    if not isinstance(preset, Mapping):
        raise ScheduleWrong("The preset of a schedule is an object.", hint="Choose one again.")
    kind = preset.get("kind")
    if kind == "minutes":
        every = _number(preset, "every", 1, 30)
        if 60 % every:
            raise ScheduleWrong(
                f"An hour cannot be divided into pieces of {every} minutes.",
                hint="Use 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30.",
            )
        return "* * * * *" if every == 1 else f"*/{every} * * * *"
    if kind == "hourly":
        return f"{_number(preset, 'minute', 0, 59)} * * * *"
    minute, hour = _time(preset.get("at"))
    if kind == "daily":
        return f"{minute} {hour} * * *"
    if kind == "weekdays":
        return f"{minute} {hour} * * 1-5"
    if kind == "weekly":
        days = preset.get("days") or []
        if not isinstance(days, list) or not days or not all(day in _DAYS for day in days):
            raise ScheduleWrong("Choose at least one day of the week.", hint=", ".join(_DAYS))
        return f"{minute} {hour} * * {','.join(str(n) for n, d in enumerate(_DAYS) if d in days)}"
    if kind == "monthly":
        if preset.get("day") == "last":
            return f"{minute} {hour} L * *"
        return f"{minute} {hour} {_number(preset, 'day', 1, 31)} * *"
    raise ScheduleWrong(
        f"There is no preset “{str(kind)[:40]}”.",
        hint="Known: minutes, hourly, daily, weekdays, weekly, monthly.",
    )


def _number(preset: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = preset.get(name, least)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ScheduleWrong(
            f"“{name}” must be a whole number from {least} to {most}.", hint="Correct it."
        )
    return value


def _time(value: Any) -> tuple[int, int]:
    match = _TIME.match(str(value or "00:00"))
    if match is None:
        raise ScheduleWrong("The time of day is not of the form 06:30.", hint="Use 00:00 to 23:59.")
    return int(match[2]), int(match[1])


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clock on the wall first shows ``wall``, or the end of the gap that it falls into."""
    aware = wall.replace(tzinfo=zone)
    instant = aware.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    low, high = aware.replace(fold=1).astimezone(UTC), instant  # before and after the gap
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0) + timedelta(seconds=1 if high.microsecond else 0)
