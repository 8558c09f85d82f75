/** Dragging a source row with the pointer: what is under it, and whether it may land there. */

import {
  type PointerEvent as ReactPointerEvent,
  useCallback,
  useEffect,
  useRef,
  useState,
} from "react";
import { type Verdict, validateDrop } from "./drop";
import type { PointingStore } from "./pointing";
import type { TreeNode, TreeRow } from "./treeRows";
import { dropTarget } from "./useMapper";

const START_PX = 4;
const OPEN_AFTER_MS = 550;
const EDGE_PX = 36;
const STEP_PX = 12;

export interface Drag {
  source: TreeNode;
  over: TreeNode | null;
  verdict: Verdict | null;
}

interface DragOptions {
  /** The target row at a key, when it is on the screen. */
  nodeAt: (key: string) => TreeNode | undefined;
  /** Told where the pointer is; the state of the drag changes only with the row below it. */
  pointing: PointingStore;
  onDrop: (source: TreeNode, target: TreeNode) => void;
  onRefused: (source: TreeNode, target: TreeNode, verdict: Verdict) => void;
  onTap: (source: TreeNode) => void;
  onOpen: (key: string) => void;
  /** The element that holds the target tree. */
  targetPanel: () => HTMLElement | null;
}

export function useDrag(options: DragOptions) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const latest = useRef(options);
  latest.current = options;
  const stop = useRef<(() => void) | null>(null);
  useEffect(() => () => stop.current?.(), []);

  const grab = useCallback((row: TreeRow, event: ReactPointerEvent<HTMLElement>) => {
    if (event.button !== 0 || (event.target as HTMLElement).closest("button, input")) return;
    const from = { x: event.clientX, y: event.clientY };
    const source = row.node;
    let current: Drag | null = null;
    let opening: { key: string; timer: number } | null = null;
    let at = from;

    const look = () => {
      const over = underPointer(at.x, at.y, latest.current.nodeAt);
      const verdict = over ? validateDrop(source.field, dropTarget(over)) : null;
      if (!current || current.over?.key !== over?.key) {
        current = { source, over, verdict };
        setDrag(current);
      }
      latest.current.pointing.carry(at);
      if (opening?.key !== over?.key) {
        if (opening) window.clearTimeout(opening.timer);
        opening = over?.expandable
          ? {
              key: over.key,
              timer: window.setTimeout(() => latest.current.onOpen(over.key), OPEN_AFTER_MS),
            }
          : null;
      }
    };
    const scroll = window.setInterval(() => {
      if (current && scrollAtEdge(latest.current.targetPanel(), at.x, at.y)) look();
    }, 30);

    const move = (e: PointerEvent) => {
      at = { x: e.clientX, y: e.clientY };
      if (!current && Math.hypot(at.x - from.x, at.y - from.y) < START_PX) return;
      e.preventDefault();
      look();
    };
    const end = () => {
      window.clearInterval(scroll);
      if (opening) window.clearTimeout(opening.timer);
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
      window.removeEventListener("pointercancel", end);
      window.removeEventListener("keydown", onEscape, true);
      document.body.style.userSelect = "";
      stop.current = null;
      setDrag(null);
      latest.current.pointing.carry(null);
    };
    const up = (e: PointerEvent) => {
      at = { x: e.clientX, y: e.clientY };
      if (current) look();
      const done = current;
      end();
      if (!done) {
        latest.current.onTap(source);
        return;
      }
      if (!done.over || !done.verdict) return;
      if (done.verdict.allowed) latest.current.onDrop(source, done.over);
      else latest.current.onRefused(source, done.over, done.verdict);
    };
    const onEscape = (e: KeyboardEvent) => {
      if (e.key !== "Escape") return;
      e.preventDefault();
      e.stopPropagation();
      end();
    };
    document.body.style.userSelect = "none";
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
    window.addEventListener("pointercancel", end);
    window.addEventListener("keydown", onEscape, true);
    stop.current = end;
  }, []);

  return { drag, grab };
}

function underPointer(
  x: number,
  y: number,
  nodeAt: (key: string) => TreeNode | undefined,
): TreeNode | null {
  const row = document
    .elementFromPoint?.(x, y)
    ?.closest<HTMLElement>('[data-side-panel="target"] [role="treeitem"]');
  return row?.dataset.key === undefined ? null : (nodeAt(row.dataset.key) ?? null);
}

/** Scrolls the target tree while the pointer rests at its top or bottom edge. */
function scrollAtEdge(panel: HTMLElement | null, x: number, y: number): boolean {
  const scroller = panel?.querySelector<HTMLElement>("[data-scroller]");
  if (!scroller) return false;
  const box = scroller.getBoundingClientRect();
  if (x < box.left || x > box.right) return false;
  const by = y < box.top + EDGE_PX ? -STEP_PX : y > box.bottom - EDGE_PX ? STEP_PX : 0;
  if (by === 0) return false;
  const before = scroller.scrollTop;
  scroller.scrollTop += by;
  return scroller.scrollTop !== before;
}
