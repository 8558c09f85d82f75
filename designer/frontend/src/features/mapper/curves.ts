/** The lines as they are drawn: those of a folded record are one, with their number. */

import type { Bundle } from "./links";

export interface Curve {
  key: string;
  ruleIds: string[];
  from: number;
  to: number;
  style: Bundle["style"];
  error: boolean;
}

/**
 * One curve for each pair of rows. Into a folded record, fields that stand together come as one
 * line from the record around them: `groupOf` names its row.
 */
export function curvesOf(bundles: Bundle[], groupOf: (row: number) => number): Curve[] {
  const alone = new Map<string, number>();
  for (const bundle of bundles) {
    if (!bundle.targetHidden) continue;
    for (const source of bundle.sources) {
      const together = `${groupOf(source.row)}:${bundle.target}`;
      alone.set(together, (alone.get(together) ?? 0) + 1);
    }
  }
  const curves = new Map<string, Curve>();
  for (const bundle of bundles) {
    for (const source of bundle.sources) {
      const group = groupOf(source.row);
      const grouped =
        bundle.targetHidden && !source.hidden && (alone.get(`${group}:${bundle.target}`) ?? 0) > 1;
      const from = grouped ? group : source.row;
      // A proposal stays a line of its own, as it may be taken by itself.
      const key =
        bundle.style === "suggested" ? source.id : `${from}:${bundle.target}:${bundle.rows}`;
      const curve = curves.get(key);
      if (!curve) {
        curves.set(key, {
          key,
          ruleIds: [bundle.ruleId],
          from,
          to: bundle.target,
          style: bundle.style,
          error: bundle.error !== null,
        });
        continue;
      }
      curve.ruleIds.push(bundle.ruleId);
      curve.error ||= bundle.error !== null;
      if (curve.style !== bundle.style) curve.style = "copy";
    }
  }
  return [...curves.values()];
}

/** How many lines leave each folded record; one line needs no number. */
export function foldedCounts(bundles: Bundle[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const bundle of bundles) {
    for (const source of bundle.sources) {
      if (source.hidden) counts.set(source.row, (counts.get(source.row) ?? 0) + 1);
    }
  }
  return new Map([...counts].filter(([, count]) => count > 1));
}

/** For every row the row of the record around it; a row of the top stands for itself. */
export function groupsOf(rows: { depth: number }[]): number[] {
  const groups: number[] = [];
  const open: number[] = [];
  rows.forEach((row, index) => {
    open.length = Math.min(open.length, row.depth);
    groups.push(open.at(-1) ?? index);
    open[row.depth] = index;
  });
  return groups;
}
