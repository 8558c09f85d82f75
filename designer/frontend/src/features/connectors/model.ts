/** What the connector screens conclude. Pure. */

import type { Fault, InstalledConnector } from "./queries";

/** A manifest to begin with: short, right, and with every part that is usually needed. */
export const STARTER = `slug: my_system
name: My system
description: What it is, in one sentence.
categories: [other]
auth:
  kind: bearer
  fields:
    - {name: access_token, title: Access token, secret: true, help: Made in the system's settings.}
base_url: https://api.example.com
operations:
  list_things:
    title: List things
    kind: action
    effect: read
    entity: thing
    request: {method: GET, path: /things}
test: {operation: list_things}
`;

/** Where a line and column (from 1) stand in a text; the end of the line if it is shorter. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split("\n");
  const at = Math.min(Math.max(line, 1), lines.length) - 1;
  const before = lines.slice(0, at).reduce((sum, each) => sum + each.length + 1, 0);
  return before + Math.min(Math.max(column, 1) - 1, lines[at]?.length ?? 0);
}

/** Lines that something is wrong with. */
export function faultyLines(faults: readonly Fault[]): Set<number> {
  return new Set(faults.map(({ line }) => line));
}

/** Connectors whose name, description or origin holds the text. */
export function matching(
  connectors: readonly InstalledConnector[],
  text: string,
): InstalledConnector[] {
  const wanted = text.trim().toLowerCase();
  return connectors.filter((each) =>
    [each.name, each.slug, each.description, each.package, ...each.categories].some((part) =>
      part.toLowerCase().includes(wanted),
    ),
  );
}
