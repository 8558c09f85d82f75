import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { aRun } from "@/live/testing";
import { openScreen } from "@/shared/screen.testing";

beforeEach(() => localStorage.clear());
afterEach(() => vi.unstubAllGlobals());

const overview = {
  flows: [
    {
      id: "f1",
      name: "Order to invoice",
      status: "attention",
      runs_24h: 12,
      failed_24h: 2,
      last_run_at: null,
    },
  ],
  connections: [
    { id: "c1", name: "Shop", status: "ready" },
    { id: "c2", name: "Books", status: "reconnect" },
  ],
  counts: { succeeded: 10, failed: 2 },
  hours: [
    { at: "2026-03-29T10:00:00+00:00", counts: { succeeded: 10 } },
    { at: "2026-03-29T11:00:00+00:00", counts: {} },
    { at: "2026-03-29T12:00:00+00:00", counts: { failed: 2 } },
  ],
  dead_letters_open: 2,
};

test("numbers lead to the runs behind them", async () => {
  openScreen("/overview", { "GET /overview": overview });
  const tiles = await screen.findByRole("list", { name: "The last 24 hours" });
  expect(within(tiles).getByRole("link", { name: /^Failed/ })).toHaveAttribute(
    "href",
    expect.stringMatching(/\/runs\?.*status=failed/),
  );
  expect(within(tiles).getByRole("link", { name: /Open errors/ })).toHaveAttribute(
    "href",
    expect.stringContaining("/errors"),
  );
  expect(tiles).toHaveTextContent("83% went through");
});

test("flows and connections say how they are in words", async () => {
  openScreen("/overview", { "GET /overview": overview });
  const flows = await screen.findByRole("region", { name: "Flows" });
  expect(flows).toHaveTextContent("Needs attention");
  expect(within(flows).getByRole("link", { name: "2 failed" })).toBeInTheDocument();
  expect(screen.getByRole("region", { name: "Connections" })).toHaveTextContent(
    "Must be reconnected",
  );
});

test("the runs of each hour can be heard, and shown as a table", async () => {
  openScreen("/overview", { "GET /overview": overview });
  const panel = await screen.findByRole("region", { name: "Runs by hour" });
  const rows = () => within(panel).getAllByRole("row");
  expect(rows().map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
    ["Hour", "Succeeded", "Failed"],
    [expect.stringContaining("10"), "10", "0"],
    [expect.stringMatching(/now$/), "0", "2"],
  ]);
  await userEvent.click(within(panel).getByRole("radio", { name: "Table" }));
  expect(rows()).toHaveLength(3);
});

test("a day without runs has no chart", async () => {
  const hours = [{ at: "2026-03-29T10:00:00+00:00", counts: {} }];
  openScreen("/overview", { "GET /overview": { ...overview, hours } });
  await screen.findByRole("region", { name: "Flows" });
  expect(screen.queryByRole("region", { name: "Runs by hour" })).not.toBeInTheDocument();
});

test("the first tour ticks off what is done and can be put away", async () => {
  openScreen("/overview", {
    "GET /overview": overview,
    "GET /runs": { items: [aRun({ status: "succeeded" })], next: null, counts: {} },
  });
  const tour = await screen.findByRole("region", { name: "See it work in two minutes" });
  const steps = within(tour).getAllByRole("listitem");
  expect(steps.map((step) => /: Done/.test(step.textContent ?? ""))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  await userEvent.click(within(tour).getByRole("button", { name: "Hide this list" }));
  expect(tour).not.toBeInTheDocument();
});

test("what somebody holds back is said by name, and can be let go on from here", async () => {
  const live = openScreen("/overview", {
    "GET /overview": overview,
    "GET /pauses": {
      items: [
        {
          id: 7,
          kind: "flow",
          ref: "f1",
          by: "Ana",
          reason: "Month end",
          at: new Date().toISOString(),
        },
        { id: 8, kind: "run", ref: "run_1", by: "Ana", reason: "", at: new Date().toISOString() },
      ],
      next: null,
    },
    "DELETE /pauses/7": { woken: 0 },
  });
  await screen.findByText("The calls of the flow “Order to invoice” are paused");
  expect(screen.getByText(/By Ana: Month end/)).toBeInTheDocument();
  expect(screen.queryByText("This run is paused")).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Let it go on" }));
  expect(live.calls).toContainEqual(
    expect.objectContaining({ method: "DELETE", path: expect.stringMatching(/^\/pauses\/7/) }),
  );
});
