/** How large the map is drawn: the height of a row, kept for this person's browser. */

import { createContext, useCallback, useContext, useState } from "react";

const HEIGHTS_PX = [20, 25, 30, 36] as const;
export const PLAIN_PX = 30;
const KEY = "causeway.mapper.row_px";

/** Height of a row in pixels, for whatever is drawn beside rows. */
export const RowHeight = createContext<number>(PLAIN_PX);
export const useRowHeight = (): number => useContext(RowHeight);

function kept(): number {
  try {
    const found = Number(localStorage.getItem(KEY));
    return HEIGHTS_PX.find((height) => height === found) ?? PLAIN_PX;
  } catch {
    return PLAIN_PX;
  }
}

export interface Zoom {
  rowPx: number;
  percent: number;
  canGrow: boolean;
  canShrink: boolean;
  by: (steps: 1 | -1) => void;
}

export function useZoom(): Zoom {
  const [rowPx, setRowPx] = useState(kept);
  const by = useCallback((steps: 1 | -1) => {
    setRowPx((before) => {
      const at = HEIGHTS_PX.indexOf(before as (typeof HEIGHTS_PX)[number]) + steps;
      const next = HEIGHTS_PX[Math.max(0, Math.min(HEIGHTS_PX.length - 1, at))] ?? PLAIN_PX;
      try {
        localStorage.setItem(KEY, String(next));
      } catch {
        // A browser that keeps nothing shows the plain size next time.
      }
      return next;
    });
  }, []);
  return {
    rowPx,
    percent: Math.round((100 * rowPx) / PLAIN_PX),
    canGrow: rowPx < Math.max(...HEIGHTS_PX),
    canShrink: rowPx > Math.min(...HEIGHTS_PX),
    by,
  };
}
