import { describe, expect, it, test } from "vitest";
import type { Connection, Sandbox } from "@/api/types";
import { columnsOf, mostUsed, nameOf, textAt } from "./model";

const invoice = {
  Id: "1037",
  DocNumber: "000000045",
  CustomerRef: { value: "58", name: "Ana Silva" },
  TotalAmt: { rawJSON: "102.20" },
  Line: [{ Amount: 100 }],
};

describe("columns of a record", () => {
  it("show what a person looks for, with the digits of the vendor", () => {
    const columns = columnsOf("quickbooks", "Invoice", [invoice]);
    expect(columns.map(({ path }) => textAt(invoice, path))).toEqual([
      "000000045",
      "Ana Silva",
      null,
      "102.20",
      null,
    ]);
    expect(nameOf(columns, invoice)).toBe("000000045");
  });

  it("are the first scalars where nobody has chosen", () => {
    const columns = columnsOf("xero", "Contact", [{ ContactID: "c1", Addresses: [], Name: "Ana" }]);
    expect(columns.map(({ path }) => path)).toEqual(["ContactID", "Name"]);
    expect(columnsOf("xero", "Contact", [])).toEqual([]);
  });

  it("give null for a path that leads nowhere", () => {
    expect(textAt(invoice, "BillAddr.City")).toBeNull();
    expect(textAt(null, "a")).toBeNull();
    expect(textAt(invoice, "CustomerRef")).toBeNull();
  });
});

test("the vendor that flows use most is shown first", () => {
  const vendor = (slug: string, kinds: number) =>
    ({ slug, entities: Array.from({ length: kinds }, () => ({})) }) as unknown as Sandbox;
  const all = [vendor("http", 2), vendor("magento", 9), vendor("quickbooks", 23)];
  const used = (connector: string, flows: string[]) =>
    ({ connector, sandbox: true, used_by: flows.map((flow_id) => ({ flow_id })) }) as Connection;
  expect(mostUsed(all, [])?.slug).toBe("quickbooks");
  expect(mostUsed(all, [used("http", []), used("magento", ["a"])])?.slug).toBe("magento");
  expect(mostUsed([], [])).toBeUndefined();
});
