import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunStatus } from "@/api/types";
import { type Bar, barsOf, scaleOf } from "./hourly";

const bar = (all: number) => ({ all }) as Bar;

test("every run has its place in the bar of its hour", () => {
  const counts: Record<RunStatus, number> = {
    succeeded: 5,
    queued: 1,
    running: 1,
    waiting: 1,
    failed: 2,
    in_doubt: 1,
    cancelled: 1,
    superseded: 1,
  };
  const [made, empty] = barsOf([
    { at: "2026-03-29T00:00:00+00:00", counts },
    { at: "2026-03-29T01:00:00+00:00", counts: {} },
  ]);
  expect(made).toMatchObject({
    all: 13,
    counts: { succeeded: 5, underWay: 3, stopped: 2, doubt: 1, failed: 2 },
  });
  expect(empty?.all).toBe(0);
});

test("the scale is round, can be halved and leaves no bar cut off", () => {
  expect([0, 1, 3, 7, 12, 61, 100, 950].map((most) => scaleOf([bar(most)]))).toEqual([
    2, 2, 4, 8, 12, 80, 100, 1000,
  ]);
  fc.assert(
    fc.property(fc.nat(5_000_000), (most) => {
      const top = scaleOf([bar(most)]);
      expect(top).toBeGreaterThanOrEqual(most);
      expect(top % 2).toBe(0);
      expect(top).toBeLessThanOrEqual(Math.max(2, most * 2));
    }),
  );
});
