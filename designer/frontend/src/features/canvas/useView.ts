import { useReactFlow } from "@xyflow/react";
import { type RefObject, useCallback, useEffect, useRef } from "react";
import type { FlowDocument } from "@/api/types";
import { FIT } from "./CanvasTools";
import { beginning, type Frame, fits } from "./opening";

/** Smaller than this the whole flow is not kept in view while panels and steps come and go. */
const SMALLEST = 0.4;

/**
 * What part of the flow the canvas in `frame` shows: all of it if that can be read, else its
 * beginning. While all of it is shown it stays so, however panels and steps come and go. A panel
 * that opens takes room from the canvas: the chosen step must not end up under it.
 */
export function useView(
  frame: RefObject<HTMLElement | null>,
  document: FlowDocument,
  chosen: string | undefined,
) {
  const canvas = useReactFlow();
  const fitted = useRef(true);
  const latest = useRef({ document, chosen });
  latest.current = { document, chosen };

  const fitAll = useCallback(() => {
    fitted.current = true;
    window.setTimeout(() => void canvas.fitView(FIT), 40);
  }, [canvas]);

  const letGo = useCallback(() => {
    fitted.current = false;
  }, []);

  const show = useCallback(
    (id: string) => {
      window.setTimeout(() => {
        void canvas.fitView({ nodes: [{ id }], duration: 260, maxZoom: 0.9, minZoom: 0.5 });
      }, 40);
    },
    [canvas],
  );

  /** Brings a step into view unless the whole flow is there to be read. */
  const focus = useCallback(
    (id: string) => {
      if (fitted.current && canvas.getZoom() >= SMALLEST) return;
      fitted.current = false;
      show(id);
    },
    [show, canvas],
  );

  /** A step was added, at a place that the person pointed at or at one that was found for it. */
  const added = useCallback(
    (id: string, pointed: boolean) => {
      const room = frame.current?.getBoundingClientRect();
      if (fitted.current && (!room || fits(latest.current.document, room, SMALLEST))) fitAll();
      else if (!pointed) show(id);
    },
    [frame, fitAll, show],
  );

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let opened = false;
    const open = (room: Frame) => {
      opened = true;
      const view = beginning(latest.current.document, room);
      fitted.current = view === null;
      if (view) void canvas.setViewport(view);
      else void canvas.fitView({ ...FIT, duration: 0 });
    };
    const keepInView = () => {
      const box = element.getBoundingClientRect();
      if (!opened) return open(box);
      const now = latest.current;
      if (fitted.current && fits(now.document, box, SMALLEST)) {
        void canvas.fitView({ ...FIT, duration: 0 });
        return;
      }
      const card = element
        .querySelector(`.react-flow__node[data-id="${now.chosen}"]`)
        ?.getBoundingClientRect();
      if (!card) return;
      const over = Math.max(0, card.right + 28 - box.right);
      const under = Math.max(0, card.bottom + 28 - box.bottom);
      if (over + under === 0) return;
      const { x, y, zoom } = canvas.getViewport();
      void canvas.setViewport({ x: x - over, y: y - under, zoom });
    };
    const observer = new ResizeObserver(keepInView);
    observer.observe(element);
    return () => observer.disconnect();
  }, [canvas, frame]);

  return { fitAll, letGo, focus, added };
}
