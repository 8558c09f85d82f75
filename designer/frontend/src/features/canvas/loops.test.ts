import { expect, test } from "vitest";
import type { FlowDocument } from "@/api/types";
import { refusal } from "./document";
import { arrange, NODE_HEIGHT, NODE_WIDTH } from "./layout";
import { bodiesOf, loopsOf } from "./loops";

/** ``"loop.item>post loop>after"``; a name that begins with "loop" is a loop. */
function flow(wires: string): FlowDocument {
  const edges = wires.split(" ").map((text, index) => {
    const [from = "", target = ""] = text.split(">");
    const [source = "", source_port = "out"] = from.split(".");
    return { id: `e${index}`, source, source_port, target, target_port: "in" };
  });
  const ids = [...new Set(edges.flatMap((edge) => [edge.source, edge.target]))];
  const nodes = ids.map((id) => ({
    id,
    type: id.startsWith("loop") ? "for_each" : id === "start" ? "trigger.manual" : "action",
    name: id,
    config: {},
    position: { x: 0, y: 0 },
  }));
  return { schema: 1, nodes, edges };
}

const ports = () => ({ in: ["in"], out: ["item", "out", "error"] });

test("a loop's body is what hangs on its item exit, with the loops inside it", () => {
  const nested = flow(
    "start>loop loop.item>a a>loop2 loop2.item>b b>c loop2>d d>e loop>after after>end",
  );
  const loops = loopsOf(nested);
  expect(Object.fromEntries(loops)).toEqual({
    start: "",
    loop: "",
    a: "loop",
    loop2: "loop",
    b: "loop2",
    c: "loop2",
    d: "loop",
    e: "loop",
    after: "",
    end: "",
  });
  expect(bodiesOf(nested)).toEqual([
    { loop: "loop", nodes: expect.arrayContaining(["a", "loop2", "b", "c", "d", "e"]), layers: 1 },
    { loop: "loop2", nodes: ["b", "c"], layers: 0 },
  ]);
});

test("a wire that crosses the border of a loop is refused while it is pulled", () => {
  const drawn = flow("start>loop loop.item>a loop>after");
  const wire = { source: "a", source_port: "out", target: "after", target_port: "in" };
  expect(refusal(drawn, wire, ports)).toBe("loop_border");
  const inside = flow("start>loop loop.item>a loop.item>b");
  expect(refusal(inside, { ...wire, target: "b" }, ports)).toBeNull();
});

test("the arrangement keeps everything else out of a loop's frame", () => {
  const drawn = flow(
    "start>loop loop.item>a a>b b.error>c loop>after after>more loop.error>report start>other",
  );
  const points = arrange(drawn);
  for (const { nodes } of bodiesOf(drawn)) {
    const own = nodes.map((id) => points.get(id) ?? { x: 0, y: 0 });
    const box = {
      left: Math.min(...own.map((p) => p.x)),
      right: Math.max(...own.map((p) => p.x)) + NODE_WIDTH,
      top: Math.min(...own.map((p) => p.y)),
      bottom: Math.max(...own.map((p) => p.y)) + NODE_HEIGHT,
    };
    for (const [id, point] of points) {
      if (nodes.includes(id)) continue;
      const apart =
        point.x >= box.right ||
        point.x + NODE_WIDTH <= box.left ||
        point.y >= box.bottom ||
        point.y + NODE_HEIGHT <= box.top;
      expect(apart, id).toBe(true);
    }
  }
});
