/** What a card says of a step beside its state: the way it took, its items, until when it waits. Pure. */

import type { FlowNode, RunFamily, RunStatus, Step } from "@/api/types";
import { formatDuration, formatMoment } from "@/shared/time";
import { t } from "./en";
import { portName } from "./nodeInfo";

const OVER: RunStatus[] = ["succeeded", "failed", "cancelled", "superseded"];

/** How many runs of a family have come to an end, and how many of them failed. */
export function progressOf(family: RunFamily): { done: number; failed: number; total: number } {
  const done = OVER.reduce((sum, status) => sum + (family.counts[status] ?? 0), 0);
  return { done, failed: family.counts.failed ?? 0, total: family.total };
}

const PLAIN_EXITS = ["out", "error"];

export function stepNote(node: FlowNode, step: Step, family: RunFamily | null): string {
  if (node.type === "for_each" && family) {
    const { done, failed, total } = progressOf(family);
    const parts = [t("note.items", { done, total })];
    if (failed > 0) parts.push(t("note.failed", { count: failed }));
    return parts.join(" · ");
  }
  if (step.call_out) return t("note.callOut");
  if (step.waits_for_connection) return t("note.connection");
  if (step.status === "waiting" && step.next_attempt_at) {
    const at = formatMoment(step.next_attempt_at);
    return node.type === "approval" ? t("note.answerBy", { at }) : t("note.until", { at });
  }
  if (step.status === "waiting" && node.type === "approval") return t("note.person");
  if (step.port && !PLAIN_EXITS.includes(step.port)) {
    const way = t("note.way", { way: portName(node, step.port) });
    return step.duration_ms != null && step.duration_ms >= 1000
      ? `${way} · ${formatDuration(step.duration_ms)}`
      : way;
  }
  return "";
}
