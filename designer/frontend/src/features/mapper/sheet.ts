/** A mapping as a document that accountants read and sign: a table of all rules. */

import { t } from "./en";
import { describeExpr, type ExprNames } from "./expressions";
import { escapeXml } from "./formats";
import { blockPath } from "./model";
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

const STYLE = `@page{size:A4 landscape;margin:14mm}body{font:11px/1.4 system-ui,sans-serif;color:#111}
h1{font-size:17px;margin:0 0 2px}p{margin:0 0 12px;color:#555}table{width:100%;border-collapse:collapse}
th,td{padding:4px 6px;border:1px solid #bbb;text-align:left;vertical-align:top}th{background:#eee}
tr{break-inside:avoid}thead{display:table-header-group}td:first-child{font-family:ui-monospace,monospace}
.rows td{background:#f5f7f8;font-weight:600}.sign{display:flex;gap:40px;margin-top:36px}
.sign div{flex:1;border-top:1px solid #555;padding-top:4px}`;

/** The sign-off document as a page of its own. */
export function sheetPage(title: string, sample: string, rows: SheetRow[]): string {
  const head = [
    t("table.target"),
    t("table.how"),
    t("table.fallback"),
    t("table.value"),
    t("table.comment"),
  ];
  const body = rows
    .map(({ rule, place, how, fallback, value, comment }) => {
      const off = rule.disabled ? ` (${t("sheet.off")})` : "";
      const cells = [place || t("target.document"), how + off, fallback, value, comment];
      return `<tr${rule.rows ? ' class="rows"' : ""}>${cells.map((c) => `<td>${escapeXml(c)}</td>`).join("")}</tr>`;
    })
    .join("");
  const made = t("sheet.made", { date: new Date().toLocaleString(), sample });
  const sign = [t("sheet.checked"), t("sheet.date"), t("sheet.signature")];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeXml(
    t("sheet.title", { title }),
  )}</title><style>${STYLE}</style></head><body><h1>${escapeXml(t("sheet.title", { title }))}</h1><p>${escapeXml(
    made,
  )}</p><table><thead><tr>${head.map((h) => `<th>${escapeXml(h)}</th>`).join("")}</tr></thead><tbody>${body}</tbody></table><div class="sign">${sign.map((s) => `<div>${escapeXml(s)}</div>`).join("")}</div></body></html>`;
}

/** Opens the browser's print dialog for a page, without leaving this one. */
export function printPage(html: string): void {
  const frame = document.createElement("iframe");
  frame.setAttribute("aria-hidden", "true");
  frame.title = "print";
  frame.style.cssText = "position:fixed;inset:auto 0 0 auto;width:0;height:0;border:0";
  frame.srcdoc = html;
  frame.onload = () => {
    const page = frame.contentWindow;
    if (!page) return;
    page.onafterprint = () => frame.remove();
    page.print();
  };
  document.body.append(frame);
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

export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
