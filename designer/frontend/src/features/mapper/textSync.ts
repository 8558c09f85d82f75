/** Text and rules, kept in step: what a text cannot say about a rule is kept from before. */

import { isHole, sameExpr } from "./expressions";
import { newId } from "./model";
import { formatPath, parsePath, templatePath } from "./paths";
import type { JsonSchema, MappingDocument, Rule, SourceTree } from "./types";

/** The context a mapping reads, as one schema; references of each tree lead to its own part. */
export function contextSchema(sources: SourceTree[]): JsonSchema {
  const defs: Record<string, JsonSchema> = {};
  const trees: Record<string, JsonSchema> = {};
  sources.forEach((source, index) => {
    const text = JSON.stringify(source.schema ?? {}).replaceAll('"#/$defs/', `"#/$defs/s${index}_`);
    const { $defs, ...schema } = JSON.parse(text) as JsonSchema;
    for (const [name, def] of Object.entries($defs ?? {})) defs[`s${index}_${name}`] = def;
    trees[source.path] = schema;
  });
  const steps: Record<string, JsonSchema> = {};
  for (const [path, schema] of Object.entries(trees)) {
    if (path.startsWith("steps.")) steps[path.slice(6)] = schema;
  }
  const properties: Record<string, JsonSchema> = {
    steps: { type: "object", properties: steps },
  };
  if (trees.trigger) properties.trigger = trees.trigger;
  return { type: "object", properties, $defs: defs };
}

/**
 * The mapping that a text says, with what only rules know: ids and comments of rules that stayed
 * the same, and rules that the text does not show because they do not run.
 */
export function mergeText(before: MappingDocument, said: MappingDocument): MappingDocument {
  const named = keepBlocks(before, said);
  const left = before.rules.filter((rule) => !rule.rows);
  const rules = named.rules.map((rule) => {
    if (rule.rows) return rule;
    const at = left.findIndex((old) => old.target === rule.target && sameRule(old, rule));
    const [old] = at < 0 ? [] : left.splice(at, 1);
    return old?.comment ? { ...rule, comment: old.comment } : rule;
  });
  let doc: MappingDocument = { ...before, ...named, rules };
  const silent = left.filter(
    (old) => !old.target.includes("[") && (old.disabled || isHole(old.expr)),
  );
  for (const old of silent) {
    const id = doc.rules.some((rule) => rule.id === old.id) ? newId(doc, "r") : old.id;
    doc = { ...doc, rules: [...doc.rules, { ...old, id }] };
  }
  return doc;
}

/** Blocks that make the same rows keep their names, so that what points at them still does. */
function keepBlocks(before: MappingDocument, said: MappingDocument): MappingDocument {
  const left = before.rules.filter((rule) => rule.rows);
  const names = new Map<string, string>();
  const comments = new Map<string, string>();
  for (const rule of said.rules) {
    if (!rule.rows) continue;
    const place = templatePath(rule.target);
    const at = left.findIndex(
      (old) => templatePath(old.target) === place && old.rows?.each === rule.rows?.each,
    );
    const [old] = at < 0 ? [] : left.splice(at, 1);
    if (!old) continue;
    names.set(rule.id, old.id);
    if (old.comment) comments.set(rule.id, old.comment);
  }
  const taken = new Set(names.values());
  for (const rule of said.rules) {
    if (names.has(rule.id)) continue;
    let id = rule.id;
    for (let number = 2; taken.has(id); number += 1) id = `${rule.id}_${number}`;
    taken.add(id);
    names.set(rule.id, id);
  }
  const rules = said.rules.map((rule) => {
    const comment = comments.get(rule.id);
    return {
      ...rule,
      ...(comment ? { comment } : {}),
      id: names.get(rule.id) ?? rule.id,
      target: formatPath(
        parsePath(rule.target).map((s) => ({
          name: s.name,
          brackets: s.brackets.map((b) => names.get(b) ?? b),
        })),
      ),
    };
  });
  return { ...said, rules };
}

const sameRule = (a: Rule, b: Rule): boolean =>
  Boolean(a.rows) === Boolean(b.rows) && sameExpr(a.expr, b.expr);

/** Line and column of a character counted from 1, as editors name them. */
export function placeOf(text: string, position: number): { line: number; column: number } {
  const before = text.slice(0, Math.max(0, position - 1));
  const line = before.split("\n").length;
  return { line, column: before.length - before.lastIndexOf("\n") };
}
