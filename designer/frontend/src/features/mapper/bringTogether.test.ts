import { describe, expect, it } from "vitest";
import { bringTogether } from "./bringTogether";
import { field } from "./expressions";
import type { MappingDocument, Rule } from "./types";

const rule = (id: string, target: string, path: string): Rule => ({
  id,
  target,
  expr: field(`trigger.${path}`),
});
const doc = (...rules: Rule[]): MappingDocument => ({ schema: 1, rules });
const BASE = doc(rule("r1", "Name", "name"), rule("r2", "City", "city"));

const placed = (mapping: MappingDocument) =>
  Object.fromEntries(
    mapping.rules.map((one) => [one.target, one.expr?.op === "field" ? one.expr.path : "rows"]),
  );

describe("two people's changes to one mapping", () => {
  it("are brought together rule by rule, also where both chose the same name", () => {
    const mine = doc(...BASE.rules, rule("r3", "Zip", "zip"));
    const theirs = doc(rule("r1", "Name", "company"), rule("r3", "Phone", "phone"));
    const { doc: made, both } = bringTogether(BASE, mine, theirs);
    expect(placed(made)).toEqual({
      Name: "trigger.company",
      Phone: "trigger.phone",
      Zip: "trigger.zip",
    });
    expect(new Set(made.rules.map((one) => one.id)).size).toBe(3);
    expect(both).toEqual([]);
  });

  it("keep mine where both changed a field, and say so", () => {
    const mine = doc(rule("r1", "Name", "first"), rule("r9", "Zip", "zip"));
    const theirs = doc(
      rule("r1", "Name", "last"),
      rule("r2", "City", "town"),
      rule("r4", "Zip", "plz"),
    );
    const { doc: made, both } = bringTogether(BASE, mine, theirs);
    expect(placed(made)).toEqual({
      Name: "trigger.first",
      City: "trigger.town",
      Zip: "trigger.zip",
    });
    expect(both).toEqual(["Name", "City", "Zip"]);
  });

  it("keep apart new branches that both called the same", () => {
    const when = (path: string) => field(`trigger.${path}`);
    const mine = {
      ...doc(BASE.rules[0] as Rule, { ...rule("r2", "City", "city"), branch: "branch1" }),
      branches: [
        { id: "branch1", when: when("mine") },
        { id: "branch2", after: "branch1" },
      ],
    };
    const theirs = {
      ...doc({ ...rule("r1", "Name", "name"), branch: "branch1" }, BASE.rules[1] as Rule),
      branches: [{ id: "branch1", when: when("theirs") }],
    };
    const { doc: made } = bringTogether(BASE, mine, theirs);
    expect(made.branches).toEqual([
      { id: "branch1", when: when("theirs") },
      { id: "branch1_2", when: when("mine") },
      { id: "branch2", after: "branch1_2" },
    ]);
    expect(made.rules.map((one) => one.branch)).toEqual(["branch1", "branch1_2"]);
    const same = bringTogether(BASE, mine, { ...theirs, branches: mine.branches });
    expect(same.doc.branches).toEqual(mine.branches);
  });

  it("bring new rows under a free name, with what stands in them", () => {
    const rows = (id: string, each: string): Rule => ({ id, target: "Line", rows: { each } });
    const mine = doc(...BASE.rules, rows("b1", "trigger.items[]"), rule("r5", "Line[b1].Sku", "x"));
    const theirs = doc(
      ...BASE.rules,
      rows("b1", "trigger.fees[]"),
      rule("r6", "Line[b1].Sku", "y"),
    );
    const { doc: made } = bringTogether(BASE, mine, theirs);
    expect(made.rules.map((one) => [one.id, one.target])).toEqual([
      ["r1", "Name"],
      ["r2", "City"],
      ["b1", "Line"],
      ["r6", "Line[b1].Sku"],
      ["b2", "Line"],
      ["r5", "Line[b2].Sku"],
    ]);
  });

  it("bring what each laid in from templates, and the version that was taken", () => {
    const laid = (id: string, version: number) => ({ id, template: "mt", version });
    const base = { ...BASE, insertions: [laid("in_a", 1)] };
    const mine = { ...BASE, insertions: [laid("in_a", 2), laid("in_b", 1)] };
    const theirs = { ...BASE, insertions: [laid("in_a", 1), laid("in_c", 1)] };
    expect(bringTogether(base, mine, theirs).doc.insertions).toEqual([
      laid("in_a", 2),
      laid("in_c", 1),
      laid("in_b", 1),
    ]);
  });

  it("change nothing when one of the two changed nothing", () => {
    const changed = { ...doc(rule("r2", "City", "town")), branches: [{ id: "a" }] };
    expect(bringTogether(BASE, BASE, changed).doc).toEqual(changed);
    expect(bringTogether(BASE, changed, BASE).doc).toEqual(changed);
  });
});
