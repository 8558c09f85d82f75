import { describe, expect, it } from "vitest";
import { call, field } from "./expressions";
import {
  applyFix,
  argumentsFor,
  asFunction,
  copyRules,
  pasteRules,
  readCopied,
  unfolded,
} from "./reuse";
import { INVOICE, ORDER } from "./samples.testing";
import { sheetCsv, sheetRows } from "./sheet";
import { accept, pairKey, suggest } from "./suggest";
import { sourceNodes, targetNodes } from "./treeRows";
import type { MappingDocument, Rule } from "./types";

const DOC: MappingDocument = {
  schema: 1,
  rules: [
    { id: "r1", target: "DocNumber", expr: field("trigger.increment_id") },
    { id: "b1", target: "Line", rows: { each: "trigger.items[]" } },
    { id: "r2", target: "Line[b1].Amount", expr: field("trigger.items[].row_total") },
  ],
};

describe("copied rules", () => {
  it("go to another field under a new id, and take its place", () => {
    const copied = copyRules(DOC, "DocNumber");
    const pasted = pasteRules(DOC, copied ?? fail(), "PrivateNote");
    expect(pasted.rules.at(-1)).toEqual({
      id: "r3",
      target: "PrivateNote",
      expr: field("trigger.increment_id"),
    });
    const again = pasteRules(pasted, copied ?? fail(), "PrivateNote");
    expect(again.rules.filter((r) => r.target === "PrivateNote")).toHaveLength(1);
  });

  it("are a person's own, also those that came from a template", () => {
    const [first, ...others] = DOC.rules;
    const from = {
      ...DOC,
      rules: [{ ...(first ?? fail()), origin: "t1", insertion: "i" }, ...others],
    };
    const pasted = pasteRules(from, copyRules(from, "DocNumber") ?? fail(), "PrivateNote");
    expect(pasted.rules.at(-1)).not.toHaveProperty("origin");
    expect(pasted.rules.at(-1)).not.toHaveProperty("insertion");
    expect(pasted.rules[0]).toMatchObject({ origin: "t1", insertion: "i" });
  });

  it("of rows become another block of the same list, with what is inside", () => {
    const pasted = pasteRules(DOC, copyRules(DOC, "Line[b1]") ?? fail(), "Line[b1]");
    expect(pasted.rules.slice(3).map((r) => r.target)).toEqual(["Line", "Line[b2].Amount"]);
  });

  it("bring the branches they stand in, under names that are free", () => {
    const when = call("eq", field("trigger.status"), { op: "const", value: "paid" });
    const from: MappingDocument = {
      schema: 1,
      rules: [
        { id: "r1", target: "DocNumber", expr: field("trigger.increment_id"), branch: "other" },
      ],
      branches: [
        { id: "paid", when },
        { id: "other", after: "paid" },
      ],
    };
    const there: MappingDocument = {
      schema: 1,
      rules: [],
      branches: [{ id: "paid", when: call("is_empty", field("trigger.status")) }],
    };
    const pasted = pasteRules(there, copyRules(from, "DocNumber") ?? fail(), "PrivateNote");
    expect(pasted.branches).toEqual([
      ...(there.branches ?? []),
      { id: "paid_2", when },
      { id: "other", after: "paid_2" },
    ]);
    expect(pasted.rules[0]?.branch).toBe("other");
    const lost = pasteRules(
      there,
      { ...(copyRules(from, "DocNumber") ?? fail()), branches: [] },
      "X",
    );
    expect(lost.rules[0]).not.toHaveProperty("branch");
  });

  it("are known by their own mark, and other texts are not taken", () => {
    expect(readCopied(JSON.stringify(copyRules(DOC, "DocNumber")))?.rules).toHaveLength(1);
    expect([readCopied("{}"), readCopied("hello"), readCopied("null")]).toEqual([null, null, null]);
  });
});

describe("a fix", () => {
  it("puts rules in place of those with their ids, adds others and removes some", () => {
    const fixed = applyFix(DOC, {
      title: "",
      put: [
        { id: "r1", target: "DocNumber", expr: call("to_text", field("trigger.increment_id")) },
        { id: "new", target: "Deposit", expr: field("trigger.tax_amount") },
      ],
      remove: ["b1"],
    });
    expect(fixed?.doc.rules.map((r) => r.id)).toEqual(["r1", "new"]);
    expect(fixed?.doc.rules[0]?.expr?.op).toBe("call");
  });

  it("found in an older drawing takes away nothing that was drawn since", () => {
    const put = (id: string, target: string) => ({ id, target, expr: field("trigger.x") });
    const fix = (...rules: Rule[]) => ({ title: "", put: rules, remove: [], open: rules[0]?.id });
    // Both were found while no rule was called so.
    const once = applyFix(DOC, fix(put("r9", "A")));
    const twice = applyFix(once?.doc ?? DOC, fix(put("r9", "B")), DOC);
    expect(twice?.doc.rules.slice(-2).map((r) => r.target)).toEqual(["A", "B"]);
    expect(twice?.open).toBe(twice?.doc.rules.at(-1)?.id);
    expect(applyFix(twice?.doc ?? DOC, fix(put("r9", "A")), DOC)).toBeNull();
    const drawn = {
      ...DOC,
      rules: DOC.rules.map((r) => (r.id === "r1" ? { ...r, comment: "mine" } : r)),
    };
    expect(applyFix(drawn, fix(put("r1", "DocNumber")), DOC)).toBeNull();
    const rows = { id: "rows1", target: "Line", rows: {} };
    const own = { ...DOC, rules: [...DOC.rules, { ...rows, target: "Own" }] };
    const around = applyFix(own, fix(rows, put("r9", "Line[rows1].X")), DOC);
    const [made, inner] = around?.doc.rules.slice(-2) ?? [];
    expect(made?.id).not.toBe("rows1");
    expect(inner?.target).toBe(`Line[${made?.id}].X`);
  });
});

describe("a rule as a function", () => {
  it("takes each field once, as an argument named after it", () => {
    const made = asFunction(
      call("add", field("a.total"), call("add", field("b.total"), field("a.total"))),
    );
    expect(made.params.map((p) => p.name)).toEqual(["total", "total2"]);
    expect(made.args).toEqual([field("a.total"), field("b.total")]);
    expect(JSON.stringify(made.body)).not.toContain("a.total");
  });
});

describe("a function of the workspace", () => {
  const margin = {
    params: [{ name: "price" }, { name: "cost" }],
    body: call("divide", call("subtract", field("$price"), field("$cost.net")), field("$price")),
  };

  it("is unfolded into what it does, and becomes its own new version with the same arguments", () => {
    const made = unfolded(call("margin", field("line.price"), field("line.costs")), margin);
    expect(made).toEqual(
      call(
        "divide",
        call("subtract", field("line.price"), field("line.costs.net")),
        field("line.price"),
      ),
    );
    const better = call("subtract", field("a.cost"), field("b.price"));
    const given = argumentsFor(better, ["price", "cost"]);
    expect([...given]).toEqual([
      ["a.cost", "cost"],
      ["b.price", "price"],
    ]);
    expect(asFunction(better, given).body).toEqual(
      call("subtract", field("$cost"), field("$price")),
    );
    expect(argumentsFor(call("add", field("x"), field("y")), ["only"]).size).toBe(1);
  });

  it("is not unfolded where that has no form", () => {
    const sum = call("add", field("a"), field("b"));
    expect(unfolded(call("margin", field("x"), sum), margin)).toBeNull();
    expect(unfolded(call("margin", field("x")), margin)).toBeNull();
    const code = { params: [{ name: "x" }], body: { op: "jsonata" as const, text: "$x + 1" } };
    expect(unfolded(call("f", field("x")), code)).toBeNull();
  });
});

describe("suggestions", () => {
  const sources = sourceNodes(
    [{ path: "trigger", title: "O", icon: null, schema: ORDER }],
    undefined,
  );
  const targets = (doc: MappingDocument) => targetNodes(INVOICE, doc, "");
  const empty: MappingDocument = { schema: 1, rules: [] };

  it("propose what is alike, the same pair never again once refused", () => {
    const found = suggest(empty, sources, targets(empty), new Set());
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expect(one.confidence).toBeGreaterThan(0.5);
    const [first] = found;
    const key = pairKey(first?.source.path ?? "", first?.target.path ?? "");
    const later = suggest(empty, sources, targets(empty), new Set([key]));
    expect(later.map((s) => s.pair)).not.toContain(key);
  });

  it("accepted, become rules and are not proposed again", () => {
    const found = suggest(empty, sources, targets(empty), new Set());
    const doc = accept(empty, found);
    expect(doc.rules.length).toBeGreaterThanOrEqual(found.length);
    const left = suggest(doc, sources, targets(doc), new Set()).map((s) => s.target.path);
    for (const one of found.filter((s) => !s.target.path.includes("[]"))) {
      expect(left).not.toContain(one.target.path);
    }
  });
});

describe("the document for sign-off", () => {
  const rows = sheetRows(
    {
      ...DOC,
      rules: [
        { id: "r", target: "A<b>", expr: { op: "const", value: "=1+1" }, comment: "=HYPERLINK(1)" },
      ],
    },
    undefined,
    {},
  );

  it("keeps a text from being run as a formula", () => {
    expect(sheetCsv(rows)).toContain('"\'=HYPERLINK(1)"');
  });
});

function fail(): never {
  throw new Error("nothing was copied");
}
