import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Run, RunStatus, RunSummary, StepStatus } from "@/api/types";
import {
  type HeldRun,
  matches,
  NOTHING_HELD,
  reconnectDelayMs,
  withDelta,
  withRun,
  withSnapshot,
} from "./model";
import { aRun, aStep, deltaBetween } from "./testing";

/** A made-up history of one run: every state the server ever had, each one sequence apart or more. */
const histories = fc
  .array(
    fc.record({
      node: fc.constantFrom("a", "b", "c", "d"),
      status: fc.constantFrom<StepStatus>("running", "retrying", "succeeded", "failed", "skipped"),
      run: fc.constantFrom<RunStatus>("running", "waiting", "succeeded", "failed"),
      jump: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((changes) => {
    const states: Run[] = [aRun({ seq: 1 })];
    for (const [index, change] of changes.entries()) {
      const last = nth(states, states.length - 1);
      states.push({
        ...last,
        seq: last.seq + change.jump,
        status: change.run,
        steps: {
          ...last.steps,
          [change.node]: aStep(change.node, change.status, { attempts: index + 1 }),
        },
      });
    }
    return states;
  });

/** What a network can do: any snapshot or delta of the history, in any order, any number of times. */
const deliveries = histories.chain((states) =>
  fc.record({
    states: fc.constant(states),
    messages: fc.array(
      fc.record({
        snapshot: fc.boolean(),
        index: fc.integer({ min: 0, max: states.length - 2 }),
      }),
      { maxLength: 40 },
    ),
  }),
);

function nth(states: Run[], index: number): Run {
  const state = states[index];
  if (state === undefined) throw new Error(`the history has no state ${index}`);
  return state;
}

function deliver(states: Run[], messages: { snapshot: boolean; index: number }[]): HeldRun {
  return messages.reduce<HeldRun>(
    (held, { snapshot, index }) =>
      snapshot
        ? withSnapshot(held, nth(states, index))
        : withDelta(held, deltaBetween(nth(states, index), nth(states, index + 1))),
    NOTHING_HELD,
  );
}

describe("a held run", () => {
  it("is at every moment one state that the server really had", () => {
    fc.assert(
      fc.property(deliveries, ({ states, messages }) => {
        const { detail } = deliver(states, messages);
        if (detail !== null) {
          expect(detail).toEqual(states.find((state) => state.seq === detail.seq));
        }
      }),
    );
  });

  it("ends equal to the last snapshot whatever was lost, doubled or out of order before it", () => {
    fc.assert(
      fc.property(deliveries, ({ states, messages }) => {
        const last = nth(states, states.length - 1);
        const held = withSnapshot(deliver(states, messages), last);
        expect(held).toEqual({ detail: last, early: [], stale: false });
      }),
    );
  });

  it("is either up to date or known to be stale once the last delta has come", () => {
    fc.assert(
      fc.property(deliveries, ({ states, messages }) => {
        const last = nth(states, states.length - 1);
        const started = withSnapshot(deliver(states, messages), nth(states, 0));
        const held = withDelta(started, deltaBetween(nth(states, states.length - 2), last));
        expect(held.stale || held.detail?.seq === last.seq).toBe(true);
      }),
    );
  });

  it("never goes back", () => {
    fc.assert(
      fc.property(deliveries, ({ states, messages }) => {
        let held = NOTHING_HELD;
        for (const message of messages) {
          const before = held.detail?.seq ?? 0;
          held = message.snapshot
            ? withSnapshot(held, nth(states, message.index))
            : withDelta(
                held,
                deltaBetween(nth(states, message.index), nth(states, message.index + 1)),
              );
          expect(held.detail?.seq ?? 0).toBeGreaterThanOrEqual(before);
        }
      }),
    );
  });

  it("heals without asking when a missing delta comes late", () => {
    const one = aRun({ seq: 1 });
    const two = { ...one, seq: 2, steps: { ...one.steps, a: aStep("a", "running") } };
    const three = { ...two, seq: 3, steps: { ...two.steps, a: aStep("a", "succeeded") } };
    const gap = withDelta(withSnapshot(NOTHING_HELD, one), deltaBetween(two, three));
    expect(gap.stale).toBe(true);
    expect(gap.detail).toEqual(one);
    expect(withDelta(gap, deltaBetween(one, two))).toEqual({
      detail: three,
      early: [],
      stale: false,
    });
  });
});

const summary = (over: Partial<RunSummary> = {}): RunSummary => {
  const { document: _d, steps: _s, keys: _k, dead_letter_id: _l, replay_of: _r, ...run } = aRun();
  return { ...run, ...over };
};

describe("a run list", () => {
  const older = summary({
    id: "r1",
    created_at: "2026-03-02T10:00:00Z",
    status: "succeeded",
    seq: 9,
  });
  const newer = summary({
    id: "r2",
    created_at: "2026-03-02T10:05:00Z",
    status: "running",
    seq: 2,
  });
  const page = { items: [newer, older], next: null, counts: { running: 1, succeeded: 1 } };

  it("changes a row in place and moves its count", () => {
    const [after] = withRun([page], { ...newer, status: "succeeded", seq: 3 }, {});
    expect(after?.items.map((run) => [run.id, run.status])).toEqual([
      ["r2", "succeeded"],
      ["r1", "succeeded"],
    ]);
    expect(after?.counts).toEqual({ running: 0, succeeded: 2 });
  });

  it("ignores news that are older than the row", () => {
    const [after] = withRun([page], { ...older, status: "running", seq: 4 }, {});
    expect(after).toEqual(page);
  });

  it("puts a new run first and counts it", () => {
    const fresh = summary({
      id: "r3",
      created_at: "2026-03-02T10:06:00Z",
      status: "queued",
      seq: 1,
    });
    const [after] = withRun([page], fresh, {});
    expect(after?.items[0]?.id).toBe("r3");
    expect(after?.counts.queued).toBe(1);
  });

  it("keeps a run out that the filter does not want, and lets one go that fits no more", () => {
    const fresh = summary({
      id: "r3",
      created_at: "2026-03-02T10:06:00Z",
      status: "queued",
      seq: 1,
    });
    expect(withRun([page], fresh, { status: "running" })[0]?.items).toHaveLength(2);
    const done = withRun([page], { ...newer, status: "failed", seq: 5 }, { status: "running" });
    expect(done[0]?.items.map((run) => run.id)).toEqual(["r1"]);
  });

  it("finds an order number by its beginning", () => {
    expect(matches(summary({ business_key: "000000045" }), { q: " 0000 " })).toBe(true);
    expect(matches(summary({ business_key: null }), { q: "45" })).toBe(false);
  });
});

describe("the wait before the next try to connect", () => {
  it("grows, never leaves its bounds and differs between browsers", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
        const delay = reconnectDelayMs(failures, () => random);
        expect(delay).toBeGreaterThanOrEqual(250);
        expect(delay).toBeLessThanOrEqual(8_000);
      }),
    );
    expect(reconnectDelayMs(0, () => 1)).toBeLessThan(reconnectDelayMs(4, () => 1));
    expect(reconnectDelayMs(4, () => 0.2)).not.toBe(reconnectDelayMs(4, () => 0.8));
  });
});
