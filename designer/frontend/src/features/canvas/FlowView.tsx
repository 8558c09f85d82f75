import "@xyflow/react/dist/base.css";

import { useComputedColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  MarkerType,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { connectionsQuery, flowsQuery, paletteQuery } from "@/api/queries";
import type { FlowDocument, RunFamily, Step } from "@/api/types";
import { useWorkspace } from "@/shared/workspace";
import classes from "./CanvasFrame.module.css";
import { CanvasTools, FIT } from "./CanvasTools";
import { t } from "./en";
import { LoopFrames } from "./LoopFrames";
import { type StepNode, toCanvas } from "./model";
import { CardContext, NodeCard } from "./NodeCard";
import { around, seen } from "./opening";
import { WireLine } from "./WireLine";

export const nodeTypes = { step: NodeCard };
export const edgeTypes = { wire: WireLine };
export const edgeDefaults = {
  markerEnd: { type: MarkerType.ArrowClosed, width: 11, height: 11, color: "var(--cw-wire)" },
};

export interface FlowViewProps {
  document: FlowDocument;
  /** State of each step, laid over the nodes. */
  steps?: Record<string, Step>;
  /** The runs that its steps made. */
  families?: readonly RunFamily[] | undefined;
  selected?: string | null;
  onSelect?: (nodeId: string | null) => void;
  /** Accessible name of the canvas. */
  label?: string;
}

/** The tools stand at the left, so the flow leaves them room. */
const WHOLE = {
  ...FIT,
  padding: { top: "16px", bottom: "24px", left: "72px", right: "28px" },
} as const;

/** Who decided what is seen: the page when it opened, or the person since. */
type ViewedBy = "page" | "fit" | "hand";

interface ViewProps {
  document: FlowDocument;
  selected: string | null | undefined;
  by: RefObject<ViewedBy>;
}

/**
 * Tools, and what part of the flow is seen: all of it where that can be read, else the chosen step
 * and what is around it, until a person moves the view. A step that is chosen comes into view.
 */
function View({ document, selected, by }: ViewProps) {
  const { fitView, getViewport, setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const latest = useRef({ document, selected });
  latest.current = { document, selected };

  useEffect(() => {
    if (by.current === "hand" || width === 0 || height === 0) return;
    const now = latest.current;
    const view =
      by.current === "fit" ? null : around(now.document, { width, height }, now.selected ?? null);
    if (view) void setViewport(view);
    else void fitView({ ...WHOLE, duration: 0 });
  }, [width, height, by, fitView, setViewport]);

  useEffect(() => {
    const frame = { width, height };
    const step = latest.current.document.nodes.find(({ id }) => id === selected);
    if (!step || width === 0 || height === 0 || seen(step.position, getViewport(), frame)) return;
    const view = around(latest.current.document, frame, step.id);
    if (view) void setViewport(view);
  }, [selected, width, height, getViewport, setViewport]);

  return (
    <CanvasTools
      upright
      onFit={() => {
        by.current = "fit";
        void fitView(WHOLE);
      }}
      onZoom={() => {
        by.current = "hand";
      }}
    />
  );
}

/** A flow drawn for reading: the canvas of the designer without its tools. */
export function FlowView(props: FlowViewProps) {
  const { document, steps, families, selected, onSelect, label } = props;
  const { ws, env } = useWorkspace();
  const { data: palette } = useQuery(paletteQuery(ws));
  const { data: connections } = useQuery(connectionsQuery(ws, env));
  const scheme = useComputedColorScheme("light");
  const [nodes, setNodes] = useState<StepNode[]>([]);
  const by = useRef<ViewedBy>("page");
  const calls = document.nodes.some((node) => node.type === "call_flow");
  const { data: flows } = useQuery({ ...flowsQuery(ws), enabled: calls });
  const drawn = useMemo(
    () => toCanvas(document, { steps, families, readOnly: true }),
    [document, steps, families],
  );
  useEffect(() => {
    setNodes((before) => {
      const old = new Map(before.map((node) => [node.id, node]));
      return drawn.nodes.map((node) => ({
        ...node,
        measured: old.get(node.id)?.measured,
        selected: node.id === selected,
        ariaLabel: t("node.label", { name: node.data.node.name }),
      }));
    });
  }, [drawn, selected]);
  const surroundings = useMemo(
    () => ({ document, palette, connections, flows }),
    [document, palette, connections, flows],
  );
  const choose = (changes: NodeChange<StepNode>[]) => {
    setNodes((before) => applyNodeChanges(changes, before));
    for (const change of changes) {
      if (change.type === "select" && change.selected) onSelect?.(change.id);
    }
  };
  return (
    <div className={classes.frame}>
      <CardContext.Provider value={surroundings}>
        <ReactFlowProvider>
          <ReactFlow
            aria-label={label ?? t("canvas.readLabel")}
            nodes={nodes}
            edges={drawn.edges}
            nodeTypes={nodeTypes}
            edgeTypes={edgeTypes}
            defaultEdgeOptions={edgeDefaults}
            colorMode={scheme}
            onNodesChange={choose}
            onPaneClick={() => onSelect?.(null)}
            onMoveEnd={(event) => {
              if (event) by.current = "hand";
            }}
            nodesDraggable={false}
            nodesConnectable={false}
            edgesFocusable={false}
            minZoom={0.15}
            maxZoom={1.6}
            deleteKeyCode={null}
          >
            <Background
              variant={BackgroundVariant.Dots}
              gap={20}
              size={1.4}
              color="var(--cw-canvas-dot)"
            />
            <LoopFrames document={document} />
            <View document={document} selected={selected} by={by} />
          </ReactFlow>
        </ReactFlowProvider>
      </CardContext.Provider>
    </div>
  );
}
