import type { KeyboardEvent, PointerEvent } from "react";
import classes from "./DesignerPage.module.css";

interface ResizeHandleProps {
  label: string;
  /** The size in pixels of the panel it belongs to. */
  size: number;
  onResize: (size: number) => void;
  min: number;
  max: number;
  axis: "x" | "y";
  /** The panel lies left of the edge or above it. */
  before?: boolean;
}

const STEP = 24;

/** The edge of a panel, right of it or below it unless said otherwise: drag, or use the arrow keys. */
export function ResizeHandle(props: ResizeHandleProps) {
  const { label, size, onResize, min, max, axis, before = false } = props;
  const sign = before ? -1 : 1;
  const limit = (value: number) => Math.round(Math.max(min, Math.min(max, value)));
  const start = (event: PointerEvent<HTMLHRElement>) => {
    event.preventDefault();
    const handle = event.currentTarget;
    const from = axis === "x" ? event.clientX : event.clientY;
    handle.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) => {
      const to = axis === "x" ? moved.clientX : moved.clientY;
      onResize(limit(size + sign * (from - to)));
    };
    const stop = () => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", stop);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", stop);
  };
  const key = (event: KeyboardEvent) => {
    const grow = axis === "x" ? "ArrowLeft" : "ArrowUp";
    const shrink = axis === "x" ? "ArrowRight" : "ArrowDown";
    if (event.key === grow) onResize(limit(size + sign * STEP));
    else if (event.key === shrink) onResize(limit(size - sign * STEP));
    else return;
    event.preventDefault();
  };
  return (
    <hr
      className={classes.resize}
      data-axis={axis}
      aria-label={label}
      aria-orientation={axis === "x" ? "vertical" : "horizontal"}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onPointerDown={start}
      onKeyDown={key}
    />
  );
}
