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
 * Where no other cause has this code, its message is one example of theirs and all of them belong.
 */
export function recordsOf(
  group: DeadLetterGroup,
  groups: readonly DeadLetterGroup[],
  records: readonly DeadLetter[],
): DeadLetter[] {
  const sameCode = records.filter(
    (record) => record.code === group.code && record.flow.id === group.flow.id,
  );
  const rivals = groups.filter(
    (other) => other.code === group.code && other.flow.id === group.flow.id,
  );
  if (rivals.length < 2) return sameCode;
  return sameCode.filter((record) => record.message === group.message);
}
