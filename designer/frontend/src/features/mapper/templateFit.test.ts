import { describe, expect, it } from "vitest";
import { call, field } from "./expressions";
import { INVOICE, ORDER } from "./samples.testing";
import { fitOf, guessTrees, movedTo, placesFor, readsHere, readsOf, recordOf } from "./templateFit";
import type { JsonSchema, MappingDocument, SourceTree } from "./types";

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

  it("reads what code takes from the whole context", () => {
    const text = "$$.steps.order.zip & $x.steps.order.y";
    const mapping = {
      ...TEMPLATE,
      rules: [{ id: "r", target: "A", expr: { op: "jsonata", text } }],
    };
    expect([...readsOf(mapping as MappingDocument)]).toEqual([
      ["steps.order", ["steps.order.zip"]],
    ]);
  });

  it("is read from the step that knows its fields, whatever that is called", () => {
    expect(guessTrees(readsOf(TEMPLATE), SOURCES)).toEqual({ "steps.order": "trigger" });
    expect(readsHere(readsOf(TEMPLATE), SOURCES)).toBe(false);
    expect(readsHere(readsOf(TEMPLATE), [tree("steps.order", ORDER)])).toBe(true);
  });

  it("finds the records of a target that it could stand in as well", () => {
    const address = { type: "object", properties: { City: {}, Zip: {} } };
    const target = {
      type: "object",
      properties: {
        Bill: address,
        Ship: address,
        Other: { type: "object", properties: { Zip: { type: "string" } } },
        Line: { type: "array", items: { properties: { Ship: address } } },
      },
    } as JsonSchema;
    const part: MappingDocument = {
      schema: 1,
      rules: [
        { id: "a", target: "Bill.City", expr: field("trigger.city") },
        { id: "b", target: "Bill.Zip", expr: field("trigger.zip") },
        { id: "c", target: "Bill.Own.Deep", expr: field("trigger.x") },
      ],
    };
    expect(recordOf(part)).toBe("Bill");
    expect(recordOf(TEMPLATE)).toBe("");
    expect(movedTo(part, "Bill", "").rules.map((r) => r.target)).toEqual([
      "City",
      "Zip",
      "Own.Deep",
    ]);
    expect(placesFor(part, target).map((one) => [one.path, one.fits])).toEqual([
      ["Bill", 2],
      ["Ship", 2],
    ]);
  });

  it("fits as many rules as the target has places for", () => {
    expect(fitOf(TEMPLATE, INVOICE)).toBe(4);
  });
});
