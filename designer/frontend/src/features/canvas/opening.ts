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
