import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { diffLines, foldUnchanged } from "./lineDiff";

const texts = fc
  .array(fc.constantFrom("a", "b", "c", "d", ""), { minLength: 1, maxLength: 12 })
  .map((lines) => lines.join("\n"));

describe("a side by side difference", () => {
  it("contains both texts whole and in order", () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        const rows = diffLines(before, after);
        expect(rows.flatMap((row) => (row.left ? [row.left.text] : [])).join("\n")).toBe(before);
        expect(rows.flatMap((row) => (row.right ? [row.right.text] : [])).join("\n")).toBe(after);
        for (const row of rows) {
          expect(row.kind === "same").toBe(
            row.left?.text === row.right?.text && !!row.left && !!row.right,
          );
        }
      }),
    );
  });

  it("puts a corrected line beside the line it replaces", () => {
    const rows = diffLines(
      '{\n  "sku": "OLD",\n  "qty": 1\n}',
      '{\n  "sku": "NEW",\n  "qty": 1\n}',
    );
    expect(rows.map((row) => row.kind)).toEqual(["same", "changed", "same", "same"]);
  });

  it("folds what did not change and forgets no row", () => {
    const before = Array.from({ length: 40 }, (_, index) => `line ${index}`).join("\n");
    const parts = foldUnchanged(diffLines(before, before.replace("line 20", "LINE 20")));
    expect(parts.map((part) => ("hidden" in part ? part.hidden : part.rows.length))).toEqual([
      17, 7, 16,
    ]);
  });
});
