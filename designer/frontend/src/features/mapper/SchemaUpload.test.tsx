import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SchemaUpload } from "./SchemaUpload";
import { serve, show, showMapper } from "./testing";

// A box that grows with its text listens to the fonts, which this document has not.
Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });
afterEach(() => vi.unstubAllGlobals());

describe("a schema of one's own", () => {
  it("comes as an archive of XSD files, and asks which one begins where several may", async () => {
    const asked: { kind: string; archive?: string; main?: string }[] = [];
    vi.stubGlobal("fetch", async (_url: string, init: RequestInit) => {
      const body = JSON.parse(String(init.body)) as (typeof asked)[number];
      asked.push(body);
      return body.main
        ? new Response(JSON.stringify({ schema: { type: "object", title: "Order" } }))
        : new Response(JSON.stringify({ candidates: ["a/order.xsd", "b.xsd"] }), { status: 422 });
    });
    const user = userEvent.setup();
    const onChange = vi.fn();
    show(<SchemaUpload workspace="acme" schema={null} onChange={onChange} />);
    await user.click(screen.getByRole("button", { name: "Upload or paste a schema" }));
    const dialog = await screen.findByRole("dialog", { name: "A shape of your own" });
    const bytes = new Uint8Array([80, 75, 3, 4]);
    const file = Object.assign(new File([bytes], "order.zip"), {
      arrayBuffer: async () => bytes.buffer,
    });
    await user.upload(document.querySelector('input[type="file"]') as HTMLInputElement, file);
    expect(await within(dialog).findByText("The archive order.zip")).toBeVisible();
    await user.click(within(dialog).getByRole("button", { name: "Use it" }));
    const main = await within(dialog).findByRole("combobox", { name: /^Several files may be/ });
    await user.selectOptions(main, "a/order.xsd");
    await user.click(within(dialog).getByRole("button", { name: "Use it" }));
    await waitFor(() => expect(onChange).toHaveBeenCalledWith({ type: "object", title: "Order" }));
    expect(asked).toEqual([
      { kind: "xsd", archive: "UEsDBA==", main: "" },
      { kind: "xsd", archive: "UEsDBA==", main: "a/order.xsd" },
    ]);
  });
});

describe("a test of a mapping", () => {
  it("is not made of a document of which a value is not known", async () => {
    serve(() => ({ values: { r1: { error: "There is no entry." } } }));
    const user = userEvent.setup();
    showMapper({
      schema: 1,
      rules: [{ id: "r1", target: "DocNumber", expr: { op: "const", value: "x" } }],
    });
    const details = await screen.findByRole("region", { name: "Details" });
    await user.click(within(details).getByRole("tab", { name: "Tests" }));
    expect(await within(details).findByRole("note")).toHaveTextContent("1 value of this document");
    expect(within(details).getByRole("button", { name: /^Keep this sample/ })).toBeDisabled();
  });
});
