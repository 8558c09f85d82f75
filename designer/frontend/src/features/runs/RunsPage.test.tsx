import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { RunSummary } from "@/api/types";
import { aRun } from "@/live/testing";
import { openScreen } from "@/shared/screen.testing";

afterEach(() => vi.unstubAllGlobals());

const run = (over: Partial<RunSummary> = {}): RunSummary => ({ ...aRun(), ...over });
const page = {
  items: [
    run({ id: "r2", business_key: "000000046", status: "running", seq: 4 }),
    run({
      id: "r1",
      business_key: "000000045",
      status: "failed",
      current: null,
      error: {
        node_id: "a",
        node_name: "A",
        code: "x",
        message: "The tax code is missing",
        hint: null,
      },
    }),
  ],
  next: null,
  counts: { running: 1, failed: 1 },
};

test("a run changes in the list and in the counts while it happens", async () => {
  const live = openScreen("/runs", { "GET /runs": page });
  const row = (await screen.findByRole("link", { name: "000000046" })).closest("tr");
  expect(row).toHaveTextContent("Running");
  await screen.findByText("Live");
  live.says({ type: "run", run: { ...page.items[0], status: "succeeded", current: null, seq: 9 } });
  await waitFor(() => expect(row).toHaveTextContent("Succeeded"));
  expect(row).toHaveTextContent("Every step is done");
  expect(screen.getByRole("button", { name: "Succeeded 1" })).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Running 0" })).toBeInTheDocument();
});

test("a failed run says what happened", async () => {
  openScreen("/runs", { "GET /runs": page });
  const row = (await screen.findByRole("link", { name: "000000045" })).closest("tr");
  expect(within(row as HTMLElement).getByText("The tax code is missing")).toBeInTheDocument();
});

test("filters stand in the address and are asked of the server", async () => {
  const live = openScreen("/runs?status=failed", { "GET /runs": page });
  const chip = await screen.findByRole("button", { name: /^Failed/ });
  expect(chip).toHaveAttribute("aria-pressed", "true");
  await userEvent.type(screen.getByRole("searchbox"), "0045");
  await waitFor(() => expect(live.address()).toContain("q=0045"));
  await waitFor(() => expect(live.calls.at(-1)?.path).toContain("status=failed&q=0045"));
  await userEvent.click(screen.getByRole("button", { name: "Clear filters" }));
  await waitFor(() => expect(live.address()).not.toContain("q="));
});

test("without runs the page says how to make a first one", async () => {
  openScreen("/runs", {});
  expect(await screen.findByRole("heading", { name: "No runs yet" })).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Place an order in the sandbox" })).toHaveAttribute(
    "href",
    expect.stringContaining("/sandbox"),
  );
});

test("when the connection breaks the page says so and looks again after it is back", async () => {
  const live = openScreen("/runs", { "GET /runs": page });
  await screen.findByText("Live");
  const asked = () => live.calls.filter(({ path }) => path.startsWith("/runs?")).length;
  const before = asked();
  live.breaks();
  expect(screen.getByText("Reconnecting")).toBeInTheDocument();
  await screen.findByText("Live");
  await waitFor(() => expect(asked()).toBeGreaterThan(before));
});
