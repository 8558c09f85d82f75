/** What was laid into a mapping from templates, and which of it has got a newer version. */

import { isWithin } from "./paths";
import { recordOf } from "./templateFit";
import type { Insertion, MappingDocument, Rule } from "./types";

export interface Listed {
  items: { id: string; name: string; version: number }[];
  starting_points: { title: string; template: string | null; version: number }[];
}

/** A template that this mapping, or a part of it, was made of. */
export interface Followed {
  insertion: Insertion;
  name: string;
  /** The record that its rules stand under; "" is the whole document. */
  place: string;
  newest: number;
}

/** Every time that a template was laid in; a mapping kept before there were several has one, "". */
export function insertionsOf(doc: MappingDocument): Insertion[] {
  const { template } = doc;
  const old = template ? [{ id: "", template: template.id, version: template.version }] : [];
  return [...old, ...(doc.insertions ?? [])];
}

const cameWith = (rule: Rule, id: string) =>
  rule.origin !== undefined && (rule.insertion ?? "") === id;

/** What the mapping follows still: of each there is a rule left, and the template is there. */
export function followed(doc: MappingDocument, listed: Listed | undefined): Followed[] {
  const known = new Map<string, { name: string; version: number }>();
  for (const one of listed?.items ?? []) known.set(one.id, one);
  for (const { title, template, version } of listed?.starting_points ?? []) {
    if (template) known.set(template, { name: title, version });
  }
  return insertionsOf(doc).flatMap((insertion) => {
    const template = known.get(insertion.template);
    const rules = doc.rules.filter((rule) => cameWith(rule, insertion.id));
    if (!template || rules.length === 0) return [];
    const place = insertion.place?.to ?? recordOf({ schema: 1, rules });
    return [{ insertion, name: template.name, place, newest: template.version }];
  });
}

/** The mapping as if its rules of one insertion had been drawn by hand. */
export function forget(doc: MappingDocument, id: string): MappingDocument {
  const rules = doc.rules.map((rule) => {
    if (!cameWith(rule, id)) return rule;
    const { origin: _origin, insertion: _insertion, ...own } = rule;
    return own;
  });
  const { template, insertions, ...rest } = doc;
  const left = insertions?.filter((one) => one.id !== id) ?? [];
  return {
    ...rest,
    rules,
    ...(template && id !== "" ? { template } : {}),
    ...(left.length > 0 ? { insertions: left } : {}),
  };
}

export type Part = "rule" | "branch" | "function" | "own_field";

/** One thing that a new version brings. */
export interface Change {
  key: string;
  part: Part;
  kind: "added" | "changed" | "removed" | "conflict";
  target: string;
  base: unknown;
  mine: unknown;
  theirs: unknown;
  taken: boolean;
}

/** Where a change stands, for words: what goes has its rows in the mapping of before. */
export function withRulesOf(doc: MappingDocument, more: MappingDocument): MappingDocument {
  const there = new Set(doc.rules.map((rule) => rule.id));
  return { ...doc, rules: [...doc.rules, ...more.rules.filter((rule) => !there.has(rule.id))] };
}

/** How many rules of a person's own go with the rows that a change takes away. */
export function goneWith(doc: MappingDocument, change: Change): number {
  const [mine, theirs] = [change.mine, change.theirs] as (Rule | null)[];
  if (change.part !== "rule" || !mine?.rows || theirs?.rows) return 0;
  return doc.rules.filter((rule) => isWithin(rule.target, change.target)).length;
}
