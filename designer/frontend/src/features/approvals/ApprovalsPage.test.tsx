import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { openScreen, Refusal } from "@/shared/screen.testing";

afterEach(() => vi.unstubAllGlobals());

const question = (more: object = {}) => ({
  id: "a1",
  run_id: "r1",
  flow: { id: "f1", name: "Order to invoice" },
  node: { id: "ask", name: "Ask sales" },
  environment: "test",
  business_key: "100045",
  text: "Post an order of 9,000.00?",
  assignee: { kind: "role", name: "admin" },
  escalated: false,
  status: "open",
  asked_at: "2026-03-02T10:00:00Z",
  expires_at: "2026-03-02T14:00:00Z",
  decided_at: null,
  decided_by: null,
  note: "",
  mine: true,
  ...more,
});

const page = (...items: object[]) => ({ items, next: null, for_you: items.length });

test("a question is answered with a note, and leaves the list", async () => {
  const opened = openScreen("/approvals", { "GET /approvals": page(question()) });
  const list = await screen.findByRole("list", { name: "Questions" });
  expect(list).toHaveTextContent("Post an order of 9,000.00?");
  expect(list).toHaveTextContent("For every admin");
  expect(within(list).getByRole("link", { name: "Document 100045" })).toHaveAttribute(
    "href",
    expect.stringContaining("/runs/r1"),
  );
  await userEvent.click(within(list).getByRole("button", { name: "Note" }));
  await userEvent.type(within(list).getByRole("textbox", { name: "Note" }), "Known customer.");
  opened.answers["POST /approvals/a1/decide"] = question({ status: "approved" });
  opened.answers["GET /approvals"] = page();
  await userEvent.click(within(list).getByRole("button", { name: "Approve" }));
  expect(await screen.findByText("No flow waits for an answer")).toBeInTheDocument();
  const sent = opened.calls.find(({ method }) => method === "POST");
  expect(sent?.body).toEqual({ approved: true, note: "Known customer." });
});

test("somebody else was faster: it is said and the list is read again", async () => {
  const opened = openScreen("/approvals", {
    "GET /approvals": page(question()),
    "POST /approvals/a1/decide": new Refusal(409, {
      title: "This question has been answered.",
      code: "approval.already_answered",
    }),
  });
  await screen.findByRole("list", { name: "Questions" });
  opened.answers["GET /approvals"] = page();
  await userEvent.click(screen.getByRole("button", { name: "Reject" }));
  expect(await screen.findByText("No flow waits for an answer")).toBeInTheDocument();
});

test("what others are asked is shown without buttons, and who was asked before is said", async () => {
  openScreen("/approvals", {
    "GET /approvals": page(
      question({ mine: false, escalated: true, assignee: { kind: "user", name: "ben" } }),
    ),
  });
  const list = await screen.findByRole("list", { name: "Questions" });
  expect(list).toHaveTextContent("For ben");
  expect(list).toHaveTextContent("Somebody else was asked before.");
  expect(within(list).queryByRole("button", { name: "Approve" })).toBeNull();
});

test("the lists are asked for by their address", async () => {
  const opened = openScreen("/approvals", {
    "GET /approvals": page(
      question({
        status: "rejected",
        mine: false,
        decided_at: "2026-03-02T11:00:00Z",
        decided_by: "Ben",
        note: "Too much.",
      }),
    ),
  });
  await screen.findByRole("list", { name: "Questions" });
  await userEvent.click(screen.getByRole("radio", { name: "For me" }));
  await waitFor(() => expect(opened.calls.at(-1)?.path).toContain("asked=me"));
  await userEvent.click(screen.getByRole("radio", { name: "Answered" }));
  await waitFor(() => expect(opened.calls.at(-1)?.path).toContain("status=answered"));
  const list = await screen.findByRole("list", { name: "Questions" });
  expect(list).toHaveTextContent("Rejected");
  expect(list).toHaveTextContent("Too much.");
  expect(opened.address()).toContain("show=answered");
});

test("a question that comes, and one that others answer, show without a look at the clock", async () => {
  const opened = openScreen("/approvals", { "GET /approvals": page() });
  expect(await screen.findByText("No flow waits for an answer")).toBeInTheDocument();
  opened.answers["GET /approvals"] = page(question());
  opened.says({ type: "changed", what: ["approvals"] });
  expect(await screen.findByText("Post an order of 9,000.00?")).toBeInTheDocument();
  opened.answers["GET /approvals"] = page();
  opened.says({ type: "changed", what: ["approvals", "trigger:f1", "something.new"] });
  expect(await screen.findByText("No flow waits for an answer")).toBeInTheDocument();
  const asked = opened.calls.length;
  opened.says({ type: "changed", what: ["bulk"] });
  await act(() => Promise.resolve());
  expect(opened.calls).toHaveLength(asked);
});
