import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { RunJob } from "@/api/types";
import { aRun } from "@/live/testing";
import { openScreen } from "@/shared/screen.testing";
import { heldBack, underWay } from "./model";

afterEach(() => vi.unstubAllGlobals());

const page = { items: [{ ...aRun(), status: "waiting" }], next: null, counts: { waiting: 7 } };
const forecast = {
  total: 7,
  counts: { waiting: 5, in_doubt: 2 },
  flows: [{ id: "fl_1", name: "Orders", runs: 7 }],
};
const job: RunJob = {
  id: "bulk_1",
  environment: "test",
  action: "cancel",
  status: "running",
  total: 7,
  done: 2,
  counts: { cancelled: 1, under_way: 1 },
  created_by: "Ana",
  created_at: new Date().toISOString(),
  finished_at: null,
};

test("it says how many and what it means, cancels, and shows how far it is", async () => {
  const live = openScreen("/runs?status=waiting", {
    "GET /runs": page,
    "GET /runs/bulk": { items: [], next: null },
    "GET /runs/bulk/forecast": forecast,
    "GET /runs/bulk/bulk_1": job,
    "POST /runs/bulk": job,
  });
  await userEvent.click(await screen.findByRole("button", { name: "Cancel runs…" }));
  const dialog = await screen.findByRole("dialog");
  expect(await within(dialog).findByText("7 runs are under way.")).toBeInTheDocument();
  expect(within(dialog).getByText("Orders: 7 runs")).toBeInTheDocument();
  expect(within(dialog).getByText(/^2 are in doubt/)).toBeInTheDocument();
  await userEvent.type(within(dialog).getByLabelText("Why (optional)"), "Wrong month.");
  await userEvent.click(within(dialog).getByRole("button", { name: "Cancel 7 runs" }));
  const asked = await waitFor(() => {
    const call = live.calls.find(({ method }) => method === "POST");
    if (!call) throw new Error("not asked yet");
    return call;
  });
  expect(asked.body).toEqual({
    choice: { status: "waiting" },
    first: "",
    reason: "Wrong month.",
    environment: "test",
  });
  expect(await within(dialog).findByText(/2 of 7, begun by Ana/)).toBeInTheDocument();
  expect(within(dialog).getByText("1 cancelled")).toBeInTheDocument();
});

test("nothing is offered where nothing is under way", async () => {
  openScreen("/runs", {
    "GET /runs": { ...page, counts: { succeeded: 3 } },
    "GET /runs/bulk": { items: [], next: null },
  });
  await screen.findByRole("table");
  expect(screen.queryByRole("button", { name: "Cancel runs…" })).not.toBeInTheDocument();
});

test("only one whole flow or connection can be held back first", () => {
  expect(heldBack({ kind: "filter", choice: { flow: "f" } })).toBe("flow");
  expect(heldBack({ kind: "filter", choice: { flow: "f", status: "waiting" } })).toBeNull();
  expect(heldBack({ kind: "filter", choice: {} })).toBeNull();
  expect(heldBack({ kind: "connection", slug: "books", name: "Books" })).toBe("connection");
});

test("what has ended is not under way", () => {
  expect(underWay({ waiting: 2, in_doubt: 1, failed: 4, succeeded: 9 }, undefined)).toBe(3);
  expect(underWay({ waiting: 2, in_doubt: 1 }, "in_doubt")).toBe(1);
  expect(underWay({ failed: 2 }, "failed")).toBe(0);
});
