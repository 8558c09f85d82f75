/** The two trees as flat lists of visible rows, which is what a person scrolls and walks. */

import {
  blockPath,
  blocksOf,
  elementOf,
  requiredMissing,
  rootField,
  unknownTargets,
} from "./model";
import { isWithin, parentPath, templatePath } from "./paths";
import { type Field, fieldsBelow, hasFields, shapeOf } from "./schemaTree";
import type { Json, JsonSchema, MappingDocument, Rule, SourceTree } from "./types";
import { isPlain, valueAt } from "./values";

export interface TreeNode {
  /** Unique in its tree; also the accessible name. */
  key: string;
  label: string;
  kind: "root" | "field" | "block" | "unknown";
  field: Field;
  icon?: string | null;
  /** The rule of a block or of an unknown target. */
  rule?: Rule;
  expandable: boolean;
  children: () => TreeNode[];
}

export interface TreeRow {
  node: TreeNode;
  key: string;
  depth: number;
  expanded: boolean;
  position: number;
  siblings: number;
}

const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

// ---- sources --------------------------------------------------------------------------------

/** What a value looks like, for sources whose schema does not say. */
export function schemaOfValue(value: Json, depth = 0): JsonSchema {
  if (value === null || depth > 8) return {};
  if (typeof value === "object" && isPlain(value)) return { type: "number" };
  if (Array.isArray(value))
    return { type: "array", items: schemaOfValue(value[0] ?? null, depth + 1) };
  if (typeof value === "object") {
    const properties = Object.entries(value).map(([k, v]) => [k, schemaOfValue(v, depth + 1)]);
    return { type: "object", properties: Object.fromEntries(properties) };
  }
  return { type: typeof value };
}

export function sourceNodes(sources: SourceTree[], context: Json | undefined): TreeNode[] {
  return sources.map((source) => {
    const field = rootField(source.schema ?? {}, source.path);
    const node = sourceNode({ ...field, title: source.title }, context);
    return { ...node, kind: "root", icon: source.icon };
  });
}

function sourceNode(field: Field, context: Json | undefined): TreeNode {
  const own = field.type === "list" ? { ...field, path: `${field.path}[]` } : field;
  const known =
    own.type === "list" || own.type === "object" || own.type === "any" ? filled(own, context) : own;
  return {
    key: known.path,
    label: known.path,
    kind: "field",
    field: known,
    expandable: hasFields(known),
    children: once(() => fieldsBelow(known, known.path).map((child) => sourceNode(child, context))),
  };
}

/** The field with the fields of its sample value when its schema names none. */
function filled(field: Field, context: Json | undefined): Field {
  if (
    hasFields(field) ||
    (field.type === "list" && field.itemType !== "any" && field.itemType !== "object")
  ) {
    return field;
  }
  const found = valueAt(context, field.path);
  if (!found.present || isPlain(found.value)) return field;
  if (field.type === "list") {
    const schema: JsonSchema = { ...field.schema, items: schemaOfValue(found.value) };
    return { ...field, schema, itemType: Array.isArray(found.value) ? "list" : "object" };
  }
  if (Array.isArray(found.value)) return field;
  return { ...field, type: "object", schema: { ...field.schema, ...schemaOfValue(found.value) } };
}

// ---- target ---------------------------------------------------------------------------------

export function targetNodes(schema: JsonSchema, doc: MappingDocument, title: string): TreeNode[] {
  const root = rootField(schema);
  const named = { ...root, title: title || root.title };
  const node = targetNode(named, doc);
  const lost = unknownTargets(doc, root).map<TreeNode>((rule) => ({
    key: rule.target,
    label: rule.target,
    kind: "unknown",
    rule,
    field: {
      ...root,
      path: rule.target,
      name: rule.target,
      title: rule.target,
      type: "any",
      description: "",
    },
    expandable: false,
    children: () => [],
  }));
  // Two lost rules may share a target (a block and its twin): show the place once.
  const distinct = lost.filter((n, i) => lost.findIndex((m) => m.key === n.key) === i);
  return [{ ...node, kind: "root", label: named.title || "document" }, ...distinct];
}

function targetNode(field: Field, doc: MappingDocument): TreeNode {
  const inner = field.type === "list" || hasFields(field);
  return {
    key: field.path,
    label: field.type === "list" ? `${field.path}[]` : field.path,
    kind: "field",
    field,
    expandable: inner && (hasFields(field) || blocksOf(doc, field.path).length > 0),
    children: once(() => targetChildren(field, doc)),
  };
}

function targetChildren(field: Field, doc: MappingDocument): TreeNode[] {
  if (field.type !== "list") return writable(fieldsBelow(field, field.path), doc);
  const blocks = blocksOf(doc, field.path);
  if (blocks.length === 0) return writable(fieldsBelow(field, `${field.path}[]`), doc);
  return blocks.map((block) => {
    const path = blockPath(block);
    const element = elementOf(field, path);
    return {
      key: path,
      label: path,
      kind: "block",
      rule: block,
      field: element,
      expandable: hasFields(element),
      children: once(() => writable(fieldsBelow(element, path), doc)),
    };
  });
}

/** What the other system fills itself is hidden, unless a rule is there and must be seen. */
function writable(fields: readonly Field[], doc: MappingDocument): TreeNode[] {
  return fields
    .filter((f) => !f.readOnly || doc.rules.some((rule) => isWithin(rule.target, f.path)))
    .map((f) => targetNode(f, doc));
}

// ---- visible rows ---------------------------------------------------------------------------

export interface Visibility {
  expanded: ReadonlySet<string>;
  /** Only these and what leads to them; null shows everything. */
  only: ReadonlySet<string> | null;
}

/** Rows as they stand on the screen. With `only`, what leads to a wanted row is open. */
export function visibleRows(roots: TreeNode[], { expanded, only }: Visibility): TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (nodes: TreeNode[], depth: number, within: ReadonlySet<string> | null) => {
    const shown = within ? nodes.filter((n) => within.has(n.key)) : nodes;
    shown.forEach((node, index) => {
      const hasWanted =
        within !== null && node.expandable && node.children().some((c) => within.has(c.key));
      const open = node.expandable && (hasWanted || expanded.has(node.key));
      rows.push({
        node,
        key: node.key,
        depth,
        expanded: open,
        position: index + 1,
        siblings: shown.length,
      });
      // A group found by its own name opens to all of its fields.
      if (open) add(node.children(), depth + 1, hasWanted ? within : null);
    });
  };
  add(roots, 0, only);
  return rows;
}

const WALK_LIMIT = 20_000;

/** Keys of the nodes that match, and of all that lead to them. Shapes inside themselves end. */
export function matching(roots: TreeNode[], matches: (node: TreeNode) => boolean): Set<string> {
  const keep = new Set<string>();
  let seen = 0;
  const visit = (node: TreeNode, above: unknown[]): boolean => {
    seen += 1;
    let found = matches(node);
    const shape = shapeOf(node.field);
    const again = node.kind !== "block" && shape !== undefined && above.includes(shape);
    if (node.expandable && !again && seen < WALK_LIMIT) {
      for (const child of node.children()) {
        if (visit(child, shape ? [...above, shape] : above)) found = true;
      }
    }
    if (found) keep.add(node.key);
    return found;
  };
  for (const root of roots) visit(root, []);
  return keep;
}

export function searchMatches(text: string): (node: TreeNode) => boolean {
  const wanted = text.trim().toLowerCase().split(/\s+/);
  // Only a word that looks like a path is sought in the path: else "Line" finds all below it.
  const isPath = /[.[]/.test(text);
  return ({ field, key, rule }) => {
    const own = `${field.name} ${field.title} ${field.description} ${rule?.comment ?? ""}`;
    const named = own.toLowerCase();
    const around = (isPath || wanted.length > 1 ? `${key} ${templatePath(key)}` : "").toLowerCase();
    // Of several words, such as “billing city”, some may name the groups around the field.
    return (
      wanted.every((word) => named.includes(word) || around.includes(word)) &&
      (isPath || wanted.some((word) => named.includes(word)))
    );
  };
}

/** The given keys with every key above them. */
export function withAncestors(keys: Iterable<string>): Set<string> {
  const all = new Set<string>();
  for (const key of keys) {
    let at = key;
    while (!all.has(at)) {
      all.add(at);
      if (at === "") break;
      at = parentPath(at);
    }
  }
  return all;
}

export type TargetFilter = "all" | "mapped" | "unmapped" | "required" | "problems";

/** Keys that a filter of the target tree leaves; null for all. */
export function filteredKeys(
  filter: TargetFilter,
  roots: TreeNode[],
  doc: MappingDocument,
  problemTargets: string[],
): Set<string> | null {
  switch (filter) {
    case "all":
      return null;
    case "mapped":
      return withAncestors(["", ...doc.rules.map((rule) => rule.target), ...blockKeys(doc)]);
    case "problems":
      return withAncestors(["", ...problemTargets]);
    case "required": {
      const root = roots[0]?.field;
      return withAncestors(["", ...(root ? requiredMissing(doc, root) : [])]);
    }
    case "unmapped": {
      const filledTargets = new Set(doc.rules.filter((r) => !r.rows).map((r) => r.target));
      const keep = matching(
        roots,
        (n) => !n.expandable && n.kind === "field" && !filledTargets.has(n.key),
      );
      keep.add("");
      return keep;
    }
  }
}

function blockKeys(doc: MappingDocument): string[] {
  return doc.rules.filter((rule) => rule.rows).map(blockPath);
}

/**
 * The row that stands for a path: its own, or the nearest parent on the screen.
 * `hidden` is true when it is a parent.
 */
export function anchorOf(
  path: string,
  index: ReadonlyMap<string, number>,
): { row: number; hidden: boolean } | null {
  let at = path;
  for (let hops = 0; hops < 60; hops += 1) {
    const row =
      index.get(at) ??
      index.get(`${at}[]`) ??
      (at.includes("[") ? index.get(templatePath(at)) : undefined);
    if (row !== undefined) return { row, hidden: at !== path };
    if (at === "") return null;
    at = parentPath(at);
  }
  return null;
}

/** The path shown in words: titles from the tree instead of technical names. */
export function titlesOf(
  sources: SourceTree[],
  withStep: boolean,
): (path: string) => string | undefined {
  const cache = new Map<string, string | undefined>();
  return (path) => {
    if (!cache.has(path)) cache.set(path, titleIn(sources, path, withStep));
    return cache.get(path);
  };
}

function titleIn(sources: SourceTree[], path: string, withStep: boolean): string | undefined {
  const source = sources
    .filter((s) => isWithin(path, s.path))
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (!source) return undefined;
  if (path === source.path) return source.title;
  const title = fieldOfSource(source, path)?.title;
  // "Id" alone says little: name the step, unless it is the trigger, which most fields come from.
  return title && withStep && source.path !== "trigger" ? `${title} (${source.title})` : title;
}

/** The field a source path names, or null when the schemas do not know it. */
export function fieldOfSource(source: SourceTree, path: string): Field | null {
  let field = rootField(source.schema ?? {}, source.path);
  const wanted = templatePath(path.replace(/\[-?\d+\]/g, "[]"));
  for (let hops = 0; hops < 60; hops += 1) {
    if (field.path === wanted || field.path === `${wanted}[]`) return field;
    const next: Field | undefined = fieldsBelow(field, field.path)
      .map((f) => (f.type === "list" ? { ...f, path: `${f.path}[]` } : f))
      .find((f) => isWithin(wanted, f.path) || f.path === `${wanted}[]`);
    if (!next) return null;
    field = next;
  }
  return null;
}

/** Every list of the sources, to choose what makes rows. */
export function sourceLists(nodes: TreeNode[]): { path: string; title: string }[] {
  const found: { path: string; title: string }[] = [];
  matching(nodes, (node) => {
    if (node.field.type === "list" && found.length < 40) {
      found.push({ path: node.key, title: node.field.title });
    }
    return false;
  });
  return found;
}
