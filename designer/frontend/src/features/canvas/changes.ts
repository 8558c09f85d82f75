/** What publishing would change, in words of the flow. Pure. */

import type { FlowDocument, FlowNode } from "@/api/types";

export interface Changes {
  added: string[];
  removed: string[];
  /** Steps with other settings or another name, by their name now. */
  changed: string[];
  /** Wires that came or went between steps that stay. */
  wires: number;
}

/** The same text for the same content, in whatever order its members stand; exact numbers too. */
function content(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null || "rawJSON" in value) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}

const meaning = ({ type, name, config }: FlowNode) => content({ type, name, config });

/** Where a step stands on the canvas means nothing, so it is no change. */
export function changesBetween(before: FlowDocument, after: FlowDocument): Changes {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const now = new Map(after.nodes.map((node) => [node.id, node]));
  const stays = (edge: { source: string; target: string }) =>
    [edge.source, edge.target].every((id) => old.has(id) && now.has(id));
  const wiresOf = (document: FlowDocument) =>
    new Set(
      document.edges
        .filter(stays)
        .map((e) => `${e.source}\n${e.source_port}\n${e.target}\n${e.target_port}`),
    );
  const [had, has] = [wiresOf(before), wiresOf(after)];
  return {
    added: after.nodes.filter(({ id }) => !old.has(id)).map(({ name }) => name),
    removed: before.nodes.filter(({ id }) => !now.has(id)).map(({ name }) => name),
    changed: after.nodes
      .filter((node) => {
        const earlier = old.get(node.id);
        return earlier !== undefined && meaning(earlier) !== meaning(node);
      })
      .map(({ name }) => name),
    wires:
      [...had].filter((wire) => !has.has(wire)).length +
      [...has].filter((wire) => !had.has(wire)).length,
  };
}

export function isNothing({ added, removed, changed, wires }: Changes): boolean {
  return added.length + removed.length + changed.length + wires === 0;
}
