import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { putCopied, takeCopied } from "./clipboard";
import { forgetDrawing, forgetSaved, keepDrawing, keptDrawing } from "./kept";
import { ORDERS, serve, showMapper } from "./testing";
import type { FlowDocument, MappingDocument } from "./types";

const SAVED: MappingDocument = {
  schema: 1,
  rules: [{ id: "r1", target: "DocNumber", expr: { op: "field", path: "trigger.increment_id" } }],
};
const EMPTY: MappingDocument = { schema: 1, rules: [] };
const PLACE = { workspace: "acme", flowId: "f1", nodeId: "invoice", slot: undefined };
const tree = () => screen.findByRole("tree", { name: "Target" });
const row = async (name: string) => within(await tree()).getByRole("treeitem", { name });

beforeEach(() => {
  window.localStorage.clear();
  serve();
});
afterEach(() => vi.unstubAllGlobals());

describe("what is drawn and not saved", () => {
  it("comes back after the page was lost, and undo leads to what is saved", async () => {
    const user = userEvent.setup();
    const first = showMapper(SAVED);
    (await row("DocNumber")).focus();
    await user.keyboard("{Delete}");
    await waitFor(() => expect(keptDrawing(PLACE)?.mapping.rules).toEqual([]));
    first.unmount();

    const { saved } = showMapper(SAVED);
    const told = await screen.findByRole("region", { name: "Changes that were not saved" });
    expect(told).not.toHaveTextContent("has been changed since");
    expect(await row("DocNumber")).not.toHaveTextContent("000000045");
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(screen.getByRole("button", { name: "Save mapping" })).toBeDisabled();
    await user.click(screen.getByRole("button", { name: "Redo" }));
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    expect(saved.mock.calls[0]?.[0].rules).toEqual([]);
  });

  it("says that somebody changed the saved mapping since, and can give way to it", async () => {
    const user = userEvent.setup();
    keepDrawing(PLACE, EMPTY, EMPTY);
    showMapper(SAVED);
    const told = await screen.findByRole("region", { name: "Changes that were not saved" });
    expect(told).toHaveTextContent("The saved mapping has been changed since then.");
    await user.click(within(told).getByRole("button", { name: "Take the saved mapping" }));
    expect(screen.getByRole("button", { name: "Save mapping" })).toBeDisabled();
    await waitFor(() => expect(keptDrawing(PLACE)).toBeNull());
    expect(screen.queryByRole("region", { name: "Changes that were not saved" })).toBeNull();
  });

  it("is brought together with what somebody else saved since", async () => {
    const user = userEvent.setup();
    const mine = { id: "r1", target: "PrivateNote", expr: { op: "const" as const, value: "x" } };
    keepDrawing(PLACE, { schema: 1, rules: [mine] }, EMPTY);
    const { saved } = showMapper(SAVED);
    await user.click(await screen.findByRole("button", { name: "Bring both together" }));
    const told = screen.getByRole("region", { name: "Changes that were not saved" });
    expect(told).toHaveTextContent("Both changes are in the mapping now.");
    await user.click(screen.getByRole("button", { name: "Save mapping" }));
    const targets = saved.mock.calls[0]?.[0].rules.map((rule) => [rule.id, rule.target]);
    expect(targets).toEqual([
      ["r1", "DocNumber"],
      ["r2", "PrivateNote"],
    ]);
  });

  it("is forgotten once a draft holds it, and not before", () => {
    keepDrawing(PLACE, SAVED, EMPTY);
    const flow = (mapping: MappingDocument) =>
      ({ nodes: [{ id: "invoice", config: { "": mapping } }] }) as unknown as FlowDocument;
    forgetSaved("acme", "f1", flow({ schema: 1, rules: [] }));
    forgetSaved("acme", "f2", flow(SAVED));
    expect(keptDrawing(PLACE)?.mapping).toEqual(SAVED);
    forgetSaved("acme", "f1", flow(SAVED));
    expect(keptDrawing(PLACE)).toBeNull();
    forgetDrawing(PLACE);
  });
});

describe("copied rules", () => {
  it("reach another window where the system's clipboard may not be used", async () => {
    vi.stubGlobal("navigator", { ...navigator, clipboard: undefined });
    putCopied({ causeway: "mapping-rules", from: "DocNumber", rules: SAVED.rules });
    expect((await takeCopied())?.rules).toEqual(SAVED.rules);
  });
});

describe("the documents", () => {
  it("are stepped through by arrows, from the arrows' buttons and from the list", async () => {
    const user = userEvent.setup();
    showMapper(SAVED);
    await tree();
    const [first, second] = ORDERS;
    const list = screen.getByRole("combobox", { name: "Sample document" });
    const next = screen.getByRole("button", { name: "Next sample" });
    await waitFor(() => expect(list).toHaveValue(first?.title));
    next.focus();
    await user.keyboard("{ArrowRight}");
    expect(list).toHaveValue(second?.title);
    await user.keyboard("{ArrowRight}{ArrowLeft}");
    expect(list).toHaveValue(first?.title);
    list.focus();
    await user.keyboard("{ArrowRight}");
    expect(list).toHaveValue(second?.title);
  });

  it("of twenty megabytes are refused before they are read", async () => {
    // A box that grows with its text listens to the fonts, which this document has not.
    Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });
    const user = userEvent.setup();
    showMapper(SAVED);
    await tree();
    await user.click(screen.getByRole("button", { name: "Paste or upload a document" }));
    const dialog = await screen.findByRole("dialog", { name: /Try the mapping/ });
    const file = new File(["x"], "orders.json", { type: "application/json" });
    Object.defineProperty(file, "size", { value: 20_100_000 });
    const input = document.querySelector<HTMLInputElement>('input[type="file"]');
    await user.upload(input as HTMLInputElement, file);
    expect(await within(dialog).findByRole("alert")).toHaveTextContent(
      "orders.json has 20.1 MB. At most 5 MB can be read",
    );
    expect(within(dialog).getByRole("button", { name: "Use this document" })).toBeDisabled();
  });
});
