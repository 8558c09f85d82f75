/** What publishing would change, in words of the flow. Pure. */

import type { FlowDocument, FlowNode } from "@/api/types";

export interface StepChange {
  /** Its name now. */
  name: string;
  /** Its name before, if it had another. */
  was: string | null;
  /** What became of the rules of its mappings. */
  rules: { added: number; changed: number; removed: number };
  /** Whether something else than name and rules is set otherwise. */
  settings: boolean;
}

export interface Changes {
  added: string[];
  removed: string[];
  /** Steps with other settings or another name. */
  changed: StepChange[];
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

interface AnyRule {
  id?: string;
}

const isMapping = (value: unknown): value is { rules: AnyRule[] } =>
  typeof value === "object" &&
  value !== null &&
  Array.isArray((value as { rules?: unknown }).rules) &&
  (value as { rules: AnyRule[] }).rules.every((rule) => typeof rule?.id === "string");

/** Rules of all mappings of a step by where they stand, and its settings without them. */
function parts({ type, config }: FlowNode): { rules: Map<string, string>; rest: string } {
  const rules = new Map<string, string>();
  const rest = Object.entries(config).map(([slot, value]) => {
    if (!isMapping(value)) return [slot, value];
    for (const rule of value.rules) rules.set(`${slot} ${rule.id}`, content(rule));
    return [slot, { ...value, rules: [] }];
  });
  return { rules, rest: content({ type, config: Object.fromEntries(rest) }) };
}

function stepChange(before: FlowNode, after: FlowNode): StepChange {
  const [old, now] = [parts(before), parts(after)];
  const both = [...now.rules].filter(([place]) => old.rules.has(place));
  return {
    name: after.name,
    was: before.name === after.name ? null : before.name,
    rules: {
      added: now.rules.size - both.length,
      changed: both.filter(([place, rule]) => old.rules.get(place) !== rule).length,
      removed: old.rules.size - both.length,
    },
    settings: old.rest !== now.rest,
  };
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
    changed: after.nodes.flatMap((node) => {
      const earlier = old.get(node.id);
      return earlier && meaning(earlier) !== meaning(node) ? [stepChange(earlier, node)] : [];
    }),
    wires:
      [...had].filter((wire) => !has.has(wire)).length +
      [...has].filter((wire) => !had.has(wire)).length,
  };
}

export function isNothing({ added, removed, changed, wires }: Changes): boolean {
  return added.length + removed.length + changed.length + wires === 0;
}
