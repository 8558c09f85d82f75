import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serve, showMapper } from "./testing";
import type { Expr, MappingDocument, Rule } from "./types";

const COPY: Rule = {
  id: "r1",
  target: "DocNumber",
  expr: { op: "field", path: "trigger.increment_id" },
};
const FIXED: Rule = { id: "r2", target: "PrivateNote", expr: { op: "const", value: "thanks" } };
const ROUNDED: Rule = {
  id: "r3",
  target: "Deposit",
  expr: {
    op: "call",
    fn: "round",
    args: [
      { op: "field", path: "trigger.shipping_amount" },
      { op: "const", value: 2 },
    ],
  },
};
const ROWS: Rule[] = [
  { id: "b1", target: "Line", rows: { each: "trigger.items[]" }, comment: "Goods" },
  {
    id: "r4",
    target: "Line[b1].Description",
    expr: { op: "field", path: "trigger.items[].name" },
  },
];
const drawn = (...rules: Rule[]): MappingDocument => ({ schema: 1, rules });

const grid = () => screen.getByRole("grid", { name: "All rules" });
const row = (place: string) => {
  const found = within(grid())
    .getAllByRole("row")
    .find((one) => one.querySelector(`[title="${place}"]`) !== null);
  if (!found) throw new Error(`no row ${place}`);
  return found;
};
const COLUMNS = ["target", "how", "when", "fallback", "value", "comment", "problem"];
const cell = (place: string, column: string) =>
  within(row(place)).getAllByRole("gridcell")[COLUMNS.indexOf(column)] as HTMLElement;

async function table(mapping: MappingDocument, more: { readOnly?: boolean } = {}) {
  const user = userEvent.setup();
  const shown = showMapper(mapping, more);
  await screen.findByRole("tree", { name: "Target" });
  await user.click(screen.getByRole("radio", { name: "Table" }));
  const go = (place: string, column: string) => act(() => cell(place, column).focus());
  const saved = async (): Promise<Rule[]> => {
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    return shown.saved.mock.calls.at(-1)?.[0].rules ?? [];
  };
  return { ...shown, user, go, saved };
}

const exprOf = (rules: Rule[], target: string): Expr | undefined =>
  rules.find((rule) => rule.target === target)?.expr;

/** What the server reads in texts; any other cannot be read from its fifth character on. */
function reads(texts: Record<string, Expr>, written: string | null = null): void {
  serve();
  const others = globalThis.fetch;
  vi.stubGlobal("fetch", async (url: string, init?: RequestInit) => {
    if (String(url).endsWith("/mapping/expression-to-text")) {
      return new Response(JSON.stringify({ text: written }), { status: 200 });
    }
    if (!String(url).endsWith("/mapping/expression-from-text")) return others(url, init);
    const { text } = JSON.parse(String(init?.body)) as { text: string };
    const expr = texts[text];
    if (expr) return new Response(JSON.stringify({ expr }), { status: 200 });
    const problem = { title: "It ends too soon.", status: 422, position: 5 };
    return new Response(JSON.stringify(problem), {
      status: 422,
      headers: { "Content-Type": "application/problem+json" },
    });
  });
}

beforeEach(() => {
  window.localStorage.clear();
  reads({});
});
afterEach(() => vi.unstubAllGlobals());

describe("the table of all rules", () => {
  it("is a grid of which one cell has the focus, and keys go to its neighbours", async () => {
    const { user, go } = await table(drawn(COPY, FIXED));
    expect(grid()).toHaveAttribute("aria-colcount", "7");
    expect(grid().querySelectorAll('[tabindex="0"]')).toHaveLength(1);
    go("DocNumber", "how");
    await user.keyboard("{ArrowDown}");
    expect(cell("PrivateNote", "how")).toHaveFocus();
    await user.keyboard("{ArrowRight}{ArrowUp}");
    expect(cell("DocNumber", "when")).toHaveFocus();
    await user.keyboard("{End}{Tab}");
    expect(cell("PrivateNote", "target")).toHaveFocus();
    await user.keyboard("{Shift>}{Tab}{/Shift}");
    expect(cell("DocNumber", "problem")).toHaveFocus();
    expect(grid().querySelectorAll('[tabindex="0"]')).toHaveLength(1);
  });

  it("lists what is required and not filled before the rules", async () => {
    await table(drawn(COPY));
    const [first] = within(grid()).getAllByText("required: nothing fills it yet");
    expect(first?.closest('[role="row"]')).toHaveAttribute("aria-rowindex", "2");
  });

  it("is left by F6, and by Tab at its end", async () => {
    const { user, go } = await table(drawn(COPY));
    go("DocNumber", "how");
    await user.keyboard("{F6}");
    expect(grid()).not.toContainElement(document.activeElement as HTMLElement);
    await user.keyboard("{Shift>}{F6}{/Shift}");
    expect(cell("DocNumber", "how")).toHaveFocus();
    act(() =>
      within(grid()).getByText("Add a field…").closest<HTMLElement>('[role="gridcell"]')?.focus(),
    );
    await user.keyboard("{Tab}");
    expect(grid()).not.toContainElement(document.activeElement as HTMLElement);
  });

  it("takes a typed value, goes to the next row, and undo takes it back", async () => {
    const { user, go, saved } = await table(drawn(COPY, FIXED));
    go("DocNumber", "how");
    await user.keyboard("A-1{Enter}");
    expect(cell("PrivateNote", "how")).toHaveFocus();
    expect(cell("DocNumber", "how")).toHaveTextContent("A-1");
    await user.keyboard("{Control>}z{/Control}");
    expect(cell("DocNumber", "how")).toHaveTextContent("Order number");
    await user.keyboard("{Control>}y{/Control}");
    expect(exprOf(await saved(), "DocNumber")).toEqual({ op: "const", value: "A-1" });
  });

  it("changes what stands there after F2, and Escape takes it back", async () => {
    const { user, go, saved } = await table(drawn(COPY, FIXED));
    go("PrivateNote", "how");
    await user.keyboard("{F2}");
    expect(screen.getByRole("combobox", { name: "Filled with of PrivateNote" })).toHaveValue(
      "thanks",
    );
    await user.keyboard(" a lot{Escape}");
    expect(cell("PrivateNote", "how")).toHaveFocus();
    expect(cell("PrivateNote", "how")).toHaveTextContent("“thanks”");
    await user.keyboard("{F2} a lot{Tab}");
    expect(cell("PrivateNote", "when")).toHaveFocus();
    expect(exprOf(await saved(), "PrivateNote")).toEqual({ op: "const", value: "thanks a lot" });
  });

  it("completes a field while an expression is typed", async () => {
    const { user, go, saved } = await table(drawn(FIXED));
    go("PrivateNote", "how");
    await user.keyboard("=e-mail");
    await user.clear(screen.getByRole("combobox", { name: /^Filled with/ }));
    await user.keyboard("=customer_em");
    expect(await screen.findByRole("option", { name: /Customer e-mail/ })).toBeVisible();
    await user.keyboard("{ArrowDown}{Enter}{Enter}");
    expect(exprOf(await saved(), "PrivateNote")).toEqual({
      op: "field",
      path: "trigger.customer_email",
    });
  });

  it("reads an expression as text into blocks, with paths of the row that is made", async () => {
    const each = "trigger.items[].name";
    const asked = `$upper($${"each_0_".padEnd(each.length - 1, "_")})`;
    reads({
      [asked]: {
        op: "call",
        fn: "upper",
        args: [{ op: "field", path: `$${"each_0_".padEnd(each.length - 1, "_")}` }],
      },
    });
    const { user, go, saved } = await table(drawn(...ROWS));
    go("Line[b1].Description", "how");
    await user.keyboard("=$upper(trigger.items[[].name){Enter}");
    await waitFor(() =>
      expect(cell("Line[b1].Description", "how")).toHaveTextContent("Upper case(Name)"),
    );
    expect(exprOf(await saved(), "Line[b1].Description")).toEqual({
      op: "call",
      fn: "upper",
      args: [{ op: "field", path: each }],
    });
  });

  it("says in the cell where a text is wrong, and keeps it where nobody mends it", async () => {
    const { user, go, saved } = await table(drawn(FIXED));
    go("PrivateNote", "how");
    await user.keyboard("=1 + (2{Enter}");
    const box = screen.getByRole<HTMLInputElement>("combobox", { name: /^Filled with/ });
    expect(await screen.findByRole("alert")).toHaveTextContent(
      "Line 1, character 6: It ends too soon.",
    );
    expect(box).toBeInvalid();
    expect(box.selectionStart).toBe(5);
    act(() => screen.getByRole("textbox", { name: "Search the rules" }).focus());
    await waitFor(() => expect(cell("PrivateNote", "how")).toHaveTextContent("1 + (2"));
    expect(exprOf(await saved(), "PrivateNote")).toEqual({ op: "jsonata", text: "1 + (2" });
  });

  it("edits blocks as a line of text: left or cancelled they stay, changed they are read anew", async () => {
    const line = "$round_half_up(trigger.shipping_amount, 2)";
    const three: Expr = {
      op: "call",
      fn: "round",
      args: [
        { op: "field", path: "trigger.shipping_amount" },
        { op: "const", value: 3 },
      ],
    };
    reads({ "$round_half_up(trigger.shipping_amount, 3)": three }, line);
    const { user, go, saved } = await table(drawn(ROUNDED));
    go("Deposit", "how");
    const opened = async () => {
      await user.keyboard("{Enter}");
      await waitFor(() => expect(textBox()).toHaveValue(`=${line}`));
    };
    const textBox = () => screen.getByRole("combobox", { name: "Filled with of Deposit" });
    await opened();
    await user.keyboard("{Backspace}{Backspace}{Backspace}{Escape}");
    expect(cell("Deposit", "how")).toHaveFocus();
    expect(cell("Deposit", "how")).toHaveTextContent("Round(Shipping, 2)");
    await opened();
    await user.keyboard("{Enter}");
    expect(screen.getByRole("button", { name: "Undo" })).toBeDisabled();
    go("Deposit", "how");
    await opened();
    await user.keyboard("{Backspace}{Backspace}3){Enter}");
    await waitFor(() => expect(cell("Deposit", "how")).toHaveTextContent("Round(Shipping, 3)"));
    expect(exprOf(await saved(), "Deposit")).toEqual(three);
    go("Deposit", "how");
    await opened();
    await user.keyboard("{Alt>}{ArrowDown}{/Alt}");
    expect(await screen.findByRole("dialog", { name: "Filled with of Deposit" })).toBeVisible();
  });

  it("opens blocks where no line can say them; Escape takes back, Done is one step", async () => {
    const { user, go, saved } = await table(drawn(ROUNDED));
    go("Deposit", "how");
    const digits = async () => {
      await user.keyboard("{Enter}");
      const blocks = await screen.findByRole("dialog", { name: "Filled with of Deposit" });
      const box = within(blocks).getByRole("textbox", { name: /digits/ });
      await user.clear(box);
      await user.type(box, "3");
      await user.tab();
      return blocks;
    };
    await digits();
    await user.keyboard("{Escape}");
    expect(cell("Deposit", "how")).toHaveFocus();
    expect(cell("Deposit", "how")).toHaveTextContent("Round(Shipping, 2)");
    await user.click(within(await digits()).getByRole("button", { name: "Done" }));
    expect(cell("Deposit", "how")).toHaveFocus();
    expect(cell("Deposit", "how")).toHaveTextContent("Round(Shipping, 3)");
    await user.keyboard("{Control>}z{/Control}");
    expect(cell("Deposit", "how")).toHaveTextContent("Round(Shipping, 2)");
    expect(screen.getByRole("button", { name: "Undo" })).toBeDisabled();
    await user.keyboard("{Control>}y{/Control}");
    expect((await saved())[0]?.expr).toMatchObject({ args: [{}, { value: 3 }] });
  });

  it("fills condition, fallback and note in their cells, and Delete clears one of them", async () => {
    const when: Expr = {
      op: "call",
      fn: "gt",
      args: [
        { op: "field", path: "trigger.tax_amount" },
        { op: "const", value: 0 },
      ],
    };
    reads({ "trigger.tax_amount > 0": when });
    const { user, go, saved } = await table(drawn(COPY, FIXED));
    go("DocNumber", "when");
    await user.keyboard("trigger.tax_amount > 0{Tab}");
    await waitFor(() => expect(cell("DocNumber", "when")).toHaveTextContent("Tax > 0"));
    expect(cell("DocNumber", "fallback")).toHaveFocus();
    await user.keyboard("none{Tab}");
    go("DocNumber", "comment");
    await user.keyboard("their number{Enter}");
    expect(cell("PrivateNote", "comment")).toHaveFocus();
    expect((await saved())[0]).toEqual({
      ...COPY,
      when,
      default: { op: "const", value: "none" },
      comment: "their number",
    });
    go("DocNumber", "when");
    await user.keyboard("{Delete}");
    expect(cell("DocNumber", "when")).toHaveTextContent("");
    expect((await saved())[0]?.when).toBeUndefined();
  });

  it("removes a rule by Delete on its value, and the keyboard stays in the grid", async () => {
    const { user, go, saved } = await table(drawn(COPY, FIXED));
    go("DocNumber", "how");
    await user.keyboard("{Delete}");
    expect(cell("PrivateNote", "how")).toHaveFocus();
    expect((await saved()).map((rule) => rule.id)).toEqual(["r2"]);
  });

  it("copies a rule to another field by keys", async () => {
    const { user, go, saved } = await table(drawn(COPY, FIXED));
    go("DocNumber", "how");
    await user.keyboard("{Control>}c{/Control}");
    go("PrivateNote", "how");
    await user.keyboard("{Control>}v{/Control}");
    await waitFor(() => expect(cell("PrivateNote", "how")).toHaveTextContent("Order number"));
    expect(exprOf(await saved(), "PrivateNote")).toEqual(COPY.expr);
  });

  it("lists what nothing fills when asked, and a value makes the rule", async () => {
    const { user, go, saved } = await table(drawn(COPY));
    await user.click(screen.getByRole("radio", { name: "Unmapped" }));
    expect(() => row("DocNumber")).toThrow();
    go("Line[].Amount", "how");
    await user.keyboard("9.90{Enter}");
    await user.click(screen.getByRole("radio", { name: "Mapped" }));
    expect(cell("Line[b1].Amount", "how")).toHaveTextContent("9.90");
    const rules = await saved();
    expect(rules.map((rule) => rule.target)).toEqual(["DocNumber", "Line", "Line[b1].Amount"]);
  });

  it("adds a row for a field that is picked, by keyboard, and goes to its value", async () => {
    const { user, saved } = await table(drawn(COPY));
    act(() =>
      within(grid()).getByText("Add a field…").closest<HTMLElement>('[role="gridcell"]')?.focus(),
    );
    await user.keyboard("{Enter}");
    await user.type(await screen.findByRole("textbox", { name: "Search target" }), "PrivateNote");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(cell("PrivateNote", "how")).toHaveFocus());
    await user.keyboard("hello{Enter}");
    expect(exprOf(await saved(), "PrivateNote")).toEqual({ op: "const", value: "hello" });
  });

  it("shows values and problems beside the rules, filters them, and sorts by any column", async () => {
    serve(() => ({
      values: { r1: { value: "000000045" } },
      problems: [
        { severity: "error", code: "x", message: "Too long (at character 3).", rule_id: "r2" },
      ],
    }));
    const { user } = await table(drawn(COPY, FIXED));
    await waitFor(() => expect(cell("DocNumber", "value")).toHaveTextContent("000000045"));
    expect(cell("PrivateNote", "how")).toBeInvalid();
    expect(cell("PrivateNote", "how")).toHaveAccessibleDescription("Too long (at character 3).");
    await user.click(screen.getByRole("radio", { name: "Problems" }));
    expect(() => row("DocNumber")).toThrow();
    expect(cell("PrivateNote", "problem")).toHaveTextContent("Too long");
    await user.click(screen.getByRole("radio", { name: "Mapped" }));
    const head = within(grid()).getByRole("columnheader", { name: "Target" });
    await user.click(head);
    await user.click(head);
    expect(head).toHaveAttribute("aria-sort", "descending");
    expect(row("PrivateNote")).toHaveAttribute("aria-rowindex", "2");
  });

  it("leaves the keyboard where it went while an expression was being read, and loses no text", async () => {
    const answers: ((answer: Response) => void)[] = [];
    const others = globalThis.fetch;
    vi.stubGlobal("fetch", (url: string, init?: RequestInit) =>
      String(url).endsWith("/mapping/expression-from-text")
        ? new Promise<Response>((answer) => answers.push(answer))
        : others(url, init),
    );
    const { user, go, saved } = await table(drawn(COPY, FIXED, ROUNDED));
    go("DocNumber", "how");
    await user.keyboard("=1 + 2{Enter}");
    await user.dblClick(cell("PrivateNote", "how"));
    await user.keyboard(" so");
    const sum: Expr = { op: "call", fn: "add", args: [] };
    await act(async () => answers[0]?.(new Response(JSON.stringify({ expr: sum }))));
    await user.keyboard(" much{Enter}");
    expect(cell("PrivateNote", "how")).toHaveTextContent("thanks so much");
    go("DocNumber", "how");
    await user.keyboard("=1 + (2{Enter}");
    await user.dblClick(cell("Deposit", "comment"));
    await user.keyboard("note");
    const problem = JSON.stringify({ title: "It ends too soon.", status: 422, position: 5 });
    const headers = { "Content-Type": "application/problem+json" };
    await act(async () => answers[1]?.(new Response(problem, { status: 422, headers })));
    await user.keyboard("d{Enter}");
    const rules = await saved();
    expect(exprOf(rules, "DocNumber")).toEqual({ op: "jsonata", text: "1 + (2" });
    expect(rules.find((rule) => rule.target === "Deposit")?.comment).toBe("noted");
  });

  it("keeps a cell that is being filled when its row is found no more", async () => {
    const server = serve(() => ({
      problems: [{ severity: "error", code: "x", message: "Too long.", rule_id: "r2" }],
    }));
    const { user, go, saved } = await table(drawn(COPY, FIXED));
    await waitFor(() => expect(cell("PrivateNote", "how")).toBeInvalid());
    await user.click(screen.getByRole("radio", { name: "Problems" }));
    go("PrivateNote", "comment");
    await user.keyboard("half ");
    server.answer = () => ({ problems: [] });
    const shown = () => screen.getByText(/^\d+ of them|^\d+ rows?$|^\d+ rules?$/).textContent;
    const before = shown();
    act(() => screen.getByRole("button", { name: "Next sample" }).click());
    await waitFor(() => expect(shown()).not.toBe(before));
    await user.keyboard("a word{Enter}");
    expect((await saved()).find((rule) => rule.id === "r2")?.comment).toBe("half a word");
  });

  it("shapes rows in the details", async () => {
    const { user, go } = await table(drawn(...ROWS));
    go("Line[b1]", "how");
    await user.keyboard("{Enter}");
    const details = screen.getByRole("region", { name: "Details" });
    expect(await within(details).findByRole("button", { name: "Add a step" })).toBeVisible();
  });

  it("can be read and not changed by people who may only look", async () => {
    const { user, go } = await table(drawn(COPY), { readOnly: true });
    expect(grid()).toHaveAttribute("aria-readonly", "true");
    expect(screen.queryByText("Add a field…")).toBeNull();
    go("DocNumber", "how");
    await user.keyboard("{Enter}{Delete}x");
    expect(screen.queryByRole("combobox", { name: /^Filled with/ })).toBeNull();
    expect(cell("DocNumber", "how")).toHaveTextContent("Order number");
    await user.keyboard("{ArrowRight}");
    expect(cell("DocNumber", "when")).toHaveFocus();
  });

  it("draws only the rows in view of thousands, and the keyboard reaches the last", async () => {
    const many = Array.from({ length: 2000 }, (_, n) => ({
      ...FIXED,
      id: `r${n}`,
      target: `F${n}`,
    }));
    const { user, go } = await table(drawn(...many));
    expect(within(grid()).getAllByRole("row").length).toBeLessThan(80);
    go("F0", "how");
    await user.keyboard("{Control>}{End}{/Control}");
    expect(cell("F1999", "problem")).toHaveFocus();
  });
});
