import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { openScreen } from "@/shared/screen.testing";
import { actionWords, detailWords, placeOf } from "./auditModel";

afterEach(() => vi.unstubAllGlobals());

const entry = (seq: number, more: object = {}) => ({
  seq,
  at: "2026-03-02T10:00:00Z",
  by: "Alice Moreau",
  action: "flow.publish",
  object: "fl_1",
  details: { name: "Order to cash", version: 2 },
  ...more,
});

const ADMIN = ["settings.view", "members.view", "audit.view"];

test("the log says who did what to what, and leads there", async () => {
  openScreen("/settings?tab=audit", { "GET /audit": { items: [entry(1)], next: null } }, ADMIN);
  const table = await screen.findByRole("table", { name: "Audit log" });
  const row = await within(table).findByRole("row", { name: /Alice Moreau/ });
  expect(row).toHaveTextContent("Flow published");
  expect(row).toHaveTextContent("version: 2");
  expect(within(row).getByRole("link", { name: "Order to cash" })).toHaveAttribute(
    "href",
    expect.stringContaining("/flows/fl_1"),
  );
});

test("a log that was changed is said, with the entry", async () => {
  openScreen(
    "/settings?tab=audit",
    {
      "GET /audit": { items: [entry(1)], next: null },
      "GET /audit/check": {
        intact: false,
        entries: 2,
        broken_at: 3,
        reason: "its content was changed",
      },
    },
    ADMIN,
  );
  await userEvent.click(await screen.findByRole("button", { name: "Check the log" }));
  expect(
    await screen.findByText("The log was changed at entry 3: its content was changed."),
  ).toBeInTheDocument();
});

test("people are listed with what their roles allow, and what one may not open is no tab", async () => {
  const opened = openScreen(
    "/settings?tab=people",
    {
      "GET /members": {
        items: [
          { id: "u1", name: "Alice", role: "owner" },
          { id: "u2", name: "Vera", role: "viewer" },
        ],
        next: null,
      },
    },
    ["settings.view", "members.view"],
  );
  const table = await screen.findByRole("table", { name: "People" });
  expect(within(table).getByRole("row", { name: /Alice/ })).toHaveTextContent("you");
  expect(within(table).getByRole("row", { name: /Vera/ })).toHaveTextContent("not their documents");
  expect(screen.queryByRole("tab", { name: "Audit log" })).toBeNull();
  await userEvent.click(screen.getByRole("tab", { name: "Environment" }));
  await waitFor(() => expect(opened.address()).not.toContain("tab="));
});

test("actions without words of their own stay readable", () => {
  expect(actionWords("dead_letter.go_past")).toBe("Error step left out");
  expect(actionWords("parcel.torn_open")).toBe("Parcel torn open");
  expect(placeOf("test")).toBeNull();
  expect(placeOf("run_01m8")).toBe("/runs/run_01m8");
  expect(placeOf("connection:con_1")).toBe("/connections/con_1");
  expect(detailWords({ environment: "test", lines: [1], empty: "" })).toBe(
    "environment: test, lines: [1]",
  );
});
