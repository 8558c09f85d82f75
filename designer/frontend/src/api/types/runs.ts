/** Runs, their steps, attempts and journal. */

import type { FlowDocument } from "./flows";
import type { Json, Page } from "./json";

export type RunStatus =
  | "queued"
  | "running"
  | "waiting"
  | "succeeded"
  | "failed"
  | "in_doubt"
  | "cancelled"
  | "superseded";

export type StepStatus =
  | "pending"
  | "ready"
  | "running"
  | "retrying"
  | "succeeded"
  | "failed"
  | "skipped"
  | "in_doubt"
  | "waiting"
  | "cancelled";

export interface RunError {
  node_id: string | null;
  node_name: string | null;
  message: string;
  hint: string | null;
  code: string;
}

export interface RunSummary {
  id: string;
  flow: { id: string; name: string };
  version: number | null;
  kind: "live" | "test" | "replay" | "manual" | "backfill" | (string & {});
  environment: string;
  status: RunStatus;
  business_key: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  current: { node_id: string; name: string } | null;
  error: RunError | null;
  seq: number;
  /** True while a step stands still because somebody paused something. */
  paused?: boolean;
  /** The run above, its step, and the place among the items; null for a called flow's place. */
  parent?: { run_id: string; node_id: string; index: number | null } | null;
}

export interface Step {
  node_id: string;
  status: StepStatus;
  attempts: number;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  error: { code: string; message: string; hint: string | null } | null;
  next_attempt_at: string | null;
  port: string | null;
  /** The run was cancelled while a call of this step was away; it has not been answered yet. */
  call_out?: boolean;
  /** True when nothing more happens by itself: a person must say what is the case. */
  needs_person?: boolean;
  /** The step waits until its connection is authorised again. */
  waits_for_connection?: boolean;
  /** Runs of its own that a step makes: how many there are, and how many there will be. */
  children?: { made: number; total: number } | null;
}

/** The runs that one step of a run made: items of a list, or a called flow. */
export interface RunFamily {
  node_id: string;
  kind: string;
  total: number;
  made: number;
  /** False for a called flow whose result nobody waits for. */
  waits: boolean;
  counts: Partial<Record<RunStatus, number>>;
}

export interface Run extends RunSummary {
  document: FlowDocument;
  steps: Record<string, Step>;
  /** Its numbers in other systems; ``connection`` is the name that flows use. */
  keys: { label: string; value: string; entity?: string; connection?: string }[];
  dead_letter_id: string | null;
  replay_of: string | null;
  families?: RunFamily[];
  /** What holds it back, or would at its next call. */
  pauses?: Pause[];
  /** Steps that a person must settle, with what can be chosen. */
  doubts?: Doubt[];
}

/** A step that may have been done, and what a person can say about it. */
export interface Doubt {
  node_id: string;
  node_name: string;
  text: string;
  choices: {
    choice: "look" | "adopt" | "resend";
    title: string;
    text: string;
    /** The id that a person gives is looked up first. */
    checks_id: boolean;
  }[];
}

/** Something a person holds back: a run, a flow or a connection. */
export interface Pause {
  id: number;
  kind: "flow" | "connection" | "run";
  ref: string;
  by: string;
  reason: string;
  at: string;
}

export interface RunPage extends Page<RunSummary> {
  counts: Partial<Record<RunStatus, number>>;
}

/** Many runs being cancelled in one act. */
export interface RunJob {
  id: string;
  environment: string;
  action: "cancel";
  status: "running" | "paused" | "done" | "cancelled";
  total: number;
  done: number;
  /** What became of them: cancelled, under_way, over, not_needed. */
  counts: Record<string, number>;
  created_by: string;
  created_at: string;
  finished_at: string | null;
}

/** How many runs a choice means that are under way now. */
export interface RunForecast {
  total: number;
  counts: Partial<Record<RunStatus, number>>;
  flows: { id: string; name: string; runs: number }[];
}

export interface HttpExchange {
  request: { method: string; url: string; headers: Record<string, string>; body: Json };
  response: { status: number; headers: Record<string, string>; body: Json } | null;
  duration_ms: number | null;
}

export interface Attempt {
  number: number;
  kind: "send" | "probe" | "find";
  started_at: string;
  duration_ms: number | null;
  outcome: "ok" | "retry" | "refused" | "unknown" | "absent" | "found" | null;
  error: { code: string; message: string; hint: string | null } | string | null;
  exchanges: HttpExchange[];
}

export interface StepDetail extends Step {
  input: Json;
  output: Json;
  attempts_list: Attempt[];
}

export interface JournalEntry {
  seq: number;
  at: string;
  kind: string;
  node_id: string | null;
  text: string;
  data: Json;
}
