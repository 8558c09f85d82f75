/**
 * Which questions to the server have new answers, by the names that the server tells. Pure.
 *
 * A name is a kind, or "trigger:<flow>". A kind that this browser does not know means nothing.
 */
import type { QueryFilters } from "@tanstack/react-query";
import { keys } from "@/api/queries";

/** All kinds, for moments in which something may have been missed; lists of runs see to themselves. */
export const ALL_NEWS: readonly string[] = [
  "approvals",
  "pauses",
  "bulk",
  "connections",
  "calls",
  "trigger",
];

/** Tells itself again with every call: it is asked for at most so often. */
export const CALLS = "calls";

/** A form that somebody is filling in must not change under their hands. */
const isForm = (key: readonly unknown[]) => key[3] === "form";

/** The queries that a name is about. */
export function queriesOf(ws: string, env: string, name: string): QueryFilters[] {
  const [kind, id] = splitOnce(name);
  switch (kind) {
    case "approvals":
      return [
        { queryKey: [ws, "approvals"] },
        { queryKey: [ws, "run"], predicate: ({ queryKey }) => queryKey[3] === "questions" },
      ];
    case "pauses":
      return [
        { queryKey: [ws, "pauses"] },
        { queryKey: [ws, "run"], predicate: ({ queryKey }) => queryKey[3] === "held" },
      ];
    case "bulk":
      return [
        { queryKey: [ws, "bulk-job"] },
        { queryKey: [ws, "run-jobs"] },
        { queryKey: [...keys.deadLetters(ws), "bulk"] },
      ];
    case "runs":
      return [{ queryKey: keys.runs(ws) }, { queryKey: keys.overview(ws, env) }];
    case CALLS:
      return [
        { queryKey: [...keys.connections(ws), "limits"] },
        { queryKey: [...keys.connections(ws), "uses"] },
        {
          queryKey: keys.sandboxes(ws),
          predicate: ({ queryKey }) => queryKey[2] !== "order-samples",
        },
      ];
    case "connections":
      return [{ queryKey: keys.connections(ws) }, { queryKey: keys.overview(ws, env) }];
    case "trigger":
      return [
        {
          queryKey: id ? [ws, "trigger", id] : [ws, "trigger"],
          predicate: ({ queryKey }) => !isForm(queryKey),
        },
      ];
    default:
      return [];
  }
}

function splitOnce(name: string): [string, string] {
  const at = name.indexOf(":");
  return at < 0 ? [name, ""] : [name.slice(0, at), name.slice(at + 1)];
}
