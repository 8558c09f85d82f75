import { texts } from "./index";

export const statusText = texts({
  pending: "Not started",
  ready: "Next up",
  queued: "Queued",
  running: "Running",
  waiting: "Waiting",
  retrying: "Retrying",
  succeeded: "Succeeded",
  failed: "Failed",
  skipped: "Skipped",
  in_doubt: "In doubt",
  cancelled: "Cancelled",
  superseded: "Superseded",
  needs_consent: "Needs consent",
  reconnect: "Reconnect",
  disabled: "Disabled",
  open: "Open",
  retried: "Retried",
  active: "Active",
  paused: "Paused",
  draft: "Draft",
});
