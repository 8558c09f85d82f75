/** What changes with every move of the mouse or the wheel, kept out of the trees' rendering. */

import { useState, useSyncExternalStore } from "react";

export interface Pointing {
  sourceTop: number;
  targetTop: number;
  /** What the pointer rests on: a line, or a row of a tree. */
  hovered: { rule?: string; source?: string; target?: string };
  /** Where the pointer is while it carries a field. */
  pointer: { x: number; y: number } | null;
}

export interface PointingStore {
  get: () => Pointing;
  /** While a tree scrolls, the rows that pass below the pointer are not pointed at. */
  hover: (hovered: Pointing["hovered"]) => void;
  scroll: (tops: Partial<Pick<Pointing, "sourceTop" | "targetTop">>) => void;
  carry: (pointer: Pointing["pointer"]) => void;
  subscribe: (listener: () => void) => () => void;
}

const STILL_MS = 120;

export function makePointing(): PointingStore {
  let state: Pointing = { sourceTop: 0, targetTop: 0, hovered: {}, pointer: null };
  let moving: number | undefined;
  let below = state.hovered;
  const listeners = new Set<() => void>();
  const set = (patch: Partial<Pointing>) => {
    state = { ...state, ...patch };
    for (const listener of listeners) listener();
  };
  return {
    get: () => state,
    hover: (hovered) => {
      below = hovered;
      if (moving === undefined) set({ hovered });
    },
    scroll: (tops) => {
      window.clearTimeout(moving);
      moving = window.setTimeout(() => {
        moving = undefined;
        if (below !== state.hovered) set({ hovered: below });
      }, STILL_MS);
      set(tops);
    },
    carry: (pointer) => set({ pointer }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const useMakePointing = (): PointingStore => useState(makePointing)[0];

export const usePointing = (store: PointingStore): Pointing =>
  useSyncExternalStore(store.subscribe, store.get);
