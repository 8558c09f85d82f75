/** Which runs are meant, and what may be held back before they are cancelled. Pure. */

import type { RunPage, RunStatus } from "@/api/types";

/** A filter of runs; only those under way are ever cancelled. */
export interface RunChoice {
  flow?: string | undefined;
  /** Short name of a connection. */
  connection?: string | undefined;
  status?: RunStatus | undefined;
  q?: string | undefined;
}

/** What the dialog is about: one flow, one connection, or what a list shows. */
export type CancelOf =
  | { kind: "flow"; id: string; name: string }
  | { kind: "connection"; slug: string; name: string }
  | { kind: "filter"; choice: RunChoice };

export type First = "" | "pause" | "switch_off";

const UNDER_WAY: readonly RunStatus[] = ["queued", "running", "waiting", "in_doubt"];

/** Whether a run of that status can still be cancelled with others. */
export function isUnderWay(status: RunStatus): boolean {
  return UNDER_WAY.includes(status);
}

export function choiceOf(of: CancelOf): RunChoice {
  if (of.kind === "flow") return { flow: of.id };
  if (of.kind === "connection") return { connection: of.slug };
  return of.choice;
}

/** The choice without what is not chosen. */
export function settled(choice: RunChoice): RunChoice {
  return Object.fromEntries(Object.entries(choice).filter(([, value]) => value));
}

/** How many runs of a list's filter are under way, as far as the list knows. */
export function underWay(counts: RunPage["counts"], status: RunStatus | undefined): number {
  return UNDER_WAY.filter((each) => status === undefined || status === each).reduce(
    (sum, each) => sum + (counts[each] ?? 0),
    0,
  );
}

/** The flow alone, where a filter names nothing else: then it can be held back first. */
export function heldBack(of: CancelOf): "flow" | "connection" | null {
  if (of.kind !== "filter") return of.kind;
  const { flow, status, q } = of.choice;
  return flow && !status && !q ? "flow" : null;
}
