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
  set: (patch: Partial<Pointing>) => void;
  subscribe: (listener: () => void) => () => void;
}

export function makePointing(): PointingStore {
  let state: Pointing = { sourceTop: 0, targetTop: 0, hovered: {}, pointer: null };
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    set: (patch) => {
      state = { ...state, ...patch };
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const useMakePointing = (): PointingStore => useState(makePointing)[0];

export const usePointing = (store: PointingStore): Pointing =>
  useSyncExternalStore(store.subscribe, store.get);
