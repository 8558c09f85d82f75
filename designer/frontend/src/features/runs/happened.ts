import type { RunSummary } from "@/api/types";
import { t } from "./en";

/** One sentence on where a run stands: its error, its current step, what holds it back, or that it is done. */
export function happened(run: RunSummary): string {
  if (run.status === "superseded") return t("happened.superseded");
  const isOver = run.status === "succeeded" || run.status === "cancelled";
  if (run.paused && !isOver && run.status !== "failed") return t("happened.paused");
  if (run.error && !isOver) return run.error.message;
  if (run.current && !isOver) return run.current.name;
  if (run.status === "succeeded") return t("happened.succeeded");
  if (run.status === "cancelled") return t("happened.cancelled");
  return run.status === "queued" ? t("happened.queued") : t("happened.running");
}
