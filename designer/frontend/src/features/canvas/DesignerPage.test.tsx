import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FlowDocument } from "@/api/types";
import { makeRouter } from "@/router";
import { cssVariables, theme } from "@/shared/theme/theme";
import { makeApi } from "../../../dev/mockAnswers";

interface Call {
  method: string;
  path: string;
  body: Record<string, unknown>;
}

let calls: Call[];
let answer: ReturnType<typeof makeApi>;

/** The network's edge: requests are answered out of memory instead of by a server. */
beforeEach(() => {
  calls = [];
  answer = makeApi();
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    const path = String(url).replace("/api/v1", "").split("?")[0] ?? "";
    const method = init.method ?? "GET";
    const body = init.body ? (JSON.parse(String(init.body)) as Record<string, unknown>) : {};
    calls.push({ method, path, body });
    const [status, value] = answer(method, path, body);
    return new Response(status === 204 ? null : JSON.stringify(value), { status });
  });
  vi.stubGlobal(
    "WebSocket",
    class {
      close() {}
      send() {}
      addEventListener() {}
      removeEventListener() {}
    },
  );
});

afterEach(() => vi.unstubAllGlobals());

function open(address: string) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = makeRouter(queries, createMemoryHistory({ initialEntries: [address] }));
  render(
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} env="test">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return router;
}

const savedDrafts = () =>
  calls
    .filter((call) => call.method === "PUT" && call.path.endsWith("/draft"))
    .map((call) => call.body.document as FlowDocument);

const nodeNames = () =>
  [...document.querySelectorAll(".react-flow__node")].map((node) =>
    node.getAttribute("aria-label"),
  );

async function palette() {
  return within(await screen.findByRole("region", { name: "Steps" }, { timeout: 10_000 }));
}

test("steps added by keyboard follow each other, are saved by themselves, and undo takes them back", async () => {
  open("/w/acme/flows/f2");
  const user = userEvent.setup();
  const steps = await palette();
  for (const name of ["Order placed (Magento)", "Map", "Create invoice (QuickBooks Online)"]) {
    (await steps.findByRole("button", { name })).focus();
    await user.keyboard("{Enter}");
  }
  expect(nodeNames()).toEqual(["Order placed node", "Map node", "Create invoice node"]);
  await waitFor(() => expect(savedDrafts().at(-1)?.nodes).toHaveLength(3), { timeout: 5000 });
  const saved = savedDrafts().at(-1);
  expect(saved?.edges.map((edge) => [edge.source, edge.target])).toEqual([
    ["order_placed", "map"],
    ["map", "create_invoice"],
  ]);
  expect(saved?.nodes[2]?.config).toMatchObject({
    connector: "quickbooks",
    connection: "books",
    operation: "create_invoice",
  });
  await screen.findByText("Saved");

  await user.click(screen.getByRole("button", { name: "Undo" }));
  expect(nodeNames()).toEqual(["Order placed node", "Map node"]);
  await user.click(screen.getByRole("button", { name: "Redo" }));
  expect(nodeNames()).toHaveLength(3);
}, 60_000);

test("a test waits for the example that it offers, instead of sending an empty document", async () => {
  const others = globalThis.fetch;
  let come: () => void = () => undefined;
  const arrived = new Promise<void>((done) => {
    come = done;
  });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    if (String(url).includes("/samples")) await arrived;
    return others(url, init);
  });
  open("/w/acme/flows/f1");
  const user = userEvent.setup();
  await palette();
  const tools = await screen.findByRole("toolbar", { name: "Flow" });
  await user.click(within(tools).getByRole("button", { name: "Test" }));
  const run = await screen.findByRole("button", { name: "Run test" });
  expect(run).toBeDisabled();
  come();
  await waitFor(() => expect(run).toBeEnabled());
  expect(screen.getByRole("textbox", { name: "Document to test with" })).not.toHaveValue("{}");
}, 60_000);

test("the palette is searched by the words of a step and of its vendor", async () => {
  open("/w/acme/flows/f2");
  const user = userEvent.setup();
  const steps = await palette();
  await steps.findByRole("button", { name: "Map" });
  await user.type(steps.getByRole("textbox", { name: "Search steps" }), "quickbooks invoice");
  const names = steps.getAllByRole("button").map((button) => button.getAttribute("aria-label"));
  expect(names).toContain("Create invoice (QuickBooks Online)");
  expect(names).not.toContain("Map");
  expect(names).not.toContain("Get order (Magento)");
});

test("a newer draft of someone else is never overwritten: mine can become a copy", async () => {
  const router = open("/w/acme/flows/f1");
  const user = userEvent.setup();
  await palette();
  await waitFor(() => expect(nodeNames()).toContain("Create invoice node"));
  answer("PUT", "/w/acme/flows/f1/draft", { revision: 7, document: { nodes: [], edges: [] } });
  fireEvent.keyDown(window, { key: "a", ctrlKey: true });
  fireEvent.keyDown(window, { key: "Delete" });
  const dialog = await screen.findByRole("dialog", {}, { timeout: 5000 });
  expect(dialog).toHaveTextContent("Vera saved this flow");
  await user.click(within(dialog).getByRole("button", { name: "Keep mine as a copy" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/w/acme/flows/f3"));
  const made = calls.find((call) => call.method === "POST" && call.path.endsWith("/flows"));
  expect(made?.body.name).toBe("Orders to invoices (copy)");
});

test("wires are made and cut without a pointer, and only legal targets are offered", async () => {
  open("/w/acme/flows/f1");
  const user = userEvent.setup();
  await palette();
  await waitFor(() => expect(nodeNames()).toContain("Create invoice node"));
  await user.click(await screen.findByRole("tab", { name: /Problems/ }));
  await user.click(await screen.findByRole("button", { name: /Lines is required/ }));
  const next = within(await screen.findByRole("region", { name: "Next steps" }));
  await user.click(next.getByRole("button", { name: "Remove the wire to Create invoice" }));
  await user.click(next.getByRole("combobox", { name: "After “done” go to" }));
  const offered = (await screen.findAllByRole("option")).map((option) => option.textContent);
  expect(offered).toContain("Create invoice");
  expect(offered).not.toContain("Order placed in Magento");
  expect(offered).not.toContain("Find or create customer");
});

test("a flow with errors cannot be published, and the dialog leads to them", async () => {
  open("/w/acme/flows/f1");
  const user = userEvent.setup();
  await palette();
  await screen.findByText("1", { selector: "[data-errors]" }, { timeout: 5000 });
  await user.click(screen.getByRole("button", { name: "Publish" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText("1 problem must be mended first.")).toBeInTheDocument();
  expect(
    await dialog.findByText(/changed since version \d|^Changes since version \d/),
  ).toBeVisible();
  expect(dialog.getByRole("button", { name: "Publish" })).toBeDisabled();
  await user.click(dialog.getByRole("button", { name: "Show Order to invoice" }));
  await screen.findByRole("complementary", { name: "Settings of the step" });
});

test("Vera, who may only view, sees the flow and its settings but no way to change them", async () => {
  answer = makeApi(["flows.view", "runs.view"]);
  open("/w/acme/flows/f1");
  await waitFor(() => expect(nodeNames()).toContain("Create invoice node"), { timeout: 10_000 });
  expect(screen.getByText("View only")).toBeInTheDocument();
  expect(screen.queryByRole("region", { name: "Steps" })).toBeNull();
  for (const name of ["Save", "Publish", "Test", "Undo"]) {
    expect(screen.getByRole("button", { name })).toBeDisabled();
  }
  fireEvent.keyDown(window, { key: "a", ctrlKey: true });
  fireEvent.keyDown(window, { key: "Delete" });
  expect(nodeNames()).toHaveLength(8);
  expect(savedDrafts()).toEqual([]);
});
