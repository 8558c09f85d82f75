/** What a schema says against a document: the same plain rules the other system will check. */

import { exactText } from "@/api/exact";
import { resolve } from "./schemaTree";
import type { Json, JsonSchema } from "./types";

export type Fault =
  | { kind: "required" }
  | { kind: "type"; expected: string }
  | { kind: "too_long"; length: number; limit: number }
  | { kind: "too_short"; limit: number }
  | { kind: "enum"; allowed: string }
  | { kind: "pattern"; pattern: string }
  | { kind: "minimum"; limit: number }
  | { kind: "maximum"; limit: number }
  | { kind: "too_few"; limit: number }
  | { kind: "too_many"; limit: number }
  | { kind: "decimals"; limit: number }
  | { kind: "read_only" }
  | { kind: "unknown" }
  | { kind: "format"; format: string }
  | { kind: "date" }
  /** The connected system keeps a list, which does not have it. */
  | { kind: "not_listed"; list: string };

const MAX_FAULTS = 500;

/** Faults by place: `Line.0.Amount`; a missing required field stands at its own place. */
export function validate(value: Json | undefined, schema: JsonSchema): Map<string, Fault> {
  const faults = new Map<string, Fault>();
  const add = (place: string, fault: Fault) => {
    if (faults.size < MAX_FAULTS && !faults.has(place)) faults.set(place, fault);
  };
  const visit = (item: Json, raw: JsonSchema, place: string) => {
    const rule = resolve(raw, schema);
    const text = exactText(item);
    const types = rule.type === undefined ? [] : [rule.type].flat();
    if (item === null) {
      if (types.length > 0 && !types.includes("null") && !nullable(raw)) {
        add(place, { kind: "type", expected: types.join(", ") });
      }
      return;
    }
    if (types.length > 0 && !types.some((type) => fits(item, type))) {
      add(place, { kind: "type", expected: types.join(", ") });
      return;
    }
    if (rule.enum && text !== null && !rule.enum.some((one) => String(one) === text)) {
      add(place, { kind: "enum", allowed: rule.enum.slice(0, 6).map(String).join(", ") });
    }
    if (rule.const !== undefined && text !== null && String(rule.const) !== text) {
      add(place, { kind: "enum", allowed: String(rule.const) });
    }
    if (typeof item === "string") checkText(item, rule, place, add);
    else if (text !== null && typeof item !== "boolean") checkNumber(text, rule, place, add);
    else if (Array.isArray(item)) {
      const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = rule;
      if (item.length < minItems) add(place, { kind: "too_few", limit: minItems });
      if (item.length > maxItems) add(place, { kind: "too_many", limit: maxItems });
      for (const [index, one] of item.entries()) {
        if (rule.items) visit(one, rule.items, join(place, index));
      }
    } else if (typeof item === "object") {
      const held = item as { [key: string]: Json };
      for (const name of rule.required ?? []) {
        if (held[name] === undefined || held[name] === null) {
          add(join(place, name), { kind: "required" });
        }
      }
      for (const [name, inner] of Object.entries(rule.properties ?? {})) {
        const found = held[name];
        if (found === undefined || found === null) continue;
        const at = join(place, name);
        const told = resolve(inner, schema);
        // A vendor's number of the record is told when the record is changed.
        const may = told["x-required-on"] ?? told["x-writable-on"];
        if (told.readOnly && may === undefined) add(at, { kind: "read_only" });
        visit(found, inner, at);
      }
      // Only where the other system says that it takes nothing else.
      if (rule.additionalProperties === false) {
        for (const name of Object.keys(held)) {
          if (!Object.hasOwn(rule.properties ?? {}, name)) {
            add(join(place, name), { kind: "unknown" });
          }
        }
      }
    }
  };
  if (value !== undefined) visit(value, schema, "");
  return faults;
}

const join = (place: string, name: string | number): string =>
  place === "" ? String(name) : `${place}.${name}`;

const nullable = (schema: JsonSchema): boolean =>
  (schema.anyOf ?? schema.oneOf ?? []).some((one) => one.type === "null");

function fits(item: Json, type: string): boolean {
  const number = typeof item !== "string" && typeof item !== "boolean" && exactText(item) !== null;
  switch (type) {
    case "string":
      return typeof item === "string";
    case "number":
      return number;
    case "integer":
      return number && /^-?\d+(\.0+)?$/.test(exactText(item) ?? "");
    case "boolean":
      return typeof item === "boolean";
    case "array":
      return Array.isArray(item);
    case "object":
      return typeof item === "object" && !Array.isArray(item) && exactText(item) === null;
    default:
      return true;
  }
}

type Add = (place: string, fault: Fault) => void;

const FORMATS: Record<string, RegExp> = {
  email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  "date-time": /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  uri: /^[a-z][a-z0-9+.-]*:\S+$/i,
};

function checkText(text: string, rule: JsonSchema, place: string, add: Add): void {
  const { maxLength, minLength, pattern, format } = rule;
  const length = [...text].length;
  if (maxLength !== undefined && length > maxLength) {
    add(place, { kind: "too_long", length, limit: maxLength });
  }
  if (minLength !== undefined && length < minLength) {
    add(place, { kind: "too_short", limit: minLength });
  }
  const looks = format === undefined ? undefined : FORMATS[format];
  if (looks && format && !looks.test(text)) add(place, { kind: "format", format });
  if (format === "date" && !/^\d{4}-\d{2}-\d{2}$/.test(text)) add(place, { kind: "date" });
  if (pattern !== undefined && !matches(pattern, text)) add(place, { kind: "pattern", pattern });
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text.slice(0, 2000));
  } catch {
    return true; // a pattern of another dialect is the server's to check
  }
}

function checkNumber(text: string, rule: JsonSchema, place: string, add: Add): void {
  const value = Number(text);
  const most = rule["x-decimals"];
  const decimals = /\.(\d*?)0*$/.exec(text)?.[1]?.length ?? 0;
  if (typeof most === "number" && decimals > most) add(place, { kind: "decimals", limit: most });
  if (rule.minimum !== undefined && value < rule.minimum) {
    add(place, { kind: "minimum", limit: rule.minimum });
  }
  if (rule.maximum !== undefined && value > rule.maximum) {
    add(place, { kind: "maximum", limit: rule.maximum });
  }
}
