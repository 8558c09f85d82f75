/** What the error screens conclude from dead letters. Pure. */

import type { DeadLetter } from "@/api/types";

export type DeadLetterStatus = DeadLetter["status"];

export interface ErrorsSearch {
  status: DeadLetterStatus;
  flow?: string;
  cause?: string;
  q?: string;
  assignee?: string;
  /** The job that had retried them before they failed again. */
  job?: string;
}

const CLOSED = ["retried", "skipped", "expired"] as const;

/** The filter that stands in the URL; open errors unless it says otherwise. */
export function errorsSearch(search: Record<string, unknown>): ErrorsSearch {
  const { status, flow, cause, q, assignee, job } = search;
  return {
    status: CLOSED.find((known) => known === status) ?? "open",
    ...(typeof q === "string" && q && { q }),
    ...(typeof assignee === "string" && assignee && { assignee }),
    ...(typeof job === "string" && job && { job }),
    ...(typeof flow === "string" && flow && { flow }),
    ...(typeof cause === "string" && cause && { cause }),
  };
}
