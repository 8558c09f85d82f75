/** A JSON Schema read as a tree of fields, one level at a time, so recursion never matters. */

import { childPath } from "./paths";
import type { Json, JsonSchema } from "./types";

export type FieldType =
  | "text"
  | "number"
  | "integer"
  | "boolean"
  | "date"
  | "datetime"
  | "object"
  | "list"
  | "any";

export interface Field {
  /** Unique in its tree. Lists of a source end in `[]`; a target's list does not. */
  path: string;
  name: string;
  title: string;
  description: string;
  type: FieldType;
  /** For a list: what one element is. */
  itemType: FieldType | null;
  required: boolean;
  readOnly: boolean;
  enum: Json[] | null;
  schema: JsonSchema;
  root: JsonSchema;
}

const MAX_REF_HOPS = 12;

function pointer(root: JsonSchema, ref: string): JsonSchema | null {
  if (ref === "#") return root;
  if (!ref.startsWith("#/")) return null;
  let at: unknown = root;
  for (const part of ref.slice(2).split("/")) {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (at === null || typeof at !== "object") return null;
    at = (at as Record<string, unknown>)[key];
  }
  return at !== null && typeof at === "object" ? (at as JsonSchema) : null;
}

function merge(into: JsonSchema, from: JsonSchema): JsonSchema {
  const merged: JsonSchema = { ...from, ...into };
  if (into.properties && from.properties) {
    merged.properties = { ...from.properties, ...into.properties };
  }
  if (into.required || from.required) {
    merged.required = [...new Set([...(from.required ?? []), ...(into.required ?? [])])];
  }
  return merged;
}

function isNullOnly(schema: JsonSchema): boolean {
  return schema.type === "null" || schema.const === null;
}

const resolved = new WeakMap<JsonSchema, JsonSchema>();

/** The schema with references followed and allOf merged; of alternatives, the union of fields. */
export function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const known = resolved.get(schema);
  if (known) return known;
  const found = resolveOnce(schema, root, 0);
  resolved.set(schema, found);
  return found;
}

function resolveOnce(schema: JsonSchema, root: JsonSchema, hops: number): JsonSchema {
  if (hops > MAX_REF_HOPS) return {};
  let result = schema;
  if (schema.$ref) {
    const { $ref, ...own } = schema;
    const found = pointer(root, $ref);
    result = found ? merge(own, resolveOnce(found, root, hops + 1)) : own;
  }
  if (result.allOf) {
    const { allOf, ...own } = result;
    result = allOf.reduce<JsonSchema>(
      (sum, part) => merge(sum, resolveOnce(part, root, hops + 1)),
      own,
    );
  }
  const alternatives = result.anyOf ?? result.oneOf;
  if (alternatives) {
    const { anyOf: _any, oneOf: _one, ...own } = result;
    const parts = alternatives
      .filter((a) => !isNullOnly(a))
      .map((a) => resolveOnce(a, root, hops + 1));
    result = parts.reduce<JsonSchema>((sum, part) => merge(sum, part), own);
    // A field of one alternative is not required of the whole.
    if (parts.length > 1) result = { ...result, required: own.required };
  }
  return result;
}

export function typeOf(schema: JsonSchema): FieldType {
  const declared = Array.isArray(schema.type) ? schema.type.find((t) => t !== "null") : schema.type;
  const type =
    declared ?? (schema.properties ? "object" : schema.items ? "array" : typeOfValue(schema));
  switch (type) {
    case "string":
      if (schema.format === "date") return "date";
      if (schema.format === "date-time") return "datetime";
      return "text";
    case "number":
    case "integer":
    case "boolean":
    case "object":
      return type;
    case "array":
      return "list";
    default:
      return "any";
  }
}

function typeOfValue(schema: JsonSchema): string | undefined {
  const example = schema.const ?? schema.enum?.[0];
  return example === undefined || example === null ? undefined : typeof example;
}

export function fieldOf(
  schema: JsonSchema,
  root: JsonSchema,
  path: string,
  name: string,
  required: boolean,
): Field {
  const full = resolve(schema, root);
  const type = typeOf(full);
  const own = schema.title ?? (schema.$ref ? undefined : full.title);
  return {
    path,
    name,
    title: own ?? name,
    description: schema.description ?? full.description ?? "",
    type,
    itemType: type === "list" ? typeOf(itemSchema(full, root)) : null,
    required,
    readOnly: full.readOnly === true,
    enum: full.enum ?? (full.const !== undefined ? [full.const] : null),
    schema: full,
    root,
  };
}

export function itemSchema(list: JsonSchema, root: JsonSchema): JsonSchema {
  return list.items && typeof list.items === "object" ? resolve(list.items, root) : {};
}

const below = new WeakMap<JsonSchema, Map<string, readonly Field[]>>();

/**
 * The fields of an object, or of one element of a list, below `base`; worked out once, as a large
 * tree is walked again with every change of the mapping.
 */
export function fieldsBelow(field: Field, base: string): readonly Field[] {
  const holder = field.type === "list" ? itemSchema(field.schema, field.root) : field.schema;
  const places = below.get(holder) ?? new Map<string, readonly Field[]>();
  below.set(holder, places);
  let found = places.get(base);
  if (!found) {
    const required = new Set(holder.required ?? []);
    found = Object.entries(holder.properties ?? {}).map(([name, schema]) =>
      fieldOf(schema, field.root, childPath(base, name), name, required.has(name)),
    );
    places.set(base, found);
  }
  return found;
}

/** One field of an object, or of one element of a list, by its name; null when there is none. */
export function fieldBelow(field: Field, name: string, path: string): Field | null {
  const holder = field.type === "list" ? itemSchema(field.schema, field.root) : field.schema;
  const { properties } = holder;
  if (!properties || !Object.hasOwn(properties, name)) return null;
  const required = holder.required?.includes(name) ?? false;
  return fieldOf(properties[name] ?? {}, field.root, path, name, required);
}

/** True when the field has fields of its own to show. */
export function hasFields(field: Field): boolean {
  const holder = field.type === "list" ? itemSchema(field.schema, field.root) : field.schema;
  return Object.keys(holder.properties ?? {}).length > 0;
}

/** Identity of what a field contains, to notice a schema that contains itself. */
export function shapeOf(field: Field): unknown {
  const holder = field.type === "list" ? itemSchema(field.schema, field.root) : field.schema;
  return holder.properties;
}

export function isScalar(type: FieldType): boolean {
  return type !== "object" && type !== "list";
}
