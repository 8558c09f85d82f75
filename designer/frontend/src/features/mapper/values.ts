/** Values of a sample document, found by path and written short enough for a row. */

import { exactText } from "@/api/exact";
import { t } from "./en";
import { parsePath } from "./paths";
import type { Json, PreviewValue } from "./types";

export interface Found {
  /** False when the document has no such place; null counts as there. */
  present: boolean;
  /** The first value, or the only one. */
  value: Json;
  /** How many there are; 1 unless the path runs through lists. */
  count: number;
}

const NONE: Found = { present: false, value: null, count: 0 };

/** What stands at a path of the run's context; through lists, the first and how many. */
export function valueAt(context: Json | undefined, path: string): Found {
  if (context === undefined) return NONE;
  let here: Json[] = [context];
  let looped = false;
  for (const segment of parsePath(path)) {
    const next: Json[] = [];
    for (const value of here) {
      if (value !== null && typeof value === "object" && !Array.isArray(value)) {
        const below = value[segment.name];
        if (below !== undefined) next.push(below);
      }
    }
    here = next;
    for (const _ of segment.brackets) {
      looped = true;
      here = here.flatMap((value) => (Array.isArray(value) ? value : []));
    }
  }
  const first = here[0];
  if (first === undefined) return { ...NONE, count: 0 };
  return { present: true, value: first, count: looped ? here.length : 1 };
}

/** Whether the sample has something at this path. */
export function hasValue(context: Json | undefined, path: string): boolean {
  const found = valueAt(context, path);
  return found.present && found.value !== null && found.value !== "";
}

const SHORT = 60;

/** A value on one line; numbers and texts as they came. */
export function shortText(value: Json | undefined, limit = SHORT): string {
  if (value === undefined) return "";
  if (value === null) return "null";
  const plain = exactText(value);
  if (plain !== null) return clip(plain.replace(/\s+/g, " "), limit);
  if (Array.isArray(value)) {
    if (value.length === 0) return "[ ]";
    if (value.every(isPlain)) {
      return clip(value.map((v) => shortText(v, limit)).join(", "), limit);
    }
    return `[${value.length}]`;
  }
  const names = Object.keys(value);
  return names.length === 0 ? "{ }" : clip(`{ ${names.join(", ")} }`, limit);
}

/** One value that is not made of others, however its digits are kept. */
export function isPlain(value: Json): boolean {
  return value === null || exactText(value) !== null;
}

function clip(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

export interface LiveText {
  text: string;
  /** How many values; 1 outside of rows. */
  count: number;
  /** More values than the one shown. */
  more: number;
  error: string | null;
  empty: boolean;
  /** Not known before a run. */
  pending?: boolean;
}

/** What stands where a value is empty: why it is. */
export const emptyText = (live: LiveText): string =>
  t(live.pending ? "value.pending" : "rule.empty_value");

/** What the preview says about a rule, ready for a line's label. */
export function liveText(value: PreviewValue | undefined): LiveText | null {
  if (!value) return null;
  if ("error" in value) {
    const text = errorText(value.error);
    return { text, count: 0, more: 0, error: text, empty: false };
  }
  if ("pending" in value) {
    return { text: "", count: 0, more: 0, error: null, empty: true, pending: true };
  }
  if ("values" in value) {
    const filled = value.values.find((v) => v !== null && v !== undefined);
    return {
      text: shortText(filled ?? value.values[0]),
      count: value.count,
      more: Math.max(0, value.count - 1),
      error: null,
      empty: filled === undefined,
    };
  }
  const missing = value.value === null || value.value === undefined;
  return {
    text: missing ? "" : shortText(value.value),
    count: 1,
    more: 0,
    error: null,
    empty: missing,
  };
}

function errorText(error: unknown): string {
  if (typeof error === "string") return error;
  if (error !== null && typeof error === "object" && "message" in error) {
    return String((error as { message: unknown }).message);
  }
  return JSON.stringify(error);
}
