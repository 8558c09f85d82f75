import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { DeadLetter } from "@/api/types";
import { openScreen } from "@/shared/screen.testing";

afterEach(() => vi.unstubAllGlobals());

const flow = { id: "f1", name: "Order to invoice" };
const record = (id: string, code: string, message: string, cause: string): DeadLetter => ({
  id,
  run_id: `run-${id}`,
  flow,
  node: { id: "invoice", name: "Create invoice" },
  environment: "test",
  code,
  cause,
  message,
  hint: null,
  business_key: `00000004${id}`,
  status: "open",
  created_at: "2026-03-02T10:00:00Z",
});
const letters = [
  record("1", "qb.6000", "The tax code is missing.", "c1"),
  record("2", "qb.6000", "The tax code is missing.", "c1"),
  record("3", "no_entry", "There is no item for MUG.", "c2"),
];
const groups = [
  { code: "qb.6000", cause: "c1", message: "The tax code is missing.", count: 2, flow },
  { code: "no_entry", cause: "c2", message: "There is no item for MUG.", count: 1, flow },
];

function serve(search = "", more = {}) {
  return openScreen(`/errors${search}`, {
    "GET /dead-letters": ({ path }: { path: string }) => {
      const cause = new URLSearchParams(path.split("?")[1]).get("cause");
      return { items: letters.filter((one) => !cause || one.cause === cause), next: null, groups };
    },
    "GET /dead-letters/bulk": { items: [], next: null },
    "GET /members": { items: [{ id: "7", name: "Ana", role: "analyst" }], next: null },
    ...more,
  });
}

test("causes come first, with how many records each explains", async () => {
  serve();
  const cause = await screen.findByRole("button", { name: /2 records The tax code is missing/ });
  expect(cause).toHaveTextContent("Order to invoice");
  expect(cause).toHaveAttribute("aria-expanded", "false");
  expect(screen.queryByRole("link", { name: /Error of/ })).not.toBeInTheDocument();
});

test("a cause opens to its own records, and the address remembers which is open", async () => {
  const live = serve();
  await userEvent.click(await screen.findByRole("button", { name: /The tax code is missing/ }));
  const list = await screen.findByRole("list", { name: "Records with this cause" });
  await waitFor(() => expect(within(list).getAllByRole("link")).toHaveLength(2));
  expect(within(list).getByRole("link", { name: "Error of 000000041" })).toHaveAttribute(
    "href",
    expect.stringContaining("/errors/1"),
  );
  expect(live.address()).toMatch(/cause=/);
});

test("the list is fetched again when the live count moves", async () => {
  const live = serve();
  await screen.findByRole("button", { name: /The tax code is missing/ });
  await screen.findByText("Live");
  const asked = () => live.calls.filter(({ path }) => path.startsWith("/dead-letters")).length;
  const before = asked();
  live.says({ type: "counts", dead_letters_open: 9 });
  await waitFor(() => expect(asked()).toBeGreaterThan(before));
});

test("the only cause stays open when another one comes in while it is read", async () => {
  let known = groups.slice(0, 1);
  const live = serve("", {
    "GET /dead-letters": ({ path }: { path: string }) => {
      const cause = new URLSearchParams(path.split("?")[1]).get("cause");
      const items = letters.filter((one) => !cause || one.cause === cause);
      return { items, next: null, groups: known };
    },
  });
  const read = await screen.findByRole("button", { name: /The tax code is missing/ });
  expect(read).toHaveAttribute("aria-expanded", "true");
  await screen.findByText("Live");
  known = groups;
  live.says({ type: "counts", dead_letters_open: 9 });
  await screen.findByRole("button", { name: /There is no item for MUG/ });
  expect(read).toHaveAttribute("aria-expanded", "true");
  expect(await screen.findByRole("link", { name: "Error of 000000041" })).toBeInTheDocument();
  await userEvent.click(read);
  await waitFor(() => expect(read).toHaveAttribute("aria-expanded", "false"));
});

test("without errors the page says that all is well", async () => {
  openScreen("/errors", {});
  expect(await screen.findByRole("heading", { name: "No errors" })).toBeInTheDocument();
});

const job = (rehearsal: boolean, id: string) => ({
  id,
  action: "retry",
  rehearsal,
  status: rehearsal ? "done" : "running",
  total: 2,
  done: rehearsal ? 2 : 1,
  counts: rehearsal ? { will_send: 1, already_posted: 1 } : { will_send: 1 },
  problems: [],
  created_by: "Alice",
  created_at: "2026-03-02T10:00:00Z",
  finished_at: null,
});

test("all records of a cause are retried together, after it was said what will happen", async () => {
  const live = serve("?cause=c1", {
    "POST /dead-letters/bulk": ({ body }: { body: { rehearsal?: boolean } }) =>
      job(Boolean(body.rehearsal), body.rehearsal ? "b0" : "b1"),
    "GET /dead-letters/bulk/b0": job(true, "b0"),
  });
  await userEvent.click(await screen.findByRole("button", { name: "Retry all" }));
  const dialog = await screen.findByRole("dialog", { name: "Retry 2 records" });
  expect(await within(dialog).findByText(/1 was posted already/)).toBeInTheDocument();
  expect(within(dialog).getByText(/1 will be posted/)).toBeInTheDocument();
  await userEvent.click(within(dialog).getByRole("button", { name: "Retry them" }));
  await waitFor(() => {
    const begun = live.calls.filter(({ method, body }) => {
      const wish = body as { rehearsal?: boolean } | undefined;
      return method === "POST" && !wish?.rehearsal;
    });
    expect(begun.map(({ body }) => body)).toMatchObject([
      { action: "retry", choice: { flow: "f1", cause: "c1" }, from: "failed" },
    ]);
  });
});

test("chosen records alone are skipped, with a reason", async () => {
  const live = serve("?cause=c1", { "POST /dead-letters/bulk": job(false, "b1") });
  await userEvent.click(await screen.findByRole("checkbox", { name: "Choose 000000042" }));
  await userEvent.click(screen.getByRole("button", { name: "Skip" }));
  const dialog = await screen.findByRole("dialog", { name: "Skip 1 record?" });
  expect(within(dialog).getByRole("button", { name: "Skip them" })).toBeDisabled();
  await userEvent.type(within(dialog).getByRole("textbox", { name: /Reason/ }), "By hand.");
  await userEvent.click(within(dialog).getByRole("button", { name: "Skip them" }));
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "POST")?.body).toMatchObject({
      action: "skip",
      choice: { ids: ["2"] },
      reason: "By hand.",
    }),
  );
});

test("work on many records shows its progress and can be cancelled", async () => {
  const live = serve("", {
    "GET /dead-letters/bulk": { items: [job(false, "b1")], next: null },
    "POST /dead-letters/bulk/b1/change": { ...job(false, "b1"), status: "cancelled" },
  });
  expect(await screen.findByText(/1 of 2, begun by Alice/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "POST")?.body).toEqual({ action: "cancel" }),
  );
});

test("a job says what became of its records, and leads to those that failed again", async () => {
  const results = { went_through: 7, failed_again: 2, under_way: 1 };
  const over = { ...job(false, "b1"), status: "done", finished_at: new Date().toISOString() };
  const live = serve("", {
    "GET /dead-letters/bulk": { items: [{ ...over, results }], next: null },
  });
  expect(await screen.findByText("Retried; some are still under way")).toBeInTheDocument();
  expect(screen.getByText("7 went through")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("link", { name: "2 failed again" }));
  expect(await screen.findByText(/^Only records that failed again/)).toBeInTheDocument();
  await waitFor(() => expect(live.calls.some(({ path }) => /[?&]job=b1/.test(path))).toBe(true));
  await userEvent.click(screen.getByRole("button", { name: "Show all errors" }));
  await waitFor(() => expect(screen.queryByText(/^Only records that failed again/)).toBeNull());
});
