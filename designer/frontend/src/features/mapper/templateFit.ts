/** How well a template fits a target and its sources, and reading it from other steps. */

import { fieldAt, rootField, unknownTargets } from "./model";
import type { JsonSchema, MappingDocument, SourceTree } from "./types";

/** Members of a mapping that hold a path of a source. */
const PATHS = new Set(["path", "each"]);
const ROOT = /^(trigger|vars|steps\.[A-Za-z_][\w-]*)(?=$|[.[])/;
const IN_TEXT = /(?<![\w$.])(trigger|vars|steps\.[A-Za-z_]\w*)(?:\.[A-Za-z_$][\w$]*)*/g;

type Visit = (text: string, kind: "path" | "code") => string;

/** The mapping with every source path in it, and every piece of code, as `visit` gives it. */
function rewrite(mapping: MappingDocument, visit: Visit): MappingDocument {
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === "string") {
      if (PATHS.has(key)) return visit(value, "path");
      return key === "text" ? visit(value, "code") : value;
    }
    if (Array.isArray(value)) return value.map((one) => walk(one, key));
    if (value === null || typeof value !== "object" || "rawJSON" in value) return value;
    const held = value as Record<string, unknown>;
    // A fixed value is the person's own text, whatever it looks like.
    if (held.op === "const") return value;
    return Object.fromEntries(Object.entries(held).map(([name, one]) => [name, walk(one, name)]));
  };
  const { own_fields, functions, ...rest } = mapping;
  const done = walk(rest, "") as MappingDocument;
  return { ...done, ...(own_fields ? { own_fields } : {}), ...(functions ? { functions } : {}) };
}

/** What the mapping reads, by the tree it stands in: `steps.order` → its paths. */
export function readsOf(mapping: MappingDocument): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  const add = (path: string) => {
    const root = ROOT.exec(path)?.[1];
    if (root) found.set(root, (found.get(root) ?? new Set()).add(path));
  };
  rewrite(mapping, (text, kind) => {
    if (kind === "path") add(text);
    else for (const path of text.match(IN_TEXT) ?? []) add(path);
    return text;
  });
  return new Map([...found].map(([root, paths]) => [root, [...paths]]));
}

/** The mapping as it reads from other trees: `{"steps.order": "trigger"}`. */
export function readFrom(mapping: MappingDocument, trees: Record<string, string>): MappingDocument {
  return rewrite(mapping, (text, kind) => {
    if (kind === "code") {
      return text.replace(IN_TEXT, (path, root: string) =>
        trees[root] ? trees[root] + path.slice(root.length) : path,
      );
    }
    const root = ROOT.exec(text)?.[1];
    return root && trees[root] ? trees[root] + text.slice(root.length) : text;
  });
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
