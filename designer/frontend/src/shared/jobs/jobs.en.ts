import { texts } from "../i18n";

/** Words of every job that works through many things. */
export const t = texts({
  "job.by": "{done} of {total}, begun by {by}",
  "job.pause": "Pause",
  "job.resume": "Go on",
});
