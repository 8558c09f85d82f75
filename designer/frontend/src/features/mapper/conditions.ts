/** Conditions as a person lists them (field, operator, value) and as the expression they are. */

import { call, HOLE } from "./expressions";
import type { Expr } from "./types";

export const OPERATORS = [
  "eq",
  "ne",
  "gt",
  "ge",
  "lt",
  "le",
  "in",
  "is_empty",
  "is_filled",
  "is_true",
] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Comparison {
  left: Expr;
  operator: Operator;
  right: Expr;
}

export interface Conditions {
  join: "and" | "or";
  items: Comparison[];
}

const TWO_SIDED = new Set<string>(["eq", "ne", "gt", "ge", "lt", "le", "in"]);

export function isTwoSided(operator: Operator): boolean {
  return TWO_SIDED.has(operator);
}

/** The condition as a list, or null when it is made of other things. */
export function readConditions(expr: Expr | undefined): Conditions | null {
  if (!expr || expr.op === "hole") return { join: "and", items: [] };
  if (expr.op === "call" && (expr.fn === "and" || expr.fn === "or")) {
    const items = expr.args.map(readComparison);
    if (items.some((item) => item === null)) return null;
    return { join: expr.fn, items: items as Comparison[] };
  }
  const single = readComparison(expr);
  return single ? { join: "and", items: [single] } : null;
}

function readComparison(expr: Expr): Comparison | null {
  if (expr.op === "hole" || expr.op === "field") {
    return { left: expr, operator: expr.op === "hole" ? "eq" : "is_true", right: HOLE };
  }
  if (expr.op !== "call") return null;
  const [left, right] = expr.args;
  if (TWO_SIDED.has(expr.fn) && expr.args.length === 2 && left && right) {
    return { left, operator: expr.fn as Operator, right };
  }
  if (expr.fn === "is_empty" && left && expr.args.length === 1) {
    return { left, operator: "is_empty", right: HOLE };
  }
  if (expr.fn === "not" && left?.op === "call" && left.fn === "is_empty" && left.args[0]) {
    return { left: left.args[0], operator: "is_filled", right: HOLE };
  }
  return null;
}

function writeComparison({ left, operator, right }: Comparison): Expr {
  switch (operator) {
    case "is_empty":
      return call("is_empty", left);
    case "is_filled":
      return call("not", call("is_empty", left));
    case "is_true":
      return left;
    default:
      return call(operator, left, right);
  }
}

/** The expression of a list of conditions; undefined for an empty list. */
export function writeConditions({ join, items }: Conditions): Expr | undefined {
  const [first, ...rest] = items;
  if (!first) return undefined;
  if (rest.length === 0) return writeComparison(first);
  return { op: "call", fn: join, args: items.map(writeComparison) };
}
