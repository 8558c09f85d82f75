import { expect, it } from "vitest";
import {
  asChange,
  cellText,
  changedCells,
  columnName,
  columnsFault,
  editCount,
  faultsByRow,
  matchHeaders,
  NO_EDITS,
  toggledRemoval,
  typed,
  withRow,
} from "./model";
import type { TableColumn } from "./queries";

const column = (name: string, over: Partial<TableColumn> = {}): TableColumn => ({
  name,
  title: name,
  type: "text",
  key: false,
  required: false,
  ...over,
});
const columns = [column("code", { key: true, title: "GL code" }), column("account")];
const row = { id: 7, texts: { code: "A", account: "1" } };

it("takes an edit back when the old text is typed again", () => {
  const edits = typed(NO_EDITS, row, "account", "12");
  expect(editCount(edits)).toBe(1);
  expect(editCount(typed(edits, row, "account", "1"))).toBe(0);
});

it("sends new rows, changed rows and removed rows, and nothing of a row that goes", () => {
  let edits = typed(NO_EDITS, row, "account", "2");
  edits = withRow(edits, columns);
  edits = typed(edits, { id: -1, texts: { code: "", account: "" } }, "code", "B");
  edits = withRow(edits, columns);
  edits = toggledRemoval(edits, -2);
  expect(asChange(edits)).toEqual({
    put: [
      { id: null, values: { code: "B", account: null } },
      { id: 7, values: { code: "A", account: "2" } },
    ],
    remove: [],
    order: [-1, 7],
  });
  const gone = asChange(toggledRemoval(edits, 7));
  expect(gone.put).toHaveLength(1);
  expect(gone.remove).toEqual([7]);
});

it("puts the server's complaints to the rows that were sent", () => {
  const faults = faultsByRow([{ index: 1, fields: { account: "Needed." } }], [-1, 7]);
  expect(faults).toEqual({ 7: { account: "Needed." } });
});

it("matches headers by title or name, each once", () => {
  expect(matchHeaders(columns, ["Account ", "gl-code", "ACCOUNT"])).toEqual({
    code: "gl-code",
    account: "Account ",
  });
});

it("names columns so that mappings can write them", () => {
  expect(columnName("GL code", [])).toBe("gl_code");
  expect(columnName("GL code", ["gl_code"])).toBe("gl_code_2");
  expect(columnName("2026", [])).toBe("c_2026");
  expect(columnName("Größe", [])).toBe("gr_e");
});

it("says what columns lack", () => {
  expect(columnsFault(columns)).toBeNull();
  expect(columnsFault([column("a")])).toBe("columns.fault.key");
  expect(columnsFault([column("a", { key: true })])).toBe("columns.fault.value");
  expect(columnsFault([column("a", { title: " " }), ...columns])).toBe("columns.fault.title");
});

it("shows the cells that differ, whatever they hold", () => {
  const before = { code: "A", account: { tax: true } };
  const found = changedCells(columns, { key: "a", before, after: { code: "A", account: null } });
  expect(found).toEqual([{ title: "account", before: '{"tax":true}', after: "" }]);
  expect(cellText(0)).toBe("0");
});
