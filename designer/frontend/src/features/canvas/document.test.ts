import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FlowDocument, FlowNode } from "@/api/types";
import {
  addNode,
  connect,
  copyOf,
  downstream,
  EMPTY_FLOW,
  insertOnEdge,
  newNodeId,
  paste,
  readFragment,
  refusal,
  remove,
} from "./document";

const ports = (node: FlowNode) => ({
  in: node.type.startsWith("trigger.") ? [] : ["in"],
  out: ["out", "error"],
});

function node(id: string, type = "action", config: FlowNode["config"] = {}): FlowNode {
  return { id, type, name: id, config, position: { x: 0, y: 0 } };
}

function wire(source: string, target: string, port = "out") {
  return { source, source_port: port, target, target_port: "in" };
}

function flow(ids: string[], wires: [string, string][]): FlowDocument {
  const nodes = ids.map((id) => node(id, id === "start" ? "trigger.manual" : "action"));
  return wires.reduce<FlowDocument>((document, [from, to]) => connect(document, wire(from, to)), {
    schema: 1,
    nodes,
    edges: [],
  });
}

describe("node ids", () => {
  test("are made of the name and stay unique", () => {
    const document = addNode(EMPTY_FLOW, node("create_invoice"));
    expect(newNodeId(document, "Create invoice")).toBe("create_invoice_2");
    expect(newNodeId(document, "Prüfe 1.")).toBe("prufe_1");
    expect(newNodeId(document, "123")).toBe("step");
  });

  test("always have the form the server accepts", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        expect(newNodeId(EMPTY_FLOW, name)).toMatch(/^[a-z][a-z0-9_]{0,39}$/);
      }),
    );
  });
});

describe("wires", () => {
  const document = flow(
    ["start", "a", "b"],
    [
      ["start", "a"],
      ["a", "b"],
    ],
  );

  test("refuse a loop, a trigger as target, a double and a wire to itself", () => {
    expect(refusal(document, wire("b", "a"), ports)).toBe("cycle");
    expect(refusal(document, wire("b", "start"), ports)).toBe("into_trigger");
    expect(refusal(document, wire("a", "b"), ports)).toBe("duplicate");
    expect(refusal(document, wire("a", "a"), ports)).toBe("self");
    expect(refusal(document, wire("a", "b", "nowhere"), ports)).toBe("no_port");
    expect(refusal(document, wire("a", "ghost"), ports)).toBe("unknown");
  });

  test("may leave by another port of the same node", () => {
    expect(refusal(document, wire("a", "b", "error"), ports)).toBeNull();
    expect(refusal(document, wire("start", "b"), ports)).toBeNull();
  });

  test("drawn one by one never make a loop", () => {
    const pick = fc.integer({ min: 0, max: 7 });
    fc.assert(
      fc.property(fc.array(fc.tuple(pick, pick), { maxLength: 40 }), (pairs) => {
        let grown = flow(["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"], []);
        for (const [from, to] of pairs) {
          const next = wire(`n${from}`, `n${to}`);
          if (refusal(grown, next, ports) === null) grown = connect(grown, next);
        }
        for (const { id } of grown.nodes) expect(downstream(grown, id).has(id)).toBe(false);
        expect(new Set(grown.edges.map((edge) => edge.id)).size).toBe(grown.edges.length);
      }),
    );
  });
});

test("removing a node takes its wires along", () => {
  const document = flow(
    ["start", "a", "b"],
    [
      ["start", "a"],
      ["a", "b"],
    ],
  );
  const left = remove(document, new Set(["a"]));
  expect(left.nodes.map((n) => n.id)).toEqual(["start", "b"]);
  expect(left.edges).toEqual([]);
});

test("a node dropped on a wire stands between its ends", () => {
  const document = flow(["start", "b"], [["start", "b"]]);
  const edgeId = document.edges[0]?.id ?? "";
  const next = insertOnEdge(document, edgeId, node("a"), "out");
  expect(next.edges.map((e) => [e.source, e.target])).toEqual([
    ["start", "a"],
    ["a", "b"],
  ]);
  const ended = insertOnEdge(document, edgeId, node("a", "stop"), undefined);
  expect(ended.edges.map((e) => [e.source, e.target])).toEqual([["start", "a"]]);
});

test("pasted nodes read each other's output, not the originals'", () => {
  const reader = node("b", "action", {
    input: {
      schema: 1,
      rules: [{ id: "r1", target: "Id", expr: { op: "field", path: "steps.a.id" } }],
    },
    note: "steps.a.id stays text",
    other: { op: "field", path: "steps.absent.id" },
  });
  const document = connect({ schema: 1, nodes: [node("a"), reader], edges: [] }, wire("a", "b"));
  const fragment = readFragment(JSON.stringify(copyOf(document, new Set(["a", "b"]))));
  expect(fragment).not.toBeNull();
  if (!fragment) return;
  const { document: next, ids } = paste(document, fragment, { x: 10, y: 20 });
  expect(ids).toEqual(["a_2", "b_2"]);
  const copy = next.nodes.find((n) => n.id === "b_2");
  expect(copy?.position).toEqual({ x: 10, y: 20 });
  expect(JSON.stringify(copy?.config.input)).toContain("steps.a_2.id");
  expect(copy?.config.note).toBe("steps.a.id stays text");
  expect(JSON.stringify(copy?.config.other)).toContain("steps.absent.id");
  expect(next.edges.at(-1)).toMatchObject({ source: "a_2", target: "b_2" });
  expect(next.nodes.slice(0, 2)).toEqual(document.nodes);
});

test("text that is no fragment is not pasted", () => {
  expect(readFragment("hello")).toBeNull();
  expect(readFragment('{"nodes":[]}')).toBeNull();
});
