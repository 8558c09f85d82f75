/** What the lookup screens conclude: cells as text, edits that wait to be saved. Pure. */

import { exactText } from "@/api/exact";
import type { Difference, LookupRow, LookupTable, TableColumn } from "./queries";

export type Texts = Record<string, string>;

const pairColumn = (name: string, title: string, key = true): TableColumn => ({
  name,
  title,
  type: "text",
  key,
  required: true,
});

/** What a cross-reference has instead of columns: the names that its file has. */
export const PAIR_COLUMNS = [
  pairColumn("entity", "Entity"),
  pairColumn("left_connection", "A"),
  pairColumn("left_id", "Id in A"),
  pairColumn("right_connection", "B"),
  pairColumn("right_id", "Id in B", false),
];

/** Edits of rows; a new row has a negative id. */
export interface Edits {
  changed: Record<number, Texts>;
  added: { id: number; texts: Texts }[];
  removed: number[];
}

export const NO_EDITS: Edits = { changed: {}, added: [], removed: [] };

/** A cell as a person types it. */
export function cellText(value: unknown): string {
  return exactText(value) ?? (value === null || value === undefined ? "" : JSON.stringify(value));
}

export function rowTexts(columns: readonly TableColumn[], values: Record<string, unknown>): Texts {
  return Object.fromEntries(columns.map(({ name }) => [name, cellText(values[name])]));
}

/** The edits after typing into a cell; typing the old text again takes the edit back. */
export function typed(
  edits: Edits,
  row: { id: number; texts: Texts },
  column: string,
  text: string,
): Edits {
  if (row.id < 0) {
    const added = edits.added.map((entry) =>
      entry.id === row.id ? { ...entry, texts: { ...entry.texts, [column]: text } } : entry,
    );
    return { ...edits, added };
  }
  const now = { ...(edits.changed[row.id] ?? row.texts), [column]: text };
  const same = Object.keys(now).every((name) => now[name] === row.texts[name]);
  const { [row.id]: _before, ...others } = edits.changed;
  return { ...edits, changed: same ? others : { ...others, [row.id]: now } };
}

/** A new row at the top; ``start`` fills some of its cells. */
export function withRow(edits: Edits, columns: readonly TableColumn[], start: Texts = {}): Edits {
  const id = Math.min(0, ...edits.added.map((entry) => entry.id)) - 1;
  const texts = Object.fromEntries(columns.map(({ name }) => [name, start[name] ?? ""]));
  return { ...edits, added: [{ id, texts }, ...edits.added] };
}

/** Marks a row as removed, or takes that back; a row that was never saved goes at once. */
export function toggledRemoval(edits: Edits, id: number): Edits {
  if (id < 0) return { ...edits, added: edits.added.filter((entry) => entry.id !== id) };
  const removed = edits.removed.includes(id)
    ? edits.removed.filter((other) => other !== id)
    : [...edits.removed, id];
  return { ...edits, removed };
}

export function editCount(edits: Edits): number {
  const gone = new Set(edits.removed);
  const changed = Object.keys(edits.changed).filter((id) => !gone.has(Number(id)));
  return changed.length + edits.added.length + edits.removed.length;
}

/** The edits as the server wants them, and the row that each entry of `put` is. */
export function asChange(edits: Edits): {
  put: { id: number | null; values: Record<string, string | null> }[];
  remove: number[];
  order: number[];
} {
  const gone = new Set(edits.removed);
  const rows = [
    ...edits.added,
    ...Object.entries(edits.changed)
      .map(([id, texts]) => ({ id: Number(id), texts }))
      .filter(({ id }) => !gone.has(id)),
  ];
  return {
    put: rows.map(({ id, texts }) => ({
      id: id < 0 ? null : id,
      values: Object.fromEntries(
        Object.entries(texts).map(([name, text]) => [name, text === "" ? null : text]),
      ),
    })),
    remove: edits.removed,
    order: rows.map(({ id }) => id),
  };
}

export type CellFaults = Record<number, Record<string, string>>;

/** The server's complaints by row and column. */
export function faultsByRow(rows: unknown, order: readonly number[]): CellFaults {
  if (!Array.isArray(rows)) return {};
  const found: CellFaults = {};
  for (const entry of rows as { index: number; fields: Record<string, string> }[]) {
    const id = order[entry.index];
    if (id !== undefined) found[id] = { ...found[id], ...entry.fields };
  }
  return found;
}

/** Headers of a file by the column they seem to mean. */
export function matchHeaders(
  columns: readonly TableColumn[],
  headers: readonly string[],
): Record<string, string> {
  const found: Record<string, string> = {};
  const taken = new Set<string>();
  for (const column of columns) {
    const header = headers.find(
      (candidate) =>
        !taken.has(candidate) && [word(column.title), word(column.name)].includes(word(candidate)),
    );
    if (header === undefined) continue;
    taken.add(header);
    found[column.name] = header;
  }
  return found;
}

/** A name for a column, made from its title and unlike all others. */
export function columnName(title: string, taken: readonly string[]): string {
  const plain = word(title) || "column";
  const base = (/^[a-z]/.test(plain) ? plain : `c_${plain}`).slice(0, 36);
  let name = base;
  for (let number = 2; taken.includes(name); number += 1) name = `${base}_${number}`;
  return name;
}

/** Why the columns make no table yet, as a key of the catalogue; null if they do. */
export function columnsFault(
  columns: readonly TableColumn[],
): "columns.fault.title" | "columns.fault.key" | "columns.fault.value" | null {
  if (columns.some(({ title }) => title.trim() === "")) return "columns.fault.title";
  if (!columns.some(({ key }) => key)) return "columns.fault.key";
  if (columns.every(({ key }) => key)) return "columns.fault.value";
  return null;
}

/** The columns whose cells differ, with both texts. */
export function changedCells(
  columns: readonly TableColumn[],
  difference: Difference,
): { title: string; before: string; after: string }[] {
  return columns
    .map(({ name, title }) => ({
      title,
      before: cellText(difference.before?.[name]),
      after: cellText(difference.after?.[name]),
    }))
    .filter(({ before, after }) => before !== after);
}

/** How a row is called in labels: its key, readable. */
export function rowName(table: Pick<LookupTable, "columns">, row: LookupRow): string {
  const keys = table.columns.filter(({ key }) => key);
  return keys.map(({ name }) => cellText(row.values[name])).join(" · ");
}

function word(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_|_$/g, "");
}
