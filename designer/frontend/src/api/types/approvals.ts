import type { Page } from "./json";

/** A question to a person, for which a run waits. */
export interface Approval {
  id: string;
  run_id: string;
  flow: { id: string; name: string };
  node: { id: string; name: string };
  environment: string;
  business_key: string | null;
  text: string;
  assignee: { kind: "role" | "user"; name: string };
  /** Whether somebody else was asked before. */
  escalated: boolean;
  status: "open" | "approved" | "rejected" | "expired" | "cancelled";
  asked_at: string;
  expires_at: string | null;
  decided_at: string | null;
  decided_by: string | null;
  note: string;
  /** Whether the reader may answer. */
  mine: boolean;
}

export interface ApprovalPage extends Page<Approval> {
  /** How many open questions the reader may answer. */
  for_you: number;
}
