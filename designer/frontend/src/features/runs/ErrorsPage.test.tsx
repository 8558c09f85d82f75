import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { DeadLetter } from "@/api/types";
import { openScreen } from "@/shared/screen.testing";

afterEach(() => vi.unstubAllGlobals());

const flow = { id: "f1", name: "Order to invoice" };
const record = (id: string, code: string, message: string): DeadLetter => ({
  id,
  run_id: `run-${id}`,
  flow,
  node: { id: "invoice", name: "Create invoice" },
  environment: "test",
  code,
  message,
  hint: null,
  business_key: `00000004${id}`,
  status: "open",
  created_at: "2026-03-02T10:00:00Z",
});
const letters = [
  record("1", "qb.6000", "The tax code is missing."),
  record("2", "qb.6000", "The tax code is missing."),
  record("3", "no_entry", "There is no item for MUG."),
];
const groups = [
  { code: "qb.6000", message: "The tax code is missing.", count: 2, flow_id: "f1" },
  { code: "no_entry", message: "There is no item for MUG.", count: 1, flow_id: "f1" },
];

function serve(search = "") {
  return openScreen(`/errors${search}`, {
    "GET /dead-letters": ({ path }: { path: string }) => {
      const code = new URLSearchParams(path.split("?")[1]).get("code");
      return { items: letters.filter((one) => !code || one.code === code), next: null, groups };
    },
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

test("without errors the page says that all is well", async () => {
  openScreen("/errors", {});
  expect(await screen.findByRole("heading", { name: "No errors" })).toBeInTheDocument();
});
