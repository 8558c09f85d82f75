import { describe, expect, it } from "vitest";
import type { DeadLetter, DeadLetterGroup } from "@/api/types";
import { causeKey, errorsSearch, recordsOf } from "./errors";

const flow = { id: "f1", name: "Order to invoice" };
const group: DeadLetterGroup = {
  code: "qb.6000",
  message: "Tax code CA is missing",
  count: 2,
  flow,
};

const record = (over: Partial<DeadLetter>): DeadLetter => ({
  id: "d1",
  run_id: "r1",
  flow,
  node: { id: "invoice", name: "Create invoice" },
  environment: "test",
  code: "qb.6000",
  message: "Tax code CA is missing",
  hint: null,
  business_key: "45",
  status: "open",
  created_at: "2026-03-02T10:00:00Z",
  ...over,
});

describe("records of a cause", () => {
  it("are those with its message where several causes share the code", () => {
    const other = { ...group, message: "Tax code NY is missing" };
    const records = [
      record({ id: "mine" }),
      record({ id: "other cause", message: other.message }),
      record({ id: "other flow", flow: { id: "f2", name: "Another" } }),
    ];
    expect(recordsOf(group, [group, other], records).map(({ id }) => id)).toEqual(["mine"]);
  });

  it("are all of the code where the group gives one message as the example", () => {
    const records = [
      record({ id: "a" }),
      record({ id: "b", message: "Tax code NY is missing" }),
      record({ id: "other code", code: "qb.610" }),
    ];
    expect(recordsOf(group, [group], records).map(({ id }) => id)).toEqual(["a", "b"]);
  });
});

describe("the name of a cause in the URL", () => {
  it("is the same for the same cause and differs between causes", () => {
    expect(causeKey(group)).toBe(causeKey({ ...group }));
    expect(causeKey(group)).not.toBe(causeKey({ ...group, message: "Tax code NY is missing" }));
    expect(causeKey(group)).toMatch(/^[a-z0-9]+$/);
  });
});

describe("the filter of errors in the URL", () => {
  it("shows open errors unless it asks for others", () => {
    expect(errorsSearch({})).toEqual({ status: "open" });
    expect(errorsSearch({ status: "skipped", flow: "f1" })).toEqual({
      status: "skipped",
      flow: "f1",
    });
    expect(errorsSearch({ status: "everything" })).toEqual({ status: "open" });
  });
});
