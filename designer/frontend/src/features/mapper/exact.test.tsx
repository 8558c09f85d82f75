import { screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { serve, showMapper } from "./testing";
import type { Json } from "./types";

afterEach(() => vi.unstubAllGlobals());

/** A number as the exact reading of an answer keeps it: an object without any methods. */
const exact = (text: string): Json =>
  Object.freeze(Object.assign(Object.create(null), { rawJSON: text })) as Json;

describe("numbers that keep their digits", () => {
  it("are shown and read out by the target's row, not turned into something else", async () => {
    serve(() => ({ values: { r1: { value: exact("3.90") } }, output: { Deposit: exact("3.90") } }));
    const parse = JSON.parse;
    // jsdom has no raw JSON: the answer's place is taken by what a browser would make of it.
    vi.spyOn(JSON, "parse").mockImplementation((text, reviver) => {
      const read = parse(text, reviver);
      if (read?.values?.r1) read.values.r1.value = exact("3.90");
      return read;
    });
    showMapper({
      schema: 1,
      rules: [{ id: "r1", target: "Deposit", expr: { op: "field", path: "trigger.tax_amount" } }],
    });
    const tree = await screen.findByRole("tree", { name: "Target" });
    const row = await within(tree).findByRole("treeitem", { name: "Deposit" });
    await vi.waitFor(() => expect(row).toHaveTextContent("3.90"));
    expect(row.getAttribute("aria-description")).toContain("3.90");
    vi.restoreAllMocks();
  });
});
