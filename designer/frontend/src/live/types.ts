/** What the server says over the live socket. */

import type { Run, RunSummary, Step } from "@/api/types";

export interface RunDelta {
  type: "run.delta";
  run_id: string;
  from_seq: number;
  seq: number;
  run: RunSummary;
  steps: Record<string, Step>;
}

export interface RunChanged {
  type: "run";
  run: RunSummary;
}

export interface CountsChanged {
  type: "counts";
  dead_letters_open: number;
}

export type ServerMessage = RunDelta | RunChanged | CountsChanged;

export type Steps = Run["steps"];
