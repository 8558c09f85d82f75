/** What the error screens conclude from dead letters. Pure. */

import type { DeadLetter, DeadLetterGroup } from "@/api/types";

export type DeadLetterStatus = DeadLetter["status"];

export interface ErrorsSearch {
  status: DeadLetterStatus;
  flow?: string;
  cause?: string;
}

/** The filter that stands in the URL; open errors unless it says otherwise. */
export function errorsSearch(search: Record<string, unknown>): ErrorsSearch {
  const { status, flow, cause } = search;
  return {
    status: status === "retried" || status === "skipped" ? status : "open",
    ...(typeof flow === "string" && flow && { flow }),
    ...(typeof cause === "string" && cause && { cause }),
  };
}

/** A short name for a cause that can stand in a URL and stays the same between visits. */
export function causeKey(group: Pick<DeadLetterGroup, "code" | "message" | "flow">): string {
  let hash = 0x811c9dc5;
  for (const character of `${group.flow.id}\n${group.code}\n${group.message}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

/**
 * The records of a cause among those of its code.
 *
 * Where no record has the very message of the group, the group speaks for all of them (its message
 * is a common form of theirs).
 */
export function recordsOf(group: DeadLetterGroup, records: readonly DeadLetter[]): DeadLetter[] {
  const sameCode = records.filter(
    (record) => record.code === group.code && record.flow.id === group.flow.id,
  );
  const sameMessage = sameCode.filter((record) => record.message === group.message);
  return sameMessage.length > 0 ? sameMessage : sameCode;
}
