import { texts } from "./index";

export const t = texts({
  "dialog.close": "Close",
  "problem.retry": "Try again",
  "problem.request": "Request {id}",
  "json.copy": "Copy JSON",
  "json.copied": "Copied",
  "json.more": "Show all {count} lines",
  "json.empty": "Nothing here",
  "time.now": "just now",
  "time.never": "never",
  "table.empty": "Nothing to show",
  "table.more": "Show more",
  "duration.ms": "{count} ms",
  "duration.s": "{value} s",
  "duration.h": "{h} h {min} min",
  "duration.days": { one: "{count} day", other: "{count} days" },
  "duration.min": "{min} min {s} s",
});
