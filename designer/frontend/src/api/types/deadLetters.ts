/** Steps that need a person. */

import type { Json, Page } from "./json";

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
  status: "open" | "retried" | "skipped";
  created_at: string;
}

export interface DeadLetterGroup {
  code: string;
  message: string;
  count: number;
  flow: { id: string; name: string };
}

export interface DeadLetterPage extends Page<DeadLetter> {
  groups: DeadLetterGroup[];
}

export interface DeadLetterDetail extends DeadLetter {
  document: Json;
  step_input: Json;
  edits: { at: string; by: string; reason: string }[];
}
