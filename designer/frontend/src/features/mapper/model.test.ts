import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mapField, validateDrop } from "./drop";
import { badgeOf, describeExpr, pathsIn, styleOf, unwrap, wrapCall, wrapIf } from "./expressions";
import { begin, commit, redo, undo } from "./history";
import {
  addBlock,
  blocksOf,
  countMapped,
  duplicateBlock,
  emptyMapping,
  fieldAt,
  moveBlock,
  patchRule,
  removeRule,
  renameBlock,
  requiredMissing,
  rootField,
  setExpr,
  setRows,
  unknownTargets,
  valueRule,
} from "./model";
import { blocksAlong, formatPath, listsAlong, parentPath, parsePath } from "./paths";
import { allFields, INVOICE, ORDER, sourceField, targetField } from "./samples.testing";
import type { Expr, MappingDocument, Rule } from "./types";

const drag = (doc: MappingDocument, source: string, target: string) =>
  mapField(doc, sourceField(source), targetField(target));

const targets = (doc: MappingDocument) => doc.rules.map((rule) => rule.target);

describe("paths", () => {
  it("reads and writes the same text, strange names in backticks included", () => {
    for (const text of ["trigger.items[].sku", "Line[b1].Taxes[b5].code", "trigger.`odd name`.a"]) {
      expect(formatPath(parsePath(text))).toBe(text);
    }
  });

  it("any names survive writing and reading", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (names) => {
        const clean = names.map((n) => n.replaceAll("`", "")).filter((n) => n !== "");
        const segments = clean.map((name) => ({ name, brackets: [] }));
        expect(parsePath(formatPath(segments))).toEqual(segments);
      }),
    );
  });

  it("knows the lists and blocks along a path, and the way up", () => {
    expect(listsAlong("trigger.orders[].lines[].sku")).toEqual([
      "trigger.orders[]",
      "trigger.orders[].lines[]",
    ]);
    expect(blocksAlong("Line[b1].Taxes[b5].code")).toEqual(["b1", "b5"]);
    expect(parentPath("Line[b1].Amount")).toBe("Line[b1]");
    expect(parentPath("Line[b1]")).toBe("Line");
    expect(parentPath("Line")).toBe("");
  });
});

describe("connecting fields", () => {
  it("a text field copied to a text field is one field rule", () => {
    const { doc, notices } = drag(emptyMapping(), "trigger.increment_id", "DocNumber");
    expect(doc.rules).toEqual([
      { id: "r1", target: "DocNumber", expr: { op: "field", path: "trigger.increment_id" } },
    ]);
    expect(notices).toEqual([]);
  });

  it("types that differ get the conversion a person would add", () => {
    const date = drag(emptyMapping(), "trigger.created_at", "TxnDate");
    expect(date.doc.rules[0]?.expr).toMatchObject({ op: "call", fn: "date" });
    const text = drag(emptyMapping(), "trigger.customer_id", "CustomerRef.value");
    expect(text.doc.rules[0]?.expr).toMatchObject({ op: "call", fn: "to_text" });
    expect(text.notices.map((n) => n.word)).toEqual(["converted"]);
  });

  it("a field of a list on a field of a list makes the rows over that list", () => {
    const { doc, notices } = drag(emptyMapping(), "trigger.items[].row_total", "Line[].Amount");
    expect(doc.rules).toEqual([
      { id: "b1", target: "Line", rows: { each: "trigger.items[]" } },
      {
        id: "r1",
        target: "Line[b1].Amount",
        expr: { op: "field", path: "trigger.items[].row_total" },
      },
    ]);
    expect(notices).toEqual([{ word: "rows_added", detail: "trigger.items[]" }]);
  });

  it("a second field of the same list joins the rows that are there", () => {
    const first = drag(emptyMapping(), "trigger.items[].row_total", "Line[].Amount").doc;
    const { doc, notices } = drag(first, "trigger.items[].name", "Line[].Description");
    expect(targets(doc)).toEqual(["Line", "Line[b1].Amount", "Line[b1].Description"]);
    expect(notices).toEqual([]);
  });

  it("a list on a list makes rows, and a list inside it makes rows inside", () => {
    const outer = drag(emptyMapping(), "trigger.items[]", "Line").doc;
    const { doc } = drag(outer, "trigger.items[].taxes[]", "Line[b1].Taxes");
    expect(doc.rules).toEqual([
      { id: "b1", target: "Line", rows: { each: "trigger.items[]" } },
      { id: "b2", target: "Line[b1].Taxes", rows: { each: "trigger.items[].taxes[]" } },
    ]);
  });

  it("dragging from the innermost list builds all rows that are missing", () => {
    const { doc } = drag(emptyMapping(), "trigger.items[].taxes[].code", "Line[].Taxes[].Code");
    expect(doc.rules).toEqual([
      { id: "b1", target: "Line", rows: { each: "trigger.items[]" } },
      { id: "b2", target: "Line[b1].Taxes", rows: { each: "trigger.items[].taxes[]" } },
      {
        id: "r1",
        target: "Line[b1].Taxes[b2].Code",
        expr: { op: "field", path: "trigger.items[].taxes[].code" },
      },
    ]);
  });

  it("a list inside a list becomes the rows of a single target list", () => {
    const { doc } = drag(emptyMapping(), "trigger.items[].taxes[].code", "Line[].Description");
    expect(doc.rules[0]?.rows).toEqual({ each: "trigger.items[].taxes[]" });
  });

  it("rows over a list inside a list have the element around theirs in reach", () => {
    const { doc } = drag(emptyMapping(), "trigger.items[].taxes[].code", "Line[].Description");
    const more = drag(doc, "trigger.items[].qty_ordered", "Line[].Amount");
    expect(targets(more.doc)).toEqual(["Line", "Line[b1].Description", "Line[b1].Amount"]);
    expect(valueRule(more.doc, "Line[b1].Amount")?.expr).toEqual({
      op: "field",
      path: "trigger.items[].qty_ordered",
    });
  });

  it("a source that the target reads already, through a function, is not joined again", () => {
    const read: Expr = { op: "field", path: "trigger.increment_id" };
    const doc = setExpr(emptyMapping(), "DocNumber", wrapCall(read, "upper"));
    expect(drag(doc, "trigger.increment_id", "DocNumber").doc).toEqual(doc);
  });

  it("a plain field on a list without rows adds one row", () => {
    const { doc, notices } = drag(emptyMapping(), "trigger.shipping_amount", "Line[].Amount");
    expect(doc.rules[0]).toEqual({ id: "b1", target: "Line", rows: {} });
    expect(notices[0]?.word).toBe("row_added");
  });

  it("one target list takes rows per item, a row for shipping and a row for the discount", () => {
    let doc = drag(emptyMapping(), "trigger.items[].row_total", "Line[].Amount").doc;
    for (const amount of ["shipping_amount", "discount_amount"]) {
      const [next, block] = addBlock(doc, "Line", {});
      doc = drag(next, `trigger.${amount}`, `Line[${block.id}].Amount`).doc;
    }
    expect(blocksOf(doc, "Line").map((b) => b.rows?.each ?? "one")).toEqual([
      "trigger.items[]",
      "one",
      "one",
    ]);
    expect(targets(doc)).toContain("Line[b3].Amount");
  });

  it("a second source on a text is joined, on a number added", () => {
    let doc = drag(emptyMapping(), "trigger.customer_firstname", "PrivateNote").doc;
    doc = drag(doc, "trigger.customer_lastname", "PrivateNote").doc;
    expect(doc.rules[0]?.expr).toEqual({
      op: "concat",
      separator: " ",
      args: [
        { op: "field", path: "trigger.customer_firstname" },
        { op: "field", path: "trigger.customer_lastname" },
      ],
    });
    doc = drag(doc, "trigger.customer_email", "PrivateNote").doc;
    expect(doc.rules[0]?.expr).toMatchObject({ op: "concat", args: { length: 3 } });
    let sum = drag(emptyMapping(), "trigger.shipping_amount", "Deposit").doc;
    sum = drag(sum, "trigger.tax_amount", "Deposit").doc;
    expect(sum.rules[0]?.expr).toMatchObject({ op: "call", fn: "add" });
  });

  it("the same source dropped twice changes nothing", () => {
    const doc = drag(emptyMapping(), "trigger.increment_id", "DocNumber").doc;
    expect(drag(doc, "trigger.increment_id", "DocNumber").doc).toEqual(doc);
  });

  it("values of a whole list become one: summed for a number, joined for a text", () => {
    const sum = drag(emptyMapping(), "trigger.items[].row_total", "Deposit");
    expect(sum.doc.rules[0]?.expr).toMatchObject({ op: "call", fn: "sum" });
    const join = drag(emptyMapping(), "trigger.items[].sku", "PrivateNote");
    expect(join.doc.rules[0]?.expr).toMatchObject({ op: "call", fn: "join" });
  });

  it("a list of plain values is copied as it is", () => {
    expect(drag(emptyMapping(), "trigger.tags[]", "Tags").doc.rules).toEqual([
      { id: "r1", target: "Tags", expr: { op: "field", path: "trigger.tags" } },
    ]);
  });

  it("an empty block takes its loop from the first list field dropped in", () => {
    const [doc] = addBlock(emptyMapping(), "Line", {});
    const { doc: next } = drag(doc, "trigger.items[].name", "Line[b1].Description");
    expect(blocksOf(next, "Line")[0]?.rows).toEqual({ each: "trigger.items[]" });
  });

  it("refuses what cannot work and says why", () => {
    const check = (source: string, target: string) =>
      validateDrop(sourceField(source), targetField(target));
    expect(check("trigger.increment_id", "Id")).toEqual({ allowed: false, reason: "read_only" });
    expect(check("trigger.items[]", "DocNumber").reason).toBe("list_into_field");
    expect(check("trigger.billing_address", "DocNumber").reason).toBe("object_into_field");
    expect(check("trigger.increment_id", "Line").reason).toBe("field_into_list");
    expect(check("trigger.increment_id", "BillAddr").reason).toBe("field_into_object");
    expect(check("trigger.billing_address", "BillAddr").allowed).toBe(true);
  });
});

describe("rules and blocks", () => {
  it("taking a block away takes what is inside, and nothing else", () => {
    let doc = drag(emptyMapping(), "trigger.items[].taxes[].code", "Line[].Taxes[].Code").doc;
    doc = drag(doc, "trigger.increment_id", "DocNumber").doc;
    expect(targets(removeRule(doc, "b1"))).toEqual(["DocNumber"]);
  });

  it("a renamed block keeps its rules", () => {
    const doc = renameBlock(
      drag(emptyMapping(), "trigger.items[].name", "Line[].Description").doc,
      "b1",
      "items",
    );
    expect(doc.rules.map((r) => [r.id, r.target])).toEqual([
      ["items", "Line"],
      ["r1", "Line[items].Description"],
    ]);
  });

  it("blocks move among their own list and can be doubled", () => {
    let [doc] = addBlock(emptyMapping(), "Line", { each: "trigger.items[]" });
    doc = setExpr(doc, "Line[b1].Amount", { op: "const", value: "1.50" });
    [doc] = addBlock(doc, "Line", {});
    expect(blocksOf(moveBlock(doc, "b2", -1), "Line").map((b) => b.id)).toEqual(["b2", "b1"]);
    const [twice, copy] = duplicateBlock(doc, "b1");
    expect(copy?.rows).toEqual({ each: "trigger.items[]" });
    expect(valueRule(twice, `Line[${copy?.id}].Amount`)?.expr).toEqual({
      op: "const",
      value: "1.50",
    });
  });

  it("a setting given as undefined is taken away", () => {
    let doc = setExpr(emptyMapping(), "DocNumber", { op: "hole" });
    doc = patchRule(doc, "r1", { on_missing: "fail", comment: "why" });
    doc = patchRule(doc, "r1", { on_missing: undefined });
    expect(doc.rules[0]).toEqual({
      id: "r1",
      target: "DocNumber",
      expr: { op: "hole" },
      comment: "why",
    });
  });

  it("required fields count when their parent is required or in use", () => {
    const root = rootField(INVOICE);
    expect(requiredMissing(emptyMapping(), root)).toEqual(["CustomerRef.value", "Line"]);
    const doc = drag(emptyMapping(), "trigger.items[].row_total", "Line[].Amount").doc;
    expect(requiredMissing(doc, root)).toEqual(["CustomerRef.value", "Line[b1].DetailType"]);
    expect(countMapped(doc, INVOICE)).toMatchObject({
      mapped: 1,
      requiredTotal: 3,
      requiredMapped: 1,
    });
  });

  it("a rule for a field the schema has lost is kept and named", () => {
    const doc = setExpr(emptyMapping(), "Gone.Field", { op: "hole" });
    expect(unknownTargets(doc, rootField(INVOICE)).map((r) => r.target)).toEqual(["Gone.Field"]);
    expect(fieldAt(rootField(INVOICE), "Line[b1].SalesItemLineDetail.Qty")?.type).toBe("number");
  });
});

describe("expressions", () => {
  const total: Expr = { op: "field", path: "trigger.tax_amount" };

  it("are said in words", () => {
    const names = { title: (path: string) => (path === "trigger.tax_amount" ? "Tax" : undefined) };
    const over: Expr = {
      op: "if",
      cond: { op: "call", fn: "gt", args: [total, { op: "const", value: "0" }] },
      // biome-ignore lint/suspicious/noThenProperty: the mapping document names its branch so
      then: { op: "call", fn: "round", args: [total] },
      else: { op: "concat", args: [{ op: "const", value: "no" }, total], separator: " " },
    };
    expect(describeExpr(over, names)).toBe("if Tax > 0 then round(Tax) else (“no” & Tax)");
    expect(describeExpr(undefined)).toBe("…");
  });

  it("wrapping and unwrapping come back to the same expression", () => {
    expect(unwrap(wrapIf(total))).toEqual(total);
    expect(unwrap(wrapCall(total, "round"))).toEqual(total);
    expect(styleOf(wrapCall(wrapIf(total), "round"))).toBe("conditional");
    expect(badgeOf(wrapCall(total, "round"))).toEqual({ op: "call", fn: "round" });
  });

  it("code is searched for the sources it reads", () => {
    expect(
      pathsIn({ op: "jsonata", text: "$sum(trigger.items.row_total) + steps.n3.fee" }),
    ).toEqual(["trigger.items.row_total", "steps.n3.fee"]);
  });
});

// ---- properties: whatever a person does, in whatever order -----------------------------------

const sources = allFields(ORDER, "trigger", "source");
const places = allFields(INVOICE, "", "target");

type Step = { source: number; target: number; block: number; kind: number };
const steps = fc.array(
  fc.record({
    source: fc.nat(),
    target: fc.nat(),
    block: fc.nat(),
    kind: fc.nat({ max: 9 }),
  }),
  { maxLength: 25 },
);

/** A target path with some of its lists put in existing blocks. */
function placed(doc: MappingDocument, path: string, pick: number): string {
  const segments = parsePath(path);
  segments.forEach((segment, index) => {
    if (segment.brackets.length === 0) return;
    const list = formatPath([...segments.slice(0, index), { name: segment.name, brackets: [] }]);
    const block = blocksOf(doc, list).at(pick % (blocksOf(doc, list).length + 1));
    segment.brackets = [block?.id ?? ""];
  });
  const text = formatPath(segments);
  const open = text.indexOf("[]");
  return open >= 0 && blocksAlong(text).length > 0 && text.indexOf("[b") > open ? path : text;
}

function act(doc: MappingDocument, step: Step): MappingDocument {
  const source = sources[step.source % sources.length];
  const place = places[step.target % places.length];
  const rule = doc.rules[step.block % Math.max(1, doc.rules.length)];
  if (!source || !place) return doc;
  switch (step.kind) {
    case 5:
      return rule ? removeRule(doc, rule.id) : doc;
    case 6:
      return rule ? moveBlock(doc, rule.id, step.source % 2 ? 1 : -1) : doc;
    case 7:
      return rule ? duplicateBlock(doc, rule.id)[0] : doc;
    case 8:
      return rule ? setRows(doc, rule.id, { where: { op: "hole" }, when: undefined }) : doc;
    case 9:
      return rule ? renameBlock(doc, rule.id, `block_${step.source % 7}`) : doc;
    default: {
      const path = placed(doc, place.path, step.block);
      return mapField(doc, source, { ...place, path, kind: "field" }).doc;
    }
  }
}

function faults(doc: MappingDocument): string[] {
  const found: string[] = [];
  const ids = doc.rules.map((r) => r.id);
  if (new Set(ids).size !== ids.length) found.push("ids repeat");
  const values = doc.rules.filter((r) => !r.rows).map((r) => r.target);
  if (new Set(values).size !== values.length) found.push("a target has two rules");
  const byId = new Map<string, Rule>(doc.rules.map((r) => [r.id, r]));
  for (const rule of doc.rules) {
    if (rule.target.includes("[]")) found.push(`open list in ${rule.target}`);
    if (rule.rows?.each && !rule.rows.each.endsWith("[]")) found.push(`each ${rule.rows.each}`);
    if (Boolean(rule.rows) === Boolean(rule.expr)) found.push(`${rule.id} is both or neither`);
    const segments = parsePath(rule.target);
    segments.forEach((segment, index) => {
      for (const bracket of segment.brackets) {
        const list = formatPath([
          ...segments.slice(0, index),
          { name: segment.name, brackets: [] },
        ]);
        const block = byId.get(bracket);
        if (!block?.rows || block.target !== list)
          found.push(`${rule.target}: no block ${bracket}`);
      }
    });
  }
  return found;
}

describe("whatever a person does", () => {
  it("keeps the document valid", () => {
    fc.assert(
      fc.property(steps, (todo) => {
        const doc = todo.reduce(act, emptyMapping());
        expect(faults(doc)).toEqual([]);
      }),
    );
  });

  it("is saved and loaded as it was", () => {
    fc.assert(
      fc.property(steps, (todo) => {
        const doc = todo.reduce(act, emptyMapping());
        expect(JSON.parse(JSON.stringify(doc))).toStrictEqual(doc);
      }),
    );
  });

  it("can be undone to the start and redone to the end", () => {
    fc.assert(
      fc.property(steps, (todo) => {
        const docs = [emptyMapping()];
        let history = begin(docs[0] as MappingDocument);
        for (const step of todo) {
          const next = act(history.present, step);
          if (next !== history.present) docs.push(next);
          history = commit(history, next);
        }
        const end = history.present;
        for (let i = docs.length - 1; i >= 0; i -= 1) {
          expect(history.present).toEqual(docs[i]);
          history = undo(history);
        }
        for (let i = 1; i < docs.length; i += 1) history = redo(history);
        expect(history.present).toEqual(end);
      }),
    );
  });

  it("every rule that a drop makes can be found at its target", () => {
    fc.assert(
      fc.property(steps, (todo) => {
        const root = rootField(INVOICE);
        const doc = todo.reduce(act, emptyMapping());
        expect(unknownTargets(doc, root)).toEqual([]);
      }),
    );
  });
});
