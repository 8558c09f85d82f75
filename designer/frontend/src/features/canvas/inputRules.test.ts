import { describe, expect, test } from "vitest";
import type { JsonSchema } from "@/api/types";
import {
  childPath,
  EMPTY_MAPPING,
  exprAt,
  fieldsOf,
  requiredFilled,
  resolve,
  withExpr,
} from "./inputRules";

const invoice: JsonSchema = {
  type: "object",
  required: ["CustomerRef", "Line"],
  properties: {
    DocNumber: { type: "string" },
    CustomerRef: { $ref: "#/$defs/Reference", title: "Customer" },
    Line: { type: "array", items: { type: "object" } },
    Id: { type: "string", readOnly: true },
    BillAddr: { type: "object", required: ["City"], properties: { City: { type: "string" } } },
    Memo: { anyOf: [{ type: "string", title: "Memo text" }, { type: "null" }] },
  },
  $defs: {
    Reference: { type: "object", required: ["value"], properties: { value: { type: "string" } } },
  },
};

const field = (path: string) => ({ op: "field", path }) as const;

describe("rules of a form", () => {
  test("setting a field adds one rule and changes it afterwards", () => {
    const once = withExpr(EMPTY_MAPPING, "DocNumber", field("trigger.increment_id"));
    const twice = withExpr(once, "DocNumber", field("trigger.id"));
    expect(twice.rules).toEqual([{ id: "r1", target: "DocNumber", expr: field("trigger.id") }]);
    expect(withExpr(twice, "DocNumber", undefined)).toEqual(EMPTY_MAPPING);
  });

  test("the whole-document rule stands before the others", () => {
    const mapping = withExpr(
      withExpr(EMPTY_MAPPING, "A", field("trigger.a")),
      "",
      field("steps.x"),
    );
    expect(mapping.rules.map((rule) => rule.target)).toEqual(["", "A"]);
    expect(exprAt(mapping, "")).toEqual(field("steps.x"));
  });

  test("comments and policies of a rule survive an edit in the form", () => {
    const mapping = {
      schema: 1 as const,
      rules: [
        { id: "r9", target: "A", expr: field("a"), comment: "why", on_missing: "fail" as const },
      ],
    };
    expect(withExpr(mapping, "A", field("b")).rules[0]).toMatchObject({
      id: "r9",
      comment: "why",
      on_missing: "fail",
      expr: field("b"),
    });
  });
});

describe("fields of a schema", () => {
  test("required ones come first, read-only ones not at all, references are followed", () => {
    const fields = fieldsOf(invoice, invoice);
    expect(fields.map((f) => f.name)).toEqual([
      "CustomerRef",
      "Line",
      "DocNumber",
      "BillAddr",
      "Memo",
    ]);
    expect(fields[0]).toMatchObject({ title: "Customer", type: "object", required: true });
    expect(fields[4]).toMatchObject({ title: "Memo text", type: "string" });
  });

  test("unusual names stand in backticks", () => {
    expect(childPath("a", "b c")).toBe("a.`b c`");
    expect(childPath("", "b")).toBe("b");
  });

  test("a schema that refers to itself ends", () => {
    const loop: JsonSchema = { $ref: "#/$defs/A", $defs: { A: { $ref: "#/$defs/A" } } };
    expect(resolve(loop, loop)).toBeDefined();
  });
});

describe("required fields", () => {
  test("are counted through required objects and through optional ones in use", () => {
    expect(requiredFilled(EMPTY_MAPPING, invoice)).toEqual({ filled: 0, total: 2 });
    let mapping = withExpr(EMPTY_MAPPING, "CustomerRef.value", field("steps.c.id"));
    expect(requiredFilled(mapping, invoice)).toEqual({ filled: 1, total: 2 });
    mapping = withExpr(mapping, "BillAddr.City", field("trigger.city"));
    expect(requiredFilled(mapping, invoice)).toEqual({ filled: 2, total: 3 });
  });

  test("a whole document given at once fills them all", () => {
    const mapping = withExpr(EMPTY_MAPPING, "", field("steps.invoice"));
    expect(requiredFilled(mapping, invoice)).toEqual({ filled: 2, total: 2 });
  });
});
