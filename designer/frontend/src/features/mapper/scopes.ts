/** Loop variables: what the rules of a row can read beside the document, as `$name`. */

import { elementOf, rootField, ruleById } from "./model";
import { blocksAlong, formatPath, parsePath } from "./paths";
import { fieldOfSource } from "./treeRows";
import type { Expr, Json, JsonSchema, MappingDocument, Rows, Rule, SourceTree } from "./types";
import { valueAt } from "./values";

/** Name of the variable that holds the element of a block; null when only paths lead to it. */
export function variableOf(rows: Rows): string | null {
  if (rows.as) return rows.as;
  if (rows.group) return "group";
  return rows.items ? "item" : null;
}

/** The list a block goes over as a path that ends in `[]`, where it is one. */
export function listOf(rows: Rows): string | null {
  if (rows.each) return rows.each;
  return rows.items?.op === "field" ? `${rows.items.path}[]` : null;
}

/** A path that begins with a loop variable, as the path of the document it stands for. */
export function documentPath(doc: MappingDocument, path: string, target: string): string {
  if (!path.startsWith("$")) return path;
  const [head, ...rest] = parsePath(path);
  const blocks = blocksAlong(target)
    .map((id) => ruleById(doc, id))
    .filter((rule): rule is Rule => Boolean(rule?.rows));
  for (const [at, block] of [...blocks.entries()].reverse()) {
    const from = readAs(block.rows ?? {}, head?.name.slice(1) ?? "", rest.map(nameOf));
    if (from === null) continue;
    const outer = at === 0 ? "" : blockPlace(blocks[at - 1] as Rule);
    return documentPath(doc, from, outer);
  }
  return path;
}

const nameOf = (segment: { name: string; brackets: string[] }): string =>
  formatPath([{ name: segment.name, brackets: segment.brackets.map(() => "") }]);

const below = (base: string, names: string[]): string => [base, ...names].join(".");

function readAs(rows: Rows, name: string, rest: string[]): string | null {
  const list = listOf(rows);
  if (variableOf(rows) === name && list) {
    if (!rows.group || name === rows.as) {
      if (rows.group && rest[0] === "key") return keyPath(rows.group, list);
      if (rows.group && rest[0]?.startsWith("items")) return below(list, rest.slice(1));
      return below(list, rest);
    }
    if (rest[0] === "key") return keyPath(rows.group, list);
    return below(list, rest.slice(1));
  }
  const join = rows.join?.find((j) => j.as === name);
  if (join?.with?.op === "field") return below(`${join.with.path}[]`, rest);
  const total = rows.running?.find((r) => r.as === name);
  if (total?.add?.op === "field") return total.add.path;
  if (rows.number_as === name && list) return list;
  return null;
}

function keyPath(group: Expr, list: string): string {
  return group.op === "field" && !group.path.startsWith("$") ? group.path : list;
}

const blockPlace = (block: Rule): string => `${block.target}[${block.id}]`;

const ANY: JsonSchema = {};

/** What can be read at a target beside the document: one tree for each loop variable. */
export function variablesAt(
  doc: MappingDocument,
  target: string,
  sources: SourceTree[],
): SourceTree[] {
  const found: SourceTree[] = [];
  const known = () => [...sources, ...found];
  for (const id of blocksAlong(target)) {
    const rows = ruleById(doc, id)?.rows;
    if (!rows) continue;
    const name = variableOf(rows);
    const list = listOf(rows);
    const element = list ? elementSchema(known(), list) : ANY;
    if (name && (rows.each || rows.items)) {
      const schema: JsonSchema = rows.group
        ? {
            type: "object",
            properties: { key: {}, items: { type: "array", items: element } },
            $defs: element.$defs,
          }
        : element;
      found.push({ path: `$${name}`, title: `$${name}`, icon: null, schema });
    }
    for (const join of rows.join ?? []) {
      const schema =
        join.with?.op === "field" ? elementSchema(known(), `${join.with.path}[]`) : ANY;
      found.push({ path: `$${join.as}`, title: `$${join.as}`, icon: null, schema });
    }
    const numbers = [rows.number_as, ...(rows.running ?? []).map((r) => r.as)];
    for (const number of numbers) {
      if (!number) continue;
      const schema: JsonSchema = { type: number === rows.number_as ? "integer" : "number" };
      found.push({ path: `$${number}`, title: `$${number}`, icon: null, schema });
    }
  }
  return found;
}

function elementSchema(sources: SourceTree[], list: string): JsonSchema {
  const source = sources.find((s) => list === s.path || list.startsWith(`${s.path}.`));
  const field = source ? fieldOfSource(source, list) : null;
  if (!source || !field) return ANY;
  const { schema, root } = elementOf(field, list);
  return { ...schema, $defs: root.$defs ?? schema.$defs };
}

/** The sample with the first value of every loop variable, so that its fields show values. */
export function withVariables(
  doc: MappingDocument,
  target: string,
  variables: SourceTree[],
  context: Json | undefined,
): Json | undefined {
  if (variables.length === 0 || context === null || typeof context !== "object") return context;
  const values: Record<string, Json> = {};
  for (const { path, schema } of variables) {
    if (rootField(schema).type === "integer" && !schema.properties) values[path] = 1;
    else if (schema.properties?.items && schema.properties.key) {
      const list = documentPath(doc, `${path}.items`, target);
      const all = valueAt(context, list.replace(/\[\]$/, ""));
      const key = valueAt(context, documentPath(doc, `${path}.key`, target));
      values[path] = { key: key.value ?? null, items: all.present ? all.value : [] } as Json;
    } else {
      const found = valueAt(context, documentPath(doc, path, target));
      if (found.present) values[path] = found.value as Json;
    }
  }
  return { ...(context as Record<string, Json>), ...values };
}

/** A name for a new variable that nothing else at this place has. */
export function freshName(wanted: string, doc: MappingDocument, target: string): string {
  const taken = new Set(variablesAt(doc, target, []).map((v) => v.path.slice(1)));
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}${number}`;
  return name;
}
