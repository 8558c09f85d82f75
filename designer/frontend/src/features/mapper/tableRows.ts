/** The rows of the table of rules: rules, and target fields that nothing fills yet. */

import { t } from "./en";
import { describeExpr, type ExprNames } from "./expressions";
import { patchRule, removeRule, requiredMissing, rootField } from "./model";
import { howOf, placeWords, sheetRows } from "./sheet";
import { matching, type TargetFilter, targetNodes } from "./treeRows";
import type { JsonSchema, MappingDocument, MappingProblem, Preview, Rule } from "./types";

export const COLUMNS = [
  "target",
  "how",
  "when",
  "fallback",
  "value",
  "comment",
  "problem",
] as const;
export type Column = (typeof COLUMNS)[number];

/** Columns whose cells a person fills. */
export const EDITABLE: ReadonlySet<Column> = new Set(["how", "when", "fallback", "comment"]);

export interface GridRow {
  /** Unique in the table, and the same before and after a rule is there. */
  key: string;
  place: string;
  /** None for a field that nothing fills yet. */
  rule?: Rule;
  cells: Record<Column, string>;
  /** More values than the one shown. */
  more: number;
  severity: MappingProblem["severity"] | null;
}

interface RowsInput {
  doc: MappingDocument;
  preview: Preview | undefined;
  names: ExprNames;
  schema: JsonSchema;
  filter: TargetFilter;
  /** Places that a person has chosen to fill. */
  added: string[];
}

export function gridRows({ doc, preview, names, schema, filter, added }: RowsInput): GridRow[] {
  const root = rootField(schema);
  const problems = worst(preview?.problems ?? []);
  const taken = new Map<string, number>();
  const keyOf = (place: string) => {
    const count = taken.get(place) ?? 0;
    taken.set(place, count + 1);
    return count === 0 ? place : `${place} ${count}`;
  };
  const filled = sheetRows(doc, preview, names).map((row): GridRow => {
    const { rule, place } = row;
    const found = problems.get(rule.id) ?? problems.get(`> ${place}`);
    const live = preview?.values[rule.id];
    const failed = live && "error" in live;
    return {
      key: keyOf(place),
      place,
      rule,
      more: row.value ? row.more : 0,
      severity: failed ? "error" : (found?.severity ?? null),
      cells: {
        target: placeWords(doc, root, place),
        how: rule.rows ? row.how : howOf({ ...rule, when: undefined }, names),
        when: rule.rows || !rule.when ? "" : describeExpr(rule.when, names),
        fallback: row.fallback,
        value: row.value,
        comment: row.comment,
        problem: row.problem || (found?.message ?? ""),
      },
    };
  });
  const there = new Set(filled.map((row) => row.place));
  const empty = (place: string, problem: string): GridRow => ({
    key: keyOf(place),
    place,
    more: 0,
    severity: problem ? "warning" : null,
    cells: {
      target: placeWords(doc, root, place),
      how: "",
      when: "",
      fallback: "",
      value: "",
      comment: "",
      problem,
    },
  });
  const missing = requiredMissing(doc, root).filter((place) => !there.has(place));
  const needed = new Set(missing);
  const chosen = added.filter((place) => !there.has(place) && !needed.has(place));
  const unfilled = (place: string) => empty(place, needed.has(place) ? t("table.unfilled") : "");
  switch (filter) {
    case "mapped":
      return filled;
    case "unmapped":
      return unmappedPlaces(doc, schema).map(unfilled);
    case "required":
      return missing.map(unfilled);
    case "problems":
      return [...missing.map(unfilled), ...filled.filter((row) => row.cells.problem !== "")];
    case "all":
      return [...missing.map(unfilled), ...filled, ...chosen.map(unfilled)];
  }
}

/** The worst problem of each rule, and of each place that no rule fills. */
function worst(problems: MappingProblem[]): Map<string, MappingProblem> {
  const found = new Map<string, MappingProblem>();
  for (const problem of problems) {
    const key = problem.rule_id ?? `> ${problem.target ?? ""}`;
    if (found.get(key)?.severity !== "error") found.set(key, problem);
  }
  return found;
}

/** Every single field of the target that no rule fills, as the tree shows them. */
function unmappedPlaces(doc: MappingDocument, schema: JsonSchema): string[] {
  const filled = new Set(doc.rules.filter((rule) => !rule.rows).map((rule) => rule.target));
  const found: string[] = [];
  matching(targetNodes(schema, doc, ""), (node) => {
    if (!node.expandable && node.kind === "field" && !filled.has(node.key)) found.push(node.key);
    return false;
  });
  return found;
}

export interface Sorting {
  column: Column;
  down: boolean;
}

/** The rows that a search finds, in the order asked for. */
export function arranged(rows: GridRow[], search: string, sort: Sorting | null): GridRow[] {
  const wanted = search.trim().toLowerCase();
  const text = (row: GridRow, column: Column) =>
    column === "target" ? `${row.cells.target} ${row.place}` : row.cells[column];
  const found = wanted
    ? rows.filter((row) => COLUMNS.some((c) => text(row, c).toLowerCase().includes(wanted)))
    : rows;
  if (!sort) return found;
  const order = new Intl.Collator(undefined, { numeric: true });
  const sorted = [...found].sort((a, b) =>
    order.compare(text(a, sort.column), text(b, sort.column)),
  );
  return sort.down ? sorted.reverse() : sorted;
}

/** The mapping without what a cell holds; of the value, and of the place, the whole rule goes. */
export function cleared(doc: MappingDocument, rule: Rule, column: Column): MappingDocument {
  const patch = { when: { when: undefined }, fallback: { default: undefined } };
  switch (column) {
    case "when":
    case "fallback":
      return changed(doc, rule, patch[column]);
    case "comment":
      return changed(doc, rule, { comment: undefined });
    case "target":
    case "how":
      return removeRule(doc, rule.id);
    default:
      return doc;
  }
}

/** The same mapping where nothing would be another, so that undo has no empty steps. */
export function changed(
  doc: MappingDocument,
  rule: Rule,
  patch: { [Key in keyof Rule]?: Rule[Key] | undefined },
): MappingDocument {
  const same = Object.entries(patch).every(
    ([key, value]) => JSON.stringify(rule[key as keyof Rule]) === JSON.stringify(value),
  );
  return same ? doc : patchRule(doc, rule.id, patch);
}
