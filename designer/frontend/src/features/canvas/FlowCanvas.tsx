import "@xyflow/react/dist/base.css";

import { Button, useComputedColorScheme } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconBolt, IconHandStop } from "@tabler/icons-react";
import {
  applyEdgeChanges,
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type EdgeChange,
  type FinalConnectionState,
  MiniMap,
  type NodeChange,
  Panel,
  ReactFlow,
  SelectionMode,
  useReactFlow,
  type Connection as WireDraft,
} from "@xyflow/react";
import { type DragEvent, useCallback, useEffect, useMemo, useState } from "react";
import type { FlowNode } from "@/api/types";
import { EmptyState } from "@/shared/ui/EmptyState";
import classes from "./CanvasFrame.module.css";
import { CanvasTools } from "./CanvasTools";
import { type Spot, useDesigner } from "./DesignerContext";
import { connect, moveNodes, type Point, type Refusal, refusal, type Wire } from "./document";
import { t } from "./en";
import { type Entry, entryGroups } from "./entries";
import { edgeDefaults, edgeTypes, nodeTypes } from "./FlowView";
import { LoopFrames } from "./LoopFrames";
import { NODE_HEIGHT, NODE_WIDTH } from "./layout";
import { type StepNode, toCanvas, type WireEdge } from "./model";
import { CardContext } from "./NodeCard";
import { portsOf } from "./nodeInfo";
import { DRAG_TYPE } from "./PaletteList";
import { QuickAdd } from "./QuickAdd";
import { InsertContext } from "./WireLine";

const SNAP: [number, number] = [16, 16];

const MINIMAP_COLOURS: Record<string, string> = {
  succeeded: "var(--cw-green)",
  failed: "var(--cw-red)",
  running: "var(--cw-blue)",
  retrying: "var(--cw-amber)",
  in_doubt: "var(--cw-violet)",
};

function wireOf(draft: WireDraft | WireEdge): Wire {
  return {
    source: draft.source,
    source_port: draft.sourceHandle ?? "out",
    target: draft.target,
    target_port: draft.targetHandle ?? "in",
  };
}

/** What is selected after some were chosen or let go. */
function withChanges(ids: ReadonlySet<string>, changes: { id: string; selected: boolean }[]) {
  const after = new Set(ids);
  for (const { id, selected } of changes) {
    if (selected) after.add(id);
    else after.delete(id);
  }
  return after;
}

interface Popup {
  screen: Point;
  spot: Spot;
  triggersOnly?: boolean;
}

/** The canvas on which a flow is drawn. What it shows is always the document of the designer. */
export function FlowCanvas() {
  const designer = useDesigner();
  const {
    document: flow,
    readOnly,
    palette,
    connections,
    selection,
    change,
    reselect,
    add,
  } = designer;
  const scheme = useComputedColorScheme("light");
  const canvas = useReactFlow<StepNode, WireEdge>();
  const [nodes, setNodes] = useState<StepNode[]>([]);
  const [edges, setEdges] = useState<WireEdge[]>([]);
  const [popup, setPopup] = useState<Popup | null>(null);
  const [refused, setRefused] = useState<Refusal | null>(null);
  const [minimap, setMinimap] = useLocalStorage({ key: "causeway.minimap", defaultValue: true });

  const problems = useMemo(() => {
    const counts = new Map<string, { errors: number; warnings: number }>();
    for (const problem of designer.problems) {
      if (!problem.node_id) continue;
      const count = counts.get(problem.node_id) ?? { errors: 0, warnings: 0 };
      if (problem.severity === "error") count.errors += 1;
      else count.warnings += 1;
      counts.set(problem.node_id, count);
    }
    return counts;
  }, [designer.problems]);

  const steps = designer.test?.run ? designer.test.steps : undefined;
  const families = designer.test?.run?.families;
  useEffect(() => {
    const drawn = toCanvas(flow, { problems, steps, families, readOnly });
    setNodes((before) => {
      const old = new Map(before.map((node) => [node.id, node]));
      return drawn.nodes.map((node) => {
        const known = old.get(node.id);
        return {
          ...node,
          position: known?.dragging ? known.position : node.position,
          dragging: known?.dragging,
          measured: known?.measured,
          selected: selection.nodes.has(node.id),
          ariaLabel: t("node.label", { name: node.data.node.name }),
        };
      });
    });
    setEdges(drawn.edges.map((edge) => ({ ...edge, selected: selection.edges.has(edge.id) })));
  }, [flow, problems, steps, families, readOnly, selection]);

  const ports = useCallback((node: FlowNode) => portsOf(node, palette), [palette]);
  const groups = useMemo(() => entryGroups(palette, connections), [palette, connections]);
  const popupGroups = useMemo(() => {
    if (!popup) return [];
    // What comes after a step is never a trigger; an empty flow begins with one.
    return groups
      .map((group) => ({
        ...group,
        entries: group.entries.filter(
          (entry) => (entry.shape === "trigger") === Boolean(popup.triggersOnly),
        ),
      }))
      .filter((group) => group.entries.length > 0);
  }, [groups, popup]);

  const onNodesChange = (changes: NodeChange<StepNode>[]) => {
    setNodes((before) => applyNodeChanges(changes, before));
    const chosen = changes.filter((c) => c.type === "select");
    if (chosen.length > 0) {
      reselect(({ nodes, edges }) => ({ nodes: withChanges(nodes, chosen), edges }));
    }
    const moved = new Map<string, Point>();
    for (const c of changes) {
      if (c.type === "position" && !c.dragging && c.position) moved.set(c.id, c.position);
    }
    if (moved.size > 0) change((document) => moveNodes(document, moved), "move");
  };

  const onEdgesChange = (changes: EdgeChange<WireEdge>[]) => {
    setEdges((before) => applyEdgeChanges(changes, before));
    const chosen = changes.filter((c) => c.type === "select");
    if (chosen.length === 0) return;
    reselect(({ nodes, edges }) => ({ nodes, edges: withChanges(edges, chosen) }));
  };

  const valid = useCallback(
    (draft: WireDraft | WireEdge) => {
      const reason = refusal(flow, wireOf(draft), ports);
      setRefused(reason);
      return reason === null;
    },
    [flow, ports],
  );

  const onConnect = (draft: WireDraft) => {
    const wire = wireOf(draft);
    if (refusal(flow, wire, ports) === null) change((document) => connect(document, wire));
  };

  const onConnectEnd = (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    const from = state.fromHandle;
    const away = !state.toNode && !state.toHandle;
    if (away && from?.type === "source" && from.id && state.fromNode && !readOnly) {
      const point = "changedTouches" in event ? event.changedTouches[0] : event;
      if (point) {
        const screen = { x: point.clientX, y: point.clientY };
        const place = canvas.screenToFlowPosition(screen);
        setPopup({
          screen,
          spot: {
            at: { x: place.x, y: place.y - NODE_HEIGHT / 2 },
            after: { source: state.fromNode.id, port: from.id },
          },
        });
      }
      setRefused(null);
    } else if (state.isValid === false && refused) {
      // Stays to be read after the wire was let go.
      window.setTimeout(() => setRefused(null), 3500);
    } else setRefused(null);
  };

  const onDrop = (event: DragEvent) => {
    const key = event.dataTransfer.getData(DRAG_TYPE);
    const entry = groups.flatMap((group) => group.entries).find((e) => e.key === key);
    if (!entry || readOnly) return;
    event.preventDefault();
    const place = canvas.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const at = { x: place.x - NODE_WIDTH / 2, y: place.y - NODE_HEIGHT / 2 };
    const under = document
      .elementsFromPoint(event.clientX, event.clientY)
      .map((element) => element.closest(".react-flow__edge"))
      .find((edge) => edge !== null);
    const onEdge = under?.getAttribute("data-id") ?? undefined;
    add(entry, onEdge && entry.shape !== "trigger" ? { at, onEdge } : { at });
  };

  const insert = useMemo(
    () =>
      readOnly
        ? null
        : (edgeId: string, screen: Point) => setPopup({ screen, spot: { onEdge: edgeId } }),
    [readOnly],
  );

  const cards = useMemo(
    () => ({ document: flow, ...designer.surroundings }),
    [flow, designer.surroundings],
  );

  return (
    <div className={classes.frame}>
      <CardContext.Provider value={cards}>
        <InsertContext.Provider value={insert}>
          <ReactFlow<StepNode, WireEdge>
            aria-label={t("canvas.label")}
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            edgeTypes={edgeTypes}
            defaultEdgeOptions={edgeDefaults}
            colorMode={scheme}
            onNodesChange={onNodesChange}
            onEdgesChange={onEdgesChange}
            onConnect={onConnect}
            onConnectEnd={onConnectEnd}
            isValidConnection={valid}
            onDrop={onDrop}
            onDragOver={(event) => {
              if (event.dataTransfer.types.includes(DRAG_TYPE)) event.preventDefault();
            }}
            onMoveEnd={(event) => {
              if (event) designer.letGo();
            }}
            onPaneClick={() => setPopup(null)}
            nodesDraggable={!readOnly}
            nodesConnectable={!readOnly}
            snapToGrid
            snapGrid={SNAP}
            connectionRadius={34}
            selectionMode={SelectionMode.Partial}
            selectionKeyCode="Shift"
            multiSelectionKeyCode={["Meta", "Control"]}
            deleteKeyCode={null}
            zoomOnDoubleClick={false}
            onDoubleClick={(event) => {
              const pane = (event.target as Element).classList.contains("react-flow__pane");
              if (!pane || readOnly) return;
              const screen = { x: event.clientX, y: event.clientY };
              const at = canvas.screenToFlowPosition(screen);
              setPopup({ screen, spot: { at }, triggersOnly: flow.nodes.length === 0 });
            }}
            minZoom={0.15}
            maxZoom={2}
          >
            <Background
              variant={BackgroundVariant.Dots}
              gap={20}
              size={1.4}
              color="var(--cw-canvas-dot)"
            />
            <LoopFrames document={flow} />
            <CanvasTools
              onLayout={readOnly || flow.nodes.length === 0 ? undefined : designer.layout}
              onFit={designer.fit}
              onZoom={designer.letGo}
              minimap={minimap}
              onMinimap={setMinimap}
            />
            {minimap && flow.nodes.length > 0 && (
              <MiniMap
                pannable
                zoomable
                ariaLabel={t("canvas.minimap")}
                style={{ width: 168, height: 104 }}
                nodeBorderRadius={14}
                nodeColor={(node) =>
                  MINIMAP_COLOURS[(node as StepNode).data.step?.status ?? ""] ??
                  "var(--cw-line-strong)"
                }
                maskColor="color-mix(in srgb, var(--cw-canvas) 70%, transparent)"
              />
            )}
            <Panel position="top-center">
              <div role="status" aria-live="polite">
                {refused && (
                  <span className={classes.refusal}>
                    <IconHandStop size={16} aria-hidden />
                    {t(`refusal.${refused}`)}
                  </span>
                )}
              </div>
            </Panel>
          </ReactFlow>
        </InsertContext.Provider>
      </CardContext.Provider>
      {flow.nodes.length === 0 && !readOnly && (
        <div className={classes.empty}>
          <div className={classes.emptyCard}>
            <EmptyState
              compact
              icon={IconBolt}
              title={t("canvas.empty.title")}
              action={
                <Button
                  mt="xs"
                  onClick={(event) => {
                    const box = event.currentTarget.getBoundingClientRect();
                    setPopup({
                      screen: { x: box.left, y: box.bottom + 8 },
                      spot: { at: { x: 0, y: 0 } },
                      triggersOnly: true,
                    });
                  }}
                >
                  {t("canvas.empty.pick")}
                </Button>
              }
            >
              {t("canvas.empty.text")}
            </EmptyState>
          </div>
        </div>
      )}
      {popup && (
        <QuickAdd
          at={popup.screen}
          groups={popupGroups}
          onClose={() => setPopup(null)}
          onPick={(entry: Entry) => {
            add(entry, popup.spot);
            setPopup(null);
          }}
        />
      )}
    </div>
  );
}
