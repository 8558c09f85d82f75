/** The lines between the trees: one per source that a rule reads. */

import { formatPercent } from "@/shared/time/format";
import { t } from "./en";
import { type Badge, badgeOf, isHole, type LineStyle, pathsIn, styleOf } from "./expressions";
import { blockPath } from "./model";
import { documentPath } from "./scopes";
import type { Suggestion } from "./suggest";
import { anchorOf } from "./treeRows";
import type { MappingDocument, Preview, Rule } from "./types";
import { type LiveText, liveText } from "./values";

export interface Link {
  id: string;
  ruleId: string;
  source: string;
  target: string;
  style: LineStyle | "rows";
}

/** Every line of the mapping, in rule order; drawn where the trees show both ends. */
export function linksOf(doc: MappingDocument): Link[] {
  return doc.rules.flatMap((rule) => linksOfRule(doc, rule));
}

function linksOfRule(doc: MappingDocument, rule: Rule): Link[] {
  if (rule.disabled) return [];
  if (rule.rows) {
    const { each, items, when, where, group, distinct, join, sort, running } = rule.rows;
    const target = blockPath(rule);
    const parts = [items, when, where, group, distinct]
      .concat((join ?? []).flatMap((j) => [j.with, j.left, j.right]))
      .concat((sort ?? []).map((key) => key.by))
      .concat((running ?? []).map((total) => total.add));
    const read = [each, ...parts.flatMap((part) => pathsIn(part))]
      .filter((p): p is string => Boolean(p))
      .map((p) => documentPath(doc, p, target));
    return [...new Set(read)].map((source) => ({
      id: `${rule.id}:${source}`,
      ruleId: rule.id,
      source,
      target,
      style: source === each ? "rows" : "conditional",
    }));
  }
  if (!rule.expr || isHole(rule.expr)) return [];
  const style = styleOf(rule.expr);
  const paths = pathsIn(rule.expr).map((path) => documentPath(doc, path, rule.target));
  return [...new Set(paths)].map((source) => ({
    id: `${rule.id}:${source}`,
    ruleId: rule.id,
    source,
    target: rule.target,
    style,
  }));
}

/** What hangs at the target end of a rule's lines. */
export interface Bundle {
  ruleId: string;
  target: number;
  targetHidden: boolean;
  sources: { id: string; row: number; hidden: boolean }[];
  style: LineStyle | "rows" | "suggested";
  /** The rule makes rows; its value is how many. */
  rows: boolean;
  badge: Badge | null;
  live: LiveText | null;
  error: string | null;
  /** Not a rule yet: what is proposed, with how sure it is and why. */
  proposal?: { percent: string; why: string };
}

/** Lines grouped by rule, with the rows they start and end at. */
export function bundlesOf(
  doc: MappingDocument,
  links: Link[],
  sourceIndex: ReadonlyMap<string, number>,
  targetIndex: ReadonlyMap<string, number>,
  preview: Preview | undefined,
): Bundle[] {
  const rules = new Map(doc.rules.map((rule) => [rule.id, rule]));
  const problems = new Map(
    (preview?.problems ?? [])
      .filter((p) => p.severity === "error" && p.rule_id)
      .map((p) => [p.rule_id, p.message]),
  );
  const bundles = new Map<string, Bundle>();
  for (const link of links) {
    const rule = rules.get(link.ruleId);
    const from = anchorOf(link.source, sourceIndex);
    const to = anchorOf(link.target, targetIndex);
    if (!rule || !from || !to) continue;
    let bundle = bundles.get(rule.id);
    if (!bundle) {
      const live = liveText(preview?.values[rule.id]);
      bundle = {
        ruleId: rule.id,
        target: to.row,
        targetHidden: to.hidden,
        sources: [],
        style: link.style,
        rows: Boolean(rule.rows),
        badge: rule.expr ? badgeOf(rule.expr) : null,
        live,
        error: live?.error ?? problems.get(rule.id) ?? null,
      };
      bundles.set(rule.id, bundle);
    }
    bundle.sources.push({ id: link.id, row: from.row, hidden: from.hidden });
  }
  return [...bundles.values()];
}

/** What is less sure stands in the list of suggestions only. */
const LEAST_DRAWN = 0.7;

/** Proposals whose both ends are on the screen, as lines that may become rules. */
export function proposalsOf(
  suggestions: Suggestion[],
  sourceIndex: ReadonlyMap<string, number>,
  targetIndex: ReadonlyMap<string, number>,
): Bundle[] {
  return suggestions.flatMap(({ id, source, target, confidence, reason }) => {
    if (confidence < LEAST_DRAWN) return [];
    const from = sourceIndex.get(source.path);
    const to = targetIndex.get(target.path);
    if (from === undefined || to === undefined) return [];
    return [
      {
        ruleId: PROPOSED + id,
        target: to,
        targetHidden: false,
        sources: [{ id: PROPOSED + id, row: from, hidden: false }],
        style: "suggested" as const,
        rows: false,
        badge: null,
        live: null,
        error: null,
        proposal: {
          percent: formatPercent(Math.round(confidence * 100)),
          why: t(`suggest.reason.${reason}`),
        },
      },
    ];
  });
}

/** How the id of a proposal begins, where ids of rules stand too. */
export const PROPOSED = "?";
