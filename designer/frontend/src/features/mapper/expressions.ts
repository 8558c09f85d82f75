/** Expression trees: what they read, how to change one part, how to say them in words. */

import { lastName } from "./paths";
import type { Expr, Json, MappingFunction } from "./types";

export type ExprKind = Expr["op"];
/** Where a part stands: keys from the root, such as ['args', 0] or ['then']. */
export type ExprPath = (string | number)[];

export const HOLE: Expr = { op: "hole" };

export const field = (path: string): Expr => ({ op: "field", path });
export const constant = (value: Json): Expr => ({ op: "const", value });
export const call = (fn: string, ...args: Expr[]): Expr => ({ op: "call", fn, args });

export function isHole(expr: Expr | undefined): boolean {
  return expr === undefined || expr.op === "hole";
}

/** The direct parts of an expression with the place of each. */
export function partsOf(expr: Expr): { at: ExprPath; expr: Expr }[] {
  switch (expr.op) {
    case "concat":
    case "call":
      return expr.args.map((part, index) => ({ at: ["args", index], expr: part }));
    case "if": {
      const parts: { at: ExprPath; expr: Expr }[] = [
        { at: ["cond"], expr: expr.cond },
        { at: ["then"], expr: expr.then },
      ];
      if (expr.else) parts.push({ at: ["else"], expr: expr.else });
      return parts;
    }
    default:
      return [];
  }
}

/** Every source path the expression reads, each once, in reading order. */
export function pathsIn(expr: Expr | undefined): string[] {
  const found = new Set<string>();
  const visit = (part: Expr) => {
    if (part.op === "field" && part.path !== "") found.add(part.path);
    if (part.op === "jsonata") for (const path of pathsInText(part.text)) found.add(path);
    for (const inner of partsOf(part)) visit(inner.expr);
  };
  if (expr) visit(expr);
  return [...found];
}

const READS = /(?<![\w$.])(?:trigger|steps\.[a-z][a-z0-9_]*)(?:\.[A-Za-z_$][\w$]*)*/g;

/** What a piece of code most likely reads: only used to draw its lines. */
function pathsInText(text: string): string[] {
  return text.match(READS) ?? [];
}

export function holesIn(expr: Expr): number {
  if (expr.op === "hole") return 1;
  return partsOf(expr).reduce((sum, part) => sum + holesIn(part.expr), 0);
}

export function partAt(expr: Expr, at: ExprPath): Expr | undefined {
  let here: unknown = expr;
  for (const key of at) {
    if (here === null || typeof here !== "object") return undefined;
    here = (here as Record<string | number, unknown>)[key];
  }
  return here as Expr | undefined;
}

/** A copy of the expression with one part replaced; every other part is shared. */
export function replaceAt(expr: Expr, at: ExprPath, part: Expr): Expr {
  if (at.length === 0) return part;
  return replaceIn(expr, at, part) as Expr;
}

function replaceIn(node: unknown, at: ExprPath, part: Expr): unknown {
  const [key, ...rest] = at;
  if (key === undefined) return part;
  if (Array.isArray(node)) {
    return node.map((item, index) => (index === key ? replaceIn(item, rest, part) : item));
  }
  const holder = node as Record<string, unknown>;
  return { ...holder, [key]: replaceIn(holder[key], rest, part) };
}

/** The expression as first argument of a function, with holes for what else it needs. */
export function wrapCall(expr: Expr, fn: MappingFunction | string): Expr {
  if (typeof fn === "string") return call(fn, expr);
  const more = fn.args.slice(1).filter((arg) => arg.required);
  return { op: "call", fn: fn.name, args: [expr, ...more.map(() => HOLE)] };
}

export function wrapIf(expr: Expr): Expr {
  // biome-ignore lint/suspicious/noThenProperty: the mapping document names its branch so
  return { op: "if", cond: HOLE, then: expr };
}

/** Conditions tried one after the other, as they are read: if, else if, otherwise. */
export interface Chain {
  branches: { cond: Expr; value: Expr }[];
  otherwise: Expr | undefined;
}

export function readChain(expr: Expr & { op: "if" }): Chain {
  const branches: Chain["branches"] = [];
  let at: Expr | undefined = expr;
  while (at?.op === "if") {
    branches.push({ cond: at.cond, value: at.then });
    at = at.else;
  }
  return { branches, otherwise: at };
}

export function writeChain({ branches, otherwise }: Chain): Expr {
  return branches.reduceRight<Expr | undefined>((rest, { cond, value }) => {
    // biome-ignore lint/suspicious/noThenProperty: the mapping document names its branch so
    const made: Expr = { op: "if", cond, then: value };
    if (rest) made.else = rest;
    return made;
  }, otherwise) as Expr;
}

/** What was wrapped: the first real part, or the expression itself when it has none. */
export function unwrap(expr: Expr): Expr {
  if (expr.op === "if") return expr.then;
  if (expr.op === "call" || expr.op === "concat") {
    return expr.args.find((part) => part.op !== "hole") ?? expr.args[0] ?? HOLE;
  }
  return expr;
}

export function sameExpr(a: Expr | undefined, b: Expr | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export type LineStyle = "copy" | "converted" | "conditional" | "code";

export function styleOf(expr: Expr): LineStyle {
  if (expr.op === "field" || expr.op === "const" || expr.op === "hole") return "copy";
  if (expr.op === "jsonata") return "code";
  return containsIf(expr) ? "conditional" : "converted";
}

function containsIf(expr: Expr): boolean {
  return expr.op === "if" || partsOf(expr).some((part) => containsIf(part.expr));
}

export interface Badge {
  op: "call" | "concat" | "if" | "jsonata";
  fn: string | null;
}

/** What a line's badge names: the outermost thing done to the value. */
export function badgeOf(expr: Expr): Badge | null {
  switch (expr.op) {
    case "call":
      return { op: "call", fn: expr.fn };
    case "concat":
    case "if":
    case "jsonata":
      return { op: expr.op, fn: null };
    default:
      return null;
  }
}

export interface ExprNames {
  /** Title of a source path, when it is known. */
  title?: (path: string) => string | undefined;
  fn?: (name: string) => string | undefined;
}

const SIGNS: Record<string, string> = {
  eq: "=",
  ne: "≠",
  gt: ">",
  ge: "≥",
  lt: "<",
  le: "≤",
  add: "+",
  subtract: "−",
  multiply: "×",
  divide: "÷",
  in: "in",
};

export function constantText(value: Json): string {
  // Amounts are kept as text; to a reader they are numbers.
  if (typeof value === "string") return /^-?\d+(\.\d+)?$/.test(value) ? value : `“${value}”`;
  return JSON.stringify(value);
}

/** The expression in words, on one line. */
export function describeExpr(expr: Expr | undefined, names: ExprNames = {}): string {
  return describe(expr, names, false);
}

function describe(expr: Expr | undefined, names: ExprNames, inner: boolean): string {
  if (!expr) return "…";
  const inside = (part: Expr | undefined) => describe(part, names, true);
  const grouped = (text: string) => (inner ? `(${text})` : text);
  switch (expr.op) {
    case "field":
      return names.title?.(expr.path) ?? (lastName(expr.path) || "…");
    case "const":
      return constantText(expr.value);
    case "hole":
      return "…";
    case "jsonata":
      return expr.text.replace(/\s+/g, " ").trim() || "…";
    case "concat":
      return grouped(
        expr.args.map(inside).join(expr.separator?.trim() ? ` & “${expr.separator}” & ` : " & ") ||
          "…",
      );
    case "if": {
      const otherwise = expr.else ? ` else ${inside(expr.else)}` : "";
      return grouped(
        `if ${describe(expr.cond, names, false)} then ${inside(expr.then)}${otherwise}`,
      );
    }
    case "call": {
      const [a, b] = expr.args;
      const sign = SIGNS[expr.fn];
      if (sign && expr.args.length === 2) return grouped(`${inside(a)} ${sign} ${inside(b)}`);
      if ((expr.fn === "and" || expr.fn === "or") && expr.args.length > 1) {
        return grouped(expr.args.map(inside).join(` ${expr.fn} `));
      }
      if (expr.fn === "not" && expr.args.length === 1) return `not ${inside(a)}`;
      if (expr.fn === "is_empty" && expr.args.length === 1) return grouped(`${inside(a)} is empty`);
      const title = names.fn?.(expr.fn) ?? expr.fn;
      return `${title}(${expr.args.map((part) => describe(part, names, false)).join(", ")})`;
    }
  }
}
