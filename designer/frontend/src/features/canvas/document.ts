/** Changes to a flow document. Pure: each gives a new document and leaves the old one alone. */

import { exactText } from "@/api/exact";
import type { FlowDocument, FlowEdge, FlowNode } from "@/api/types";
import { loopBehind, loopsOf } from "./loops";

export const EMPTY_FLOW: FlowDocument = { schema: 1, nodes: [], edges: [] };

export interface Point {
  x: number;
  y: number;
}

/** One end of a wire that is not drawn yet. */
export interface Wire {
  source: string;
  source_port: string;
  target: string;
  target_port: string;
}

const ID_LIMIT = 40;

function slug(text: string, fallback: string): string {
  const words = text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "");
  return words.slice(0, ID_LIMIT - 4).replace(/_+$/, "") || fallback;
}

function free(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}_${number}`)) number += 1;
  return `${base}_${number}`;
}

/** An id for a new node: short, made of its name, not used yet. */
export function newNodeId(document: FlowDocument, name: string): string {
  return free(slug(name, "step"), new Set(document.nodes.map((node) => node.id)));
}

export function newEdgeId(document: FlowDocument): string {
  const taken = new Set(document.edges.map((edge) => edge.id));
  let number = document.edges.length + 1;
  while (taken.has(`e${number}`)) number += 1;
  return `e${number}`;
}

export function nodeOf(document: FlowDocument, id: string | null | undefined) {
  return id ? document.nodes.find((node) => node.id === id) : undefined;
}

export function addNode(document: FlowDocument, node: FlowNode): FlowDocument {
  return { ...document, nodes: [...document.nodes, node] };
}

export function connect(document: FlowDocument, wire: Wire): FlowDocument {
  return { ...document, edges: [...document.edges, { id: newEdgeId(document), ...wire }] };
}

export function changeNode(
  document: FlowDocument,
  id: string,
  change: (node: FlowNode) => FlowNode,
): FlowDocument {
  return {
    ...document,
    nodes: document.nodes.map((node) => (node.id === id ? change(node) : node)),
  };
}

export function moveNodes(document: FlowDocument, to: ReadonlyMap<string, Point>): FlowDocument {
  let moved = false;
  const nodes = document.nodes.map((node) => {
    const point = to.get(node.id);
    if (!point || (point.x === node.position.x && point.y === node.position.y)) return node;
    moved = true;
    return { ...node, position: point };
  });
  return moved ? { ...document, nodes } : document;
}

/** Takes nodes and wires away; a wire goes with either of its nodes. */
export function remove(
  document: FlowDocument,
  nodeIds: ReadonlySet<string>,
  edgeIds: ReadonlySet<string> = new Set(),
): FlowDocument {
  if (nodeIds.size === 0 && edgeIds.size === 0) return document;
  return {
    ...document,
    nodes: document.nodes.filter((node) => !nodeIds.has(node.id)),
    edges: document.edges.filter(
      (edge) => !edgeIds.has(edge.id) && !nodeIds.has(edge.source) && !nodeIds.has(edge.target),
    ),
  };
}

/** Puts a node into a wire. Without an output the node ends the way and the rest comes loose. */
export function insertOnEdge(
  document: FlowDocument,
  edgeId: string,
  node: FlowNode,
  outPort: string | undefined,
): FlowDocument {
  const edge = document.edges.find((candidate) => candidate.id === edgeId);
  if (!edge) return addNode(document, node);
  let next = addNode(remove(document, new Set(), new Set([edgeId])), node);
  next = connect(next, { ...wireOf(edge), target: node.id, target_port: "in" });
  if (!outPort) return next;
  return connect(next, { ...wireOf(edge), source: node.id, source_port: outPort });
}

function wireOf({ source, source_port, target, target_port }: FlowEdge): Wire {
  return { source, source_port, target, target_port };
}

// ---- copy and paste -------------------------------------------------------------------------

export interface Fragment {
  causeway: "flow-fragment";
  nodes: FlowNode[];
  edges: FlowEdge[];
}

/** The chosen nodes and the wires between them, ready for the clipboard. */
export function copyOf(document: FlowDocument, ids: ReadonlySet<string>): Fragment {
  return {
    causeway: "flow-fragment",
    nodes: document.nodes.filter((node) => ids.has(node.id)),
    edges: document.edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)),
  };
}

export function readFragment(text: string): Fragment | null {
  try {
    const value = JSON.parse(text) as Partial<Fragment>;
    if (value?.causeway !== "flow-fragment") return null;
    if (!Array.isArray(value.nodes) || !Array.isArray(value.edges)) return null;
    return value as Fragment;
  } catch {
    return null;
  }
}

/** Keys of expressions and rules that hold a path into the run's data. */
const PATH_KEYS = new Set(["path", "each", "source"]);
const STEP_PATH = /^steps\.([a-z][a-z0-9_]*)(?=$|[.[])/;

function renamePaths(value: unknown, ids: ReadonlyMap<string, string>, key = ""): unknown {
  if (typeof value === "string") {
    if (!PATH_KEYS.has(key)) return value;
    return value.replace(STEP_PATH, (whole, id: string) =>
      ids.has(id) ? `steps.${ids.get(id)}` : whole,
    );
  }
  if (Array.isArray(value)) return value.map((item) => renamePaths(item, ids));
  // A number kept digit for digit is an object too; a copy of it would be one no more.
  if (value && typeof value === "object" && exactText(value) === null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, renamePaths(item, ids, name)]),
    );
  }
  return value;
}

/**
 * The document with a fragment put in, and the ids its nodes got.
 *
 * Paths among the pasted nodes follow their new ids; paths to other nodes stay as they are.
 */
export function paste(
  document: FlowDocument,
  fragment: Fragment,
  offset: Point,
): { document: FlowDocument; ids: string[] } {
  let next = document;
  const ids = new Map<string, string>();
  for (const node of fragment.nodes) {
    const id = newNodeId(next, node.id.replace(/_\d+$/, ""));
    ids.set(node.id, id);
    next = addNode(next, { ...node, id });
  }
  const pasted = new Set(ids.values());
  next = {
    ...next,
    nodes: next.nodes.map((node) =>
      pasted.has(node.id)
        ? {
            ...node,
            config: renamePaths(node.config, ids) as FlowNode["config"],
            position: { x: node.position.x + offset.x, y: node.position.y + offset.y },
          }
        : node,
    ),
  };
  for (const edge of fragment.edges) {
    const source = ids.get(edge.source);
    const target = ids.get(edge.target);
    if (source && target) next = connect(next, { ...wireOf(edge), source, target });
  }
  return { document: next, ids: [...pasted] };
}

// ---- which wires are allowed ----------------------------------------------------------------

export type Refusal =
  | "self"
  | "into_trigger"
  | "duplicate"
  | "cycle"
  | "no_port"
  | "loop_border"
  | "unknown";

/** Node ids that can be reached from a node along the wires. */
export function downstream(document: FlowDocument, id: string): Set<string> {
  return walk(id, document.edges, "source", "target");
}

/** Node ids that come before a node. */
export function upstream(document: FlowDocument, id: string): Set<string> {
  return walk(id, document.edges, "target", "source");
}

function walk(id: string, edges: FlowEdge[], from: "source" | "target", to: "source" | "target") {
  const next = new Map<string, string[]>();
  for (const edge of edges) {
    const known = next.get(edge[from]);
    if (known) known.push(edge[to]);
    else next.set(edge[from], [edge[to]]);
  }
  const seen = new Set<string>();
  const open = [id];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    for (const reached of next.get(current) ?? []) {
      if (seen.has(reached)) continue;
      seen.add(reached);
      open.push(reached);
    }
  }
  return seen;
}

/** Why a wire may not be drawn, or null if it may. */
export function refusal(
  document: FlowDocument,
  wire: Wire,
  ports: (node: FlowNode) => { in: string[]; out: string[] },
): Refusal | null {
  const source = nodeOf(document, wire.source);
  const target = nodeOf(document, wire.target);
  if (!source || !target) return "unknown";
  if (source.id === target.id) return "self";
  if (target.type.startsWith("trigger.")) return "into_trigger";
  if (!ports(source).out.includes(wire.source_port)) return "no_port";
  if (!ports(target).in.includes(wire.target_port)) return "no_port";
  const same = (edge: FlowEdge) =>
    edge.source === wire.source &&
    edge.source_port === wire.source_port &&
    edge.target === wire.target &&
    edge.target_port === wire.target_port;
  if (document.edges.some(same)) return "duplicate";
  if (downstream(document, target.id).has(source.id)) return "cycle";
  if (crossesLoop(document, wire)) return "loop_border";
  return null;
}

/** Whether the target stands in the body of another loop than the wire's beginning does. */
function crossesLoop(document: FlowDocument, wire: Wire): boolean {
  if (!document.nodes.some((node) => node.type === "for_each")) return false;
  if (!document.edges.some((edge) => edge.target === wire.target)) return false;
  const loops = loopsOf(document);
  return loopBehind(document, wire, loops) !== (loops.get(wire.target) ?? "");
}
