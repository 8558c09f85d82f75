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

  it("opens what a fix leaves to be done, with the cursor in it", async () => {
    const expr = { op: "const" as const, value: null };
    const fix = {
      title: "Type in a value",
      put: [{ id: "r2", target: "PrivateNote", expr }],
      remove: [],
      open: "r2",
    };
    serve(() => ({
      problems: [
        {
          severity: "error",
          code: "mapping.required",
          message: "PrivateNote is required.",
          target: "PrivateNote",
          fixes: [fix],
        },
      ],
    }));
    const user = userEvent.setup();
    const { saved } = showMapper(RULES);
    await loaded();
    await user.click(await within(details()).findByRole("tab", { name: /Problems/ }));
    await user.click(await screen.findByRole("button", { name: "Type in a value" }));
    await waitFor(() =>
      expect(document.activeElement).toHaveAccessibleName(/^Fixed value: |^Constant: /),
    );
    await user.keyboard("Thank you{Enter}");
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    expect(saved.mock.calls[0]?.[0].rules.at(-1)).toMatchObject({
      id: "r2",
      target: "PrivateNote",
      expr: { op: "const", value: "Thank you" },
    });
  });

  it("takes a suggestion over, and does not ask again for one that was refused", async () => {
    const user = userEvent.setup();
    const server = serve();
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
    await waitFor(() => expect(server.refused.length).toBe(1));
    press(/^Accept the suggestion/);
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    expect(saved.mock.calls[0]?.[0].rules.length).toBeGreaterThan(0);
  });

  it("proposes again what was refused, when a person asks for it", async () => {
    const user = userEvent.setup();
    const server = serve();
    server.refused = [["trigger.increment_id", "DocNumber"]];
    showMapper();
    await loaded();
    await user.click(await within(details()).findByRole("tab", { name: /Suggestions/ }));
    // The button stands in another place until the proposals are there.
    await screen.findByRole("list", { name: "Suggestions" });
    await user.click(await screen.findByRole("button", { name: "Propose 1 refused one again" }));
    await waitFor(() => expect(server.refused).toEqual([]));
    expect(screen.queryByRole("button", { name: /^Propose/ })).toBeNull();
  });

  it("tells of fields that have changed, leads to the rule, and is quiet once they are taken", async () => {
    const user = userEvent.setup();
    const server = serve();
    const gone = { kind: "removed", path: "customer_id", message: "customer_id is gone." };
    server.drift = [
      {
        side: "source",
        path: "trigger",
        title: "Order placed",
        changes: [gone],
        touched: [{ ...gone, rule_id: "r1", target: "DocNumber", breaks: true }],
      },
    ];
    showMapper(RULES);
    const tree = await loaded();
    const banner = await screen.findByRole("region", { name: "Changed fields" });
    expect(banner).toHaveTextContent("1 change · 1 rule of this mapping is touched");
    await user.click(within(banner).getByRole("button", { name: "Show" }));
    await user.click(within(banner).getByRole("button", { name: /DocNumber breaks/ }));
    expect(within(tree).getByRole("treeitem", { name: "DocNumber" })).toHaveAttribute(
      "aria-selected",
      "true",
    );
    await user.click(within(banner).getByRole("button", { name: "Take the new fields" }));
    await waitFor(() => expect(server.drift).toEqual([]));
    expect(screen.queryByRole("region", { name: "Changed fields" })).toBeNull();
  });

  it("puts what is on the screen on paper, saved or not", async () => {
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x" }));
    URL.revokeObjectURL = () => undefined;
    const user = userEvent.setup();
    const server = serve();
    showMapper(RULES);
    const tree = await loaded();
    within(tree).getByRole("treeitem", { name: "DocNumber" }).focus();
    await user.keyboard("{Delete}");
    await user.click(screen.getByRole("button", { name: "More about this mapping" }));
    await user.click(await screen.findByRole("menuitem", { name: /PDF/ }));
    await waitFor(() => expect(server.papers.length).toBe(1));
    expect(server.papers[0]?.format).toBe("pdf");
    expect(server.papers[0]?.mapping.rules.map((rule) => rule.id)).toEqual(["b1"]);
  });

  it("adds a field to a target that nothing describes, by keyboard, and saves what it is", async () => {
    const user = userEvent.setup();
    const { saved } = showMapper({ schema: 1, rules: [] }, { targetSchema: {}, ownTarget: true });
    const tree = await loaded();
    within(tree).getByRole("treeitem", { name: "Create invoice" }).focus();
    await user.keyboard("n");
    await user.type(await screen.findByRole("textbox", { name: "Name" }), "order.lines[[].sku");
    await user.keyboard("{Enter}");
    await user.click(screen.getByRole("button", { name: "Done" }));
    expect(within(tree).getByRole("treeitem", { name: "order.lines[].sku" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    const [mapping, schema] = saved.mock.calls[0] ?? [];
    expect(mapping?.own_fields).toEqual([{ path: "order.lines[].sku", type: "text" }]);
    expect(schema?.properties?.order?.properties?.lines?.type).toBe("array");
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
