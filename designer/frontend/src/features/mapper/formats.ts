/** A document as the texts people know: JSON, XML and CSV. */

import { exactText } from "@/api/exact";
import type { Json } from "./types";

export type Format = "json" | "xml" | "csv";

/** The kind of a pasted text, by how it begins. */
export function formatOf(text: string): Format {
  const start = text.trimStart()[0];
  if (start === "{" || start === "[") return "json";
  return start === "<" ? "xml" : "csv";
}

export function asText(value: Json | undefined, format: Format): string {
  if (value === undefined) return "";
  if (format === "xml") return toXml(value);
  if (format === "csv") return toCsv(value);
  return JSON.stringify(value, null, 2);
}

const isPlain = (value: Json): boolean => value === null || exactText(value) !== null;
const plainText = (value: Json): string => exactText(value) ?? "";

export const escapeXml = (text: string) =>
  text.replace(
    /[<>&"]/g,
    (c) => ({ "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;" })[c] ?? c,
  );

const tagOf = (name: string): string => {
  const safe = name.replace(/[^A-Za-z0-9_.-]/g, "_");
  return /^[A-Za-z_]/.test(safe) ? safe : `_${safe}`;
};

function toXml(value: Json): string {
  const lines: string[] = [];
  const write = (name: string, item: Json, depth: number) => {
    const pad = "  ".repeat(depth);
    const tag = tagOf(name);
    if (Array.isArray(item)) {
      for (const one of item) write(name, one, depth);
    } else if (isPlain(item)) {
      lines.push(
        item === null ? `${pad}<${tag}/>` : `${pad}<${tag}>${escapeXml(plainText(item))}</${tag}>`,
      );
    } else {
      const entries = Object.entries(item as { [key: string]: Json });
      if (entries.length === 0) lines.push(`${pad}<${tag}/>`);
      else {
        lines.push(`${pad}<${tag}>`);
        for (const [key, inner] of entries) write(key, inner, depth + 1);
        lines.push(`${pad}</${tag}>`);
      }
    }
  };
  if (Array.isArray(value)) write("document", { item: value }, 0);
  else write("document", value, 0);
  return lines.join("\n");
}

/** The longest list of groups in the document as a table, else the document as names and values. */
function toCsv(value: Json): string {
  const rows = longestList(value) ?? [value];
  const flat = rows.map((row) => flatten(row));
  const header = [...new Set(flat.flatMap((row) => [...row.keys()]))];
  const line = (cells: string[]) => cells.map(cell).join(",");
  return [line(header), ...flat.map((row) => line(header.map((name) => row.get(name) ?? "")))].join(
    "\n",
  );
}

const cell = (text: string): string =>
  /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

function longestList(value: Json): Json[] | null {
  let best: Json[] | null = null;
  const visit = (item: Json) => {
    if (isPlain(item)) return;
    if (Array.isArray(item)) {
      const groups = item.some((entry) => !isPlain(entry) && !Array.isArray(entry));
      if (groups && item.length > (best?.length ?? 0)) best = item;
      return;
    }
    for (const inner of Object.values(item as object)) visit(inner as Json);
  };
  visit(value);
  return best;
}

function flatten(value: Json, prefix = "", into = new Map<string, string>()): Map<string, string> {
  if (isPlain(value)) {
    into.set(prefix || "value", value === null ? "" : plainText(value));
    return into;
  }
  const entries: [string, Json][] = Array.isArray(value)
    ? value.map((item, index) => [String(index + 1), item])
    : Object.entries(value as { [key: string]: Json });
  for (const [key, inner] of entries) flatten(inner, prefix ? `${prefix}.${key}` : key, into);
  return into;
}
