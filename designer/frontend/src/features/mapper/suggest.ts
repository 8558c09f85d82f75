/**
 * Proposals for targets that nothing fills yet: fields whose names and types are alike.
 *
 * A proposal says how sure it is and why. What a person refused is remembered for the pair of
 * places in this mapping, and is not proposed again, to nobody of the workspace.
 */

import { type DropTarget, mapField, validateDrop } from "./drop";
import { blockPath, openLists } from "./model";
import { parentPath, templatePath } from "./paths";
import { type Field, isScalar } from "./schemaTree";
import { matching, type TreeNode, withAncestors } from "./treeRows";
import type { MappingDocument } from "./types";

export type Reason = "same_name" | "same_title" | "same_words" | "alike" | "synonym";

export interface Suggestion {
  id: string;
  /** The pair of places it is about, which is what a refusal is remembered for. */
  pair: string;
  source: Field;
  target: DropTarget;
  /** 0 to 1. */
  confidence: number;
  reason: Reason;
}

const MAX_SUGGESTIONS = 60;
const LEAST = 0.55;

/** Words that systems use for the same thing. */
const SYNONYMS: string[][] = [
  ["number", "no", "num", "nr", "id", "increment"],
  ["email", "mail", "address"],
  ["qty", "quantity", "ordered", "count"],
  ["price", "unit", "rate"],
  ["total", "amount", "sum", "row"],
  ["zip", "postcode", "postal", "code"],
  ["region", "state", "subdivision", "province"],
  ["date", "created", "at", "txn", "placed", "time"],
  ["first", "given", "firstname"],
  ["last", "family", "surname", "lastname"],
  ["phone", "telephone", "mobile", "freeform"],
  ["street", "line", "line1"],
  ["currency", "iso"],
  ["description", "name", "title"],
  ["note", "memo", "comment", "remark"],
  ["doc", "document", "order", "invoice"],
  ["ship", "shipping", "delivery"],
  ["bill", "billing"],
];
const MEANING = new Map(SYNONYMS.flatMap((group, at) => group.map((word) => [word, at] as const)));

const words = (text: string): string[] =>
  text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "" && word !== "the" && word !== "of");

const plain = (text: string): string => words(text).join("");

interface Named {
  field: Field;
  name: string;
  title: string;
  words: Set<string>;
  meanings: Set<number>;
  /** Words of the groups it stands in, which tell a billing city from a shipping one. */
  around: Set<number | string>;
}

/** Names that say nothing without the group they stand in. */
const GENERIC = new Set([
  "value",
  "id",
  "name",
  "type",
  "code",
  "key",
  "amount",
  "title",
  "number",
]);

const known = new WeakMap<object, Map<string, Named>>();

/** What a field is called, worked out once: schemas stay the same while a person draws. */
function named(field: Field): Named {
  let fields = known.get(field.schema);
  if (!fields) {
    fields = new Map();
    known.set(field.schema, fields);
  }
  const key = `${field.path}\n${field.title}`;
  let found = fields.get(key);
  if (!found) {
    found = makeNamed(field);
    fields.set(key, found);
  }
  return found;
}

function makeNamed(field: Field): Named {
  const path = templatePath(field.path).replaceAll("[]", "").split(".");
  const parent = path.length > 2 ? (path.at(-2) ?? "") : "";
  const generic = GENERIC.has(plain(field.name));
  const own = words(`${generic ? parent : ""} ${field.name} ${field.title}`);
  const above = words(path.slice(0, -1).join(" "));
  return {
    field,
    name: (generic ? plain(parent) : "") + plain(field.name),
    title: (generic ? plain(parent) : "") + plain(field.title),
    words: new Set(own),
    meanings: new Set(own.map((w) => MEANING.get(w)).filter((m): m is number => m !== undefined)),
    around: new Set(above.map((word) => MEANING.get(word) ?? word)),
  };
}

const overlap = <T>(a: Set<T>, b: Set<T>): number => {
  if (a.size === 0 || b.size === 0) return 0;
  let both = 0;
  for (const item of a) if (b.has(item)) both += 1;
  return both / Math.max(a.size, b.size);
};

/** How alike two fields are, and why. */
export function score(source: Field, target: Field): { confidence: number; reason: Reason } {
  return scoreNamed(named(source), named(target));
}

function scoreNamed(a: Named, b: Named): { confidence: number; reason: Reason } {
  let confidence = 0;
  let reason: Reason = "alike";
  const take = (value: number, why: Reason) => {
    if (value > confidence) {
      confidence = value;
      reason = why;
    }
  };
  if (a.name === b.name) take(0.9, "same_name");
  if (a.title === b.title) take(0.85, "same_title");
  if (a.title === b.name || a.name === b.title) take(0.82, "same_title");
  const shared = overlap(a.words, b.words);
  if (shared === 1) take(0.8, "same_words");
  take(0.4 + shared * 0.4, "same_words");
  const meant = overlap(a.meanings, b.meanings);
  if (meant > 0) take(0.35 + meant * 0.35, "synonym");
  if (confidence < 0.4) return { confidence: 0, reason };
  confidence += 0.12 * overlap(a.around, b.around);
  if (!sameKind(a.field, b.field)) confidence -= 0.15;
  return { confidence: Math.min(0.99, confidence), reason };
}

const NUMBERS = new Set(["number", "integer"]);
const DATES = new Set(["date", "datetime"]);

function sameKind(a: Field, b: Field): boolean {
  if (a.type === b.type || a.type === "any" || b.type === "any") return true;
  return (NUMBERS.has(a.type) && NUMBERS.has(b.type)) || (DATES.has(a.type) && DATES.has(b.type));
}

export function pairKey(source: string, target: string): string {
  return `${templatePath(source)}>${templatePath(target)}`;
}

/** The best proposal for each target that nothing fills, the surest first. */
export function suggest(
  doc: MappingDocument,
  sources: TreeNode[],
  targets: TreeNode[],
  refused: ReadonlySet<string>,
): Suggestion[] {
  const readable = indexedOnce(sources);
  const filled = new Set(doc.rules.filter((rule) => !rule.rows).map((rule) => rule.target));
  const found: Suggestion[] = [];
  const begun = withAncestors(doc.rules.map((rule) => (rule.rows ? blockPath(rule) : rule.target)));
  const used = new Map<string, number>();
  for (const field of leaves(targets).slice(0, MAX_TARGETS)) {
    if (field.readOnly || isFilled(field.path, filled)) continue;
    if (!worthIt(field, begun)) continue;
    const goal = named(field);
    const target: DropTarget = { ...field, kind: "field" };
    let best: Suggestion | null = null;
    for (const candidate of alike(goal, readable)) {
      const { confidence, reason } = scoreNamed(candidate, goal);
      const least = Math.max(LEAST, best?.confidence ?? 0);
      if (confidence <= least) continue;
      const source = candidate.field;
      const pair = pairKey(source.path, field.path);
      if (refused.has(pair) || !validateDrop(source, target).allowed) continue;
      if (!fitsRows(doc, source.path, field.path)) continue;
      best = { id: `${source.path}>${field.path}`, pair, source, target, confidence, reason };
    }
    if (best) found.push(best);
  }
  return found
    .sort((a, b) => b.confidence - a.confidence)
    .filter(({ source }) => {
      const times = (used.get(source.path) ?? 0) + 1;
      used.set(source.path, times);
      return times <= MAX_USES;
    })
    .slice(0, MAX_SUGGESTIONS);
}

/** Optional fields of groups that nobody began are many, and rarely meant. */
function worthIt(field: Field, begun: ReadonlySet<string>): boolean {
  const depth = field.path.split(".").length;
  return depth <= 2 || begun.has(parentPath(field.path));
}

/** A field of a list goes to rows over that list, or to a list that has no rows yet. */
function fitsRows(doc: MappingDocument, source: string, target: string): boolean {
  const open = openLists(doc, source, target).length;
  const free = target.split("[]").length - 1;
  return open === 0 ? free === 0 || !source.includes("[]") : open <= free;
}

const MAX_USES = 2;
const PER_KEY = 60;
const MAX_TARGETS = 600;

const keysOf = (one: Named): string[] => [
  ...one.words,
  ...[...one.meanings].map((meaning) => `#${meaning}`),
];

const indexes = new WeakMap<TreeNode[], Map<string, Named[]>>();

function indexedOnce(sources: TreeNode[]): Map<string, Named[]> {
  let index = indexes.get(sources);
  if (!index) {
    index = indexed(leaves(sources).map(named));
    indexes.set(sources, index);
  }
  return index;
}

/** Whether a rule fills a place or something around it. */
function isFilled(path: string, filled: ReadonlySet<string>): boolean {
  if (filled.has(path) || filled.has("")) return true;
  for (let at = 1; at < path.length; at += 1) {
    if ((path[at] === "." || path[at] === "[") && filled.has(path.slice(0, at))) return true;
  }
  return false;
}

/** Fields by the words in their names, so that only those with something in common are compared. */
function indexed(fields: Named[]): Map<string, Named[]> {
  const index = new Map<string, Named[]>();
  for (const field of fields) {
    for (const key of keysOf(field)) {
      const held = index.get(key);
      if (!held) index.set(key, [field]);
      else if (held.length < PER_KEY) held.push(field);
    }
  }
  return index;
}

const alike = (goal: Named, index: Map<string, Named[]>): Set<Named> =>
  new Set(keysOf(goal).flatMap((key) => index.get(key) ?? []));

function leaves(nodes: TreeNode[]): Field[] {
  const found: Field[] = [];
  matching(nodes, (node) => {
    if (node.kind === "field" && isScalar(node.field.type) && found.length < 3000) {
      found.push(node.field);
    }
    return false;
  });
  return found;
}

/** The mapping with proposals taken over, each as if it had been drawn. */
export function accept(doc: MappingDocument, suggestions: Suggestion[]): MappingDocument {
  return suggestions.reduce((next, { source, target }) => mapField(next, source, target).doc, doc);
}
