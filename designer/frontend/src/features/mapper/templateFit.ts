/** How well a template fits a target and its sources, and where else it could stand. */

import { fieldAt, rootField, unknownTargets } from "./model";
import { childPath, formatPath, isWithin, parsePath } from "./paths";
import { type Field, fieldsBelow, shapeOf } from "./schemaTree";
import type { JsonSchema, MappingDocument, SourceTree } from "./types";

/** Members of a mapping that hold a path of a source. */
const PATHS = new Set(["path", "each"]);
const ROOT = /^(trigger|vars|steps\.[A-Za-z_][\w-]*)(?=$|[.[])/;
const IN_TEXT =
  /(?:(?<![\w$.])|(?<=(?<![\w$])\$\$\.))(trigger|vars|steps\.[A-Za-z_]\w*)(?:\.[A-Za-z_$][\w$]*)*/g;

/** Calls `found` for every source path in the mapping, also for those in code. */
function eachPath(mapping: MappingDocument, found: (path: string) => void): void {
  const walk = (value: unknown, key: string): void => {
    if (typeof value === "string") {
      if (PATHS.has(key)) found(value);
      else if (key === "text") for (const path of value.match(IN_TEXT) ?? []) found(path);
    } else if (Array.isArray(value)) {
      for (const one of value) walk(one, key);
    } else if (value !== null && typeof value === "object" && !("rawJSON" in value)) {
      const held = value as Record<string, unknown>;
      // A fixed value is the person's own text, whatever it looks like.
      if (held.op === "const") return;
      for (const [name, one] of Object.entries(held)) walk(one, name);
    }
  };
  walk(mapping.rules, "");
  walk(mapping.branches, "");
}

/** What the mapping reads, by the tree it stands in: `steps.order` → its paths. */
export function readsOf(mapping: MappingDocument): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  const add = (path: string) => {
    const root = ROOT.exec(path)?.[1];
    if (root) found.set(root, (found.get(root) ?? new Set()).add(path));
  };
  eachPath(mapping, add);
  return new Map([...found].map(([root, paths]) => [root, [...paths]]));
}

/** Share of these paths that a tree knows, from 0 to 1. */
export function knownShare(paths: string[], root: string, tree: SourceTree): number {
  if (paths.length === 0 || !tree.schema) return 0;
  const field = rootField(tree.schema, tree.path);
  const start = field.type === "list" ? { ...field, path: `${field.path}[]` } : field;
  const known = paths.filter((path) => {
    const rest = path.slice(root.length).replace(/^(\[\])?\.?/, "");
    return rest === "" || fieldAt({ ...start, path: "" }, rest) !== null;
  });
  return known.length / paths.length;
}

/** For each tree a template reads: the one of this flow that knows most of its paths. */
export function guessTrees(
  reads: Map<string, string[]>,
  sources: SourceTree[],
): Record<string, string> {
  const guessed: Record<string, string> = {};
  for (const [root, paths] of reads) {
    let best = { path: "", share: 0 };
    for (const tree of sources) {
      // Of equal ones the tree of the same name, then the first.
      const share = knownShare(paths, root, tree) + (tree.path === root ? 0.001 : 0);
      if (share > best.share) best = { path: tree.path, share };
    }
    guessed[root] = best.path;
  }
  return guessed;
}

/** True when the template can be laid in as it is: what it reads is here, mostly. */
export function readsHere(reads: Map<string, string[]>, sources: SourceTree[]): boolean {
  return [...reads].every(([root, paths]) => {
    const tree = sources.find((one) => one.path === root);
    return tree !== undefined && (!tree.schema || knownShare(paths, root, tree) >= 0.5);
  });
}

/** How many rules of a template have a place in this target. */
export function fitOf(mapping: MappingDocument, target: JsonSchema): number {
  return mapping.rules.length - unknownTargets(mapping, rootField(target)).length;
}

/** The record that all targets of a template stand under; "" where they have none in common. */
export function recordOf(mapping: MappingDocument): string {
  let common: string[] | null = null;
  for (const rule of mapping.rules) {
    const path = parsePath(rule.target).slice(0, -1);
    const list = path.findIndex((segment) => segment.brackets.length > 0);
    const names = (list < 0 ? path : path.slice(0, list)).map((segment) => segment.name);
    const shared: string[] = common ?? names;
    const end = shared.findIndex((name, at) => name !== names[at]);
    common = end < 0 ? shared : shared.slice(0, end);
  }
  return formatPath((common ?? []).map((name) => ({ name, brackets: [] })));
}

/** The mapping as its targets stand under another record. */
export function movedTo(mapping: MappingDocument, from: string, to: string): MappingDocument {
  const rules = mapping.rules.map((rule) => {
    if (!isWithin(rule.target, from)) return rule;
    const rest = rule.target.slice(from.length).replace(/^\./, "");
    return { ...rule, target: to && rest ? `${to}.${rest}` : to || rest };
  });
  return { ...mapping, rules };
}

const MAX_DEPTH = 4;

/** Records of a target, outside of lists, in which more than half of a template has a place. */
export function placesFor(
  mapping: MappingDocument,
  target: JsonSchema,
): { path: string; title: string; fits: number }[] {
  const from = recordOf(mapping);
  const found: { path: string; title: string; fits: number }[] = [];
  const visit = (field: Field, path: string, title: string, seen: unknown[]) => {
    const fits = fitOf(movedTo(mapping, from, path), target);
    if (fits * 2 >= mapping.rules.length) found.push({ path, title, fits });
    if (seen.length >= MAX_DEPTH) return;
    for (const below of fieldsBelow(field, path)) {
      if (below.type !== "object" || below.readOnly || seen.includes(shapeOf(below))) continue;
      const inside = childPath(path, below.name);
      const words = title ? `${title} › ${below.title}` : below.title;
      visit(below, inside, words, [...seen, shapeOf(below)]);
    }
  };
  visit(rootField(target), "", "", []);
  return found;
}
