/** What the overview concludes from its numbers. Pure. */

import type { Overview, RunStatus, RunSummary } from "@/api/types";
import type { Tone } from "@/shared/ui";

export type StartStep = "connect" | "flow" | "order" | "watch" | "invoice";
export const START_STEPS: readonly StartStep[] = ["connect", "flow", "order", "watch", "invoice"];

/** Which steps of the first tour are done, as far as the data tells. */
export function startDone(overview: Overview, latest: readonly RunSummary[]): Set<StartStep> {
  const done = new Set<StartStep>();
  const ready = overview.connections.filter(({ status }) => status === "ready");
  if (ready.length >= 2) done.add("connect");
  if (overview.flows.some(({ status }) => isLive(status))) done.add("flow");
  if (latest.length > 0 || sum(overview.counts) > 0) done.add("order");
  if (latest.some(({ status }) => status === "succeeded") || overview.counts.succeeded) {
    done.add("watch");
  }
  return done;
}

export function isLive(flowStatus: string): boolean {
  return flowStatus === "healthy" || flowStatus === "attention" || flowStatus === "active";
}

export function sum(counts: Overview["counts"]): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** Share of finished runs that succeeded, in whole percent; null while there is none. */
export function throughPercent(counts: Overview["counts"]): number | null {
  const succeeded = counts.succeeded ?? 0;
  const finished = succeeded + (counts.failed ?? 0) + (counts.in_doubt ?? 0);
  // Rounded down: 99.9 % must not read as if nothing had failed.
  return finished === 0 ? null : Math.floor((succeeded / finished) * 100);
}

const UNDER_WAY: readonly RunStatus[] = ["queued", "running", "waiting"];

export function underWay(counts: Overview["counts"]): number {
  return UNDER_WAY.reduce((total, status) => total + (counts[status] ?? 0), 0);
}

/** Icon (by a status that has it) and tone of a flow's health. */
export const FLOW_LOOKS: Record<string, { icon: string; tone: Tone }> = {
  healthy: { icon: "succeeded", tone: "green" },
  active: { icon: "succeeded", tone: "green" },
  attention: { icon: "needs_consent", tone: "amber" },
  off: { icon: "disabled", tone: "grey" },
  draft: { icon: "draft", tone: "grey" },
};

export const CONNECTION_LOOKS: Record<string, { icon: string; tone: Tone }> = {
  ready: { icon: "succeeded", tone: "green" },
  needs_consent: { icon: "needs_consent", tone: "amber" },
  reconnect: { icon: "reconnect", tone: "red" },
  disabled: { icon: "disabled", tone: "grey" },
};
