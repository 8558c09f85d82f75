import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonSchema } from "@/api/types";
import { type FormRow, helpBeside, KINDS, nameFor, readForm, writeForm } from "./formSchema";
import { isShown, pathsIn, schemaAt, settingsOf, withEntry } from "./schemaFields";

const order: JsonSchema = {
  type: "object",
  properties: {
    number: { type: "string" },
    lines: { type: "array", items: { $ref: "#/$defs/line" } },
  },
  $defs: {
    line: {
      type: "object",
      properties: {
        sku: { type: "string" },
        taxes: { type: "array", items: { type: "object", properties: { rate: {} } } },
      },
    },
  },
};
const sources = [
  { path: "trigger", title: "Order", icon: null, schema: order },
  { path: "item", title: "Item of the loop", icon: null, schema: {} },
];

describe("the settings of a step", () => {
  const schema: JsonSchema = {
    properties: {
      mode: { type: "string", enum: ["for", "until"], default: "for" },
      amount: { type: "number", "x-unit": "unit", "x-when": { mode: "for" } },
      unit: { type: "string" },
      until: { type: "object", "x-when": { mode: ["until"] } },
      retry: { type: "object", "x-advanced": true },
    },
  };
  const names = (values: Record<string, unknown>) =>
    settingsOf(schema, values).main.map((field) => field.name);

  test("show a field only for the values it belongs to; a default counts as a value", () => {
    expect(names({})).toEqual(["mode", "amount"]);
    expect(names({ mode: "until" })).toEqual(["mode", "until"]);
    expect(settingsOf(schema, {}).advanced.map((field) => field.name)).toEqual(["retry"]);
    expect(isShown({ "x-when": { a: "x", b: ["y", "z"] } }, { a: "x", b: "z" }, {})).toBe(true);
    expect(isShown({ "x-when": { a: "x", b: ["y", "z"] } }, { a: "x" }, {})).toBe(false);
  });
});

describe("expressions about the entries of a list", () => {
  test("read the entry as item, with the definitions its schema needs", () => {
    const [entry, ...others] = withEntry({ op: "field", path: "trigger.lines" }, sources, "Entry");
    expect(entry?.path).toBe("item");
    expect(Object.keys(entry?.schema.properties ?? {})).toEqual(["sku", "taxes"]);
    expect(entry?.schema.$defs).toEqual(order.$defs);
    // The item of a loop around the step is hidden by the entry.
    expect(others.map((source) => source.path)).toEqual(["trigger"]);
  });

  test("know nothing of an entry whose list is worked out", () => {
    const [entry] = withEntry({ op: "jsonata", text: "x" }, sources, "Entry");
    expect(entry?.schema).toEqual({});
  });

  test("find schemas through lists", () => {
    expect(schemaAt("trigger.lines[].taxes", sources).type).toBe("array");
    expect(schemaAt("steps.nobody", sources)).toEqual({});
    expect(pathsIn(order)).toEqual(["number", "lines[].sku", "lines[].taxes[].rate"]);
  });
});

describe("a form built of rows", () => {
  const row: fc.Arbitrary<FormRow> = fc.record({
    name: fc.stringMatching(/^[a-z]{1,6}$/),
    title: fc.string(),
    kind: fc.constantFrom(...KINDS),
    required: fc.boolean(),
    help: fc.string(),
    choices: fc.array(fc.string()),
  });

  test("is read back as it was written", () => {
    fc.assert(
      fc.property(fc.uniqueArray(row, { selector: (r) => r.name, maxLength: 6 }), (rows) => {
        const plain = rows.map((r) => (r.kind === "choice" ? r : { ...r, choices: [] }));
        expect(readForm(writeForm(plain))).toEqual(plain);
      }),
    );
  });

  test("is left alone where its schema says more", () => {
    expect(
      readForm({ type: "object", properties: { a: { type: "string", maxLength: 3 } } }),
    ).toBeNull();
    expect(readForm({ type: "array" })).toBeNull();
  });

  test("names its fields by their titles", () => {
    expect(nameFor("Größe (cm)", [])).toBe("gro_e_cm");
    expect(nameFor("Amount", ["amount", "amount_2"])).toBe("amount_3");
    expect(nameFor("…", [])).toBe("field");
  });
});

test("the help of a field is left out where it only repeats the label", () => {
  expect(helpBeside("First name", "First name.")).toBeUndefined();
  expect(helpBeside("DisplayName", "Display name")).toBeUndefined();
  expect(helpBeside("First name", "At most 100 characters")).toBe("At most 100 characters");
});
