import fc from "fast-check";
import { expect, test } from "vitest";
import type { FlowDocument, Step } from "@/api/types";
import { arrange, NODE_HEIGHT, NODE_WIDTH } from "./layout";
import { toCanvas, toDocument } from "./model";
import { portName, portsOf } from "./nodeInfo";

const id = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/);

/** Any document the canvas may have to show, also unfinished ones. */
const documents: fc.Arbitrary<FlowDocument> = fc
  .uniqueArray(id, { minLength: 0, maxLength: 9 })
  .chain((ids) =>
    fc.record({
      schema: fc.constant(1 as const),
      nodes: fc.tuple(
        ...ids.map((nodeId) =>
          fc.record({
            id: fc.constant(nodeId),
            type: fc.constantFrom("trigger.event", "action", "map", "if", "unheard.of"),
            name: fc.string(),
            config: fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<
              Record<string, unknown>
            >,
            position: fc.record({ x: fc.integer(), y: fc.integer() }),
          }),
        ),
      ),
      edges:
        ids.length === 0
          ? fc.constant([])
          : fc.uniqueArray(
              fc.record({
                id,
                source: fc.constantFrom(...ids),
                source_port: fc.constantFrom("out", "error", "true", "false"),
                target: fc.constantFrom(...ids),
                target_port: fc.constant("in"),
              }),
              { selector: (edge) => edge.id, maxLength: 14 },
            ),
    }),
  );

test("a document comes back from the canvas exactly as it went in", () => {
  fc.assert(
    fc.property(documents, (document) => {
      const { nodes, edges } = toCanvas(document);
      expect(toDocument(nodes, edges)).toEqual(document);
    }),
  );
});

test("the arrangement puts no node on another", () => {
  fc.assert(
    fc.property(documents, (document) => {
      const points = arrange(document);
      expect(points.size).toBe(document.nodes.length);
      const all = [...points.values()];
      for (const [index, a] of all.entries()) {
        for (const b of all.slice(index + 1)) {
          const apart = Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT;
          expect(apart).toBe(true);
        }
      }
    }),
  );
});

test("a chain reads from left to right on one line", () => {
  const nodes = ["a", "b", "c"].map((name) => ({
    id: name,
    type: "action",
    name,
    config: {},
    position: { x: 0, y: 0 },
  }));
  const edge = (source: string, target: string) => ({
    id: source + target,
    source,
    source_port: "out",
    target,
    target_port: "in",
  });
  const points = arrange({ schema: 1, nodes, edges: [edge("b", "c"), edge("a", "b")] });
  const [a, b, c] = ["a", "b", "c"].map((name) => points.get(name));
  expect(a?.x).toBeLessThan(b?.x ?? 0);
  expect(b?.x).toBeLessThan(c?.x ?? 0);
  expect(new Set([a?.y, b?.y, c?.y]).size).toBe(1);
});

test("a long chain is folded into lines, and reads from left to right in each", () => {
  const names = Array.from({ length: 16 }, (_, index) => `n${index}`);
  const points = arrange({
    schema: 1,
    nodes: names.map((id) => ({ id, type: "map", name: id, config: {}, position: { x: 0, y: 0 } })),
    edges: names.slice(1).map((target, index) => ({
      id: target,
      source: names[index] ?? "",
      source_port: "out",
      target,
      target_port: "in",
    })),
  });
  const places = names.map((name) => points.get(name) ?? { x: -1, y: -1 });
  expect(new Set(places.map((place) => place.y)).size).toBe(3);
  for (const [index, place] of places.slice(1).entries()) {
    const before = places[index] ?? place;
    expect(place.y > before.y || place.x > before.x).toBe(true);
  }
});

test("a wire shows as taken when its source finished by that port", () => {
  const step = (port: string | null): Step => ({
    node_id: "check",
    status: "succeeded",
    attempts: 1,
    started_at: null,
    finished_at: null,
    duration_ms: null,
    error: null,
    next_attempt_at: null,
    port,
  });
  const document: FlowDocument = {
    schema: 1,
    nodes: [],
    edges: ["true", "false"].map((port) => ({
      id: port,
      source: "check",
      source_port: port,
      target: "next",
      target_port: "in",
    })),
  };
  const taken = toCanvas(document, { steps: { check: step("true") } }).edges.map(
    (e) => e.data?.taken,
  );
  expect(taken).toEqual([true, false]);
  expect(toCanvas(document).edges.map((e) => e.data?.taken)).toEqual([null, null]);
});

test("steps inside a loop are not shown as never reached by the run whose items took them", () => {
  const place = { x: 0, y: 0 };
  const drawn: FlowDocument = {
    schema: 1,
    nodes: [
      { id: "loop", type: "for_each", name: "Each", config: {}, position: place },
      { id: "post", type: "action", name: "Post", config: {}, position: place },
      { id: "after", type: "stop", name: "After", config: {}, position: place },
    ],
    edges: [
      { id: "a", source: "loop", source_port: "item", target: "post", target_port: "in" },
      { id: "b", source: "loop", source_port: "out", target: "after", target_port: "in" },
    ],
  };
  const step = (node_id: string, status: Step["status"]) => ({ node_id, status }) as Step;
  const steps = {
    loop: { ...step("loop", "waiting"), children: { made: 2, total: 2 } },
    post: step("post", "pending"),
    after: step("after", "pending"),
  };
  const families = [
    { node_id: "loop", kind: "item", total: 2, made: 2, waits: true, counts: { failed: 1 } },
  ];
  const { nodes, edges } = toCanvas(drawn, { steps, families, readOnly: true });
  expect(nodes.map(({ id, data }) => [id, data.inRun])).toEqual([
    ["loop", true],
    ["post", false],
    ["after", true],
  ]);
  expect(edges.map(({ data }) => data?.taken)).toEqual([true, false]);
});

test("the exits of a switch are its ways, and wires carry their authors' words", () => {
  const node = {
    id: "kind",
    type: "switch",
    name: "Kind",
    position: { x: 0, y: 0 },
    config: { branches: [{ id: "a", name: "Wholesale" }, { id: "b" }, { id: "a" }, {}] },
  };
  expect(portsOf(node).out).toEqual(["a", "b", "otherwise", "error"]);
  expect(["a", "b", "otherwise", "error"].map((port) => portName(node, port))).toEqual([
    "Wholesale",
    "b",
    "otherwise",
    "error",
  ]);
});
