/** The day's runs by hour and outcome. Pure. */

import type { Overview, RunStatus } from "@/api/types";

/** From the bottom of a bar to its top. */
export const OUTCOMES = ["succeeded", "underWay", "stopped", "doubt", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];

const OUTCOME_OF: Record<RunStatus, Outcome> = {
  succeeded: "succeeded",
  queued: "underWay",
  running: "underWay",
  waiting: "underWay",
  cancelled: "stopped",
  superseded: "stopped",
  in_doubt: "doubt",
  failed: "failed",
};

export interface Bar {
  /** When its hour begins. */
  at: string;
  all: number;
  counts: Record<Outcome, number>;
}

export function barsOf(hours: Overview["hours"]): Bar[] {
  return hours.map(({ at, counts }) => {
    const bar: Bar = {
      at,
      all: 0,
      counts: { succeeded: 0, underWay: 0, stopped: 0, doubt: 0, failed: 0 },
    };
    for (const [status, count] of Object.entries(counts)) {
      // A status of a newer server is at least not taken for a success.
      bar.counts[OUTCOME_OF[status as RunStatus] ?? "underWay"] += count;
      bar.all += count;
    }
    return bar;
  });
}

/** A round, even number that no bar exceeds: what the top line of the chart stands for. */
export function scaleOf(bars: readonly Bar[]): number {
  const most = Math.max(2, ...bars.map(({ all }) => all));
  const power = 10 ** Math.floor(Math.log10(most));
  for (const step of [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10]) {
    const top = step * power;
    if (top >= most && Number.isInteger(top / 2)) return top;
  }
  return 20 * power;
}
