/** Steps that need a person. */

import type { Json, Page } from "./json";

/** What could be done about a record. */
export interface Suggestion {
  do: string;
  text: string;
  table?: string;
  key?: string;
  connection?: string;
}

export interface DeadLetter {
  id: string;
  run_id: string;
  flow: { id: string; name: string };
  node: { id: string; name: string };
  environment: string;
  code: string;
  message: string;
  hint: string | null;
  business_key: string | null;
  status: "open" | "retried" | "skipped" | "expired";
  created_at: string;
  cause?: string;
  assignee?: { id: string; name: string } | null;
  expires_at?: string | null;
  /** True when it expires within the days that the environment's policy warns ahead. */
  expires_soon?: boolean;
  suggestion?: Suggestion | null;
}

export interface DeadLetterGroup {
  code: string;
  message: string;
  count: number;
  /** Name of the cause, for filters. */
  cause: string;
  step?: string;
  first_at?: string;
  last_at?: string;
  flow: { id: string; name: string };
}

export interface DeadLetterPage extends Page<DeadLetter> {
  groups: DeadLetterGroup[];
}

export interface DeadLetterDetail extends DeadLetter {
  document: Json;
  step_input: Json;
  document_kept?: boolean;
  edits: { at: string; by: string; reason: string; did?: string; changed?: boolean }[];
  /** Steps that the run came to: a retry can begin from each. */
  steps?: { id: string; name: string }[];
  can_go_past?: boolean;
  /** An item of a loop: it goes on with another version only where that has the same loop. */
  is_item?: boolean;
}

export type RetryOutcome =
  | "will_send"
  | "already_posted"
  | "in_doubt"
  | "nothing_to_send"
  | "cannot";

export interface RetryForecast {
  outcome: RetryOutcome;
  why: string;
  steps: { node_id: string; name: string; outcome: RetryOutcome }[];
}

/** The same thing done to many records, or only worked out in advance. */
export interface BulkJob {
  id: string;
  action: "retry" | "skip" | "assign";
  rehearsal: boolean;
  status: "running" | "paused" | "done" | "cancelled";
  total: number;
  done: number;
  counts: Record<string, number>;
  /** What became by now of the records that were retried: went_through, failed_again, in_doubt,
   * ended, under_way. */
  results: Record<string, number> | null;
  problems: { dead_letter_id: string; business_key: string; why: string }[];
  created_by: string;
  created_at: string;
  finished_at: string | null;
}

export interface Member {
  id: string;
  name: string;
  role: string;
}
