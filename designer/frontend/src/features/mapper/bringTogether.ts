/** Two people changed one mapping: both changes in one, and the targets that both changed. */

import { blockPath, newId } from "./model";
import { withBlocks } from "./paths";
import type { MappingDocument, Rule } from "./types";

export interface Together {
  doc: MappingDocument;
  /** Targets that both changed: mine was kept, or theirs where I had taken the rule away. */
  both: string[];
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const placeOf = (rule: Rule) => (rule.rows ? blockPath(rule) : rule.target);

/** What I drew and `theirs`, which both began as `base`, as one mapping. */
export function bringTogether(
  base: MappingDocument,
  drawn: MappingDocument,
  theirs: MappingDocument,
): Together {
  const mine = withBranchesApart(base, drawn, theirs);
  const before = byId(base);
  const ours = byId(mine);
  const others = byId(theirs);
  const both: string[] = [];
  const rules: Rule[] = [];
  for (const rule of theirs.rules) {
    const old = before.get(rule.id);
    const own = ours.get(rule.id);
    if (!old) {
      rules.push(rule); // theirs is new; mine of the same name comes under another
    } else if (!own) {
      if (same(rule, old)) continue; // I took it away
      both.push(placeOf(rule));
      rules.push(rule);
    } else if (same(own, old) || same(own, rule)) {
      rules.push(rule);
    } else {
      if (!same(rule, old)) both.push(placeOf(own));
      rules.push(own);
    }
  }
  let doc: MappingDocument = { ...theirs, ...changedParts(base, mine, theirs), rules };
  const names = new Map<string, string>();
  for (const rule of mine.rules) {
    const old = before.get(rule.id);
    const other = others.get(rule.id);
    if (old) {
      if (other || same(rule, old)) continue; // done above, or taken away by them
      both.push(placeOf(rule));
    } else if (other && same(other, rule)) {
      continue; // both drew the same
    }
    const target = withBlocks(rule.target, names);
    const rival = rule.rows
      ? undefined
      : doc.rules.find((one) => !one.rows && one.target === target && !ours.has(one.id));
    const clash = rival ?? (other && other.target === target && !rule.rows ? other : undefined);
    if (clash) {
      both.push(target);
      doc = { ...doc, rules: doc.rules.filter((one) => one !== clash) };
    }
    const taken = doc.rules.some((one) => one.id === rule.id);
    const id = taken ? newId(doc, rule.rows ? "b" : "r") : rule.id;
    names.set(rule.id, id);
    doc = { ...doc, rules: [...doc.rules, { ...rule, id, target }] };
  }
  return { doc, both: [...new Set(both)] };
}

/** Mine, with other names for new branches of mine that are named as new ones of theirs. */
function withBranchesApart(
  base: MappingDocument,
  mine: MappingDocument,
  theirs: MappingDocument,
): MappingDocument {
  const [was, own, other] = [base, mine, theirs].map((one) => one.branches ?? []);
  const taken = new Set([...(own ?? []), ...(other ?? [])].map((one) => one.id));
  const names = new Map<string, string>();
  for (const branch of own ?? []) {
    const there = other?.find((one) => one.id === branch.id);
    if (!there || same(there, branch) || was?.some((one) => one.id === branch.id)) continue;
    let number = 2;
    while (taken.has(`${branch.id}_${number}`)) number += 1;
    names.set(branch.id, `${branch.id}_${number}`);
    taken.add(`${branch.id}_${number}`);
  }
  if (names.size === 0) return mine;
  const named = (id: string | undefined) => (id === undefined ? id : (names.get(id) ?? id));
  return {
    ...mine,
    branches: (own ?? []).map((one) => ({
      ...one,
      id: names.get(one.id) ?? one.id,
      ...(one.after === undefined ? {} : { after: named(one.after) as string }),
    })),
    rules: mine.rules.map((rule) =>
      rule.branch === undefined ? rule : { ...rule, branch: named(rule.branch) as string },
    ),
  };
}

const byId = (doc: MappingDocument) => new Map(doc.rules.map((rule) => [rule.id, rule]));

/** Branches, functions, own fields and insertions: those of both, mine where I changed them. */
function changedParts(
  base: MappingDocument,
  mine: MappingDocument,
  theirs: MappingDocument,
): Partial<MappingDocument> {
  const parts: Partial<MappingDocument> = {};
  if (!same(base.template, mine.template) && mine.template) parts.template = mine.template;
  const join = <T>(key: (one: T) => unknown, was: T[], own: T[], other: T[]): T[] => {
    const find = (list: T[], one: T) => list.find((found) => key(found) === key(one));
    const kept = other
      .map((one) => {
        const changed = find(own, one);
        return changed && !same(changed, find(was, one)) ? changed : one;
      })
      .filter((one) => find(own, one) || !same(find(was, one), one));
    return [...kept, ...own.filter((one) => !find(other, one) && !same(find(was, one), one))];
  };
  const of = <K extends "branches" | "functions" | "own_fields" | "insertions">(
    part: K,
    name: string,
  ) => {
    const made = join<unknown>(
      (one) => (one as Record<string, unknown>)[name],
      base[part] ?? [],
      mine[part] ?? [],
      theirs[part] ?? [],
    );
    if (made.length > 0 || theirs[part]) Object.assign(parts, { [part]: made });
  };
  of("branches", "id");
  of("functions", "name");
  of("own_fields", "path");
  of("insertions", "id");
  return parts;
}
