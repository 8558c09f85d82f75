/** An expression as a person types it: a fixed value, a field by its path, or JSONata text. */

import { api, inWorkspace } from "@/api/client";
import { constantOf } from "./ConstInput";
import { type ExprPath, partsOf, replaceAt } from "./expressions";
import type { FieldType } from "./schemaTree";
import { contextSchema } from "./textSync";
import { fieldOfSource } from "./treeRows";
import type { Expr, SourceTree } from "./types";
import { isPlain } from "./values";

export interface Reach {
  workspace?: string;
  /** Documents and loop variables that may be read. */
  sources: SourceTree[];
}

/** What an expression may read, as the server wants it. */
const placeOf = (reach: Reach) => ({
  source_schema: contextSchema(reach.sources.filter((one) => !one.path.startsWith("$"))),
  variables: reach.sources.flatMap((one) => /^\$(\w+)$/.exec(one.path)?.[1] ?? []),
});

/** What the server makes of a JSONata text: blocks wherever they can say it, else code. */
export async function exprFromText(text: string, reach: Reach): Promise<Expr> {
  const { expr } = await api.postExact<{ expr: Expr }>(
    inWorkspace(reach.workspace ?? "", "/mapping/expression-from-text"),
    { text, ...placeOf(reach) },
  );
  return expr;
}

/** Blocks as a line of text that is read as the same blocks again; null where there is none. */
export async function formulaFromExpr(
  expr: Expr,
  reach: Reach,
  signal?: AbortSignal,
): Promise<string | null> {
  const { text } = await api.post<{ text: string | null }>(
    inWorkspace(reach.workspace ?? "", "/mapping/expression-to-text"),
    { expr, ...placeOf(reach) },
    signal,
  );
  return text;
}

const EACH =
  /(?<![\w$.`])(?:trigger|steps|\$\w+)(?:\.[A-Za-z_][\w$-]*|\.`[^`]+`|\[\])*\[\](?:\.[A-Za-z_][\w$-]*|\.`[^`]+`)*/g;
const STAND_IN = "each_";

/**
 * The same for a text in which `trigger.items[].sku` means the field of the row that is being made,
 * as paths in rules do. Positions in a refusal are those of the text given.
 */
export async function exprFromFormula(text: string, reach: Reach): Promise<Expr> {
  const paths: string[] = [];
  const plain = text.replace(EACH, (path) => {
    paths.push(path);
    // As long as the path, so that positions stay what they are.
    return `$${STAND_IN}${paths.length - 1}_`.padEnd(path.length, "_");
  });
  if (paths.length === 0) return exprFromText(text, reach);
  const named = plain.match(new RegExp(`\\$${STAND_IN}\\d+_+`, "g")) ?? [];
  const sources = [
    ...reach.sources,
    ...named.map((path) => ({ path, title: path, icon: null, schema: {} })),
  ];
  const made = await exprFromText(plain, { ...reach, sources });
  const found = withPaths(made, new Map(named.map((name, at) => [name, paths[at] ?? name])));
  return found ?? exprFromText(text, reach);
}

/** The expression with paths for what stood in for them; null where code reads one. */
function withPaths(expr: Expr, paths: Map<string, string>): Expr | null {
  let next: Expr | null = expr;
  const visit = (part: Expr, at: ExprPath) => {
    if (part.op === "jsonata" && part.text.includes(STAND_IN)) next = null;
    const path = part.op === "field" ? paths.get(part.path) : undefined;
    if (path !== undefined && next) next = replaceAt(next, at, { op: "field", path });
    for (const inner of partsOf(part)) visit(inner.expr, [...at, ...inner.at]);
  };
  visit(expr, []);
  return next;
}

/** Whether a cell's text is always an expression, or only after “=”. */
export type CellKind = "value" | "condition";

/** The expression as a line of text that can be changed; null for one that is made of blocks. */
export function textOfExpr(expr: Expr | undefined, kind: CellKind): string | null {
  if (!expr || expr.op === "hole") return "";
  const begin = kind === "value" ? "=" : "";
  if (expr.op === "field") return begin + expr.path;
  if (expr.op === "jsonata") return begin + expr.text;
  if (expr.op !== "const" || !isPlain(expr.value)) return null;
  if (kind === "condition") return JSON.stringify(expr.value);
  const text = typeof expr.value === "string" ? expr.value : JSON.stringify(expr.value);
  return /^['=]/.test(text) ? `'${text}` : text;
}

/** The formula in a cell's text, and where in the text it begins; null for a fixed value. */
export function formulaIn(text: string, kind: CellKind): { formula: string; from: number } | null {
  const from = text.startsWith("=") ? 1 : 0;
  return from === 1 || kind === "condition" ? { formula: text.slice(from), from } : null;
}

/**
 * What a text means without asking anybody: nothing, a fixed value or a known field; null for what
 * the server must read.
 */
export function exprAtOnce(
  text: string,
  kind: CellKind,
  type: FieldType,
  reach: Reach,
): { expr: Expr | undefined } | null {
  const found = formulaIn(text, kind);
  if (found) {
    const path = found.formula.trim();
    if (path === "") return { expr: undefined };
    return isKnownPath(path, reach.sources) ? { expr: { op: "field", path } } : null;
  }
  if (text === "") return { expr: undefined };
  return { expr: { op: "const", value: constantOf(text.replace(/^'(?=['=])/, ""), type) } };
}

function isKnownPath(path: string, sources: SourceTree[]): boolean {
  const source = sources.find((s) => path === s.path || path.startsWith(`${s.path}.`));
  return source !== undefined && (path === source.path || fieldOfSource(source, path) !== null);
}
