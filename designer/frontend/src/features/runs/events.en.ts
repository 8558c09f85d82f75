import { texts } from "@/shared/i18n";

const WORDS = {
  "run.status": "State of the run",
  "run.retried": "Retried",
  "run.cancelled": "Cancelled",
  "run.hurried": "Next try asked for",
  "run.stopped": "Given up",
  "run.clock": "Clock set right",
  "step.succeeded": "Done",
  "step.failed": "Failed",
  "step.in_doubt": "In doubt",
  "step.waits": "Waits",
  "step.paused": "Paused",
  "step.held": "Stands still",
  "step.asks": "Asked a person",
  "step.look": "Searched again",
  "step.resend": "Sent again",
  "step.cancelled": "Cancelled",
  "call.send": "Call",
  "call.probe": "Search",
} as const;

const word = texts(WORDS);

/** What an entry of a run's journal is; a code that this browser does not know stays a code. */
export function eventWord(kind: string): string {
  return kind in WORDS ? word(kind as keyof typeof WORDS) : kind;
}
