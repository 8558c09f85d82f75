import { expect, test } from "vitest";
import { errorsSearch } from "./errors";

test("the address says which errors are shown; anything unknown means the open ones", () => {
  expect(errorsSearch({})).toEqual({ status: "open" });
  expect(errorsSearch({ status: "expired", flow: "f1", cause: "abc" })).toEqual({
    status: "expired",
    flow: "f1",
    cause: "abc",
  });
  expect(errorsSearch({ status: "bogus", q: 5, assignee: "" })).toEqual({ status: "open" });
  expect(errorsSearch({ q: "A1", assignee: "none" })).toMatchObject({ q: "A1", assignee: "none" });
});
