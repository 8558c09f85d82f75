import { expect, test } from "vitest";
import type { FlowDocument, FlowNode } from "@/api/types";
import { around, beginning, seen } from "./opening";

const FRAME = { width: 1137, height: 758 };

function row(count: number, y = 0): FlowDocument {
  const nodes = Array.from({ length: count }, (_, at) => ({
    id: `n${at}`,
    type: "map",
    name: `Step ${at}`,
    config: {},
    position: { x: 100 + at * 340, y },
  })) as unknown as FlowNode[];
  const edges = nodes.slice(1).map((node, at) => ({
    id: `e${at}`,
    source: `n${at}`,
    source_port: "out",
    target: node.id,
    target_port: "in",
  }));
  return { schema: 1, nodes, edges } as FlowDocument;
}

test("a flow that fits is shown whole", () => {
  expect(beginning(row(5), FRAME)).toBeNull();
  expect(beginning(row(0), FRAME)).toBeNull();
});

test("a flow that would be small print opens on its first step, large enough to read", () => {
  const view = beginning(row(12), FRAME);
  if (!view) throw new Error("the whole flow is shown");
  expect(view.zoom).toBeGreaterThanOrEqual(0.7);
  const first = { x: 100 * view.zoom + view.x, y: view.y };
  expect(first.x).toBe(40);
  // One row stands in the middle.
  expect(first.y).toBeCloseTo((FRAME.height - 84 * view.zoom) / 2);
});

test("the first step is the one that nothing leads to, wherever it stands", () => {
  const flow = row(12);
  const [begin] = flow.nodes;
  if (!begin) throw new Error("no step");
  begin.position = { x: 2000, y: 900 };
  const view = beginning(flow, FRAME);
  expect(2000 * (view?.zoom ?? 0) + (view?.x ?? 0)).toBe(40);
  expect(900 * (view?.zoom ?? 0) + (view?.y ?? 0)).toBeLessThan(FRAME.height - 84);
});

test("a run's flow that fits is shown whole", () => {
  expect(around(row(3), FRAME, "n1")).toBeNull();
});

test("a run's flow that would be small print opens on the step that is looked at", () => {
  const flow = row(12);
  const view = around(flow, FRAME, "n6");
  if (!view) throw new Error("the whole flow is shown");
  expect((100 + 6 * 340 + 120) * view.zoom + view.x).toBeCloseTo((72 + FRAME.width - 28) / 2);
  const shown = flow.nodes.filter((node) => seen(node.position, view, FRAME));
  expect(shown.map(({ id }) => id)).toEqual(["n4", "n5", "n6", "n7"]);
});

test("beyond the ends of the flow nothing is shown", () => {
  const flow = row(12);
  expect(around(flow, FRAME, "n0")?.x).toBeCloseTo(72 - 100 * 0.72);
  expect(around(flow, FRAME, null)).toEqual(around(flow, FRAME, "n0"));
  const last = around(flow, FRAME, "n11");
  expect((100 + 11 * 340 + 240) * 0.72 + (last?.x ?? 0)).toBeCloseTo(FRAME.width - 28);
});
