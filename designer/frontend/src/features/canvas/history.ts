/** Undo and redo for any value: a past, a present and a future. Pure. */

export interface History<T> {
  past: T[];
  present: T;
  future: T[];
  /** Names the change that made the present, so that a run of the same small changes is one. */
  mark: { key: string; at: number } | null;
}

const DEPTH = 200;
const JOIN_MS = 1_000;

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], mark: null };
}

/**
 * The history after a change. Changes with the same key that follow each other within a second,
 * such as typing in one field, become a single step back.
 */
export function commit<T>(
  history: History<T>,
  next: T,
  change: { key: string; at: number } | null = null,
): History<T> {
  if (next === history.present) return history;
  const { mark } = history;
  const joins = change && mark && mark.key === change.key && change.at - mark.at <= JOIN_MS;
  if (joins) return { ...history, present: next, future: [], mark: change };
  return {
    past: [...history.past, history.present].slice(-DEPTH),
    present: next,
    future: [],
    mark: change,
  };
}

export function undo<T>(history: History<T>): History<T> {
  const previous = history.past.at(-1);
  if (history.past.length === 0 || previous === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: previous,
    future: [history.present, ...history.future],
    mark: null,
  };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future, mark: null };
}
