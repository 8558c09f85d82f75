/** A large map in parts: each group or list of the target is a page of its own. */

import { rulesWithin } from "./model";
import { isWithin } from "./paths";
import { type TreeNode, withAncestors } from "./treeRows";
import type { MappingDocument } from "./types";

export interface MapPage {
  key: string;
  title: string;
  /** Rules that fill something on it. */
  rules: number;
}

const MOST = 80;
const DEEPEST = 3;

/** The groups, lists and row blocks of the target, in its order; those with rules go deeper. */
export function pagesOf(roots: TreeNode[], doc: MappingDocument): MapPage[] {
  const found: MapPage[] = [];
  const within = rulesWithin(doc);
  const visit = (node: TreeNode, above: string, depth: number) => {
    for (const child of node.children()) {
      if (!child.expandable || found.length >= MOST) continue;
      const rules = within.get(child.key) ?? 0;
      const own = child.kind === "block" ? child.rule?.comment || child.key : child.field.title;
      const title = above ? `${above} › ${own}` : own;
      found.push({ key: child.key, title, rules });
      if (depth < DEEPEST && rules > 0) visit(child, title, depth + 1);
    }
  };
  for (const root of roots) if (root.expandable) visit(root, "", 1);
  return found;
}

/** The rows of a page out of those that a filter leaves (null: all). */
export function onPage(
  page: string | null,
  keys: ReadonlySet<string> | null,
): ReadonlySet<string> | null {
  if (page === null) return keys;
  const above = withAncestors([page]);
  if (keys === null) return above;
  return new Set([...keys].filter((key) => above.has(key) || isWithin(key, page)).concat(page));
}
