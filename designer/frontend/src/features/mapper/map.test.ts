import { describe, expect, it } from "vitest";
import { curvesOf, foldedCounts, groupsOf } from "./curves";
import { bundlesOf, linksOf } from "./links";
import { onPage, pagesOf } from "./pages";
import { targetNodes } from "./treeRows";
import type { JsonSchema, MappingDocument, Preview } from "./types";
import { restingOn, withErrors } from "./usePreview";
import { emptyText, liveText } from "./values";

const copy = (id: string, target: string, path: string) => ({
  id,
  target,
  expr: { op: "field" as const, path },
});
const DOC: MappingDocument = {
  schema: 1,
  rules: [
    copy("r1", "address.city", "trigger.address.city"),
    copy("r2", "address.zip", "trigger.address.zip"),
    copy("r3", "address.name", "trigger.name"),
    copy("r4", "number", "trigger.number"),
  ],
};
const index = (...keys: string[]) => new Map(keys.map((key, row) => [key, row]));
const OPEN = index(
  "trigger",
  "trigger.address",
  "trigger.address.city",
  "trigger.address.zip",
  "trigger.name",
  "trigger.number",
);
const DEPTHS = [0, 1, 2, 2, 1, 1].map((depth) => ({ depth }));

function drawn(source: Map<string, number>, target: Map<string, number>) {
  const bundles = bundlesOf(DOC, linksOf(DOC), source, target, undefined);
  const groups = groupsOf(DEPTHS);
  return { bundles, curves: curvesOf(bundles, (row) => groups[row] ?? row) };
}

describe("lines of a folded record", () => {
  it("stand one by one while both sides are open", () => {
    const { curves } = drawn(
      OPEN,
      index("", "address", "address.city", "address.zip", "address.name", "number"),
    );
    expect(curves.map((c) => c.ruleIds)).toEqual([["r1"], ["r2"], ["r3"], ["r4"]]);
  });

  it("become one line from the record around their sources", () => {
    const { curves } = drawn(OPEN, index("", "address", "number"));
    expect(curves.map((c) => [c.from, c.to, c.ruleIds])).toEqual([
      [1, 1, ["r1", "r2"]],
      [4, 1, ["r3"]],
      [5, 2, ["r4"]],
    ]);
  });

  it("are one line when both records are folded, and counted at the one they leave", () => {
    const { bundles, curves } = drawn(
      index("trigger", "trigger.address", "trigger.name", "trigger.number"),
      index("", "address", "number"),
    );
    expect(curves[0]?.ruleIds).toEqual(["r1", "r2"]);
    expect(foldedCounts(bundles)).toEqual(new Map([[1, 2]]));
  });
});

describe("pages of a map", () => {
  const text: JsonSchema = { type: "string" };
  const schema: JsonSchema = {
    properties: {
      number: text,
      address: { title: "Address", properties: { city: text, zip: text, name: text } },
      empty: { properties: { a: text } },
      lines: { type: "array", items: { properties: { sku: text } } },
    },
  };

  it("are the groups and rows of the target with the rules on them", () => {
    const doc: MappingDocument = {
      ...DOC,
      rules: [
        ...DOC.rules,
        { id: "b1", target: "lines", comment: "Goods", rows: { each: "trigger.items[]" } },
        copy("r5", "lines[b1].sku", "trigger.items[].sku"),
      ],
    };
    expect(
      pagesOf(targetNodes(schema, doc, "T"), doc).map((p) => [p.key, p.title, p.rules]),
    ).toEqual([
      ["address", "Address", 3],
      ["empty", "empty", 0],
      ["lines", "lines", 2],
      ["lines[b1]", "lines › Goods", 1],
    ]);
  });

  it("show a part with what leads to it, and only what a filter leaves of it", () => {
    expect(onPage("lines[b1]", null)).toEqual(new Set(["", "lines", "lines[b1]"]));
    const filtered = onPage("address", new Set(["", "number", "address.zip"]));
    expect(filtered).toEqual(new Set(["", "address.zip", "address"]));
    expect(onPage(null, null)).toBe(null);
  });
});

describe("a value that only a run knows", () => {
  it("is also one that a later step works out of such a value", () => {
    const at = { position: { x: 0, y: 0 }, type: "map", name: "" };
    const nodes = [
      { ...at, id: "other", config: { mapping: { path: "steps.order.id" } } },
      { ...at, id: "late", config: { mapping: { path: "steps.items.list[].id" } } },
      { ...at, id: "items", config: { mapping: { path: "steps.found.items" } } },
    ];
    const resting = restingOn({ schema: 1, nodes, edges: [] }, ["found"]);
    expect(resting).toEqual(new Set(["found", "items", "late"]));
    expect(restingOn({ schema: 1, nodes, edges: [] }, [])).toEqual(new Set());
  });

  const answer: Preview & { errors: { code: string; message: string; rule_id: string }[] } = {
    context: { trigger: null, steps: {} },
    output: null,
    values: { r1: { error: "not found" }, r2: { error: "no date" } },
    problems: [],
    assumed: ["items"],
    jsonata: "",
    errors: [
      { code: "lookup", message: "not found", rule_id: "r1" },
      { code: "date", message: "no date", rule_id: "r2" },
    ],
  };
  const doc: MappingDocument = {
    schema: 1,
    rules: [copy("r1", "a", "steps.items.list"), copy("r2", "b", "steps.items_too.list")],
  };

  it("is no problem of its rule, and is said to be so", () => {
    const seen = withErrors(answer, doc, { schema: 1, nodes: [], edges: [] });
    expect(seen.problems.map((p) => p.rule_id)).toEqual(["r2"]);
    const live = liveText(seen.values.r1);
    expect(live && emptyText(live)).toBe("known in a run");
    expect(live?.error).toBe(null);
    expect(liveText(seen.values.r2)?.error).toBe("no date");
  });

  it("is mended by what the checks propose for the same", () => {
    const fixes = [{ title: "Use date", put: [], remove: [], open: "r2" }];
    const found = { severity: "error" as const, code: "date", message: "no date", rule_id: "r2" };
    const both = { ...answer, problems: [{ ...found, fixes }] };
    const seen = withErrors(both, doc, { schema: 1, nodes: [], edges: [] });
    expect(seen.problems.map((p) => p.fixes)).toEqual([fixes]);
  });
});
