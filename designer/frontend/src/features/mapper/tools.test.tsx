import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serve, showMapper } from "./testing";
import type { MappingDocument } from "./types";

const RULES: MappingDocument = {
  schema: 1,
  rules: [
    { id: "r1", target: "DocNumber", expr: { op: "field", path: "trigger.customer_id" } },
    { id: "b1", target: "Line", rows: { each: "trigger.items[]" }, comment: "Goods" },
  ],
};

const details = () => screen.getByRole("region", { name: "Details" });
const tab = (name: RegExp) => within(details()).getByRole("tab", { name });
const loaded = () => screen.findByRole("tree", { name: "Target" });

beforeEach(() => {
  window.localStorage.clear();
  serve();
});
afterEach(() => vi.unstubAllGlobals());

describe("the tools around a mapping", () => {
  it("mends a problem by one click, and undo takes it back", async () => {
    const expr = { op: "call" as const, fn: "to_text", args: [] };
    const fix = {
      title: "Convert to text",
      put: [{ id: "r1", target: "DocNumber", expr }],
      remove: [],
    };
    serve(() => ({
      problems: [
        {
          severity: "warning",
          code: "mapping.type_mismatch",
          message: "A number.",
          rule_id: "r1",
          fixes: [fix],
        },
      ],
    }));
    const user = userEvent.setup();
    const { saved } = showMapper(RULES);
    await loaded();
    await user.click(await within(details()).findByRole("tab", { name: /Problems/ }));
    await user.click(await screen.findByRole("button", { name: "Convert to text" }));
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    expect(saved.mock.calls[0]?.[0].rules[0]).toEqual({ id: "r1", target: "DocNumber", expr });
  });

  it("takes a suggestion over, and does not ask again for one that was refused", async () => {
    const user = userEvent.setup();
    const { saved } = showMapper();
    await loaded();
    await user.click(await within(details()).findByRole("tab", { name: /Suggestions/ }));
    const list = await screen.findByRole("list", { name: "Suggestions" });
    const shown = () => list.querySelectorAll("li").length;
    const before = shown();
    const press = (name: RegExp) =>
      fireEvent.click(
        [...list.querySelectorAll("button")].find((b) =>
          name.test(b.getAttribute("aria-label") ?? ""),
        ) as HTMLElement,
      );
    press(/^Refuse the suggestion/);
    await waitFor(() => expect(shown()).toBeLessThan(before));
    expect(window.localStorage.length).toBe(1);
    press(/^Accept the suggestion/);
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    expect(saved.mock.calls[0]?.[0].rules.length).toBeGreaterThan(0);
  });

  it("adds steps to rows, which start unfinished and are kept", async () => {
    const user = userEvent.setup();
    const { saved } = showMapper(RULES);
    const tree = await loaded();
    await user.click(
      within(within(tree).getByRole("treeitem", { name: "Line[b1]" })).getByText("Goods"),
    );
    await user.click(screen.getByRole("button", { name: "Add a step" }));
    await user.click(await screen.findByRole("menuitem", { name: /^Sort/ }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Direction 1" }), "down");
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    expect(saved.mock.calls[0]?.[0].rules[1]?.rows).toEqual({
      each: "trigger.items[]",
      sort: [{ by: { op: "hole" }, down: true }],
    });
  });

  it("shows the result as CSV, with what the schema says against it in the tree", async () => {
    serve(() => ({ output: { Line: [{ Amount: "much" }] } }));
    const user = userEvent.setup();
    showMapper(RULES);
    await loaded();
    await user.click(tab(/Result/));
    await screen.findByText(/would be refused/);
    await user.click(screen.getByText("CSV"));
    expect(screen.getByRole("region", { name: "Result of the sample" })).toHaveTextContent(
      "Amount much",
    );
  });
});
