/** What the server says over the live socket. */

import type { Run, RunFamily, RunSummary, Step } from "@/api/types";

export interface RunDelta {
  type: "run.delta";
  run_id: string;
  from_seq: number;
  seq: number;
  run: RunSummary;
  steps: Record<string, Step>;
}

/** How far the runs that a run made have come; told together, half a second after a change. */
export interface RunFamilies {
  type: "run.families";
  run_id: string;
  families: RunFamily[];
}

/** What is told to whoever follows one run. */
export type RunNews = RunDelta | RunFamilies;

export interface RunChanged {
  type: "run";
  run: RunSummary;
}

export interface CountsChanged {
  type: "counts";
  dead_letters_open: number;
}

/** What has changed, by names; whoever shows it asks for it. See `news.ts`. */
export interface NewsTold {
  type: "changed";
  what: string[];
}

export type ServerMessage = RunNews | RunChanged | CountsChanged | NewsTold;

export type Steps = Run["steps"];
