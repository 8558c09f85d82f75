/** Where a new step goes. Pure. */

import type { FlowDocument } from "@/api/types";
import type { Point } from "./document";
import { NODE_HEIGHT, NODE_WIDTH } from "./layout";

/** A place for a new step: right of the one it follows, below what is already there. */
export function freePlace(document: FlowDocument, wish: Point): Point {
  const point = { ...wish };
  const hits = () =>
    document.nodes.some(
      ({ position }) =>
        Math.abs(position.x - point.x) < NODE_WIDTH + 16 &&
        Math.abs(position.y - point.y) < NODE_HEIGHT + 24,
    );
  while (hits()) point.y += NODE_HEIGHT + 60;
  return point;
}
