import { describe, expect, it } from "vitest";
import { joinBranch, startBranch } from "./branches";
import { field, readChain, wrapIf, writeChain } from "./expressions";
import { linksOf } from "./links";
import { ORDER } from "./samples.testing";
import { documentPath, variablesAt, withVariables } from "./scopes";
import type { Expr, MappingDocument, SourceTree } from "./types";

const SOURCES: SourceTree[] = [{ path: "trigger", title: "Order", icon: null, schema: ORDER }];

const DOC: MappingDocument = {
  schema: 1,
  rules: [
    { id: "b1", target: "Line", rows: { each: "trigger.items[]", as: "line", number_as: "n" } },
    { id: "b2", target: "Line[b1].Tax", rows: { items: field("$line.taxes"), as: "tax" } },
    { id: "r1", target: "Line[b1].Tax[b2].Code", expr: field("$tax.code") },
    {
      id: "b3",
      target: "Group",
      rows: { each: "trigger.items[]", group: field("trigger.items[].sku") },
    },
    { id: "r2", target: "Group[b3].Sku", expr: field("$group.key") },
  ],
};

describe("loop variables", () => {
  it("offers the element, its number and those of the rows around", () => {
    const found = variablesAt(DOC, "Line[b1].Tax[b2].Code", SOURCES);
    expect(found.map((v) => v.path)).toEqual(["$line", "$n", "$tax"]);
    expect(Object.keys(found[2]?.schema.properties ?? {})).toEqual(["code", "amount"]);
  });

  it("offers a group as its key and its items", () => {
    const [group] = variablesAt(DOC, "Group[b3].Sku", SOURCES);
    expect(group?.path).toBe("$group");
    expect(Object.keys(group?.schema.properties ?? {})).toEqual(["key", "items"]);
  });

  it("leads back to the document, through as many loops as there are", () => {
    expect(documentPath(DOC, "$tax.code", "Line[b1].Tax[b2].Code")).toBe(
      "trigger.items[].taxes[].code",
    );
    expect(documentPath(DOC, "$group.key", "Group[b3].Sku")).toBe("trigger.items[].sku");
  });

  it("draws lines from the fields that variables stand for", () => {
    const link = linksOf(DOC).find((l) => l.ruleId === "r1");
    expect(link?.source).toBe("trigger.items[].taxes[].code");
  });

  it("shows the first value of the sample", () => {
    const context = { trigger: { items: [{ sku: "A", taxes: [{ code: "T1" }] }] }, steps: {} };
    const target = "Line[b1].Tax[b2].Code";
    const seen = withVariables(DOC, target, variablesAt(DOC, target, SOURCES), context);
    expect(seen).toMatchObject({ $n: 1, $line: { sku: "A" }, $tax: { code: "T1" } });
  });
});

describe("conditions one after the other", () => {
  it("reads nested ifs as a chain, and writes them back the same", () => {
    const inner = { ...wrapIf(field("2")), cond: field("b"), else: field("3") } as Expr;
    const expr = { ...wrapIf(field("1")), cond: field("a"), else: inner } as Expr & { op: "if" };
    const chain = readChain(expr);
    expect(chain.branches).toHaveLength(2);
    expect(writeChain(chain)).toEqual(expr);
  });

  it("drops a branch when its last rule leaves it", () => {
    const begun = startBranch(DOC, "r1");
    const both = startBranch(begun, "r2", "branch1", true);
    expect(both.branches?.map((b) => [b.id, b.after])).toEqual([
      ["branch1", undefined],
      ["branch2", "branch1"],
    ]);
    const left = joinBranch(both, "r2", undefined);
    expect(left.branches?.map((b) => b.id)).toEqual(["branch1"]);
    expect("branches" in joinBranch(left, "r1", undefined)).toBe(false);
  });
});
