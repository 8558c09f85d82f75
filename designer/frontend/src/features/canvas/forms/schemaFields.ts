/** The settings of a step as a form sees them: which fields show, and what they may read. Pure. */

import type { Expr, Json, JsonSchema, SourceTree } from "@/api/types";
import { childPath, resolve, typeOf } from "../inputRules";

export interface SettingField {
  name: string;
  schema: JsonSchema;
}

type When = Record<string, Json | Json[]>;

/** Whether a field is shown: always, or for certain values of other fields. */
export function isShown(
  schema: JsonSchema,
  values: Record<string, unknown>,
  siblings: Record<string, JsonSchema>,
): boolean {
  const when = schema["x-when"] as When | undefined;
  if (!when) return true;
  return Object.entries(when).every(([name, wanted]) => {
    const value = values[name] ?? siblings[name]?.default;
    return (Array.isArray(wanted) ? wanted : [wanted]).includes(value as Json);
  });
}

/** The fields that are shown now, those that are folded away, and the units of others left out. */
export function settingsOf(
  schema: JsonSchema,
  values: Record<string, unknown>,
  skip: readonly string[] = [],
): { main: SettingField[]; advanced: SettingField[] } {
  const siblings = schema.properties ?? {};
  const units = new Set(Object.values(siblings).map((field) => field["x-unit"]));
  const shown = Object.entries(siblings)
    .filter(([name]) => !skip.includes(name) && !units.has(name))
    .filter(([, field]) => isShown(field, values, siblings))
    .map(([name, field]) => ({ name, schema: field }));
  return {
    main: shown.filter((field) => !field.schema["x-advanced"]),
    advanced: shown.filter((field) => field.schema["x-advanced"]),
  };
}

/** The names in a path: "trigger.`a b`[].c" is trigger, "a b", c. */
function namesOf(path: string): string[] {
  return (path.match(/`[^`]*`|[^.[\]`]+/g) ?? []).map((name) => name.replaceAll("`", ""));
}

/** The schema at a path of the sources, with the definitions it refers to; empty if unknown. */
export function schemaAt(path: string, sources: readonly SourceTree[]): JsonSchema {
  const source = sources
    .filter(
      (s) => path === s.path || path.startsWith(`${s.path}.`) || path.startsWith(`${s.path}[`),
    )
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (!source) return {};
  const root = source.schema;
  let at = resolve(root, root);
  for (const name of namesOf(path.slice(source.path.length))) {
    while (typeOf(at) === "array") at = resolve(at.items, root);
    at = resolve(at.properties?.[name], root);
  }
  return root.$defs ? { ...at, $defs: root.$defs } : at;
}

/**
 * What an expression about the entries of a list may read: all the step may, and the entry as
 * ``item``, which hides the item of a loop around the step.
 */
export function withEntry(
  list: Expr | undefined,
  sources: readonly SourceTree[],
  title: string,
): SourceTree[] {
  const found = list?.op === "field" ? schemaAt(list.path, sources) : {};
  const { $defs } = found;
  let entry: JsonSchema = typeOf(found) === "array" ? resolve(found.items, found) : {};
  if ($defs) entry = { ...entry, $defs };
  const own: SourceTree = { path: "item", title, icon: "loop", schema: entry };
  return [own, ...sources.filter((source) => source.path !== "item")];
}

const DEEPEST = 5;
const MOST = 400;

/** Paths of the fields inside a schema, lists as "items[].sku", for completion. */
export function pathsIn(schema: JsonSchema): string[] {
  const found: string[] = [];
  const visit = (part: JsonSchema | undefined, parent: string, depth: number) => {
    const at = resolve(part, schema);
    if (found.length >= MOST || depth > DEEPEST) return;
    if (typeOf(at) === "array") {
      visit(at.items, `${parent}[]`, depth + 1);
      return;
    }
    const names = Object.keys(at.properties ?? {});
    if (names.length === 0 && parent) found.push(parent);
    for (const name of names) visit(at.properties?.[name], childPath(parent, name), depth + 1);
  };
  visit(schema, "", 0);
  return found;
}

/** The settings without members that say nothing, so that a cleared form leaves no trace. */
export function withoutEmpty<T extends Record<string, unknown>>(values: T): Partial<T> | undefined {
  const kept = Object.entries(values).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return kept.length > 0 ? (Object.fromEntries(kept) as Partial<T>) : undefined;
}
