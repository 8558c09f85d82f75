import { describe, expect, it } from "vitest";
import { emptyMapping, fieldAt, rootField } from "./model";
import {
  addOwnField,
  isOpen,
  ownFieldAt,
  removeOwnField,
  withOwnFields,
  withoutOwnFields,
} from "./ownFields";
import type { JsonSchema, MappingDocument } from "./types";

const REQUEST: JsonSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    path: { type: "string" },
    body: { $ref: "#/$defs/any" },
    query: { type: "object", properties: { page: { type: "integer" } } },
  },
  $defs: { any: { type: ["object", "array", "null"], title: "Body" } },
};

const at = (schema: JsonSchema, path: string) => fieldAt(rootField(schema), path);

function add(doc: MappingDocument, parent: string, text: string, type = "text" as const) {
  const whole = withOwnFields(REQUEST, doc.own_fields);
  const field = parent === "" ? rootField(whole) : fieldAt(rootField(whole), parent);
  if (!field) throw new Error(`no field ${parent}`);
  return addOwnField(doc, REQUEST, field, text, type);
}

function added(doc: MappingDocument, parent: string, text: string): MappingDocument {
  const made = add(doc, parent, text);
  if ("refused" in made) throw new Error(made.refused);
  return made.doc;
}

describe("fields of one's own", () => {
  it("are offered only where the schema leaves room", () => {
    const open = (path: string) => {
      const field = at(REQUEST, path);
      return field ? isOpen(field) : null;
    };
    expect(open("body")).toBe(true);
    expect(open("path")).toBe(false);
    expect(open("query")).toBe(false);
    expect(isOpen(rootField(REQUEST))).toBe(false);
    expect(isOpen(rootField({}))).toBe(true);
  });

  it("make the groups and lists on their path", () => {
    const doc = added(emptyMapping(), "body", "order.lines[].sku");
    const schema = withOwnFields(REQUEST, doc.own_fields);
    expect(at(schema, "body.order.lines")?.type).toBe("list");
    expect(at(schema, "body.order.lines[].sku")?.type).toBe("text");
    expect(at(schema, "body.order.lines[b1].sku")?.type).toBe("text");
    expect(ownFieldAt(doc, "body.order.lines[b1].sku")?.path).toBe("body.order.lines[].sku");
    const list = at(schema, "body.order.lines");
    expect(list && isOpen(list)).toBe(true);
  });

  it("stand in the rows of a list, whichever block is chosen", () => {
    const doc = added(emptyMapping(), "body", "lines[]");
    const more = added(doc, "body.lines[b1]", "qty");
    expect(more.own_fields?.map((f) => f.path)).toEqual(["body.lines", "body.lines[].qty"]);
    expect(at(withOwnFields(REQUEST, more.own_fields), "body.lines[b1].qty")?.type).toBe("text");
  });

  it("are refused where they cannot be", () => {
    expect(add(emptyMapping(), "body", "  ")).toEqual({ refused: "empty" });
    expect(add(emptyMapping(), "body", "a[b1].c")).toEqual({ refused: "path" });
    expect(add(emptyMapping(), "body", "a..b")).toEqual({ refused: "path" });
    const doc = added(emptyMapping(), "body", "a");
    expect(add(doc, "body", "a")).toEqual({ refused: "taken" });
    expect(add(doc, "body", "a.b")).toEqual({ refused: "closed" });
  });

  it("come off the schema again, with the groups that only they needed", () => {
    const doc = added(added(emptyMapping(), "body", "order.lines[].sku"), "body", "note");
    const schema = withOwnFields({}, doc.own_fields);
    expect(withoutOwnFields(schema, doc.own_fields)).toMatchObject({ properties: {} });
    const kept = withOwnFields({ properties: { body: { properties: { x: {} } } } }, doc.own_fields);
    expect(withoutOwnFields(kept, doc.own_fields).properties?.body?.properties).toEqual({ x: {} });
  });

  it("go with the rules that fill them", () => {
    const drawn = added(added(emptyMapping(), "body", "lines[].sku"), "body", "note");
    const doc: MappingDocument = {
      ...drawn,
      rules: [
        { id: "b1", target: "body.lines", rows: {} },
        { id: "r1", target: "body.lines[b1].sku", expr: { op: "const", value: "x" } },
        { id: "r2", target: "body.note", expr: { op: "const", value: "y" } },
      ],
    };
    const after = removeOwnField(doc, "body.lines[].sku");
    expect(after.rules.map((r) => r.id)).toEqual(["b1", "r2"]);
    expect(after.own_fields?.map((f) => f.path)).toEqual(["body.note"]);
  });
});
