import { describe, expect, it } from "vitest";
import { field } from "./expressions";
import { followed, forget, goneWith, type Listed } from "./templateFollow";
import type { MappingDocument } from "./types";

const DOC: MappingDocument = {
  schema: 1,
  rules: [
    { id: "r1", target: "Own", expr: field("trigger.a") },
    { id: "r2", target: "Ship.City", expr: field("trigger.b"), origin: "t1", insertion: "i1" },
    { id: "r3", target: "Memo", expr: field("trigger.c"), origin: "t1" },
    { id: "r4", target: "Bill.City", expr: field("trigger.b"), origin: "t1", insertion: "i3" },
  ],
  template: { id: "mt_old", version: 1 },
  insertions: [
    { id: "i1", template: "mt_a", version: 1, place: { from: "Bill", to: "Ship" } },
    { id: "i2", template: "mt_a", version: 1 },
    { id: "i3", template: "mt_shop", version: 2 },
  ],
};
const LISTED: Listed = {
  items: [
    { id: "mt_a", name: "Address", version: 3 },
    { id: "mt_old", name: "Letter", version: 1 },
  ],
  starting_points: [
    { title: "Shop: order", template: "mt_shop", version: 2 },
    { title: "Shop: item", template: null, version: 1 },
  ],
};

describe("what a mapping follows", () => {
  it("is each insertion that has rules left, with where it stands and the newest version", () => {
    expect(followed(DOC, LISTED).map((one) => [one.name, one.place, one.newest])).toEqual([
      ["Letter", "", 1],
      ["Address", "Ship", 3],
      ["Shop: order", "Bill", 2],
    ]);
    expect(followed(DOC, undefined)).toEqual([]);
  });

  it("is forgotten one by one, and the rules stay", () => {
    const once = forget(DOC, "i1");
    expect(once.rules[1]).toEqual({ id: "r2", target: "Ship.City", expr: field("trigger.b") });
    expect(once.insertions?.map((one) => one.id)).toEqual(["i2", "i3"]);
    expect(once.template).toEqual(DOC.template);
    const all = ["", "i1", "i2", "i3"].reduce(forget, DOC);
    expect(Object.keys(all).sort()).toEqual(["rules", "schema"]);
    expect(all.rules.map((rule) => rule.id)).toEqual(["r1", "r2", "r3", "r4"]);
    expect(all.rules.some((rule) => rule.origin || rule.insertion)).toBe(false);
  });

  it("says what goes with rows that the template has no more", () => {
    const rows = { id: "b1", target: "Line", rows: { each: "trigger.lines[]" } };
    const doc: MappingDocument = {
      schema: 1,
      rules: [rows, { id: "r1", target: "Line[b1].Own", expr: field("trigger.a") }],
    };
    const change = {
      key: "rule:b1",
      part: "rule" as const,
      kind: "conflict" as const,
      target: "Line[b1]",
      base: rows,
      mine: rows,
      theirs: null,
      taken: false,
    };
    expect(goneWith(doc, change)).toBe(1);
    expect(goneWith(doc, { ...change, theirs: rows })).toBe(0);
    const value = { id: "b1", target: "Line", expr: field("trigger.lines") };
    expect(goneWith(doc, { ...change, theirs: value })).toBe(1);
  });
});
