/** A tidy left-to-right arrangement of a flow: layers by longest way, little crossing. Pure. */

import type { FlowDocument } from "@/api/types";
import type { Point } from "./document";
import { bodiesOf, type LoopBody } from "./loops";

export const NODE_WIDTH = 240;
export const NODE_HEIGHT = 84;
const COLUMN = NODE_WIDTH + 100;
const ROW = NODE_HEIGHT + 56;
const SWEEPS = 4;

/** A port's rank: the main way stays on top, a loop's items stand below it, error ways sink. */
function portRank(port: string): number {
  if (port === "error") return 2;
  // A frame has a title above its steps.
  if (port === "item") return 1.5;
  return port === "false" || port === "rejected" ? 1 : 0;
}

/** Each node behind all that lead to it: the longest way from the beginning. */
function layersOf(document: FlowDocument): Map<string, number> {
  const layers = new Map(document.nodes.map((node) => [node.id, 0]));
  // A document with a circle (not publishable, but drawable) ends at the bound.
  for (let round = 0; round < document.nodes.length; round += 1) {
    let moved = false;
    for (const edge of document.edges) {
      const source = layers.get(edge.source);
      const target = layers.get(edge.target);
      if (source === undefined || target === undefined || edge.source === edge.target) continue;
      if (target < source + 1) {
        layers.set(edge.target, source + 1);
        moved = true;
      }
    }
    if (!moved) break;
  }
  // A circle leaves gaps between the layers.
  const used = [...new Set(layers.values())].sort((a, b) => a - b);
  return new Map([...layers].map(([id, layer]) => [id, used.indexOf(layer)]));
}

/** More columns than this are folded into bands, one below the other, as lines of a text are. */
const COLUMNS = 6;
const BAND_GAP = 64;

/** A position for every node. The same document always gives the same arrangement. */
export function arrange(document: FlowDocument): Map<string, Point> {
  const bodies = bodiesOf(document);
  const layers = layersOf(document);
  const rows = rowsOf(document, layers);
  clearFrames(bodies, layers, rows);
  return fold(document, layers, rows, bodies);
}

function rowsOf(document: FlowDocument, layers: ReadonlyMap<string, number>): Map<string, number> {
  const rows = new Map<string, number>();
  const columns: string[][] = [];
  for (const node of document.nodes) {
    const layer = layers.get(node.id) ?? 0;
    columns[layer] = [...(columns[layer] ?? []), node.id];
  }
  for (const column of columns) column?.forEach((id, row) => void rows.set(id, row));

  const wish = (id: string): number => {
    const from = document.edges.filter((edge) => edge.target === id && rows.has(edge.source));
    if (from.length === 0) return rows.get(id) ?? 0;
    const sum = from.reduce(
      (total, edge) => total + (rows.get(edge.source) ?? 0) + portRank(edge.source_port),
      0,
    );
    return sum / from.length;
  };
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const column of columns) {
      if (!column) continue;
      const wishes = new Map(column.map((id) => [id, wish(id)]));
      column.sort((a, b) => (wishes.get(a) ?? 0) - (wishes.get(b) ?? 0));
      let next = Number.NEGATIVE_INFINITY;
      for (const id of column) {
        next = Math.max(Math.round((wishes.get(id) ?? 0) * 2) / 2, next);
        rows.set(id, next);
        next += 1;
      }
    }
  }
  return rows;
}

/** Moves what stands between the steps of a loop below them, so that frames hold their own only. */
function clearFrames(
  bodies: readonly LoopBody[],
  layers: ReadonlyMap<string, number>,
  rows: Map<string, number>,
): void {
  // Inner loops first: what they push down makes the frames around them longer.
  for (const { nodes } of [...bodies].reverse()) {
    const own = new Set(nodes);
    const columns = nodes.map((id) => layers.get(id) ?? 0);
    const [left, right] = [Math.min(...columns), Math.max(...columns)];
    const lines = nodes.map((id) => rows.get(id) ?? 0);
    const [top, bottom] = [Math.min(...lines), Math.max(...lines)];
    // Whatever begins above the frame's lower end and is not above its upper end goes down.
    const intruding = (id: string, row: number) => {
      const column = layers.get(id) ?? 0;
      return !own.has(id) && column >= left && column <= right && row > top - 1 && row < bottom + 1;
    };
    const moved = [...rows].filter(([id, row]) => intruding(id, row));
    if (moved.length === 0) continue;
    const shift = bottom + 1 - Math.min(...moved.map(([, row]) => row));
    // All that stands in those columns below goes down as well, so that nothing meets.
    const first = Math.min(...moved.map(([, row]) => row));
    for (const [id, row] of rows) {
      const column = layers.get(id) ?? 0;
      if (!own.has(id) && column >= left && column <= right && row >= first) {
        rows.set(id, row + shift);
      }
    }
  }
}

function fold(
  document: FlowDocument,
  layers: ReadonlyMap<string, number>,
  rows: ReadonlyMap<string, number>,
  bodies: readonly LoopBody[],
): Map<string, Point> {
  if (layers.size === 0) return new Map();
  const breaks = breaksOf(Math.max(...layers.values()) + 1, layers, bodies);
  const points = new Map<string, Point>();
  let y = 0;
  for (const [band, begin] of breaks.entries()) {
    const end = breaks[band + 1] ?? Number.POSITIVE_INFINITY;
    const inside = document.nodes.filter(({ id }) => {
      const layer = layers.get(id) ?? 0;
      return layer >= begin && layer < end;
    });
    const ranks = inside.map(({ id }) => rows.get(id) ?? 0);
    const top = Math.min(...ranks);
    for (const { id } of inside) {
      points.set(id, {
        x: ((layers.get(id) ?? 0) - begin) * COLUMN,
        y: y + Math.round(((rows.get(id) ?? 0) - top) * ROW),
      });
    }
    y += (Math.max(...ranks) - top + 1) * ROW + BAND_GAP;
  }
  return points;
}

/** The columns at which bands begin; never inside a loop, whose frame cannot be broken. */
function breaksOf(
  count: number,
  layers: ReadonlyMap<string, number>,
  bodies: readonly LoopBody[],
): number[] {
  const spans = bodies.map(({ loop, nodes }) => {
    const columns = [loop, ...nodes].map((id) => layers.get(id) ?? 0);
    return [Math.min(...columns), Math.max(...columns)] as const;
  });
  const free = (column: number) => spans.every(([from, to]) => column <= from || column > to);
  // Bands of about one length look calmer than full ones and a short rest.
  const width = Math.ceil(count / Math.ceil(count / COLUMNS));
  const breaks = [0];
  for (let wish = width; wish < count; wish += width) {
    const last = breaks.at(-1) ?? 0;
    let column = wish;
    while (column > last && !free(column)) column -= 1;
    if (column === last) {
      column = wish;
      while (column < count && !free(column)) column += 1;
    }
    if (column < count) breaks.push(column);
    wish = Math.max(wish, column);
  }
  return breaks;
}
