import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serve, showMapper } from "./testing";
import type { Json, JsonSchema, MappingDocument } from "./types";
import {
  answeredTargets,
  inPortions,
  listed,
  listOfRecord,
  type VendorList,
  valuesOfLong,
} from "./vendorLists";

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
  count: 1,
  whole: true,
  reading: null,
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

  it("asks of a long list only for what the document has of it, and is sure of no more", () => {
    const long = { ...ITEMS, count: 4000, whole: false, entries: [{ value: "7", label: "Vase" }] };
    const value = { Line: ["7", "8", "7"].map((id) => ({ ItemRef: { value: id } })) };
    expect(valuesOfLong(value, TARGET, [TERMS, long])).toEqual({ items: ["7", "8"] });
    expect(valuesOfLong(value, TARGET, [TERMS, ITEMS])).toEqual({});
    const unsure = listed(value, TARGET, [long], NOTHING);
    expect([...unsure.faults]).toEqual([]);
    const sure = listed(value, TARGET, [long], NOTHING, { items: ["7", "8"] });
    expect([...sure.faults.keys()]).toEqual(["Line.1.ItemRef.value"]);
    expect(inPortions({ a: ["1", "2", "3"], b: ["4"] }, 2)).toEqual([
      { a: ["1", "2"], b: ["4"] },
      { a: ["3"] },
    ]);
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

  it("says how far a long list is, and what to do about one that is too long", async () => {
    const server = serve(() => ({ output: { TermRef: { value: "9" } } }));
    server.lists = [{ ...TERMS, fetched_at: null, complete: null, whole: false, reading: 3000 }];
    server.target = TARGET;
    const user = userEvent.setup();
    showMapper();
    await screen.findByRole("tree", { name: "Target" });
    const details = screen.getByRole("region", { name: "Details" });
    await user.click(await within(details).findByRole("tab", { name: "Result" }));
    await screen.findByText("Payment terms: 3,000 entries fetched so far");
    server.tooLong = 50_000;
    await user.click(screen.getByRole("button", { name: "Fetch" }));
    const told = await screen.findByText(
      "Not checked: Payment terms – stopped after 50,000 entries",
    );
    await user.hover(told);
    expect(await screen.findByText(/lookup table/)).toBeInTheDocument();
  });
});
