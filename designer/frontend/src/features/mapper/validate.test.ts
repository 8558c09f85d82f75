import { describe, expect, it } from "vitest";
import { asText, formatOf } from "./formats";
import { INVOICE } from "./samples.testing";
import { contextSchema, placeOf } from "./textSync";
import type { Json, JsonSchema } from "./types";
import { validate } from "./validate";

const SCHEMA: JsonSchema = {
  type: "object",
  required: ["number"],
  properties: {
    number: { type: "string", maxLength: 4 },
    kind: { enum: ["a", "b"] },
    day: { type: "string", format: "date" },
    lines: {
      type: "array",
      items: {
        type: "object",
        required: ["amount"],
        properties: { amount: { type: "number", minimum: 0 }, count: { type: "integer" } },
      },
    },
  },
};

describe("what a schema says against a document", () => {
  it("says nothing against a document that fits", () => {
    const fine = { number: "1234", kind: "a", day: "2026-01-31", lines: [{ amount: 1.5 }] };
    expect([...validate(fine, SCHEMA)]).toEqual([]);
  });

  it("counts the rows of a list, and knows the one value that a field must have", () => {
    const schema: JsonSchema = {
      properties: {
        few: { type: "array", minItems: 1 },
        many: { type: "array", maxItems: 1 },
        kind: { const: "invoice" },
      },
    };
    expect([...validate({ few: [1], many: [1], kind: "invoice" }, schema)]).toEqual([]);
    expect([...validate({ few: [], many: [1, 2], kind: "order" }, schema)]).toEqual([
      ["few", { kind: "too_few", limit: 1 }],
      ["many", { kind: "too_many", limit: 1 }],
      ["kind", { kind: "enum", allowed: "invoice" }],
    ]);
  });

  it("knows what a vendor fills itself, has not, or wants in another form", () => {
    const schema: JsonSchema = {
      additionalProperties: false,
      properties: {
        id: { type: "string", readOnly: true },
        version: { type: "string", readOnly: true, "x-required-on": "update" },
        mail: { type: "string", format: "email" },
        at: { type: "string", format: "date-time" },
      },
    };
    const fine = { version: "3", mail: "ana@shop.example", at: "2026-01-31T10:00:00Z" };
    expect([...validate(fine, schema)]).toEqual([]);
    expect([...validate({ id: "7", mail: "ana", at: "today", more: 1 }, schema)]).toEqual([
      ["id", { kind: "read_only" }],
      ["mail", { kind: "format", format: "email" }],
      ["at", { kind: "format", format: "date-time" }],
      ["more", { kind: "unknown" }],
    ]);
  });

  it("counts the decimals that the other system takes, digit by digit", () => {
    const schema: JsonSchema = { properties: { sum: { type: "number", "x-decimals": 2 } } };
    const raw = (text: string) => ({ rawJSON: text }) as unknown as Json;
    expect(validate({ sum: raw("102.2000") }, schema).size).toBe(0);
    expect([...validate({ sum: raw("102.2010") }, schema)]).toEqual([
      ["sum", { kind: "decimals", limit: 2 }],
    ]);
  });

  it("finds each fault at its place", () => {
    const faults = validate(
      { kind: "c", day: "31.01.2026", lines: [{ amount: -1, count: 1.5 }, {}] },
      SCHEMA,
    );
    expect(Object.fromEntries([...faults].map(([place, f]) => [place, f.kind]))).toEqual({
      number: "required",
      kind: "enum",
      day: "date",
      "lines.0.amount": "minimum",
      "lines.0.count": "type",
      "lines.1.amount": "required",
    });
  });

  it("counts characters, not bytes, against a length", () => {
    expect(validate({ number: "äöü€" }, SCHEMA).size).toBe(0);
    expect(validate({ number: "äöü€!" }, SCHEMA).get("number")).toEqual({
      kind: "too_long",
      length: 5,
      limit: 4,
    });
  });

  it("follows references", () => {
    expect(validate({ Line: "none" }, INVOICE).get("Line")?.kind).toBe("type");
  });
});

describe("documents as texts", () => {
  const ORDER: Json = { id: 7, lines: [{ sku: "A", tax: { code: "T<1>" } }, { sku: 'B,"2"' }] };

  it("writes XML with a tag for each entry of a list", () => {
    expect(asText(ORDER, "xml")).toContain("<lines>\n    <sku>A</sku>");
    expect(asText(ORDER, "xml")).toContain("<code>T&lt;1&gt;</code>");
  });

  it("writes the longest list as a table, with quotes where they are needed", () => {
    expect(asText(ORDER, "csv")).toBe('sku,tax.code\nA,T<1>\n"B,""2""",');
  });

  it("knows a pasted text by how it begins", () => {
    expect([' {"a":1}', "<a/>", "a,b\n1,2"].map(formatOf)).toEqual(["json", "xml", "csv"]);
  });
});

describe("what stands beside the text of a mapping", () => {
  it("names a position by line and column", () => {
    expect(placeOf("ab\ncd", 1)).toEqual({ line: 1, column: 1 });
    expect(placeOf("ab\ncd", 5)).toEqual({ line: 2, column: 2 });
  });

  it("describes all trees as one context, each with its own definitions", () => {
    const schema = contextSchema([
      {
        path: "trigger",
        title: "",
        icon: "",
        schema: { $ref: "#/$defs/a", $defs: { a: { type: "string" } } },
      },
      { path: "steps.find", title: "", icon: "", schema: { type: "object" } },
      { path: "loops.each", title: "", icon: "", schema: { type: "number" } },
      { path: "vars", title: "", icon: "", schema: { type: "object" } },
    ]);
    expect(schema.properties).toEqual({
      trigger: { $ref: "#/$defs/s0_a" },
      steps: { type: "object", properties: { find: { type: "object" } } },
      loops: { type: "object", properties: { each: { type: "number" } } },
      vars: { type: "object" },
    });
    expect(schema.$defs).toEqual({ s0_a: { type: "string" } });
  });
});
