/** An expression in a few words, for summaries on cards. The mapper shows the whole of it. */

import type { Expr } from "@/api/types";

const SIGNS: Record<string, string> = {
  eq: "=",
  ne: "≠",
  gt: ">",
  ge: "≥",
  lt: "<",
  le: "≤",
  and: "and",
  or: "or",
  add: "+",
  subtract: "−",
  multiply: "×",
  divide: "÷",
};

/** The last name of a path: `trigger.items[].sku` is "sku". */
export function pathTail(path: string): string {
  const names = path.match(/`[^`]*`|[^.[\]`]+/g) ?? [];
  return (names.at(-1) ?? path).replaceAll("`", "");
}

export function exprText(expr: Expr | undefined): string {
  if (!expr) return "";
  switch (expr.op) {
    case "field":
      return pathTail(expr.path);
    case "const":
      return typeof expr.value === "string" ? expr.value : JSON.stringify(expr.value);
    case "concat":
      return expr.args.map(exprText).join(expr.separator || " ");
    case "if":
      return `${exprText(expr.cond)} ? ${exprText(expr.then)} : ${exprText(expr.else)}`;
    case "jsonata":
      return expr.text;
    case "hole":
      return "…";
    case "call": {
      const args = expr.args.map(exprText);
      const sign = SIGNS[expr.fn];
      if (sign && args.length > 1) return args.join(` ${sign} `);
      if (expr.fn === "is_empty") return `${args[0] ?? ""} is empty`;
      if (expr.fn === "not" && expr.args[0]?.op === "call" && expr.args[0].fn === "is_empty") {
        return `${exprText(expr.args[0].args[0])} is not empty`;
      }
      return `${expr.fn}(${args.join(", ")})`;
    }
  }
}
