import { describe, expect, it } from "vitest";
import { call, field } from "./expressions";
import { INVOICE, ORDER } from "./samples.testing";
import { fitOf, guessTrees, readFrom, readsHere, readsOf } from "./templateFit";
import type { MappingDocument, SourceTree } from "./types";

const TEMPLATE: MappingDocument = {
  schema: 1,
  rules: [
    { id: "r1", target: "DocNumber", expr: field("steps.order.increment_id") },
    { id: "b1", target: "Line", rows: { each: "steps.order.items[]" } },
    { id: "r2", target: "Line[b1].Amount", expr: field("steps.order.items[].row_total") },
    { id: "r3", target: "Nowhere", expr: call("upper", { op: "const", value: "steps.order.x" }) },
    {
      id: "r4",
      target: "PrivateNote",
      expr: { op: "jsonata", text: "steps.order.increment_id & 'x'" },
    },
  ],
};
const tree = (path: string, schema: SourceTree["schema"]): SourceTree =>
  ({ path, title: path, schema }) as SourceTree;
const OTHER = tree("steps.customer", { type: "object", properties: { id: { type: "string" } } });
const SOURCES = [OTHER, tree("trigger", ORDER)];

describe("a template from elsewhere", () => {
  it("says what it reads, in rules, rows and code", () => {
    expect([...readsOf(TEMPLATE)]).toEqual([
      [
        "steps.order",
        ["steps.order.increment_id", "steps.order.items[]", "steps.order.items[].row_total"],
      ],
    ]);
  });

  it("is read from the step that knows its fields, whatever that is called", () => {
    expect(guessTrees(readsOf(TEMPLATE), SOURCES)).toEqual({ "steps.order": "trigger" });
    expect(readsHere(readsOf(TEMPLATE), SOURCES)).toBe(false);
    expect(readsHere(readsOf(TEMPLATE), [tree("steps.order", ORDER)])).toBe(true);
  });

  it("is written for another step everywhere but in fixed values", () => {
    const { rules } = readFrom(TEMPLATE, { "steps.order": "trigger" });
    expect(rules[0]?.expr).toEqual(field("trigger.increment_id"));
    expect(rules[1]?.rows?.each).toBe("trigger.items[]");
    expect(rules[3]).toEqual(TEMPLATE.rules[3]);
    expect(rules[4]?.expr).toEqual({ op: "jsonata", text: "trigger.increment_id & 'x'" });
  });

  it("fits as many rules as the target has places for", () => {
    expect(fitOf(TEMPLATE, INVOICE)).toBe(4);
  });
});
