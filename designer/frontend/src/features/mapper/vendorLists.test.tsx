import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serve, showMapper } from "./testing";
import type { Json, JsonSchema, MappingDocument } from "./types";
import { answeredTargets, listed, listOfRecord, type VendorList } from "./vendorLists";

const TARGET: JsonSchema = {
  type: "object",
  properties: {
    TermRef: { $ref: "#/$defs/Ref", "x-ref": "Term" },
    CustomerRef: { $ref: "#/$defs/Ref", "x-ref": "Customer" },
    Line: {
      type: "array",
      items: {
        type: "object",
        properties: {
          ItemRef: { $ref: "#/$defs/Ref", "x-ref": "Item", "x-also": ["SHIPPING"] },
        },
      },
    },
  },
  $defs: {
    Ref: {
      type: "object",
      properties: { value: { type: "string" }, name: { type: "string" } },
    },
  },
};
const TERMS: VendorList = {
  name: "terms",
  title: "Payment terms",
  fetched_at: "2026-03-02T10:15:00Z",
  complete: true,
  entries: [{ value: "3", label: "Net 30" }],
};
const ITEMS: VendorList = { ...TERMS, name: "items", title: "Items" };
const NOTHING = new Set<string>();

describe("a result held against the lists of the connected system", () => {
  it("names what is in a list, and tells what is not", () => {
    const value: Json = {
      TermRef: { value: "3" },
      Line: [{ ItemRef: { value: "9", name: "9" } }, { ItemRef: { value: "SHIPPING" } }],
    };
    const found = listed(value, TARGET, [TERMS, ITEMS], NOTHING);
    expect([...found.labels]).toEqual([["TermRef.value", "Net 30"]]);
    expect([...found.faults]).toEqual([
      ["Line.0.ItemRef.value", { kind: "not_listed", list: "Items" }],
    ]);
    expect([...found.used]).toEqual(["terms", "items"]);
  });

  it("says nothing against what a step answered, and of lists that are not known", () => {
    const mapping: MappingDocument = {
      schema: 1,
      rules: [
        { id: "b", target: "Line", rows: { each: "trigger.items[]" } },
        {
          id: "i",
          target: "Line[b].ItemRef.value",
          expr: { op: "field", path: "steps.find.id" },
        },
      ],
    };
    const value = { TermRef: { value: "9" }, Line: [{ ItemRef: { value: "9" } }] };
    const unknown = { ...TERMS, fetched_at: null, complete: null, entries: [] };
    const found = listed(value, TARGET, [unknown, ITEMS], answeredTargets(mapping));
    expect([...found.faults]).toEqual([]);
    expect([...found.used]).toEqual(["terms", "items"]);
  });

  it("knows the list of a kind of record", () => {
    expect(["TaxCode", "Class", "Item"].map(listOfRecord)).toEqual([
      "tax_codes",
      "classes",
      "items",
    ]);
  });
});

describe("the result in the mapper", () => {
  beforeEach(() => window.localStorage.clear());
  afterEach(() => vi.unstubAllGlobals());

  it("says what is not checked, and checks it once it is fetched", async () => {
    const server = serve(() => ({ output: { TermRef: { value: "9" } } }));
    server.lists = [{ ...TERMS, fetched_at: null, complete: null }];
    server.target = TARGET;
    const user = userEvent.setup();
    showMapper();
    await screen.findByRole("tree", { name: "Target" });
    const details = screen.getByRole("region", { name: "Details" });
    await user.click(await within(details).findByRole("tab", { name: "Result" }));
    await screen.findByText("Not checked, as not fetched yet: Payment terms");
    await user.click(screen.getByRole("button", { name: "Fetch" }));
    await waitFor(() =>
      expect(screen.getByText("is not in the list: Payment terms")).toBeInTheDocument(),
    );
    expect(screen.getByText(/^Checked against Payment terms as of/)).toBeInTheDocument();
  });
});
