import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serve, showMapper } from "./testing";
import type { Json, MappingDocument } from "./types";

const source = (name: string) =>
  within(screen.getByRole("tree", { name: "Sources" })).getByRole("treeitem", { name });
const target = (name: string) =>
  within(screen.getByRole("tree", { name: "Target" })).getByRole("treeitem", { name });
const loaded = () => screen.findByRole("tree", { name: "Target" });
const said = () =>
  screen
    .getAllByRole("status")
    .map((s) => s.textContent)
    .join(" ");

/** Carries a row with the pointer; the page has no layout, so what is under it is told. */
function drag(from: HTMLElement, to: HTMLElement) {
  document.elementFromPoint = () => to;
  const grip = from.querySelector("[data-grab]") ?? from;
  // jsdom has no PointerEvent; a mouse event carries the same place and button.
  const at = (type: string, clientX: number) =>
    new MouseEvent(type, { bubbles: true, button: 0, clientX, clientY: 30 });
  fireEvent(grip, at("pointerdown", 10));
  fireEvent(window, at("pointermove", 60));
  fireEvent(window, at("pointerup", 300));
}

const numberOf = (sample: Json) => (sample as { increment_id: string }).increment_id;

const NUMBER_RULE: MappingDocument = {
  schema: 1,
  rules: [
    { id: "r1", target: "DocNumber", expr: { op: "field", path: "trigger.increment_id" } },
    { id: "r2", target: "Gone", expr: { op: "hole" }, comment: "kept" },
  ],
};

const RULES_OF_TABLE: MappingDocument = {
  schema: 1,
  rules: [{ id: "r1", target: "DocNumber", expr: { op: "field", path: "trigger.increment_id" } }],
};

beforeEach(() => {
  window.localStorage.clear();
  serve();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the mapper", () => {
  it("saves the line that was drawn with the pointer", async () => {
    const user = userEvent.setup();
    const { saved } = showMapper();
    await loaded();
    drag(source("trigger.increment_id"), target("DocNumber"));
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    expect(saved).toHaveBeenCalledWith({
      schema: 1,
      rules: [
        { id: "r1", target: "DocNumber", expr: { op: "field", path: "trigger.increment_id" } },
      ],
    });
  });

  it("connects by keyboard alone: M picks, Enter connects", async () => {
    const user = userEvent.setup();
    const { saved } = showMapper();
    await loaded();
    source("trigger.customer_email").focus();
    await user.keyboard("m");
    expect(said()).toContain("Customer e-mail picked");
    target("PrivateNote").focus();
    await user.keyboard("{Enter}");
    expect(said()).toContain("Customer e-mail connected to PrivateNote");
    await user.keyboard("{Control>}s{/Control}");
    await waitFor(() =>
      expect(saved.mock.calls[0]?.[0].rules[0]).toMatchObject({
        target: "PrivateNote",
        expr: { op: "field", path: "trigger.customer_email" },
      }),
    );
  });

  it("moves through a tree with the arrow keys", async () => {
    const user = userEvent.setup();
    showMapper();
    await loaded();
    source("trigger").focus();
    await user.keyboard("{ArrowDown}");
    await waitFor(() => expect(source("trigger.increment_id")).toHaveFocus());
    await user.keyboard("{ArrowLeft}");
    await waitFor(() => expect(source("trigger")).toHaveFocus());
    await user.keyboard("{ArrowLeft}");
    expect(source("trigger")).toHaveAttribute("aria-expanded", "false");
  });

  it("tells about the rows it made, and undo takes both back", async () => {
    const user = userEvent.setup();
    showMapper();
    await loaded();
    fireEvent.click(within(source("trigger.items[]")).getByRole("button"));
    fireEvent.click(within(target("Line[]")).getByRole("button", { name: "Expand Line[]" }));
    drag(source("trigger.items[].row_total"), target("Line[].Amount"));
    expect(screen.getByText("Added rows: one for each element of Items.")).toBeInTheDocument();
    expect(target("Line[b1].Amount")).toBeInTheDocument();
    await user.click(
      within(screen.getByRole("region", { name: "Mapping and sample" })).getByRole("button", {
        name: "Undo",
      }),
    );
    expect(target("Line[].Amount")).toHaveAttribute("aria-selected", "true");
    expect(screen.queryByRole("treeitem", { name: "Line[b1].Amount" })).toBeNull();
  });

  it("says why a drop is refused, and changes nothing", async () => {
    showMapper();
    await loaded();
    drag(source("trigger.billing_address"), target("DocNumber"));
    expect(said()).toContain("Billing address is a group. Drag one of its fields.");
    expect(screen.getByRole("button", { name: "Save mapping" })).toBeDisabled();
  });

  it("takes a typed value as it is, digit for digit", async () => {
    const user = userEvent.setup();
    const { saved } = showMapper();
    await loaded();
    const box = within(target("Deposit")).getByRole("textbox", { name: "Value of Deposit" });
    await user.type(box, "100.10{Enter}");
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    expect(saved.mock.calls[0]?.[0].rules).toEqual([
      { id: "r1", target: "Deposit", expr: { op: "const", value: "100.10" } },
    ]);
  });

  it("removes a rule with Delete and gives it back with Control Z", async () => {
    const user = userEvent.setup();
    showMapper(NUMBER_RULE);
    await loaded();
    target("DocNumber").focus();
    await user.keyboard("{Delete}");
    expect(said()).toContain("Rule of DocNumber removed");
    expect(screen.getByText(/0 fields mapped/)).toBeInTheDocument();
    await user.keyboard("{Control>}z{/Control}");
    expect(screen.getByText(/1 field mapped/)).toBeInTheDocument();
  });

  it("keeps and shows a rule whose field the schema has lost", async () => {
    showMapper(NUMBER_RULE);
    await loaded();
    expect(within(target("Gone")).getByText("Not in the schema")).toBeInTheDocument();
  });

  it("shows live values, and the newest question wins", async () => {
    const server = serve((mapping, sample) => ({
      values: { [mapping.rules[0]?.id ?? "none"]: { value: numberOf(sample) } },
    }));
    const user = userEvent.setup();
    showMapper(NUMBER_RULE);
    await loaded();
    await waitFor(() => expect(target("DocNumber")).toHaveTextContent("000000045"));
    await user.click(screen.getByRole("button", { name: "Next sample" }));
    await waitFor(() => expect(target("DocNumber")).toHaveTextContent("000000046"));
    expect(server.previews.at(-1)?.mapping.rules).toHaveLength(2);
  });

  it("asks of a large mapping first what came of the change, then for all", async () => {
    const server = serve();
    const rules = Array.from({ length: 60 }, (_, n) => ({
      id: `g${n}`,
      target: `Gone${n}`,
      expr: { op: "field" as const, path: "trigger.customer_email" },
    }));
    showMapper({ schema: 1, rules });
    await loaded();
    await waitFor(() => expect(server.previews.length).toBeGreaterThan(0));
    const before = server.previews.length;
    drag(source("trigger.increment_id"), target("DocNumber"));
    await waitFor(() => expect(server.previews.length).toBeGreaterThan(before + 1));
    const sizes = server.previews.slice(before).map(({ mapping }) => mapping.rules.length);
    expect(sizes.slice(0, 2)).toEqual([1, 61]);
  });

  it("tries a recorded run with what its steps answered, an example as a document", async () => {
    const server = serve();
    const user = userEvent.setup();
    showMapper(NUMBER_RULE);
    await loaded();
    await waitFor(() => expect(server.previews.at(-1)?.sample).toEqual({ run_id: "s1" }));
    await user.click(screen.getByRole("button", { name: "Next sample" }));
    await waitFor(() => expect(server.previews.at(-1)?.sample).toHaveProperty("document"));
  });

  it("shows once what fails on every row of the sample", async () => {
    const failed = { code: "mapping.not_a_date", message: "“xx” is not a date.", rule_id: "r1" };
    serve(() => ({ errors: [failed, failed, failed] }));
    const user = userEvent.setup();
    showMapper(NUMBER_RULE);
    await loaded();
    await user.click(await screen.findByRole("tab", { name: /Problems/ }));
    expect(await screen.findAllByText("“xx” is not a date.")).toHaveLength(1);
  });

  it("lists problems, and one leads to its field", async () => {
    serve(() => ({
      problems: [
        {
          severity: "error",
          code: "mapping.required",
          message: "Customer is missing.",
          target: "CustomerRef.value",
        },
      ],
    }));
    const user = userEvent.setup();
    showMapper();
    await loaded();
    await user.click(await screen.findByRole("tab", { name: /Problems/ }));
    await user.click(await screen.findByRole("button", { name: /Customer is missing/ }));
    expect(target("CustomerRef.value")).toHaveAttribute("aria-selected", "true");
  });

  it("changes a rule block by block: a function around the field", async () => {
    const user = userEvent.setup();
    const { saved } = showMapper(NUMBER_RULE);
    await loaded();
    fireEvent.click(target("DocNumber").querySelector("[title]") as HTMLElement);
    await user.click(await screen.findByRole("button", { name: "Change this block: DocNumber" }));
    await user.click(await screen.findByRole("menuitem", { name: "Put a function around it" }));
    await user.click(await screen.findByRole("button", { name: /Upper case/ }));
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    expect(saved.mock.calls[0]?.[0].rules[0]?.expr).toEqual({
      op: "call",
      fn: "upper",
      args: [{ op: "field", path: "trigger.increment_id" }],
    });
  });

  it("finds fields by title, and filters what is mapped", async () => {
    const user = userEvent.setup();
    showMapper(NUMBER_RULE);
    await loaded();
    await user.type(screen.getByRole("textbox", { name: "Search sources" }), "city");
    await waitFor(() => expect(source("trigger.billing_address.city")).toBeInTheDocument());
    expect(screen.queryByRole("treeitem", { name: "trigger.increment_id" })).toBeNull();
    await user.click(screen.getByRole("radio", { name: "Mapped" }));
    expect(target("DocNumber")).toBeInTheDocument();
    expect(screen.queryByRole("treeitem", { name: "PrivateNote" })).toBeNull();
  });

  it("lists all rules in words in the table view", async () => {
    const user = userEvent.setup();
    showMapper(NUMBER_RULE);
    await loaded();
    await user.click(screen.getByRole("radio", { name: "Table" }));
    const table = screen.getByRole("grid", { name: "All rules" });
    expect(within(table).getByRole("gridcell", { name: "Order number" })).toBeInTheDocument();
  });

  it("can be looked at by people who may not change it", async () => {
    const user = userEvent.setup();
    showMapper(RULES_OF_TABLE, { readOnly: true });
    const tree = await screen.findByRole("tree", { name: "Target" });
    within(tree).getByRole("treeitem", { name: "DocNumber" }).focus();
    await user.keyboard("{Delete}");
    expect(screen.getAllByText(/your role cannot change it/)).toHaveLength(2);
    expect(screen.queryByRole("button", { name: "Save mapping" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("dialog", { name: "Leave without saving?" })).toBeNull();
  });

  it("asks before unsaved changes are lost", async () => {
    const user = userEvent.setup();
    const { cancelled } = showMapper();
    await loaded();
    drag(source("trigger.increment_id"), target("DocNumber"));
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(cancelled).not.toHaveBeenCalled();
    await user.click(await screen.findByRole("button", { name: "Discard changes" }));
    expect(cancelled).toHaveBeenCalled();
  });
});
