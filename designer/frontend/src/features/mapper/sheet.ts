/** A mapping as a document that accountants read and sign: a table of all rules. */

import { t } from "./en";
import { describeExpr, type ExprNames } from "./expressions";
import { blockPath, elementOf, ruleById } from "./model";
import { parsePath } from "./paths";
import { type Field, fieldBelow } from "./schemaTree";
import type { MappingDocument, Preview, Rule } from "./types";
import { liveText } from "./values";

export interface SheetRow {
  rule: Rule;
  place: string;
  how: string;
  value: string;
  more: number;
  fallback: string;
  comment: string;
  problem: string;
}

/** What makes a rule's value, in words. */
export function howOf(rule: Rule, names: ExprNames): string {
  const words = (expr: Rule["expr"]) => describeExpr(expr, names);
  if (!rule.rows) {
    const when = rule.when ? ` ${t("target.rows_if", { condition: words(rule.when) })}` : "";
    return words(rule.expr) + when;
  }
  const { each, items, when, where, group, sort, join } = rule.rows;
  const over = each ? (names.title?.(each) ?? each) : items ? words(items) : null;
  return [
    over ? t("target.rows_each", { title: over }) : t("target.rows_one"),
    ...(join ?? []).map((j) => `${t("rows.step.join").toLowerCase()}: ${words(j.with)}`),
    where && t("target.rows_where", { condition: words(where) }),
    group && `${t("rows.step.group").toLowerCase()} ${words(group)}`,
    sort?.length &&
      `${t("rows.step.sort").toLowerCase()}: ${sort.map((k) => words(k.by)).join(", ")}`,
    when && t("target.rows_if", { condition: words(when) }),
  ]
    .filter(Boolean)
    .join(" ");
}

export function sheetRows(
  doc: MappingDocument,
  preview: Preview | undefined,
  names: ExprNames,
): SheetRow[] {
  const problems = new Map(
    [...(preview?.problems ?? [])].reverse().map((p) => [p.rule_id, p.message] as const),
  );
  return doc.rules.map((rule) => {
    const live = liveText(preview?.values[rule.id]);
    return {
      rule,
      place: rule.rows ? blockPath(rule) : rule.target,
      how: howOf(rule, names),
      value: !live || live.error || rule.rows ? "" : live.empty ? "" : live.text,
      more: live?.more ?? 0,
      fallback: rule.default ? describeExpr(rule.default, names) : "",
      comment: rule.comment ?? "",
      problem: live?.error ?? problems.get(rule.id) ?? "",
    };
  });
}

/** A place of the target in people's words: “Billing address › City”; a block by what it is. */
export function placeWords(doc: MappingDocument, root: Field, place: string): string {
  const words: string[] = [];
  let field: Field | null = root;
  for (const segment of parsePath(place)) {
    const next: Field | null = field && fieldBelow(field, segment.name, segment.name);
    words.push(next?.title || segment.name);
    const [bracket] = segment.brackets;
    const block = bracket ? ruleById(doc, bracket) : undefined;
    if (block?.rows) words.push(block.comment || t("table.rows"));
    field = next && segment.brackets.length > 0 ? elementOf(next, segment.name) : next;
  }
  return words.join(" › ");
}

/** The rules as comma-separated text, which every spreadsheet opens. */
export function sheetCsv(rows: SheetRow[]): string {
  // A cell that begins like a formula would be run by a spreadsheet.
  const cell = (text: string) =>
    `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  const head = [
    t("table.target"),
    t("table.how"),
    t("table.fallback"),
    t("table.value"),
    t("table.comment"),
    t("table.problem"),
  ];
  const lines = rows.map((r) => [r.place, r.how, r.fallback, r.value, r.comment, r.problem]);
  return `\ufeff${[head, ...lines].map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

export function download(file: File): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
