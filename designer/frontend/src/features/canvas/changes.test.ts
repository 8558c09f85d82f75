import { expect, test } from "vitest";
import type { FlowDocument, FlowNode } from "@/api/types";
import { changesBetween, isNothing } from "./changes";

const node = (id: string, config: Record<string, unknown> = {}): FlowNode => ({
  id,
  type: "map",
  name: `Step ${id}`,
  config,
  position: { x: 0, y: 0 },
});
const wire = (source: string, target: string) => ({
  id: `${source}-${target}`,
  source,
  source_port: "out",
  target,
  target_port: "in",
});
const before: FlowDocument = {
  schema: 1,
  nodes: [node("a", { x: 1, y: { p: 1, q: 2 } }), node("b"), node("c")],
  edges: [wire("a", "b"), wire("b", "c")],
};

test("places on the canvas and the order of members are no change", () => {
  const moved = before.nodes.map((each) => ({ ...each, position: { x: 500, y: 9 } }));
  const [first, ...rest] = moved;
  if (!first) throw new Error("no step");
  const after = { ...before, nodes: [...rest, { ...first, config: { y: { q: 2, p: 1 }, x: 1 } }] };
  expect(isNothing(changesBetween(before, after))).toBe(true);
});

test("steps that came, went and changed are named, and wires between those that stay counted", () => {
  const after: FlowDocument = {
    schema: 1,
    nodes: [node("a", { x: 2 }), { ...node("c"), name: "Renamed" }, node("d")],
    edges: [wire("a", "c"), wire("c", "d")],
  };
  expect(changesBetween(before, after)).toEqual({
    added: ["Step d"],
    removed: ["Step b"],
    changed: [
      { name: "Step a", was: null, rules: { added: 0, changed: 0, removed: 0 }, settings: true },
      {
        name: "Renamed",
        was: "Step c",
        rules: { added: 0, changed: 0, removed: 0 },
        settings: false,
      },
    ],
    wires: 1,
  });
});

test("of a mapping it is told how many rules came, went and changed", () => {
  const rule = (id: string, target: string) => ({ id, target, expr: { op: "const", value: 1 } });
  const mapped = (...rules: unknown[]) => ({
    schema: 1 as const,
    nodes: [node("a", { target: { canonical: "Order" }, mapping: { schema: 1, rules } })],
    edges: [],
  });
  const old = mapped(rule("r1", "A"), rule("r2", "B"), rule("r3", "C"));
  const now = mapped(rule("r1", "A"), rule("r3", "D"), rule("r4", "E"), rule("r5", "F"));
  expect(changesBetween(old, now).changed).toEqual([
    { name: "Step a", was: null, rules: { added: 2, changed: 1, removed: 1 }, settings: false },
  ]);
});
