import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { openScreen } from "@/shared/screen.testing";

afterEach(() => vi.unstubAllGlobals());

const run = {
  id: "r1",
  flow: { id: "f1", name: "Order to cash" },
  version: 1,
  kind: "live",
  environment: "test",
  status: "failed",
  business_key: "000000015",
  created_at: "2026-03-02T10:00:00Z",
  started_at: null,
  finished_at: null,
  duration_ms: null,
  current: null,
  error: null,
  seq: 3,
};

test("an order number typed anywhere leads to its run, by keyboard alone", async () => {
  const opened = openScreen("/approvals", {
    "GET /runs": ({ path }: { path: string }) => ({
      items: path.includes("q=0015") ? [run] : [],
      next: null,
      counts: {},
    }),
    "GET /runs/r1": { ...run, document: { schema: 1, nodes: [], edges: [] }, steps: {}, keys: [] },
  });
  await screen.findByRole("heading", { name: "Approvals" });
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.type(await screen.findByRole("combobox"), "0015");
  const list = screen.getByRole("listbox", { name: "Found" });
  const found = await within(list).findByRole("option", { name: /000000015/ });
  expect(found).toHaveTextContent("Order to cash");
  expect(found).toHaveTextContent("Failed");
  expect(found).toHaveAttribute("aria-selected", "true");
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(opened.address()).toContain("/runs/r1"));
});

test("Enter pressed before the answer is there leads to what is found", async () => {
  const opened = openScreen("/approvals", {
    "GET /runs": ({ path }: { path: string }) => ({
      items: path.includes("q=0015") ? [run] : [],
      next: null,
      counts: {},
    }),
    "GET /runs/r1": { ...run, document: { schema: 1, nodes: [], edges: [] }, steps: {}, keys: [] },
  });
  await userEvent.click(await screen.findByRole("button", { name: "Search everything" }));
  const box = await screen.findByRole("combobox");
  fireEvent.change(box, { target: { value: "0015" } });
  fireEvent.keyDown(box, { key: "Enter" });
  expect(opened.address()).toContain("/approvals");
  await waitFor(() => expect(opened.address()).toContain("/runs/r1"));
});

test("letters typed before the box is drawn are in it, and no shortcut of the screen", async () => {
  openScreen("/approvals", {});
  await screen.findByRole("heading", { name: "Approvals" });
  const heard: string[] = [];
  const hear = (event: KeyboardEvent) => heard.push(event.key);
  document.body.addEventListener("keydown", hear);
  act(() => {
    fireEvent.keyDown(document.body, { key: "k", code: "KeyK", ctrlKey: true });
    for (const key of ["0", "x", "Backspace", "1", "5"]) fireEvent.keyDown(document.body, { key });
  });
  document.body.removeEventListener("keydown", hear);
  const box = await screen.findByRole("combobox");
  await waitFor(() => expect(box).toHaveValue("015"));
  expect(heard).toEqual(["k"]);
  await userEvent.type(box, "7");
  expect(box).toHaveValue("0157");
});

test("who changes their mind before the box is drawn has the keys back", async () => {
  openScreen("/approvals", {});
  await screen.findByRole("heading", { name: "Approvals" });
  act(() => {
    fireEvent.keyDown(document.body, { key: "k", code: "KeyK", ctrlKey: true });
    fireEvent.keyDown(document.body, { key: "Escape" });
  });
  await waitFor(() => expect(screen.queryByRole("combobox")).not.toBeInTheDocument());
  expect(fireEvent.keyDown(document.body, { key: "a" })).toBe(true);
});

test("flows and screens are found by name; what one may not see is not offered", async () => {
  const opened = openScreen("/approvals", {
    "GET /flows": {
      items: [
        { id: "f1", name: "Order to cash" },
        { id: "f2", name: "Refunds" },
      ],
      next: null,
    },
  });
  await userEvent.click(await screen.findByRole("button", { name: "Search everything" }));
  const box = await screen.findByRole("combobox");
  await userEvent.type(box, "set");
  expect(screen.queryByRole("option", { name: "Settings" })).toBeNull();
  await userEvent.clear(box);
  await userEvent.type(box, "cash");
  await userEvent.click(await screen.findByRole("option", { name: "Order to cash" }));
  await waitFor(() => expect(opened.address()).toContain("/flows/f1"));
});

test("nothing found says by what runs are found", async () => {
  openScreen("/approvals", {});
  await userEvent.click(await screen.findByRole("button", { name: "Search everything" }));
  await userEvent.type(await screen.findByRole("combobox"), "no such thing");
  expect(await screen.findByText("Nothing is called “no such thing” here.")).toBeInTheDocument();
});

test("an invoice's id leads to the run that made it", async () => {
  const pair = {
    id: 7,
    environment: "test",
    entity: "credit_note",
    left: { connection: "shop", id: "4" },
    right: { connection: "books", id: "145" },
    created_at: "2026-03-02T10:00:00Z",
    run_id: "r1",
  };
  const opened = openScreen(
    "/approvals",
    {
      "GET /lookups": { items: [], next: null },
      "GET /xrefs": { items: [pair], next: null, entities: [] },
      "GET /connections": { items: [{ id: "c1", slug: "books", name: "Our books" }], next: null },
      "GET /runs/r1": {
        ...run,
        document: { schema: 1, nodes: [], edges: [] },
        steps: {},
        keys: [],
      },
    },
    ["runs.view", "lookups.view", "connections.view"],
  );
  await userEvent.click(await screen.findByRole("button", { name: "Search everything" }));
  await userEvent.type(await screen.findByRole("combobox"), "145");
  const found = await screen.findByRole("option", { name: /Credit note 4 = 145/ });
  expect(found).toHaveTextContent("shop and Our books");
  await userEvent.click(found);
  await waitFor(() => expect(opened.address()).toContain("/runs/r1"));
});
