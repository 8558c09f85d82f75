import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { Run, StepDetail } from "@/api/types";
import { aRun, aStep, deltaBetween } from "@/live/testing";
import { openScreen } from "@/shared/screen.testing";

afterEach(() => vi.unstubAllGlobals());

function detail(over: Partial<StepDetail> & { node_id: string }): StepDetail {
  return {
    ...aStep(over.node_id, "succeeded"),
    input: { asked: over.node_id },
    output: { made: over.node_id },
    attempts_list: [],
    ...over,
  };
}

function serve(run: Run, more: Record<string, unknown> = {}, rights?: string[]) {
  const answers = {
    [`GET /runs/${run.id}`]: run,
    [`GET /runs/${run.id}/journal`]: { items: [], next: null },
    ...Object.fromEntries(
      Object.keys(run.steps).map((id) => [
        `GET /runs/${run.id}/steps/${id}`,
        detail({ ...aStep(id, "succeeded"), ...run.steps[id], node_id: id }),
      ]),
    ),
    ...more,
  };
  return openScreen(`/runs/${run.id}?dock=steps`, answers, rights);
}

const stepRow = async (name: string) =>
  within(await screen.findByRole("list", { name: "Steps of this run" }, { timeout: 10_000 }))
    .getByText(name)
    .closest("button") as HTMLElement;

const refused = {
  code: "qb.6000",
  message: "The tax code is missing",
  hint: "Make it, then retry.",
};
const failedStep = aStep("invoice", "failed", { error: refused });

test("a step changes on the page while it happens", async () => {
  const before = aRun();
  const live = serve(before);
  expect(await stepRow("Create invoice in QuickBooks")).toHaveTextContent("Running");
  await screen.findByText("Live");
  const after: Run = {
    ...before,
    seq: 2,
    steps: { ...before.steps, invoice: aStep("invoice", "succeeded") },
  };
  live.says(deltaBetween(before, after));
  await waitFor(async () =>
    expect(await stepRow("Create invoice in QuickBooks")).toHaveTextContent("Succeeded"),
  );
});

test("after a gap the page asks the server and ends with the truth", async () => {
  const before = aRun();
  const live = serve(before);
  await stepRow("Create invoice in QuickBooks");
  await screen.findByText("Live");
  const missed: Run = { ...before, seq: 2 };
  const after: Run = {
    ...missed,
    seq: 3,
    steps: { ...before.steps, invoice: aStep("invoice", "retrying") },
  };
  live.answers["GET /runs/r1"] = after;
  live.says(deltaBetween(missed, after));
  await waitFor(async () =>
    expect(await stepRow("Create invoice in QuickBooks")).toHaveTextContent("Retrying"),
  );
});

test("a run that fails is opened at the failed step and leads to its repair", async () => {
  const run = aRun({
    status: "failed",
    current: null,
    dead_letter_id: "d1",
    error: { node_id: "invoice", node_name: "Create invoice in QuickBooks", ...refused },
    steps: { ...aRun().steps, invoice: failedStep },
  });
  serve(run);
  expect(
    await screen.findByRole("region", { name: "Step Create invoice in QuickBooks" }),
  ).toBeInTheDocument();
  expect(screen.getByText("The tax code is missing. Make it, then retry.")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Repair and retry" })).toHaveAttribute(
    "href",
    expect.stringContaining("/errors/d1"),
  );
});

test("requests show what went over the line, also when no answer came", async () => {
  const run = aRun({ status: "failed", steps: { ...aRun().steps, invoice: failedStep } });
  serve(run, {
    "GET /runs/r1/steps/invoice": detail({
      ...failedStep,
      attempts_list: [
        {
          number: 1,
          kind: "send",
          started_at: "2026-03-02T10:15:00Z",
          duration_ms: 30_000,
          outcome: "unknown",
          error: "No answer",
          exchanges: [
            {
              request: {
                method: "POST",
                url: "https://books.example/v3/company/1/invoice",
                headers: { Authorization: "••••" },
                body: { TotalAmt: 102.2 },
              },
              response: null,
              duration_ms: 30_000,
            },
          ],
        },
      ],
    }),
  });
  expect(await screen.findByText("No answer", { selector: "span" })).toBeInTheDocument();
  expect(screen.getByText(/Whether it acted is not known/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole("tab", { name: "Attempts & times" }));
  expect(await screen.findByText("Answer unknown")).toBeInTheDocument();
});

test("a doubt is settled only by a person's choice that is spelled out", async () => {
  const doubt = aStep("invoice", "in_doubt", {
    needs_person: true,
    error: { code: "doubt", message: "The answer was lost", hint: null },
  });
  const doubts = [
    {
      node_id: "invoice",
      node_name: "Create the invoice",
      text: "The answer was lost and that system cannot be searched.",
      choices: [
        { choice: "adopt", title: "It is there", text: "Give its id.", checks_id: true },
        { choice: "resend", title: "It is not there", text: "Once more.", checks_id: false },
      ],
    },
  ] satisfies Run["doubts"];
  const run = aRun({ status: "in_doubt", steps: { ...aRun().steps, invoice: doubt }, doubts });
  const live = serve(run, { "POST /runs/r1/resolve": {} });
  await userEvent.click(await screen.findByRole("button", { name: "Decide what happened" }));
  const dialog = await screen.findByRole("dialog");
  const confirm = within(dialog).getByRole("button", { name: "Do this" });
  expect(confirm).toBeDisabled();
  expect(within(dialog).getAllByRole("radio")).toHaveLength(2);
  expect(dialog).toHaveTextContent("cannot be searched");
  await userEvent.click(within(dialog).getByRole("radio", { name: "It is there" }));
  expect(confirm).toBeDisabled();
  await userEvent.type(within(dialog).getByLabelText(/Its id in the other system/), "1037");
  await userEvent.click(confirm);
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "POST")?.body).toMatchObject({
      node_id: "invoice",
      choice: "adopt",
      id: "1037",
    }),
  );
});

test("what a cancelled run may have posted is said at its step, and nobody is asked", async () => {
  const message = "It may have arrived";
  const error = { code: "doubt", message, hint: null };
  const doubt = aStep("invoice", "in_doubt", { needs_person: true, error });
  const told = { node_id: "invoice", node_name: "Create the invoice", ...error };
  serve(aRun({ status: "cancelled", steps: { ...aRun().steps, invoice: doubt }, error: told }));
  expect(await screen.findByText(message)).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Decide what happened" })).toBeNull();
});

test("a step whose call is out when its run is cancelled says so, here and in the list of steps", async () => {
  const out = aStep("invoice", "cancelled", { call_out: true, finished_at: null });
  serve(aRun({ status: "cancelled", steps: { ...aRun().steps, invoice: out } }));
  expect(
    await screen.findByText(/^Cancelled, while a call of “.*” was under way$/),
  ).toBeInTheDocument();
  expect(screen.getAllByText("Cancelled, a call is still out").length).toBeGreaterThan(0);
  expect(screen.queryByText("Running")).toBeNull();
});

test("a doubt that is still being looked into offers no choice yet", async () => {
  const doubt = aStep("invoice", "in_doubt", {
    needs_person: false,
    next_attempt_at: "2026-03-02T10:20:00Z",
  });
  serve(aRun({ status: "waiting", steps: { ...aRun().steps, invoice: doubt } }));
  expect(await screen.findByText(/Causeway looks for the record/)).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Look now" })).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Decide what happened" })).not.toBeInTheDocument();
});

test("the runs of a loop are listed, counted as they end, and paged", async () => {
  const step = aStep("invoice", "waiting");
  const family = (counts: object) => ({
    node_id: "invoice",
    kind: "item",
    total: 40,
    made: 40,
    waits: true,
    counts,
  });
  const run = aRun({
    status: "waiting",
    steps: { ...aRun().steps, invoice: step },
    families: [family({ running: 39, failed: 1 })],
  });
  const child = (index: number, status: "running" | "failed") =>
    aRun({ id: `c${index}`, status, parent: { run_id: "r1", node_id: "invoice", index } });
  const live = serve(run, {
    "GET /runs/r1/children": (call: { path: string }) => {
      if (call.path.includes("status=failed")) return { items: [child(7, "failed")], next: null };
      if (call.path.includes("cursor=more")) return { items: [child(25, "running")], next: null };
      return { items: [child(0, "running")], next: "more" };
    },
  });
  const list = await screen.findByRole("list", { name: /^Runs of/ });
  expect(within(list).getByRole("link", { name: "Item 1" })).toHaveAttribute(
    "href",
    expect.stringContaining("/runs/c0"),
  );
  await userEvent.click(screen.getByRole("button", { name: "Show more" }));
  expect(await within(list).findByRole("link", { name: "Item 26" })).toBeInTheDocument();
  live.says({
    type: "run.families",
    run_id: "r1",
    families: [family({ succeeded: 38, running: 1, failed: 1 })],
  });
  expect(await screen.findByRole("radio", { name: "Succeeded 38" })).toBeInTheDocument();
  await userEvent.click(screen.getByRole("radio", { name: "Failed 1" }));
  expect(await within(list).findByRole("link", { name: "Item 8" })).toBeInTheDocument();
});

test("cancelling says first that what is posted stays posted", async () => {
  const live = serve(aRun(), { "POST /runs/r1/cancel": {} });
  await userEvent.click(await screen.findByRole("button", { name: "Cancel run" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("is not taken back");
  expect(live.calls.some(({ method }) => method === "POST")).toBe(false);
  await userEvent.click(within(dialog).getByRole("button", { name: "Cancel the run" }));
  await waitFor(() => expect(live.calls.some(({ path }) => path.endsWith("/cancel"))).toBe(true));
});

test("who may only look can follow the run but neither read its documents nor act on it", async () => {
  const live = serve(aRun(), {}, ["runs.view"]);
  expect(await screen.findByText(/not see their documents/)).toBeInTheDocument();
  expect(await stepRow("Create invoice in QuickBooks")).toHaveTextContent("Running");
  expect(screen.queryByRole("button", { name: "Cancel run" })).not.toBeInTheDocument();
  expect(live.calls.some(({ path }) => path.includes("/steps/"))).toBe(false);
});
