/** Fields that a person adds to a target whose schema leaves room for them. */

import { fieldAt, rootField } from "./model";
import { childPath, formatPath, isWithin, parsePath, templatePath } from "./paths";
import { type Field, resolve } from "./schemaTree";
import type { JsonSchema, MappingDocument, OwnField, OwnFieldType } from "./types";

export const OWN_TYPES: OwnFieldType[] = [
  "text",
  "number",
  "integer",
  "boolean",
  "date",
  "datetime",
  "object",
  "list",
];

const SCHEMAS: Record<OwnFieldType, JsonSchema> = {
  text: { type: "string" },
  number: { type: "number" },
  integer: { type: "integer" },
  boolean: { type: "boolean" },
  date: { type: "string", format: "date" },
  datetime: { type: "string", format: "date-time" },
  object: { type: "object", additionalProperties: true },
  list: { type: "array", items: { type: "object", additionalProperties: true } },
};

/** True when the schema leaves room for fields below this one (for a list: in its rows). */
export function isOpen(field: Field): boolean {
  const holder =
    field.type === "list" ? resolve(field.schema.items ?? {}, field.root) : field.schema;
  if (holder.enum || holder.const !== undefined) return false;
  const kinds = [holder.type ?? "object"].flat();
  if (!kinds.includes("object")) return false;
  if (holder.additionalProperties === false) return false;
  return Boolean(holder.additionalProperties) || Object.keys(holder.properties ?? {}).length === 0;
}

/** The schema with the fields that the mapping adds; what the schema says itself stays. */
export function withOwnFields(schema: JsonSchema, fields: OwnField[] | undefined): JsonSchema {
  if (!fields?.length) return schema;
  return fields.reduce((whole, field) => put(whole, whole, stepsTo(field), field), schema);
}

/** The schema without the fields that the mapping adds, and without groups that are empty then. */
export function withoutOwnFields(schema: JsonSchema, fields: OwnField[] | undefined): JsonSchema {
  if (!fields?.length) return schema;
  return fields.reduce((whole, field) => take(whole, stepsTo(field)), schema);
}

/** Names on the way to a field; `null` goes into the rows of a list. */
function stepsTo(field: OwnField): (string | null)[] {
  return parsePath(field.path).flatMap((s) => [s.name, ...s.brackets.map(() => null)]);
}

function put(
  schema: JsonSchema,
  root: JsonSchema,
  steps: (string | null)[],
  field: OwnField,
): JsonSchema {
  const known = resolve(schema, root);
  const [step, ...rest] = steps;
  if (step === undefined) {
    const shape = SCHEMAS[field.type];
    // A group or list that other own fields already fill keeps them.
    if (known.properties || known.items) return known;
    return { ...shape, ...(field.title ? { title: field.title } : {}) };
  }
  if (step === null) {
    const items = put((known.items as JsonSchema | undefined) ?? {}, root, rest, field);
    return { ...known, type: "array", items };
  }
  const present = known.properties?.[step];
  const inner = put(present ?? {}, root, rest, field);
  return {
    ...known,
    type: "object",
    additionalProperties: known.additionalProperties ?? true,
    properties: { ...known.properties, [step]: inner },
  };
}

function take(schema: JsonSchema, steps: (string | null)[]): JsonSchema {
  const [step, ...rest] = steps;
  if (step === undefined) return schema;
  if (step === null) {
    const items = schema.items as JsonSchema | undefined;
    return items ? { ...schema, items: take(items, rest) } : schema;
  }
  const present = schema.properties?.[step];
  if (!present) return schema;
  const { [step]: _gone, ...others } = schema.properties ?? {};
  if (rest.length > 0) {
    const inner = take(present, rest);
    if (!isEmpty(inner)) return { ...schema, properties: { ...others, [step]: inner } };
  }
  return { ...schema, properties: others };
}

function isEmpty(schema: JsonSchema): boolean {
  const held = (schema.items as JsonSchema | undefined) ?? schema;
  return Object.keys(held.properties ?? {}).length === 0;
}

export type Refused = "empty" | "path" | "taken" | "closed";

/** The mapping with a field more below `parent`; a path such as `lines[].sku` makes what it needs. */
export function addOwnField(
  doc: MappingDocument,
  schema: JsonSchema,
  parent: Field,
  text: string,
  type: OwnFieldType,
): { doc: MappingDocument; path: string } | { refused: Refused } {
  const typed = text.trim();
  if (typed === "") return { refused: "empty" };
  const segments = parsePath(typed);
  const plain = segments.every(
    (s) => s.name.trim() !== "" && s.brackets.length < 2 && s.brackets.every((b) => b === ""),
  );
  if (!plain) return { refused: "path" };
  const last = segments.at(-1);
  const listed = (last?.brackets.length ?? 0) > 0;
  const inner = formatPath([...segments.slice(0, -1), { name: last?.name ?? "", brackets: [] }]);
  const base = templatePath(parent.path) + (parent.type === "list" ? "[]" : "");
  const path = base === "" ? inner : `${base}.${inner}`;
  const root = rootField(withOwnFields(schema, doc.own_fields));
  if (fieldAt(root, path)) return { refused: "taken" };
  let at = base;
  for (const segment of segments.slice(0, -1)) {
    at = childPath(at, segment.name);
    const known = fieldAt(root, at);
    if (known && !isOpen(known)) return { refused: "closed" };
    at += segment.brackets.map(() => "[]").join("");
  }
  const added: OwnField = { path, type: listed ? "list" : type };
  return { doc: { ...doc, own_fields: [...(doc.own_fields ?? []), added] }, path };
}

/** The added field at a place, if it is one. */
export function ownFieldAt(doc: MappingDocument, key: string): OwnField | undefined {
  if (!doc.own_fields?.length) return undefined;
  const path = templatePath(key);
  return doc.own_fields.find((field) => field.path === path);
}

export function changeOwnField(
  doc: MappingDocument,
  path: string,
  type: OwnFieldType,
): MappingDocument {
  const fields = (doc.own_fields ?? []).map((f) => (f.path === path ? { ...f, type } : f));
  return { ...doc, own_fields: fields };
}

/** The mapping without an added field, what is below it, and the rules that fill them. */
export function removeOwnField(doc: MappingDocument, path: string): MappingDocument {
  const { own_fields: before = [], ...rest } = doc;
  const kept = before.filter((field) => !isWithin(field.path, path));
  const rules = doc.rules.filter((rule) => !isWithin(templatePath(rule.target), path));
  return kept.length > 0 ? { ...rest, rules, own_fields: kept } : { ...rest, rules };
}
