/** Where the canvas looks when a flow is opened. Pure. */

import type { Viewport } from "@xyflow/react";
import type { FlowDocument } from "@/api/types";
import { NODE_HEIGHT, NODE_WIDTH } from "./layout";

export interface Frame {
  width: number;
  height: number;
}

/** Below this the names of steps are small print. */
const READABLE = 0.5;
/** At this zoom a card shows its operation and its summary too. */
const COMFORTABLE = 0.72;
const MARGIN = 40;
/** What stands between the flow and the edge when all of it is shown, as a share of the frame. */
const SLACK = 1.1;

function extent(document: FlowDocument) {
  const xs = document.nodes.map(({ position }) => position.x);
  const ys = document.nodes.map(({ position }) => position.y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const width = Math.max(...xs) + NODE_WIDTH - left;
  return { left, top, width, height: Math.max(...ys) + NODE_HEIGHT - top };
}

/** Whether all of the flow can be shown without its names becoming small print. */
export function fits(document: FlowDocument, frame: Frame, readable = READABLE): boolean {
  if (document.nodes.length === 0) return true;
  const { width, height } = extent(document);
  return Math.min(frame.width / width, frame.height / height) / SLACK >= readable;
}

/** What stands between the flow and the edges of a frame for reading: its tools are at the left. */
const AROUND = { left: 72, right: 28, top: 20, bottom: 28 };

/**
 * The view with a step in the middle, for a flow that does not fit; null for one that does. Beyond
 * the flow's own edges nothing is shown. Without a step it is the flow's beginning.
 */
export function around(document: FlowDocument, frame: Frame, id: string | null): Viewport | null {
  if (fits(document, frame)) return null;
  const { left, top, width, height } = extent(document);
  const fed = new Set(document.edges.map((edge) => edge.target));
  const at = (
    document.nodes.find((node) => node.id === id) ?? document.nodes.find((one) => !fed.has(one.id))
  )?.position ?? { x: left, y: top };
  const zoom = COMFORTABLE;
  const place = (
    middle: number,
    from: number,
    length: number,
    [start, end]: [number, number],
  ): number => {
    const [most, least] = [start - from * zoom, end - (from + length) * zoom];
    // All of it has room in this direction: it stands in the middle.
    if (least >= most) return (least + most) / 2;
    return Math.min(most, Math.max(least, (start + end) / 2 - middle * zoom));
  };
  return {
    zoom,
    x: place(at.x + NODE_WIDTH / 2, left, width, [AROUND.left, frame.width - AROUND.right]),
    y: place(at.y + NODE_HEIGHT / 2, top, height, [AROUND.top, frame.height - AROUND.bottom]),
  };
}

/** Whether all of a step's card is seen. */
export function seen(position: { x: number; y: number }, view: Viewport, frame: Frame): boolean {
  const x = position.x * view.zoom + view.x;
  const y = position.y * view.zoom + view.y;
  return (
    x >= 0 &&
    y >= 0 &&
    x + NODE_WIDTH * view.zoom <= frame.width &&
    y + NODE_HEIGHT * view.zoom <= frame.height
  );
}

/** The view of the flow's first steps, for a flow that does not fit; null for one that does. */
export function beginning(document: FlowDocument, frame: Frame): Viewport | null {
  if (fits(document, frame)) return null;
  const { left, top, height } = extent(document);
  const fed = new Set(document.edges.map((edge) => edge.target));
  const first = document.nodes.find(({ id }) => !fed.has(id))?.position ?? { x: left, y: top };
  const zoom = COMFORTABLE;
  const room = frame.height - height * zoom;
  return {
    zoom,
    x: MARGIN - first.x * zoom,
    // In the middle if it is not too high for that, else the first step near the top.
    y: room > 2 * MARGIN ? room / 2 - top * zoom : MARGIN - first.y * zoom,
  };
}
