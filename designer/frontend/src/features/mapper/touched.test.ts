import { describe, expect, it } from "vitest";
import { over, touched } from "./touched";
import type { MappingDocument, Rule } from "./types";
import type { Answer } from "./usePreview";

const rule = (id: string, target: string, path = "trigger.a"): Rule => ({
  id,
  target,
  expr: { op: "field", path },
});

/** Twenty groups of five fields, and the rows of a list with two. */
const LARGE: MappingDocument = {
  schema: 1,
  rules: [
    ...Array.from({ length: 100 }, (_, n) => rule(`r${n}`, `group${n % 20}.field${n}`)),
    { id: "b1", target: "lines", rows: { each: "trigger.lines[]" } },
    rule("l1", "lines[b1].sku"),
    rule("l2", "lines[b1].sum"),
  ],
};

const changed = (id: string, doc = LARGE): MappingDocument => ({
  ...doc,
  rules: doc.rules.map((r) => (r.id === id ? rule(id, r.target, "trigger.b") : r)),
});

const ids = (doc: MappingDocument | null) => doc?.rules.map(({ id }) => id);

describe("the touched part of a mapping", () => {
  it("is all that fills the same field of the target", () => {
    expect(ids(touched(LARGE, changed("r3")))).toEqual(["r3", "r23", "r43", "r63", "r83"]);
    expect(ids(touched(LARGE, changed("l2")))).toEqual(["b1", "l1", "l2"]);
  });

  it("carries the functions and branches that rules may use", () => {
    const branches = [{ id: "p1" }];
    const before = { ...LARGE, branches };
    expect(touched(before, changed("r3", before))?.branches).toBe(branches);
  });

  it("is the whole where more than rules has changed, or most of them, or some went", () => {
    expect(touched(LARGE, { ...changed("r3"), branches: [{ id: "p1" }] })).toBeNull();
    const many = ["r1", "r2", "r3", "r4", "r5", "r6"].reduce((doc, id) => changed(id, doc), LARGE);
    expect(touched(LARGE, many)).toBeNull();
    expect(touched(LARGE, { ...LARGE, rules: LARGE.rules.slice(1) })).toBeNull();
  });

  it("is the whole of a small mapping", () => {
    const small = { ...LARGE, rules: LARGE.rules.slice(0, 40) };
    expect(touched(small, changed("r3", small))).toBeNull();
  });
});

describe("what is known of a mapping with what came of a part", () => {
  const before = {
    output: { before: true },
    values: { r3: { value: 1 }, r23: { value: 2 }, r4: { value: 3 } },
    errors: [
      { code: "a", rule_id: "r3", message: "old" },
      { code: "a", rule_id: "r4", message: "other" },
    ],
  } as unknown as Answer;
  const early = { values: { r3: { value: 9 } }, errors: [] } as unknown as Answer;
  const part: MappingDocument = { schema: 1, rules: [rule("r3", "x.a"), rule("r23", "x.b")] };

  it("takes the new values and errors of the part, and keeps those of the rest", () => {
    const known = over(before, early, part);
    expect(known.values).toEqual({ r3: { value: 9 }, r4: { value: 3 } });
    expect(known.errors?.map(({ message }) => message)).toEqual(["other"]);
    expect(known.output).toEqual({ before: true });
  });
});
