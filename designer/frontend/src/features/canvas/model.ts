/** The flow document as the canvas library wants it, and back. Nothing is lost on the way. */

import type { Edge, Node } from "@xyflow/react";
import type { FlowDocument, FlowEdge, FlowNode, Step } from "@/api/types";

export type StepNodeData = {
  node: FlowNode;
  problems: { errors: number; warnings: number };
  step: Step | null;
  /** A run is laid over the canvas, so nodes without a step are shown as not reached. */
  inRun: boolean;
  readOnly: boolean;
};
export type StepNode = Node<StepNodeData, "step">;

export type WireData = {
  edge: FlowEdge;
  /** Whether the run that is shown went this way; null without a run. */
  taken: boolean | null;
  readOnly: boolean;
};
export type WireEdge = Edge<WireData, "wire">;

interface CanvasOverlay {
  problems?: ReadonlyMap<string, { errors: number; warnings: number }>;
  steps?: Record<string, Step>;
  readOnly?: boolean;
}

const NO_PROBLEMS = { errors: 0, warnings: 0 };

export function toCanvas(
  document: FlowDocument,
  overlay: CanvasOverlay = {},
): { nodes: StepNode[]; edges: WireEdge[] } {
  const { steps, problems, readOnly = false } = overlay;
  return {
    nodes: document.nodes.map((node) => ({
      id: node.id,
      type: "step",
      position: node.position,
      data: {
        node,
        problems: problems?.get(node.id) ?? NO_PROBLEMS,
        step: steps?.[node.id] ?? null,
        inRun: steps !== undefined,
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
      data: { edge, taken: steps ? wasTaken(edge, steps) : null, readOnly },
    })),
  };
}

/** A wire was taken when its source finished by that port. */
function wasTaken(edge: FlowEdge, steps: Record<string, Step>): boolean {
  const step = steps[edge.source];
  if (!step) return false;
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
