import { describe, expect, it } from "vitest";
import type { Overview } from "@/api/types";
import { startDone, sum, throughPercent, underWay } from "./model";

const overview: Overview = {
  flows: [],
  connections: [],
  counts: {},
  hours: [],
  dead_letters_open: 0,
};

describe("the first tour", () => {
  it("starts with nothing done", () => {
    expect(startDone(overview, [])).toEqual(new Set());
  });

  it("ticks what the data shows, but never that the invoice was looked at", () => {
    const done = startDone(
      {
        ...overview,
        connections: [
          { id: "c1", name: "Shop", status: "ready" },
          { id: "c2", name: "Books", status: "ready" },
        ],
        flows: [
          { id: "f1", name: "F", status: "healthy", runs_24h: 1, failed_24h: 0, last_run_at: null },
        ],
        counts: { succeeded: 1 },
      },
      [],
    );
    expect([...done]).toEqual(["connect", "flow", "order", "watch"]);
  });
});

describe("the numbers of the day", () => {
  it("add up, and never round a failure away", () => {
    const counts = { succeeded: 999, failed: 1, queued: 2, running: 1 };
    expect(sum(counts)).toBe(1003);
    expect(underWay(counts)).toBe(3);
    expect(throughPercent(counts)).toBe(99);
    expect(throughPercent({})).toBeNull();
  });
});
