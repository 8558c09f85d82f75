/** A form that people fill in, between its JSON Schema and the rows of the form builder. Pure. */

import type { Json, JsonSchema } from "@/api/types";

export const KINDS = [
  "text",
  "long",
  "number",
  "integer",
  "boolean",
  "date",
  "choice",
  "list",
] as const;
export type FormKind = (typeof KINDS)[number];

export interface FormRow {
  name: string;
  title: string;
  kind: FormKind;
  required: boolean;
  help: string;
  choices: string[];
}

/** The help of a field, unless it only says the label again. */
export function helpBeside(label: string, help: string | undefined): string | undefined {
  const words = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  return help && words(help) !== words(label) ? help : undefined;
}

const KNOWN = ["type", "title", "description", "enum", "format", "items", "x-long"];

function kindOf(schema: JsonSchema): FormKind | null {
  if (Object.keys(schema).some((key) => !KNOWN.includes(key))) return null;
  if (schema.type === "array") {
    const { items = {} } = schema;
    return items.type === "string" && Object.keys(items).length === 1 ? "list" : null;
  }
  if (schema.enum) {
    const texts = schema.enum.every((choice) => typeof choice === "string");
    return schema.type === "string" && texts ? "choice" : null;
  }
  if (schema.format) return schema.type === "string" && schema.format === "date" ? "date" : null;
  if (schema["x-long"]) return "long";
  switch (schema.type) {
    case "string":
      return "text";
    case "number":
    case "integer":
    case "boolean":
      return schema.type;
    default:
      return null;
  }
}

/** The rows of a form, or null if its schema says more than rows can show. */
export function readForm(schema: JsonSchema | undefined): FormRow[] | null {
  if (!schema || Object.keys(schema).length === 0) return [];
  const rest = Object.keys(schema).filter(
    (key) => !["type", "properties", "required", "additionalProperties"].includes(key),
  );
  if (rest.length > 0 || schema.type !== "object") return null;
  const rows: FormRow[] = [];
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const kind = kindOf(field);
    if (kind === null) return null;
    rows.push({
      name,
      title: field.title ?? "",
      kind,
      required: schema.required?.includes(name) ?? false,
      help: field.description ?? "",
      choices: (field.enum ?? []) as string[],
    });
  }
  const names = new Set(rows.map((row) => row.name));
  return (schema.required ?? []).every((name) => names.has(name)) ? rows : null;
}

function fieldOf({ title, kind, help, choices }: FormRow): JsonSchema {
  const words = { ...(title && { title }), ...(help && { description: help }) };
  switch (kind) {
    case "text":
      return { type: "string", ...words };
    case "long":
      return { type: "string", ...words, "x-long": true as Json };
    case "date":
      return { type: "string", format: "date", ...words };
    case "choice":
      return { type: "string", ...words, enum: choices };
    case "list":
      return { type: "array", ...words, items: { type: "string" } };
    default:
      return { type: kind, ...words };
  }
}

/** The JSON Schema of a form; nothing at all without rows. */
export function writeForm(rows: readonly FormRow[]): JsonSchema | undefined {
  if (rows.length === 0) return undefined;
  const required = rows.filter((row) => row.required).map((row) => row.name);
  return {
    type: "object",
    properties: Object.fromEntries(rows.map((row) => [row.name, fieldOf(row)])),
    ...(required.length > 0 && { required }),
  };
}

/** A name for a field that has none yet, made of its title and not taken. */
export function nameFor(title: string, taken: readonly string[]): string {
  const base =
    title
      .normalize("NFKD")
      .replace(/[\u0300-\u036f]/g, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^_+|_+$/g, "") || "field";
  if (!taken.includes(base)) return base;
  let number = 2;
  while (taken.includes(`${base}_${number}`)) number += 1;
  return `${base}_${number}`;
}
