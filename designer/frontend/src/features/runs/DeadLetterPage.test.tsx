import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { DeadLetterDetail } from "@/api/types";
import { openScreen } from "@/shared/screen.testing";

afterEach(() => vi.unstubAllGlobals());

const letter: DeadLetterDetail = {
  id: "d1",
  run_id: "r1",
  flow: { id: "f1", name: "Order to invoice" },
  node: { id: "invoice", name: "Create invoice" },
  environment: "test",
  code: "mapping.not_a_number",
  message: "The price is not a number.",
  hint: "Write it with digits.",
  business_key: "000000045",
  status: "open",
  created_at: "2026-03-02T10:15:00Z",
  document: { increment_id: "000000045", price: "twelve" },
  step_input: {},
  edits: [],
};

function serve(record = letter) {
  return openScreen("/errors/d1", {
    "GET /dead-letters/d1": record,
    "POST /dead-letters/d1/retry": { run_id: "r1" },
    "POST /dead-letters/d1/skip": { status: "skipped" },
  });
}

const editor = () => screen.findByLabelText("Document as JSON") as Promise<HTMLTextAreaElement>;

test("says what happened, where and what to do", async () => {
  serve();
  expect(await screen.findByText("The price is not a number.")).toBeInTheDocument();
  expect(screen.getByText(/“Create invoice” of the flow “Order to invoice”/)).toBeInTheDocument();
  expect(screen.getByText("Write it with digits.")).toBeInTheDocument();
});

test("a changed document goes in from the start, with its reason and its digits", async () => {
  const live = serve();
  const box = await editor();
  fireEvent.change(box, { target: { value: box.value.replace('"twelve"', "12.50") } });
  await userEvent.click(screen.getByRole("button", { name: "Retry" }));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByRole("radio", { name: "From the failed step" })).toBeDisabled();
  expect(dialog).toHaveTextContent("Your change of 1 line goes in");
  const confirm = within(dialog).getByRole("button", { name: "Retry now" });
  expect(confirm).toBeDisabled();
  await userEvent.type(within(dialog).getByLabelText(/Why are you changing it/), "Typing error");
  await userEvent.click(confirm);
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "POST")?.body).toEqual({
      from: "start",
      release: "original",
      document: { increment_id: "000000045", price: 12.5 },
      reason: "Typing error",
    }),
  );
  await waitFor(() => expect(live.address()).toContain("/runs/r1"));
});

test("an unchanged document goes on at the failed step with its own version", async () => {
  const live = serve();
  await userEvent.click(await screen.findByRole("button", { name: "Retry" }));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByRole("radio", { name: "From the failed step" })).toBeChecked();
  await userEvent.click(within(dialog).getByRole("button", { name: "Retry now" }));
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "POST")?.body).toEqual({
      from: "failed",
      release: "original",
    }),
  );
});

test("a document that is no JSON cannot be retried and says where it is wrong", async () => {
  serve();
  const box = await editor();
  fireEvent.change(box, { target: { value: '{\n  "price": 12,\n}' } });
  expect(screen.getByText(/Line 2, column 14/)).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Retry" })).toBeDisabled();
});

test("a change is shown side by side and can be undone", async () => {
  serve();
  const box = await editor();
  fireEvent.change(box, { target: { value: box.value.replace("twelve", "12") } });
  await userEvent.click(screen.getByRole("tab", { name: /Changes/ }));
  const diff = await screen.findByRole("region", { name: "Changes side by side" });
  expect(diff).toHaveTextContent('"price": "twelve"');
  expect(diff).toHaveTextContent('"price": "12"');
  await userEvent.click(screen.getByRole("tab", { name: "Document" }));
  await userEvent.click(screen.getByRole("button", { name: "Undo all changes" }));
  expect((await editor()).value).toContain("twelve");
});

test("skipping needs a reason", async () => {
  const live = serve();
  await userEvent.click(await screen.findByRole("button", { name: "Skip" }));
  const dialog = await screen.findByRole("dialog");
  const confirm = within(dialog).getByRole("button", { name: "Skip this record" });
  expect(confirm).toBeDisabled();
  await userEvent.type(within(dialog).getByLabelText(/Reason/), "Entered by hand");
  await userEvent.click(confirm);
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "POST")?.body).toEqual({
      reason: "Entered by hand",
    }),
  );
});

test("a record that was retried can be read but not changed", async () => {
  serve({ ...letter, status: "retried" });
  expect(await editor()).toHaveAttribute("readonly");
  expect(screen.queryByRole("button", { name: "Retry" })).not.toBeInTheDocument();
});
