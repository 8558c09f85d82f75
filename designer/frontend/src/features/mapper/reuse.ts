/** Rules as a person takes them from one place to another: fixes, copies, parts of a mapping. */

import { branchById } from "./branches";
import { type ExprPath, partsOf, replaceAt } from "./expressions";
import { addRule, blockPath, newId, removeRule, ruleById } from "./model";
import { isWithin, lastName, withBlocks } from "./paths";
import type { Branch, Expr, Json, MappingDocument, MappingFix, Rule } from "./types";

/**
 * The mapping with a change made that was proposed for `made`, and the rule to go on with. Null
 * where what the change is about has been drawn otherwise since.
 */
export function applyFix(
  doc: MappingDocument,
  fix: MappingFix,
  made = doc,
): { doc: MappingDocument; open: string | undefined } | null {
  let next = doc;
  const names = new Map<string, string>();
  for (const rule of fix.put) {
    const old = ruleById(made, rule.id);
    if (old) {
      if (!same(old, ruleById(doc, rule.id))) return null;
      const put = { ...rule, target: withBlocks(rule.target, names) };
      next = { ...next, rules: next.rules.map((one) => (one.id === rule.id ? put : one)) };
      continue;
    }
    const filled = (one: Rule) => one.target === rule.target && !ruleById(made, one.id);
    if (!rule.rows && doc.rules.some(filled)) return null;
    // Its name was free then; it may have been given since.
    const id = ruleById(doc, rule.id) ? newId(next, rule.rows ? "b" : "r") : rule.id;
    names.set(rule.id, id);
    next = addRule(next, { ...rule, id, target: withBlocks(rule.target, names) });
  }
  for (const id of fix.remove) {
    const old = ruleById(made, id);
    if (old && !same(old, ruleById(doc, id))) return null;
    next = removeRule(next, id);
  }
  return { doc: next, open: fix.open ? (names.get(fix.open) ?? fix.open) : undefined };
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

export interface Copied {
  causeway: "mapping-rules";
  /** The place the rules stood at; what is pasted elsewhere moves with it. */
  from: string;
  rules: Rule[];
  /** The branches that the rules stand in, with those before them. */
  branches?: Branch[];
}

/** The rules at and below a place, to be pasted at another. */
export function copyRules(doc: MappingDocument, place: string): Copied | null {
  const rules = doc.rules.filter(
    (rule) =>
      isWithin(rule.target, place) || (rule.rows !== undefined && blockPath(rule) === place),
  );
  if (rules.length === 0) return null;
  const branches = branchesFor(doc, rules);
  const copied: Copied = { causeway: "mapping-rules", from: place, rules };
  return branches.length === 0 ? copied : { ...copied, branches };
}

/** The branches that rules stand in; one that is an "else" comes with what it follows. */
function branchesFor(doc: Pick<MappingDocument, "branches">, rules: Rule[]): Branch[] {
  const wanted = new Set<string>();
  const want = (id: string | undefined) => {
    if (id === undefined || wanted.has(id)) return;
    wanted.add(id);
    want(doc.branches?.find((branch) => branch.id === id)?.after);
  };
  for (const rule of rules) want(rule.branch);
  return (doc.branches ?? []).filter((branch) => wanted.has(branch.id));
}

/** The mapping with these branches as well, and the names they have there. */
function addBranches(
  doc: MappingDocument,
  branches: Branch[],
): { doc: MappingDocument; names: Map<string, string> } {
  const names = new Map<string, string>();
  const made = [...(doc.branches ?? [])];
  for (const branch of branches) {
    const after = branch.after === undefined ? undefined : names.get(branch.after);
    const wanted = after === undefined ? branch : { ...branch, after };
    const there = branchById(doc, branch.id);
    if (there && JSON.stringify(there) === JSON.stringify(wanted)) {
      names.set(branch.id, branch.id);
      continue;
    }
    let id = branch.id;
    for (let number = 2; made.some((one) => one.id === id); number += 1) {
      id = `${branch.id}_${number}`;
    }
    names.set(branch.id, id);
    made.push({ ...wanted, id });
  }
  return { doc: made.length === 0 ? doc : { ...doc, branches: made }, names };
}

/** A rule in the branch as it is named there; without one that is not there. */
function inBranch(rule: Rule, names: Map<string, string>): Rule {
  const { branch, ...rest } = rule;
  const name = branch === undefined ? undefined : names.get(branch);
  return name === undefined ? rest : { ...rest, branch: name };
}

export function readCopied(text: string): Copied | null {
  try {
    const found = JSON.parse(text) as Partial<Copied> | null;
    return found?.causeway === "mapping-rules" && Array.isArray(found.rules)
      ? (found as Copied)
      : null;
  } catch {
    return null;
  }
}

/** Rules of a copy at another place, under new ids; a value that was there gives way. */
export function pasteRules(doc: MappingDocument, copied: Copied, place: string): MappingDocument {
  const { doc: start, names } = addBranches(doc, copied.branches ?? []);
  let next = start;
  const ids = new Map<string, string>();
  const first = copied.rules.find((rule) => rule.rows && blockPath(rule) === copied.from);
  const added: string[] = [];
  for (const rule of copied.rules) {
    const id = newId(next, rule.rows ? "b" : "r");
    ids.set(rule.id, id);
    const moved = first
      ? rule.target // rows stay in their list, as another block of it
      : place + rule.target.slice(copied.from.length);
    if (!rule.rows) {
      const there = next.rules.find(
        (old) => !old.rows && old.target === moved && !added.includes(old.id),
      );
      if (there && !first) next = removeRule(next, there.id);
    }
    const { origin: _template, insertion: _time, ...own } = inBranch(rule, names);
    next = addRule(next, { ...own, id, target: moved });
    added.push(id);
  }
  const rules = next.rules.map((rule) =>
    added.includes(rule.id) ? { ...rule, target: withBlocks(rule.target, ids) } : rule,
  );
  return { ...next, rules };
}

export interface FunctionParam {
  name: string;
  type?: string;
  required?: boolean;
  /** What it is where a call gives nothing for it; such an argument is not required. */
  default?: Json;
}

/** What was typed as a default: a number or yes/no where it is one, else a text. */
export function typedDefault(text: string): Json | undefined {
  const bare = text.trim();
  if (bare === "") return undefined;
  if (bare === "true" || bare === "false") return bare === "true";
  // Numbers that would lose digits on the way stay the text that was typed.
  return String(Number(bare)) === bare && Number.isFinite(Number(bare)) ? Number(bare) : text;
}

/**
 * An expression as the body of a function: each field it reads becomes an argument, named as
 * `given` says or after the field.
 */
export function asFunction(
  expr: Expr,
  given: ReadonlyMap<string, string> = new Map(),
  /** Names that no further argument may have. */
  reserved: readonly string[] = [],
): {
  params: FunctionParam[];
  body: Expr;
  args: Expr[];
} {
  const names = new Map<string, string>();
  const taken = new Set<string>([...given.values(), ...reserved]);
  let body = expr;
  const visit = (part: Expr, at: ExprPath) => {
    if (part.op === "field") {
      let name = names.get(part.path) ?? given.get(part.path);
      if (!name) {
        const wanted = lastName(part.path).replace(/[^A-Za-z0-9_]/g, "_") || "value";
        const base = /^[A-Za-z_]/.test(wanted) ? wanted : `_${wanted}`;
        name = base;
        for (let number = 2; taken.has(name); number += 1) name = `${base}${number}`;
        taken.add(name);
      }
      names.set(part.path, name);
      body = replaceAt(body, at, { op: "field", path: `$${name}` });
    }
    for (const inner of partsOf(part)) visit(inner.expr, [...at, ...inner.at]);
  };
  visit(expr, []);
  return {
    params: [...names.values()].map((name) => ({ name, type: "any", required: true })),
    body,
    args: [...names.keys()].map((path) => ({ op: "field", path })),
  };
}

/** The fields an expression reads, and the arguments of a function that they most likely are. */
export function argumentsFor(expr: Expr, params: string[]): Map<string, string> {
  const paths = asFunction(expr).args.flatMap((arg) => (arg.op === "field" ? [arg.path] : []));
  const found = new Map<string, string>();
  const left = new Set(params);
  for (const path of paths) {
    const name = lastName(path);
    if (left.delete(name)) found.set(path, name);
  }
  for (const path of paths.filter((one) => !found.has(one))) {
    const [name] = left;
    if (name === undefined) break;
    left.delete(name);
    found.set(path, name);
  }
  return found;
}

/** What a function does with these arguments, in place of calling it; null where that has no form. */
export function unfolded(call: Expr, fn: { params?: { name: string }[]; body: Expr }): Expr | null {
  if (call.op !== "call") return null;
  const args = new Map((fn.params ?? []).map((p, index) => [p.name, call.args[index]]));
  const fill = (part: Expr): Expr | null => {
    if (part.op === "jsonata") return part.text.includes("$") ? null : part;
    if (part.op === "field") {
      const [, name, rest] = /^\$([A-Za-z0-9_]+)(.*)$/.exec(part.path) ?? [];
      if (name === undefined) return part;
      const arg = args.get(name);
      if (!arg || !rest) return arg ?? null;
      return arg.op === "field" ? { op: "field", path: arg.path + rest } : null;
    }
    let made: Expr = part;
    for (const inner of partsOf(part)) {
      const filled = fill(inner.expr);
      if (!filled) return null;
      made = replaceAt(made, inner.at, filled);
    }
    return made;
  };
  return fill(fn.body);
}
