import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { ALL_NEWS, queriesOf } from "./news";

const KEYS = [
  ["w", "approvals", "test", "open"],
  ["w", "run", "r1", "questions"],
  ["w", "run", "r1", "held"],
  ["w", "pauses", "test", "all"],
  ["w", "bulk-job", "b1"],
  ["w", "run-jobs", "test"],
  ["w", "runs", "list", "test", {}],
  ["w", "dead-letters", "bulk", "test"],
  ["w", "dead-letters", "list", {}],
  ["w", "connections", "test"],
  ["w", "connections", "limits", "c1"],
  ["w", "sandboxes"],
  ["w", "sandboxes", "calls", "shop"],
  ["w", "sandboxes", "order-samples"],
  ["w", "overview", "test"],
  ["w", "trigger", "f1", "state", "test"],
  ["w", "trigger", "f1", "hook", "test"],
  ["w", "trigger", "f1", "form", "test"],
  ["w", "trigger", "f2", "state", "test"],
  ["other", "approvals", "test", "open"],
];

/** Which of the keys a name makes stale. */
function stale(...names: string[]): string[] {
  const cache = new QueryClient();
  for (const key of KEYS) cache.setQueryData(key, 1);
  for (const name of names)
    for (const filter of queriesOf("w", "test", name)) void cache.invalidateQueries(filter);
  return KEYS.filter((key) => cache.getQueryState(key)?.isInvalidated).map((key) =>
    key.slice(0, 5).join("/"),
  );
}

test("a name is about its own questions only", () => {
  expect(stale("approvals")).toEqual(["w/approvals/test/open", "w/run/r1/questions"]);
  expect(stale("pauses")).toEqual(["w/run/r1/held", "w/pauses/test/all"]);
  expect(stale("bulk")).toEqual(["w/bulk-job/b1", "w/run-jobs/test", "w/dead-letters/bulk/test"]);
  expect(stale("connections")).toEqual([
    "w/connections/test",
    "w/connections/limits/c1",
    "w/overview/test",
  ]);
});

test("a call changes limits and sandboxes; many runs at once change lists", () => {
  expect(stale("calls")).toEqual([
    "w/connections/limits/c1",
    "w/sandboxes",
    "w/sandboxes/calls/shop",
  ]);
  expect(stale("runs")).toEqual(["w/runs/list/test/[object Object]", "w/overview/test"]);
});

test("the trigger of one flow is not that of another, and a form that is filled in stays", () => {
  expect(stale("trigger:f1")).toEqual(["w/trigger/f1/state/test", "w/trigger/f1/hook/test"]);
});

test("after a break everything but forms is asked for again, in this workspace", () => {
  const left = KEYS.map((key) => key.slice(0, 5).join("/")).filter(
    (key) => !stale(...ALL_NEWS).includes(key),
  );
  expect(left).toEqual([
    "w/runs/list/test/[object Object]",
    "w/dead-letters/list/[object Object]",
    "w/sandboxes/order-samples",
    "w/trigger/f1/form/test",
    "other/approvals/test/open",
  ]);
});

test("a name that a newer server tells means nothing", () => {
  expect(stale("weather", "weather:f1", "")).toEqual([]);
});
