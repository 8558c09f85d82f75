import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyMapping, removeRule, rulesWithin, setExpr } from "./model";
import { isWithin, placesAround } from "./paths";

describe("the places around a path", () => {
  const paths = fc
    .array(fc.constantFrom("a", "ab", "`a b`", "Lines[b1]", "Lines", "x[]"), { maxLength: 4 })
    .map((parts) => parts.join("."));

  it("are those that it is within", () => {
    fc.assert(
      fc.property(paths, paths, (path, place) => {
        expect(placesAround(path).includes(place)).toBe(isWithin(path, place));
      }),
    );
  });

  it("tell how many rules fill each place of the target", () => {
    const doc = setExpr(
      setExpr(emptyMapping(), "address.city", { op: "const", value: 1 }),
      "address.zip",
      { op: "const", value: 2 },
    );
    expect([...rulesWithin(doc)]).toEqual([
      ["", 2],
      ["address", 2],
      ["address.city", 1],
      ["address.zip", 1],
    ]);
    expect(rulesWithin(removeRule(doc, "r1")).get("address")).toBe(1);
  });
});
