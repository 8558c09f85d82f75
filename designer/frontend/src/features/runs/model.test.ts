import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Attempt, FlowDocument } from "@/api/types";
import { aRun, aStep } from "@/live/testing";
import { runsSearch, stages, stepOrder, stepToShow, timeline } from "./model";

const drawings = fc
  .tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { maxLength: 14 }),
  )
  .map(([count, pairs]): FlowDocument => {
    const nodes = Array.from({ length: count }, (_, index) => ({
      id: `n${index}`,
      type: "action",
      name: `Step ${index}`,
      config: {},
      position: { x: 0, y: 0 },
    }));
    const edges = pairs
      .filter(([from, to]) => from < to && to < count)
      .map(([from, to], index) => ({
        id: `e${index}`,
        source: `n${from}`,
        source_port: "out",
        target: `n${to}`,
        target_port: "in",
      }));
    return { schema: 1, nodes: [...nodes].reverse(), edges };
  });

describe("the order of steps", () => {
  it("names every node once, each after all that lead to it", () => {
    fc.assert(
      fc.property(drawings, (document) => {
        const order = stepOrder(document);
        expect([...order].sort()).toEqual(document.nodes.map(({ id }) => id).sort());
        for (const edge of document.edges) {
          expect(order.indexOf(edge.source)).toBeLessThan(order.indexOf(edge.target));
        }
      }),
    );
  });
});

describe("the step to show", () => {
  it("is the first failed one, also when later ones failed too", () => {
    const run = aRun({
      steps: {
        order: aStep("order", "succeeded"),
        check: aStep("check", "failed"),
        invoice: aStep("invoice", "failed"),
      },
    });
    expect(stepToShow(run)).toBe("check");
  });

  it("is where the run stands while it runs, and the last done one at the end", () => {
    expect(stepToShow(aRun())).toBe("invoice");
    const done = aRun({
      steps: {
        order: aStep("order", "succeeded"),
        check: aStep("check", "succeeded"),
        invoice: aStep("invoice", "skipped"),
      },
    });
    expect(stepToShow(done)).toBe("check");
    const linked = aRun({
      document: {
        ...aRun().document,
        nodes: [
          ...aRun().document.nodes,
          { id: "link", type: "xref", name: "Remember", config: {}, position: { x: 900, y: 0 } },
        ],
      },
      steps: {
        ...done.steps,
        invoice: aStep("invoice", "succeeded"),
        link: aStep("link", "succeeded"),
      },
    });
    expect(stepToShow(linked)).toBe("invoice");
  });
});

describe("stages", () => {
  it("speak of received, validated and posted, and of confirmed only after the whole run", () => {
    expect(stages(aRun()).map(({ stage, status }) => [stage, status])).toEqual([
      ["received", "succeeded"],
      ["validated", "succeeded"],
      ["posted", "running"],
      ["confirmed", "pending"],
    ]);
    const done = aRun({
      status: "succeeded",
      steps: { ...aRun().steps, invoice: aStep("invoice", "succeeded") },
    });
    expect(stages(done).at(-1)).toMatchObject({ stage: "confirmed", status: "succeeded" });
  });

  it("say of a run that has succeeded that it went past what it did not begin", () => {
    const done = aRun({ status: "succeeded", steps: { order: aStep("order", "succeeded") } });
    expect(stages(done).map(({ status }) => status)).toEqual([
      "succeeded",
      "skipped",
      "skipped",
      "pending",
    ]);
  });

  it("say failed where a step failed, and never confirm after it", () => {
    const run = aRun({
      status: "failed",
      steps: { ...aRun().steps, invoice: aStep("invoice", "failed") },
    });
    expect(stages(run).map(({ status }) => status)).toEqual([
      "succeeded",
      "succeeded",
      "failed",
      "pending",
    ]);
  });
});

describe("the timeline of a step", () => {
  const attempt = (number: number, at: string, over: Partial<Attempt> = {}): Attempt => ({
    number,
    kind: "send",
    started_at: at,
    duration_ms: 500,
    outcome: "retry",
    error: "QuickBooks is busy",
    exchanges: [],
    ...over,
  });

  it("shows the waits between attempts with what they waited for", () => {
    const entries = timeline({
      attempts_list: [
        attempt(1, "2026-03-02T10:15:00.000Z"),
        attempt(2, "2026-03-02T10:15:04.500Z", { outcome: "ok", error: null }),
      ],
      next_attempt_at: null,
    });
    expect(entries.map(({ kind, durationMs }) => [kind, durationMs])).toEqual([
      ["attempt", 500],
      ["wait", 4000],
      ["attempt", 500],
    ]);
    expect(entries[1]).toMatchObject({ after: { number: 1 } });
  });

  it("shows the wait that is going on", () => {
    const entries = timeline({
      attempts_list: [attempt(1, "2026-03-02T10:15:00.000Z")],
      next_attempt_at: "2026-03-02T10:16:00.000Z",
    });
    expect(entries.at(-1)).toMatchObject({ kind: "wait", until: "2026-03-02T10:16:00.000Z" });
  });
});

describe("the filter in the URL", () => {
  it("keeps what it knows, also an order number that was read as a number, and drops the rest", () => {
    expect(runsSearch({ status: "failed", flow: "f1", q: 45, page: 3 })).toEqual({
      status: "failed",
      flow: "f1",
      q: "45",
    });
    expect(runsSearch({ status: "burning", q: "  " })).toEqual({});
  });
});
