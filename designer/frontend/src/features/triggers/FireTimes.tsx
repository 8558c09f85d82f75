import { locale } from "@/shared/i18n";
import { formatDateTime } from "@/shared/time";
import type { Fire } from "./queries";
import classes from "./triggers.module.css";

/** "2026-11-22T06:00:00+01:00" as the clock on the wall there shows it. */
function wallTime(local: string): string {
  const wall = new Date(`${local.slice(0, 19)}Z`);
  return new Intl.DateTimeFormat(locale(), {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "UTC",
  }).format(wall);
}

/** The next times of a schedule, by the clock where it runs; pointing at one says one's own time. */
export function FireTimes({ fires }: { fires: readonly Fire[] }) {
  return (
    <ol className={classes.fires}>
      {fires.map((fire) => (
        <li key={fire.at} title={formatDateTime(fire.at)}>
          {wallTime(fire.local)}
          <span className={classes.offset}>{fire.local.slice(19)}</span>
        </li>
      ))}
    </ol>
  );
}
