import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { field } from "./expressions";
import { type FakeServer, serve, showMapper } from "./testing";
import type { MappingDocument, Rule } from "./types";

const laid = (id: string, target: string, path: string): Rule => ({
  id,
  target,
  expr: field(path),
  origin: id,
  insertion: "in_1",
});
const MINE: MappingDocument = {
  schema: 1,
  rules: [
    { id: "own", target: "Deposit", expr: field("trigger.tax_amount") },
    laid("r1", "DocNumber", "trigger.increment_id"),
    laid("r2", "PrivateNote", "trigger.customer_email"),
  ],
  insertions: [{ id: "in_1", template: "mt_1", version: 1 }],
};
const TAKEN: MappingDocument = {
  ...MINE,
  rules: MINE.rules.map((r) => (r.id === "r1" ? laid("r1", "DocNumber", "trigger.created_at") : r)),
  insertions: [{ id: "in_1", template: "mt_1", version: 3 }],
};
const change = (id: string, kind: string, mine: string | null, theirs: string | null) => ({
  key: `rule:${id}`,
  part: "rule",
  kind,
  target: id === "r1" ? "DocNumber" : "PrivateNote",
  base: { id, target: "x", expr: { op: "const", value: "as it was" } },
  mine: mine && { id, target: "x", expr: { op: "const", value: mine } },
  theirs: theirs && { id, target: "x", expr: { op: "const", value: theirs } },
  taken: kind !== "conflict",
});

let server: FakeServer;
beforeEach(() => {
  window.localStorage.clear();
  server = serve();
  server.templates.items = [{ id: "mt_1", name: "Order numbers", description: "", version: 3 }];
  server.template = () => ({
    mapping: TAKEN,
    changes: [
      change("r1", "changed", "old number", "new number"),
      change("r2", "conflict", "my note", "their note"),
    ],
    from_version: 1,
    version: 3,
    notes: [{ number: 2, note: "Numbers as dates." }],
  });
});
afterEach(() => vi.unstubAllGlobals());

const news = async (user: ReturnType<typeof userEvent.setup>) => {
  const note = await screen.findByRole("region", { name: "Newer version of the template" });
  await user.click(within(note).getByRole("button", { name: "See what is new" }));
  return screen.findByRole("dialog", { name: "Templates of this mapping" });
};

describe("a template's newer version", () => {
  it("is told, shows both sides of what changes, and is taken as one step", async () => {
    const user = userEvent.setup();
    const { saved } = showMapper(MINE);
    const dialog = await news(user);
    expect(await within(dialog).findByText("Version 2: Numbers as dates.")).toBeTruthy();
    expect(dialog.textContent).toContain("1 changed, 1 in conflict.");
    expect(dialog.textContent).toContain("old number");
    expect(dialog.textContent).toContain("new number");
    const choice = within(dialog).getByRole("radiogroup", {
      name: "Which stays for PrivateNote",
    });
    expect(choice.textContent).toContain("as it was");
    expect(within(choice).getByRole<HTMLInputElement>("radio", { name: /my note/ }).checked).toBe(
      true,
    );
    await user.click(within(choice).getByRole("radio", { name: /their note/ }));
    await user.click(
      within(dialog).getByRole("checkbox", { name: "Take the change of DocNumber" }),
    );
    await user.click(within(dialog).getByRole("button", { name: "Take version 3" }));
    await screen.findByText(/Brought up to version 3/);
    expect(server.asked.at(-1)).toEqual({
      path: "/mapping-templates/mt_1/merge",
      body: {
        mapping: MINE,
        insertion: "in_1",
        choices: { "rule:r1": false, "rule:r2": true },
      },
    });
    expect(screen.queryByRole("region", { name: "Newer version of the template" })).toBeNull();
    await user.click(screen.getByRole("button", { name: /^Undo/ }));
    expect(
      await screen.findByRole("region", { name: "Newer version of the template" }),
    ).toBeTruthy();
    await user.click(screen.getByRole("button", { name: /^Redo/ }));
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    expect(saved.mock.calls[0]?.[0]).toEqual(TAKEN);
  });

  it("is tried by the mapping's tests before it is taken", async () => {
    const user = userEvent.setup();
    server.tests = [
      { id: "t1", name: "Small order", node_id: "invoice", mapping_name: "mapping" },
      { id: "t2", name: "Of another step", node_id: "other", mapping_name: "mapping" },
    ];
    server.outcomes = () => [
      { id: "t1", passed: false, differences: ["DocNumber is 4; 5 is expected."], errors: [] },
      { id: "t2", passed: true, differences: [], errors: [] },
    ];
    showMapper(MINE);
    const dialog = await news(user);
    await user.click(await within(dialog).findByRole("button", { name: "Run the test on it" }));
    expect(await within(dialog).findByText("0 of 1 test passes with these changes")).toBeTruthy();
    expect(dialog.textContent).toContain("DocNumber is 4; 5 is expected.");
  });

  it("is followed no longer when a person says so, and the rules stay", async () => {
    const user = userEvent.setup();
    const { saved } = showMapper(MINE);
    const dialog = await news(user);
    await user.click(within(dialog).getByRole("button", { name: "Follow it no longer" }));
    expect(screen.queryByRole("region", { name: "Newer version of the template" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    const kept = saved.mock.calls[0]?.[0];
    expect(kept?.rules.map((rule) => rule.target)).toEqual(MINE.rules.map((r) => r.target));
    expect(JSON.stringify(kept)).not.toMatch(/insertion|origin/);
  });

  it("of several insertions each is looked at alone, also a connector's", async () => {
    const user = userEvent.setup();
    server.templates.starting_points = [
      {
        id: "shop.a",
        title: "Shop: order",
        connector: "shop",
        mapping: MINE,
        template: "mt_s",
        version: 2,
      },
    ];
    showMapper({
      ...MINE,
      rules: [...MINE.rules, { ...laid("r9", "BillAddr.City", "trigger.x"), insertion: "in_2" }],
      insertions: [...(MINE.insertions ?? []), { id: "in_2", template: "mt_s", version: 1 }],
    });
    const dialog = await news(user);
    expect(dialog).toBeTruthy();
    const which = within(dialog).getByRole("combobox", { name: "Came from" });
    expect([...which.querySelectorAll("option")].map((one) => one.textContent)).toEqual([
      "Order numbers: the whole document, version 1, newest is 3",
      "Shop: order: BillAddr, version 1, newest is 2",
    ]);
    await user.selectOptions(which, "in_2");
    await vi.waitFor(() =>
      expect(server.asked.at(-1)).toMatchObject({
        path: "/mapping-templates/mt_s/merge",
        body: { insertion: "in_2" },
      }),
    );
  });
});

describe("a template", () => {
  it("is laid in by the server, into what is there", async () => {
    const user = userEvent.setup();
    server.templates.starting_points = [
      {
        id: "shop.order",
        title: "Shop: order",
        connector: "shop",
        mapping: {
          schema: 1,
          rules: [{ id: "r1", target: "DocNumber", expr: field("trigger.increment_id") }],
        },
        template: null,
        version: 1,
      },
    ];
    const after = { ...MINE, rules: MINE.rules.slice(0, 2) };
    server.template = () => ({ mapping: after, added: 1, skipped: 0 });
    const mine = { ...MINE, rules: MINE.rules.slice(0, 1), insertions: undefined };
    const { saved } = showMapper(mine);
    await user.click(await screen.findByRole("button", { name: "More about this mapping" }));
    await user.click(await screen.findByRole("menuitem", { name: "Insert a template" }));
    await user.click(await screen.findByRole("button", { name: "Insert Shop: order" }));
    await screen.findByText("1 rules added, 0 left as they were.");
    expect(server.asked[0]?.path).toBe("/mapping-templates/shop.order/insert");
    expect(server.asked[0]?.body).toMatchObject({ instead: false });
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    expect(saved.mock.calls[0]?.[0]).toEqual(after);
  });
});
