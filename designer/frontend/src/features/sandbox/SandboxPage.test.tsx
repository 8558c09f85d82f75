import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { aRun } from "@/live/testing";
import { openScreen } from "@/shared/screen.testing";

afterEach(() => vi.unstubAllGlobals());

const fault = {
  name: "lost_reply",
  title: "Lost reply",
  description: "The reply is lost after QuickBooks has saved the invoice.",
  active: false,
  remaining: null,
};
const sandboxes = (over: object = {}) => ({
  items: [
    { slug: "magento", name: "Magento", url: "", up: true, entities: [], faults: [] },
    {
      slug: "quickbooks",
      name: "QuickBooks",
      url: "",
      up: true,
      entities: [{ name: "Invoice", title: "Invoices", count: 1 }],
      faults: [{ ...fault, ...over }],
    },
  ],
  next: null,
});
const samples = {
  items: [
    {
      id: "plain",
      title: "An ordinary order",
      description: "Two lines.",
      order: { grand_total: 74.28, order_currency_code: "USD", customer_email: "ana@shop.example" },
    },
  ],
  next: null,
};
const answers = {
  "GET /sandboxes": sandboxes(),
  "GET /sandboxes/magento/order-samples": samples,
  "POST /sandboxes/magento/orders": { order: { entity_id: 45, increment_id: "000000045" } },
};

test("an order is placed and its run can be watched as soon as it starts", async () => {
  const live = openScreen("/sandbox", answers);
  const place = await screen.findByRole("button", { name: "Place the order" });
  await waitFor(() => expect(place).toBeEnabled()); // once there is something to choose from
  await userEvent.click(place);
  expect(await screen.findByText("Order 000000045 is placed")).toBeInTheDocument();
  expect(screen.queryByRole("link", { name: "Watch the run" })).not.toBeInTheDocument();
  expect(live.calls.find(({ method }) => method === "POST")?.body).toEqual({ sample: "plain" });
  live.says({ type: "run", run: aRun({ business_key: "000000045" }) });
  expect(await screen.findByRole("link", { name: "Watch the run" })).toHaveAttribute(
    "href",
    expect.stringContaining("/runs/r1"),
  );
});

test("an order can be changed before it is placed, but not while it is no JSON", async () => {
  const live = openScreen("/sandbox", answers);
  await userEvent.click(await screen.findByRole("switch", { name: "Edit before placing" }));
  const box = (await screen.findByLabelText("Order as JSON")) as HTMLTextAreaElement;
  fireEvent.change(box, { target: { value: `${box.value},` } });
  expect(screen.getByRole("button", { name: "Place the order" })).toBeDisabled();
  fireEvent.change(box, { target: { value: '{"customer_email": "bob@shop.example"}' } });
  await userEvent.click(screen.getByRole("button", { name: "Place the order" }));
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "POST")?.body).toEqual({
      order: { customer_email: "bob@shop.example" },
    }),
  );
});

test("a fault is switched on for a number of times, in plain words", async () => {
  const live = openScreen("/sandbox?tab=faults&vendor=quickbooks", {
    ...answers,
    "PUT /sandboxes/quickbooks/faults/lost_reply": { ...fault, active: true, remaining: 1 },
  });
  const toggle = await screen.findByRole("switch", { name: /Lost reply/ });
  expect(screen.getByText(/after QuickBooks has saved the invoice/)).toBeInTheDocument();
  await userEvent.click(toggle);
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "PUT")?.body).toEqual({
      active: true,
      times: 1,
    }),
  );
});

test("a banner warns on every part of the page while a fault is on", async () => {
  const live = openScreen("/sandbox", {
    ...answers,
    "GET /sandboxes": sandboxes({ active: true, remaining: 2 }),
    "PUT /sandboxes/quickbooks/faults/lost_reply": fault,
  });
  expect(await screen.findByText("A fault is on")).toBeInTheDocument();
  expect(screen.getByText("Lost reply (QuickBooks): 2 more times")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Switch all off" }));
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "PUT")?.body).toEqual({ active: false }),
  );
});

test("the books of a vendor show what a person looks for and open to the whole record", async () => {
  openScreen("/sandbox?tab=records&vendor=quickbooks", {
    ...answers,
    "GET /sandboxes/quickbooks/records/Invoice": {
      items: [
        {
          Id: "145",
          DocNumber: "000000045",
          CustomerRef: { name: "Ana Silva" },
          TotalAmt: 74.28,
          CurrencyRef: { value: "USD" },
        },
      ],
      refs: [{ id: "145", scope: "9130" }],
      total: 1,
    },
  });
  const table = await screen.findByRole("table", { name: "Invoices of QuickBooks" });
  await waitFor(() => expect(table).toHaveTextContent("Ana Silva"));
  expect(table).toHaveTextContent("$74.28");
  await userEvent.click(screen.getByText("000000045"));
  expect(await screen.findByRole("region", { name: "Record as JSON" })).toHaveTextContent('"145"');
});

test("a record is edited as the vendor's staff would, with its exact numbers", async () => {
  const live = openScreen("/sandbox?tab=records&vendor=quickbooks", {
    ...answers,
    "GET /sandboxes/quickbooks/records/Invoice": {
      items: [{ Id: "145", DocNumber: "000000045", PrivateNote: "old" }],
      refs: [{ id: "145", scope: "9130" }],
      total: 1,
    },
    "PUT /sandboxes/quickbooks/records/Invoice/145": {},
  });
  await userEvent.click(await screen.findByText("000000045"));
  await userEvent.click(await screen.findByRole("button", { name: "Edit" }));
  const box = screen.getByLabelText("The whole record") as HTMLTextAreaElement;
  fireEvent.change(box, { target: { value: box.value.replace("old", "new") } });
  await userEvent.click(screen.getByRole("button", { name: "Save the record" }));
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "PUT")?.body).toEqual({
      record: { Id: "145", DocNumber: "000000045", PrivateNote: "new" },
    }),
  );
});

test("a lost webhook is sent by hand, and calls say what became of them", async () => {
  const live = openScreen("/sandbox?tab=traffic&vendor=magento", {
    ...answers,
    "GET /sandboxes/magento/webhooks": {
      items: [
        {
          id: 7,
          url: "http://127.0.0.1/hook",
          body: "{}",
          created_at: "2026-11-20T10:00:00Z",
          due_at: "2026-11-20T10:00:00Z",
          attempts: 0,
          state: "lost",
          last_error: "",
        },
      ],
    },
    "GET /sandboxes/magento/calls": {
      items: [
        {
          id: 3,
          at: "2026-11-20T10:00:00Z",
          method: "POST",
          path: "/rest/V1/orders/1/comments",
          status: 200,
          ending: "cut",
          duration_ms: 4.2,
          request: "{}",
          reply: "true",
        },
      ],
      next: null,
    },
    "POST /sandboxes/magento/webhooks/7/send": {},
  });
  expect(await screen.findByText("never arrived")).toBeInTheDocument();
  await userEvent.click(await screen.findByRole("button", { name: "Send" }));
  await waitFor(() => expect(live.calls.some(({ method }) => method === "POST")).toBe(true));
});

test("the clock of all vendors is moved", async () => {
  const live = openScreen("/sandbox?tab=upkeep", {
    ...answers,
    "GET /sandboxes/clock": { now: "2026-11-20T10:00:00Z", offset_s: 0 },
    "PUT /sandboxes/clock": { now: "2026-11-21T10:00:00Z", offset_s: 86400 },
  });
  await userEvent.click(await screen.findByRole("button", { name: "+ 1 day" }));
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "PUT")?.body).toEqual({ advance_s: 86400 }),
  );
});
