import { describe, expect, it } from "vitest";
import { bestMatch, typedRow } from "./finding";
import { matching, searchMatches, sourceNodes, visibleRows } from "./treeRows";
import type { JsonSchema } from "./types";

const text: JsonSchema = { type: "string" };
const SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    order_number: { ...text, title: "Order number" },
    number: { ...text, title: "Number" },
    lines: {
      type: "array",
      items: { type: "object", properties: { number: text, name: text, note: text } },
    },
    name: text,
    name_of_store: text,
  },
};
const NODES = sourceNodes(
  [{ path: "trigger", title: "Order", icon: null, schema: SCHEMA }],
  undefined,
);

function found(wanted: string) {
  const rows = visibleRows(NODES, {
    expanded: new Set(),
    only: matching(NODES, searchMatches(wanted)),
  });
  return bestMatch(rows, wanted)?.key;
}

describe("where the keyboard goes after a search", () => {
  it("goes to the field of exactly the path, wherever it stands", () => {
    expect(found("trigger.lines[].number")).toBe("trigger.lines[].number");
    expect(found("trigger.name")).toBe("trigger.name");
    expect(found("trigger.lines")).toBe("trigger.lines[]");
  });
  it("goes to the field of exactly the name before one that only holds it", () => {
    expect(found("number")).toBe("trigger.number");
    expect(found("Name")).toBe("trigger.lines[].name");
  });
  it("finds a field by words of the groups around it too", () => {
    expect(found("lines number")).toBe("trigger.lines[].number");
    expect(found("trigger")).toBeUndefined();
  });
  it("else goes to the first field that was found, not to the groups above it", () => {
    expect(found("order numb")).toBe("trigger.order_number");
    expect(found("store")).toBe("trigger.name_of_store");
    expect(found("not there")).toBeUndefined();
  });
});

describe("letters typed in a tree", () => {
  const rows = visibleRows(NODES, { expanded: new Set(["trigger"]), only: null });
  const typed = (from: string, letters: string) =>
    rows[
      typedRow(
        rows,
        rows.findIndex((row) => row.key === from),
        letters,
      ) ?? -1
    ]?.key;

  it("lead from one field to the next of that letter, and round", () => {
    expect(typed("trigger", "n")).toBe("trigger.number");
    expect(typed("trigger.number", "n")).toBe("trigger.name");
    expect(typed("trigger.name_of_store", "n")).toBe("trigger.number");
  });
  it("stay where they are while they still fit", () => {
    expect(typed("trigger.number", "nu")).toBe("trigger.number");
    expect(typed("trigger.number", "na")).toBe("trigger.name");
    expect(typed("trigger.number", "x")).toBeUndefined();
  });
});
