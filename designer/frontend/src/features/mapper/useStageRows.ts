/** The rows that both trees show, after search and filters, and what each row must know. */

import { useDeferredValue, useMemo, useRef, useState } from "react";
import { wholeList } from "./drop";
import { useExprEnv } from "./exprEnv";
import { type Link, linksOf } from "./links";
import { blockPath, requiredMissing } from "./model";
import { onPage, pagesOf } from "./pages";
import { isWithin } from "./paths";
import { isScalar } from "./schemaTree";
import {
  anchorOf,
  filteredKeys,
  matching,
  searchMatches,
  type TargetFilter,
  type TreeNode,
  type TreeRow,
  targetNodes,
  visibleRows,
  withAncestors,
} from "./treeRows";
import type { Json, JsonSchema, MappingProblem, Preview, Rule } from "./types";
import type { MapperStore } from "./useMapper";
import { hasValue } from "./values";

export type SourceFilter = "all" | "with_value" | "used";

interface StageRowsInput {
  store: MapperStore;
  targetSchema: JsonSchema;
  targetTitle: string;
  preview: Preview | undefined;
  context: Json | undefined;
  focus: boolean;
}

export function useStageRows(input: StageRowsInput) {
  const { store, targetSchema, targetTitle, preview, context, focus } = input;
  const { doc, open } = store;
  const { nodes } = useExprEnv();
  const [searches, setSearches] = useState({ source: "", target: "" });
  const [chosenFilter, setFilter] = useState<TargetFilter>("all");
  const [chosenSources, setSourceFilter] = useState<SourceFilter>("all");
  const filter = focus && chosenFilter === "all" ? "mapped" : chosenFilter;
  const sourceFilter = focus && chosenSources === "all" ? "used" : chosenSources;
  const wantedSource = useDeferredValue(searches.source.trim());
  const wantedTarget = useDeferredValue(searches.target.trim());

  const [chosenPage, setChosenPage] = useState<string | null>(null);
  const allLinks = useMemo(() => linksOf(doc), [doc]);
  const roots = useMemo(
    () => targetNodes(targetSchema, doc, targetTitle),
    [targetSchema, doc, targetTitle],
  );
  const pages = useMemo(() => pagesOf(roots, doc), [roots, doc]);
  // A page that a change took away shows the whole map again.
  const page = pages.some((p) => p.key === chosenPage) ? chosenPage : null;
  const links = useMemo(
    () => (page === null ? allLinks : allLinks.filter((link) => isWithin(link.target, page))),
    [allLinks, page],
  );
  const read = sourceFilter === "used" ? links : NO_LINKS;
  const seen = sourceFilter === "with_value" ? context : undefined;
  const sourceOnly = useMemo(() => {
    if (!wantedSource && sourceFilter === "all") return null;
    const found = wantedSource ? searchMatches(wantedSource) : () => true;
    const fits = fitsFilter(sourceFilter, read, seen);
    return matching(nodes, (node) => found(node) && fits(node));
  }, [nodes, wantedSource, sourceFilter, read, seen]);
  const sourceRows = useMemo(
    () => visibleRows(nodes, { expanded: open.source, only: sourceOnly }),
    [nodes, open.source, sourceOnly],
  );

  const problems = useMemo(() => problemsByTarget(doc.rules, preview), [doc, preview]);
  const wrong = useMemo(
    () => (filter === "problems" ? [...problems.keys()] : NO_KEYS),
    [filter, problems],
  );
  const targetOnly = useMemo(() => {
    const byFilter = filteredKeys(filter, roots, doc, wrong);
    if (!wantedTarget) return onPage(page, byFilter);
    const found = matching(roots, searchMatches(wantedTarget));
    return onPage(page, byFilter ? new Set([...found].filter((key) => byFilter.has(key))) : found);
  }, [filter, roots, doc, wrong, wantedTarget, page]);
  const targetRows = useMemo(
    () => visibleRows(roots, { expanded: open.target, only: targetOnly }),
    [roots, open.target, targetOnly],
  );

  const sourceIndex = useMemo(() => indexOf(sourceRows), [sourceRows]);
  const targetIndex = useMemo(() => indexOf(targetRows), [targetRows]);
  const usedNow = useMemo(() => {
    const keys = new Set<string>();
    for (const link of links) {
      const at = anchorOf(link.source, sourceIndex);
      const key = at ? sourceRows[at.row]?.key : undefined;
      if (key) keys.add(key);
    }
    return keys;
  }, [links, sourceIndex, sourceRows]);
  const used = useSameKeys(usedNow);
  const placed = useMemo(
    () => withAncestors(doc.rules.map((r) => (r.rows ? blockPath(r) : r.target))),
    [doc],
  );
  const missing = useMemo(
    () => new Set(roots[0] ? requiredMissing(doc, roots[0].field) : []),
    [doc, roots],
  );

  return {
    searches,
    setSearches,
    /** Whether a tree shows what its search asks for. */
    searched: {
      source: searches.source.trim() === wantedSource,
      target: searches.target.trim() === wantedTarget,
    },
    filter,
    setFilter,
    sourceFilter,
    setSourceFilter,
    pages,
    page,
    setPage: (key: string | null) => {
      setChosenPage(key);
      if (key !== null) store.toggle("target", key, true);
    },
    /** Changes when the trees show another selection of rows. */
    viewKey: `${filter} ${wantedTarget} ${page}`,
    links,
    sourceRows,
    targetRows,
    sourceIndex,
    targetIndex,
    used,
    placed,
    missing,
    problems,
  };
}

const NO_LINKS: Link[] = [];
const NO_KEYS: string[] = [];

/** The set of before as long as the new one has the same keys. */
function useSameKeys(now: Set<string>): Set<string> {
  const held = useRef(now);
  const same = held.current.size === now.size && [...now].every((key) => held.current.has(key));
  if (!same) held.current = now;
  return held.current;
}

export type StageRows = ReturnType<typeof useStageRows>;

function fitsFilter(
  filter: SourceFilter,
  links: Link[],
  context: Json | undefined,
): (node: TreeNode) => boolean {
  if (filter === "with_value") {
    return (node) => isScalar(node.field.type) && hasValue(context, node.key);
  }
  if (filter === "used") {
    const used = new Set(links.map((link) => link.source));
    return (node) => used.has(node.key) || used.has(wholeList(node.key));
  }
  return () => true;
}

function indexOf(rows: TreeRow[]): Map<string, number> {
  return new Map(rows.map((row, index) => [row.key, index]));
}

function problemsByTarget(
  rules: Rule[],
  preview: Preview | undefined,
): Map<string, MappingProblem> {
  const found = new Map<string, MappingProblem>();
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  for (const problem of preview?.problems ?? []) {
    const rule = problem.rule_id ? byId.get(problem.rule_id) : undefined;
    const key = rule ? (rule.rows ? blockPath(rule) : rule.target) : problem.target;
    if (key === undefined || key === null) continue;
    if (found.get(key)?.severity !== "error") found.set(key, problem);
  }
  for (const [id, value] of Object.entries(preview?.values ?? {})) {
    const rule = byId.get(id);
    if (!rule || !("error" in value)) continue;
    const key = rule.rows ? blockPath(rule) : rule.target;
    if (found.get(key)?.severity === "error") continue;
    found.set(key, { severity: "error", code: "value", message: value.error, rule_id: id });
  }
  return found;
}
