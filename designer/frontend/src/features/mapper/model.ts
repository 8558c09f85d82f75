/** Every change a person can make to a mapping document, as pure functions. */

import { type ExprPath, isHole, replaceAt } from "./expressions";
import {
  blocksAlong,
  childPath,
  formatPath,
  isWithin,
  listsAlong,
  parsePath,
  placesAround,
} from "./paths";
import {
  type Field,
  fieldBelow,
  fieldOf,
  fieldsBelow,
  hasFields,
  isScalar,
  itemSchema,
  shapeOf,
} from "./schemaTree";
import type { Expr, JsonSchema, MappingDocument, Rows, Rule } from "./types";

export function emptyMapping(): MappingDocument {
  return { schema: 1, rules: [] };
}

/** The document as it may be edited: missing parts filled, unknown keys kept. */
export function readMapping(value: unknown): MappingDocument {
  const doc = (value ?? {}) as Partial<MappingDocument>;
  return { ...doc, schema: 1, rules: Array.isArray(doc.rules) ? doc.rules : [] };
}

export function newId(doc: MappingDocument, prefix: "r" | "b"): string {
  const taken = new Set(doc.rules.map((rule) => rule.id));
  let number = 1;
  while (taken.has(`${prefix}${number}`)) number += 1;
  return `${prefix}${number}`;
}

export function ruleById(doc: MappingDocument, id: string | null | undefined): Rule | undefined {
  return doc.rules.find((rule) => rule.id === id);
}

/** The rule that gives this target its value. */
export function valueRule(doc: MappingDocument, target: string): Rule | undefined {
  return doc.rules.find((rule) => rule.target === target && !rule.rows);
}

/** The row blocks of a target list, in the order their rows are appended. */
export function blocksOf(doc: MappingDocument, list: string): Rule[] {
  return doc.rules.filter((rule) => rule.target === list && rule.rows);
}

export function hasRuleWithin(doc: MappingDocument, path: string): boolean {
  return doc.rules.some(
    (rule) => isWithin(rule.target, path) && (path !== "" || rule.target === ""),
  );
}

// ---- changes --------------------------------------------------------------------------------

type Patch = { [Key in keyof Rule]?: Rule[Key] | undefined };

/** Changes keys of one rule; a key given as undefined is taken away. */
export function patchRule(doc: MappingDocument, id: string, patch: Patch): MappingDocument {
  const rules = doc.rules.map((rule) =>
    rule.id === id ? (withoutUndefined({ ...rule, ...patch }) as Rule) : rule,
  );
  return { ...doc, rules };
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}

export function addRule(doc: MappingDocument, rule: Rule): MappingDocument {
  return { ...doc, rules: [...doc.rules, rule] };
}

/** Sets what a target gets, keeping the rule's other settings when there is one already. */
export function setExpr(doc: MappingDocument, target: string, expr: Expr): MappingDocument {
  const present = valueRule(doc, target);
  if (present) return patchRule(doc, present.id, { expr });
  return addRule(doc, { id: newId(doc, "r"), target, expr });
}

export function setPart(
  doc: MappingDocument,
  id: string,
  at: ExprPath,
  part: Expr,
): MappingDocument {
  const rule = ruleById(doc, id);
  if (!rule) return doc;
  return patchRule(doc, id, { expr: replaceAt(rule.expr ?? { op: "hole" }, at, part) });
}

/** The place below which a block's own rules stand: `Line[b1]`. */
export function blockPath(block: Rule): string {
  return `${block.target}[${block.id}]`;
}

/** Takes a rule away; a row block goes with everything inside it. */
export function removeRule(doc: MappingDocument, id: string): MappingDocument {
  const rule = ruleById(doc, id);
  if (!rule) return doc;
  const inside = rule.rows ? blockPath(rule) : null;
  return {
    ...doc,
    rules: doc.rules.filter(
      (other) => other.id !== id && !(inside !== null && isWithin(other.target, inside)),
    ),
  };
}

/** How many rules go when this one goes. */
export function removedWith(doc: MappingDocument, id: string): number {
  return doc.rules.length - removeRule(doc, id).rules.length;
}

export function addBlock(
  doc: MappingDocument,
  list: string,
  rows: Rows = {},
): [MappingDocument, Rule] {
  const block: Rule = { id: newId(doc, "b"), target: list, rows: withoutUndefined(rows) };
  // A block stands after its siblings and what they contain, so that the document reads in order.
  let at = -1;
  doc.rules.forEach((rule, index) => {
    if (isWithin(rule.target, list)) at = index;
  });
  const rules = [...doc.rules];
  rules.splice(at < 0 ? rules.length : at + 1, 0, block);
  return [{ ...doc, rules }, block];
}

/**
 * The target with a row for every list on its way that has none yet: typing a value into
 * `Line[].Amount` means one row with this amount.
 */
export function ensureRows(doc: MappingDocument, target: string): [MappingDocument, string] {
  let next = doc;
  let path = target;
  for (let at = path.indexOf("[]"); at >= 0; at = path.indexOf("[]")) {
    const [added, block] = addBlock(next, path.slice(0, at), {});
    next = added;
    path = `${blockPath(block)}${path.slice(at + 2)}`;
  }
  return [next, path];
}

export function setRows(
  doc: MappingDocument,
  id: string,
  patch: { [Key in keyof Rows]?: Rows[Key] | undefined },
): MappingDocument {
  const rule = ruleById(doc, id);
  if (!rule?.rows) return doc;
  return patchRule(doc, id, { rows: withoutUndefined({ ...rule.rows, ...patch }) });
}

/** Moves a block one place up or down among the blocks of its list. */
export function moveBlock(doc: MappingDocument, id: string, by: -1 | 1): MappingDocument {
  const rule = ruleById(doc, id);
  if (!rule?.rows) return doc;
  const siblings = blocksOf(doc, rule.target);
  const other = siblings[siblings.findIndex((s) => s.id === id) + by];
  if (!other) return doc;
  const rules = doc.rules.map((r) => (r.id === id ? other : r.id === other.id ? rule : r));
  return { ...doc, rules };
}

/** Gives a block another id; every target inside it follows. */
export function renameBlock(doc: MappingDocument, id: string, name: string): MappingDocument {
  const taken = doc.rules.some((rule) => rule.id === name);
  if (taken || !/^[a-z][a-z0-9_]*$/.test(name) || !ruleById(doc, id)?.rows) return doc;
  const renamed = (target: string) =>
    formatPath(
      parsePath(target).map((s) => ({
        name: s.name,
        brackets: s.brackets.map((b) => (b === id ? name : b)),
      })),
    );
  const rules = doc.rules.map((rule) => ({
    ...rule,
    id: rule.id === id ? name : rule.id,
    target: renamed(rule.target),
  }));
  return { ...doc, rules };
}

/** A second block like the first, with everything inside it. */
export function duplicateBlock(doc: MappingDocument, id: string): [MappingDocument, Rule | null] {
  const block = ruleById(doc, id);
  if (!block?.rows) return [doc, null];
  let next = doc;
  const ids = new Map<string, string>();
  const inside = blockPath(block);
  const copies = doc.rules.filter((r) => r.id === id || isWithin(r.target, inside));
  for (const rule of copies) {
    const fresh = newId(next, rule.rows ? "b" : "r");
    ids.set(rule.id, fresh);
    next = addRule(next, { ...rule, id: fresh });
  }
  const fresh = new Set(ids.values());
  const rules = next.rules.map((rule) =>
    fresh.has(rule.id)
      ? {
          ...rule,
          target: formatPath(
            parsePath(rule.target).map((s) => ({
              name: s.name,
              brackets: s.brackets.map((b) => ids.get(b) ?? b),
            })),
          ),
        }
      : rule,
  );
  next = { ...next, rules };
  return [next, ruleById(next, ids.get(id)) ?? null];
}

// ---- reading --------------------------------------------------------------------------------

/**
 * The lists a target path loops over, outermost first: rows over `orders[].lines[]` go over the
 * lines of every order, so the order around each line is in reach too.
 */
export function loopsAround(doc: MappingDocument, target: string): string[] {
  return blocksAlong(target).flatMap((id) => listsAlong(ruleById(doc, id)?.rows?.each ?? ""));
}

/** The lists along a source path that no block around the target runs through. */
export function openLists(doc: MappingDocument, source: string, target: string): string[] {
  const around = loopsAround(doc, target);
  const lists = listsAlong(source);
  const reached = Math.max(-1, ...lists.map((list, i) => (around.includes(list) ? i : -1)));
  return lists.slice(reached + 1);
}

export interface Coverage {
  /** Targets that have a value, list rows counted once per block. */
  mapped: number;
  /** Fields a person may fill, to a depth that a person would look. */
  total: number;
  requiredMapped: number;
  requiredTotal: number;
}

const COUNT_LIMIT = 5000;

/** Numbers for "14 of 16 fields mapped". */
export function countMapped(
  doc: MappingDocument | undefined,
  targetSchema: JsonSchema | null | undefined,
): Coverage {
  const target = targetSchema ? rootField(targetSchema) : null;
  const rules = doc?.rules ?? [];
  const live = rules.filter((r) => !r.rows && !r.disabled && !isHole(r.expr));
  const coverage: Coverage = {
    mapped: new Set(live.map((r) => r.target)).size,
    total: 0,
    requiredMapped: 0,
    requiredTotal: 0,
  };
  if (!target || !doc) return coverage;
  const missing = requiredMissing(doc, target);
  const needed = requiredFields(doc, target);
  coverage.requiredTotal = needed.length;
  coverage.requiredMapped = needed.length - missing.length;
  coverage.total = countFields(target.root);
  return coverage;
}

const sizes = new WeakMap<JsonSchema, number>();

/** How many single fields a schema has, to a depth that a person would look. */
export function countFields(schema: JsonSchema): number {
  const known = sizes.get(schema);
  if (known !== undefined) return known;
  let count = 0;
  walkFields(rootField(schema), (field) => {
    if (isScalar(field.type)) count += 1;
    return count < COUNT_LIMIT;
  });
  sizes.set(schema, count);
  return count;
}

const filled = new WeakMap<MappingDocument, ReadonlyMap<string, number>>();

/** How many rules stand at each place of the target or below it. */
export function rulesWithin(doc: MappingDocument): ReadonlyMap<string, number> {
  const known = filled.get(doc);
  if (known) return known;
  const found = new Map<string, number>();
  for (const rule of doc.rules) {
    for (const place of placesAround(rule.target)) found.set(place, (found.get(place) ?? 0) + 1);
  }
  filled.set(doc, found);
  return found;
}

/** Visits writable fields once per shape; stops when `visit` says so. */
export function walkFields(root: Field, visit: (field: Field) => boolean): void {
  const step = (field: Field, above: unknown[]): boolean => {
    if (field.readOnly) return true;
    if (field !== root && !visit(field)) return false;
    const shape = shapeOf(field);
    if (!shape || above.includes(shape)) return true;
    const base = field.type === "list" ? `${field.path}[]` : field.path;
    return fieldsBelow(field, base).every((child) => step(child, [...above, shape]));
  };
  step(root, []);
}

const required = new WeakMap<MappingDocument, { schema: JsonSchema; found: string[] }>();

/** Required targets that matter now: those whose parent is required or already has a rule. */
export function requiredFields(doc: MappingDocument, root: Field): string[] {
  const known = required.get(doc);
  if (known?.schema === root.schema) return known.found;
  const found = requiredIn(doc, root);
  required.set(doc, { schema: root.schema, found });
  return found;
}

function requiredIn(doc: MappingDocument, root: Field): string[] {
  const found: string[] = [];
  const within = rulesWithin(doc);
  const step = (field: Field, above: unknown[]) => {
    const shape = shapeOf(field);
    if (shape && above.includes(shape)) return;
    const bases =
      field.type === "list"
        ? blocksOf(doc, field.path).map((block) => blockPath(block))
        : [field.path];
    for (const base of bases) {
      for (const child of fieldsBelow(field, base)) {
        if (child.readOnly) continue;
        const counts = child.required;
        const inner = hasFields(child);
        if (
          counts &&
          (!inner || child.type === "list" || fieldsBelow(child, "").every((f) => !f.required))
        ) {
          found.push(child.path);
        }
        if (inner && (counts || within.has(child.path))) {
          step(child, [...above, shape]);
        }
      }
    }
  };
  step(root, []);
  return found;
}

/** Required targets that nothing fills yet. */
export function requiredMissing(doc: MappingDocument, root: Field): string[] {
  const live = doc.rules.filter((r) => !r.disabled && (r.rows || !isHole(r.expr)));
  return requiredFields(doc, root).filter(
    (path) =>
      !live.some(
        (rule) => isWithin(rule.target, path) || (!rule.rows && isWithin(path, rule.target)),
      ),
  );
}

/** Rules whose target the schema does not know; they are kept and shown as such. */
export function unknownTargets(doc: MappingDocument, root: Field): Rule[] {
  return doc.rules.filter((rule) => rule.target !== "" && fieldAt(root, rule.target) === null);
}

/** The schema field at a target path, or null when the schema has no such place. */
export function fieldAt(root: Field, path: string): Field | null {
  let field: Field | null = root;
  let base = root.path;
  for (const segment of parsePath(path)) {
    const wanted = childPath(base, segment.name);
    const next: Field | null = fieldBelow(field, segment.name, wanted);
    if (!next) return null;
    field = next;
    base = wanted + segment.brackets.map((b) => `[${b}]`).join("");
    if (segment.brackets.length > 0) {
      if (next.type !== "list") return null;
      field = elementOf(next, base);
    }
  }
  return field;
}

/** One element of a list as a field of its own, at `path`. */
export function elementOf(list: Field, path: string): Field {
  const item = fieldOf(itemSchema(list.schema, list.root), list.root, path, list.name, false);
  return { ...item, title: list.title, description: "" };
}

/** The whole document that a schema describes, as the field at the empty path. */
export function rootField(schema: JsonSchema, path = ""): Field {
  return fieldOf(schema, schema, path, schema.title ?? "", false);
}
