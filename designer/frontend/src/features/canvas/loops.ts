/** Which steps are done for each item of which loop. The server's rule, read from the wires alone. Pure. */

import type { FlowDocument, FlowEdge } from "@/api/types";

const LOOP = "for_each";
const ITEM = "item";

/** Node ids, each after all its sources; those of a circle are left out. */
function ordered(document: FlowDocument): string[] {
  const waiting = new Map(document.nodes.map((node) => [node.id, 0]));
  const going = new Map<string, string[]>();
  for (const edge of document.edges) {
    if (!waiting.has(edge.source) || !waiting.has(edge.target)) continue;
    waiting.set(edge.target, (waiting.get(edge.target) ?? 0) + 1);
    going.set(edge.source, [...(going.get(edge.source) ?? []), edge.target]);
  }
  const ready = document.nodes.filter((node) => waiting.get(node.id) === 0).map(({ id }) => id);
  const order: string[] = [];
  for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
    order.push(id);
    for (const target of going.get(id) ?? []) {
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  return order;
}

type WireStart = Pick<FlowEdge, "source" | "source_port">;

/**
 * The loop in whose body each node stands ("" for none). A body is what is wired to a loop's item
 * exit and everything after that; a loop inside it, and what follows that loop, belong to it too.
 */
export function loopsOf(document: FlowDocument): Map<string, string> {
  const found = new Map<string, string>();
  for (const id of ordered(document)) {
    const first = document.edges.find((edge) => edge.target === id && found.has(edge.source));
    found.set(id, first ? loopBehind(document, first, found) : "");
  }
  return found;
}

/** The loop in whose body whatever hangs on a wire stands. */
export function loopBehind(
  document: FlowDocument,
  edge: WireStart,
  loops: ReadonlyMap<string, string>,
): string {
  const source = document.nodes.find((node) => node.id === edge.source);
  if (source?.type === LOOP && edge.source_port === ITEM) return source.id;
  return loops.get(edge.source) ?? "";
}

export interface LoopBody {
  loop: string;
  /** Its own steps, and those of the loops inside it. */
  nodes: string[];
  /** How many loops are nested inside it. */
  layers: number;
}

/** The body of each loop that has one, outer ones first. */
export function bodiesOf(document: FlowDocument): LoopBody[] {
  const loops = loopsOf(document);
  const within = new Map<string, string[]>();
  for (const [id, own] of loops) {
    for (let loop = own; loop; loop = loops.get(loop) ?? "") {
      within.set(loop, [...(within.get(loop) ?? []), id]);
    }
  }
  const layers = (loop: string): number =>
    Math.max(
      0,
      ...(within.get(loop) ?? []).filter((id) => within.has(id)).map((id) => layers(id) + 1),
    );
  return [...within]
    .map(([loop, nodes]) => ({ loop, nodes, layers: layers(loop) }))
    .sort((a, b) => b.layers - a.layers);
}
