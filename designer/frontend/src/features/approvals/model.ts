/** What the screens conclude from questions to people. Pure. */

import type { Approval } from "@/api/types";
import { t } from "./en";

export type Show = "open" | "me" | "answered";

const SHOWS: readonly Show[] = ["open", "me", "answered"];

/** The list that stands in the URL; every open question unless it says otherwise. */
export function showOf(search: Record<string, unknown>): Show {
  return SHOWS.find((known) => known === search.show) ?? "open";
}

/** How the API names that list. */
export function asQuery(show: Show): Record<string, string> {
  if (show === "me") return { status: "open", asked: "me" };
  return { status: show };
}

export function assigneeWords(approval: Pick<Approval, "assignee">): string {
  const { kind, name } = approval.assignee;
  return kind === "role" ? t("role", { role: name }) : name;
}

const HOUR_MS = 3_600_000;

/** Whether so little time is left that it should be seen. */
export function isUrgent(expiresAt: string | null, now: number): boolean {
  return expiresAt !== null && Date.parse(expiresAt) - now < HOUR_MS;
}
