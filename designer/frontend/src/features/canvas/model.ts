/** The flow document as the canvas library wants it, and back. Nothing is lost on the way. */

import type { Edge, Node } from "@xyflow/react";
import type { FlowDocument, FlowEdge, FlowNode, RunFamily, Step } from "@/api/types";
import { loopsOf } from "./loops";
import { portName } from "./nodeInfo";

export type StepNodeData = {
  node: FlowNode;
  problems: { errors: number; warnings: number };
  step: Step | null;
  /** The runs that the step made in the run that is shown. */
  family: RunFamily | null;
  /** Exits that a wire leads from; their words stand on the wire. */
  wired: string;
  /** A run is laid over the canvas, so nodes without a step are shown as not reached. */
  inRun: boolean;
  readOnly: boolean;
};
export type StepNode = Node<StepNodeData, "step">;

export type WireData = {
  edge: FlowEdge;
  /** The words of the exit, where a step has several. */
  word: string;
  /** Whether the run that is shown went this way; null without a run. */
  taken: boolean | null;
  readOnly: boolean;
};
export type WireEdge = Edge<WireData, "wire">;

interface CanvasOverlay {
  problems?: ReadonlyMap<string, { errors: number; warnings: number }>;
  steps?: Record<string, Step>;
  families?: readonly RunFamily[] | undefined;
  readOnly?: boolean;
}

const NO_PROBLEMS = { errors: 0, warnings: 0 };

export function toCanvas(
  document: FlowDocument,
  overlay: CanvasOverlay = {},
): { nodes: StepNode[]; edges: WireEdge[] } {
  const { steps, problems, families, readOnly = false } = overlay;
  const byId = new Map(document.nodes.map((node) => [node.id, node]));
  // In a run whose loop has made runs for the items, the steps inside are those runs' affair.
  const made = new Set(families?.map((family) => family.node_id));
  const loops = made.size > 0 ? loopsOf(document) : null;
  const elsewhere = (id: string) =>
    made.has(loops?.get(id) ?? "") && (steps?.[id]?.status ?? "pending") === "pending";
  const wired = new Map<string, string[]>();
  for (const { source, source_port } of document.edges) {
    wired.set(source, [...(wired.get(source) ?? []), source_port]);
  }
  return {
    nodes: document.nodes.map((node) => ({
      id: node.id,
      type: "step",
      position: node.position,
      data: {
        node,
        problems: problems?.get(node.id) ?? NO_PROBLEMS,
        step: elsewhere(node.id) ? null : (steps?.[node.id] ?? null),
        family: families?.find((family) => family.node_id === node.id) ?? null,
        wired: (wired.get(node.id) ?? []).join(" "),
        inRun: steps !== undefined && !elsewhere(node.id),
        readOnly,
      },
    })),
    edges: document.edges.map((edge) => ({
      id: edge.id,
      type: "wire",
      source: edge.source,
      sourceHandle: edge.source_port,
      target: edge.target,
      targetHandle: edge.target_port,
      data: {
        edge,
        word: edge.source_port === "out" ? "" : portName(byId.get(edge.source), edge.source_port),
        taken: steps ? wasTaken(edge, steps) : null,
        readOnly,
      },
    })),
  };
}

/** A wire was taken when its source finished by that port. */
function wasTaken(edge: FlowEdge, steps: Record<string, Step>): boolean {
  const step = steps[edge.source];
  if (!step) return false;
  // Items are runs of their own: the loop's item exit was taken if it made any.
  if (edge.source_port === "item") return (step.children?.made ?? 0) > 0;
  if (step.port) return step.port === edge.source_port;
  return step.status === "succeeded" && edge.source_port !== "error";
}

/** The document that the canvas shows: its positions and wires win over those in the data. */
export function toDocument(nodes: StepNode[], edges: WireEdge[]): FlowDocument {
  return {
    schema: 1,
    nodes: nodes.map(({ id, position, data }) => ({
      ...data.node,
      id,
      position: { x: position.x, y: position.y },
    })),
    edges: edges.map((edge) => ({
      id: edge.id,
      source: edge.source,
      source_port: edge.sourceHandle ?? "out",
      target: edge.target,
      target_port: edge.targetHandle ?? "in",
    })),
  };
}
