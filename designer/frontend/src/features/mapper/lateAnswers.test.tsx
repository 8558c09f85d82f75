import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serve, showMapper } from "./testing";
import type { MappingDocument } from "./types";

const CODE: MappingDocument = {
  schema: 1,
  rules: [{ id: "r1", target: "DocNumber", expr: { op: "jsonata", text: "1 + 2" } }],
};

type Respond = (answer: unknown) => Promise<void>;

/** Holds the answers to one request back until the test gives them. */
function holdBack(end: string): Respond[] {
  const held: Respond[] = [];
  const others = globalThis.fetch;
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) =>
    String(url).endsWith(end)
      ? new Promise<Response>((answer) =>
          held.push((body) => act(async () => answer(new Response(JSON.stringify(body))))),
        )
      : others(url, init),
  );
  return held;
}

const details = () => screen.getByRole("region", { name: "Details" });

beforeEach(() => {
  window.localStorage.clear();
  serve();
});
afterEach(() => vi.unstubAllGlobals());

describe("an answer that comes late", () => {
  it("does not take away code that was typed since blocks were asked for", async () => {
    const held = holdBack("/mapping/expression-from-text");
    const user = userEvent.setup();
    const { saved } = showMapper(CODE);
    const tree = await screen.findByRole("tree", { name: "Target" });
    await user.click(within(tree).getByText("DocNumber"));
    const code = await screen.findByRole("textbox", { name: "JSONata code" });
    await user.click(screen.getByRole("button", { name: "Make blocks of it" }));
    await waitFor(() => expect(held).toHaveLength(1));
    await user.type(code, "0");
    await held[0]?.({ expr: { op: "call", fn: "add", args: [] } });
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    expect(saved.mock.calls[0]?.[0].rules[0]?.expr).toEqual({ op: "jsonata", text: "1 + 20" });
  });

  it("leaves what was drawn since a changed text was applied", async () => {
    const held = holdBack("/mapping/from-text");
    const user = userEvent.setup();
    const { saved } = showMapper(CODE);
    const tree = await screen.findByRole("tree", { name: "Target" });
    await user.click(within(details()).getByRole("tab", { name: "JSONata" }));
    const text = await screen.findByRole("textbox", { name: "The mapping as JSONata text" });
    fireEvent.change(text, { target: { value: '{"DocNumber": 4}' } });
    await user.click(screen.getByRole("button", { name: "Apply to the mapping" }));
    await waitFor(() => expect(held).toHaveLength(1));
    const note = within(tree).getByRole("textbox", { name: "Value of PrivateNote" });
    await user.type(note, "thanks{Enter}");
    const four = { id: "r1", target: "DocNumber", expr: { op: "const" as const, value: 4 } };
    await held[0]?.({ mapping: { schema: 1, rules: [four] }, notes: [], code_rules: [] });
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    const rules = saved.mock.calls[0]?.[0].rules ?? [];
    expect(rules.map((rule) => [rule.target, rule.expr])).toEqual([
      ["DocNumber", four.expr],
      ["PrivateNote", { op: "const", value: "thanks" }],
    ]);
  });
});
