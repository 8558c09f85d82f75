import { ActionIcon, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconChevronsLeft, IconChevronsRight } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { connectionsQuery, flowsQuery, keys, paletteQuery } from "@/api/queries";
import type { Flow, FlowDocument } from "@/api/types";
import { forgetSaved } from "@/features/mapper/kept";
import { triggerQuery } from "@/features/triggers/queries";
import { useRunLive } from "@/live";
import { ProblemAlert } from "@/shared/ui/ProblemAlert";
import { useWorkspace } from "@/shared/workspace";
import { Banners } from "./Banners";
import { ConflictDialog } from "./ConflictDialog";
import {
  type Designer,
  DesignerProvider,
  type InspectorTab,
  NOTHING,
  type Selection,
  type TestRun,
} from "./DesignerContext";
import classes from "./DesignerPage.module.css";
import { Dock, type DockTab } from "./Dock";
import {
  addNode,
  connect,
  copyOf,
  insertOnEdge,
  moveNodes,
  newNodeId,
  nodeOf,
  type Point,
  paste,
  refusal,
  remove,
} from "./document";
import { t } from "./en";
import { type Entry, entryGroups } from "./entries";
import { FlowCanvas } from "./FlowCanvas";
import { Inspector } from "./Inspector";
import { arrange, NODE_HEIGHT, NODE_WIDTH } from "./layout";
import { MapperDialog } from "./MapperDialog";
import { portsOf } from "./nodeInfo";
import { PaletteList } from "./PaletteList";
import { PublishDialog } from "./PublishDialog";
import { freePlace } from "./placing";
import { ResizeHandle } from "./ResizeHandle";
import { Toolbar } from "./Toolbar";
import { useChecks } from "./useChecks";
import { useDraft } from "./useDraft";
import { useLeaveGuard } from "./useLeaveGuard";
import { useMapperPlace } from "./useMapperPlace";
import { useShortcuts } from "./useShortcuts";
import { useView } from "./useView";
import { VersionsDrawer } from "./VersionsDrawer";

const SEARCH_ID = "palette-search";

/** The open flow: palette, canvas, inspector and dock. */
export function DesignerScreen({ flow }: { flow: Flow }) {
  const { ws, env, can } = useWorkspace();
  const cache = useQueryClient();
  const readOnly = !can("flows.edit");
  const draft = useDraft(ws, flow, !readOnly);
  const { document, change, flush } = draft;
  useLeaveGuard(draft, !readOnly);
  const { saveState, isSaved } = draft;
  useEffect(() => {
    if (saveState === "saved" && isSaved()) forgetSaved(ws, flow.id, document);
  }, [saveState, isSaved, ws, flow.id, document]);
  const { data: palette } = useQuery(paletteQuery(ws));
  const { data: connections } = useQuery(connectionsQuery(ws, env));
  const { data: flows } = useQuery(flowsQuery(ws));
  const published = flow.deployments.some((deployment) => deployment.environment === env);
  const { data: trigger } = useQuery({ ...triggerQuery(ws, flow.id, env), enabled: published });
  const { problems, checking } = useChecks(ws, flow.id, env, document);

  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [tested, setTested] = useState<{ id: string; document: FlowDocument } | null>(null);
  const live = useRunLive(ws, tested?.id ?? null);
  const [dock, setDock] = useState<{ tab: DockTab; open: boolean }>({
    tab: "problems",
    open: false,
  });
  const [sizes, setSizes] = useLocalStorage({
    key: "causeway.designer.panels",
    defaultValue: { inspector: 372, dock: 300, palette: true },
    getInitialValueInEffect: false,
  });
  const [tab, setTab] = useState<InspectorTab>("settings");
  const [publishing, setPublishing] = useState(false);
  const [versions, setVersions] = useState(false);
  const [mapper, setMapper] = useMapperPlace();

  const select = useCallback((nodes: Iterable<string>, edges: Iterable<string> = []) => {
    setSelection({ nodes: new Set(nodes), edges: new Set(edges) });
  }, []);

  const [chosenId] = selection.nodes.size === 1 ? selection.nodes : [];
  const frame = useRef<HTMLDivElement>(null);
  const view = useView(frame, document, chosenId);
  const { fitAll, focus, added } = view;

  const latest = useRef({ document, selection });
  latest.current = { document, selection };

  const add = useCallback<Designer["add"]>(
    (entry: Entry, spot = {}) => {
      const { document: now, selection: chosen } = latest.current;
      const ports = (node: Parameters<typeof portsOf>[0]) => portsOf(node, palette);
      const id = newNodeId(now, entry.node.name);
      const edge = now.edges.find((candidate) => candidate.id === spot.onEdge);
      const [only] = chosen.nodes;
      // Without a place it goes after the one selected step, by its first way that is free.
      const before = nodeOf(
        now,
        spot.after?.source ?? (!spot.at && !edge && chosen.nodes.size === 1 ? only : null),
      );
      const port =
        spot.after?.port ??
        (before &&
          ports(before).out.find(
            (name) =>
              name !== "error" &&
              !now.edges.some((e) => e.source === before.id && e.source_port === name),
          ));
      const target = nodeOf(now, edge?.target);
      const last = now.nodes.reduce<Point | null>(
        (far, node) => (!far || node.position.x > far.x ? node.position : far),
        null,
      );
      const wish = target
        ? target.position
        : (spot.at ??
          (before
            ? { x: before.position.x + NODE_WIDTH + 96, y: before.position.y }
            : last
              ? { x: last.x + NODE_WIDTH + 96, y: last.y }
              : { x: 0, y: 0 }));
      const position = target ? wish : spot.at && !spot.after ? wish : freePlace(now, wish);
      const node = {
        id,
        ...entry.node,
        config: structuredClone(entry.node.config),
        position: { x: Math.round(position.x / 16) * 16, y: Math.round(position.y / 16) * 16 },
      };
      change((current) => {
        if (edge && target) {
          // What stands behind makes room.
          const behind = new Map(
            current.nodes
              .filter((n) => n.position.x >= target.position.x)
              .map((n) => [n.id, { x: n.position.x + NODE_WIDTH + 96, y: n.position.y }]),
          );
          return insertOnEdge(moveNodes(current, behind), edge.id, node, ports(node).out[0]);
        }
        const grown = addNode(current, node);
        if (!before || !port || entry.shape === "trigger") return grown;
        const wire = {
          source: before.id,
          source_port: port,
          target: id,
          target_port: "in",
        };
        return refusal(grown, wire, ports) === null ? connect(grown, wire) : grown;
      });
      select([id]);
      added(id, Boolean(spot.at));
    },
    [change, palette, select, added],
  );

  const removeSelection = useCallback(() => {
    const { nodes, edges } = latest.current.selection;
    if (nodes.size + edges.size === 0) return;
    change((current) => remove(current, nodes, edges));
    select([]);
    if (nodes.size > 0) {
      notifications.show({
        message: `${t("canvas.deleted", { count: nodes.size })}. ${t("canvas.undoHint")}`,
        autoClose: 3500,
      });
    }
  }, [change, select]);

  const duplicateSelection = useCallback(() => {
    const { document: now, selection: chosen } = latest.current;
    if (chosen.nodes.size === 0) return;
    const made = paste(now, copyOf(now, chosen.nodes), { x: 48, y: NODE_HEIGHT + 48 });
    change(() => made.document);
    select(made.ids);
  }, [change, select]);

  const focusNode = useCallback(
    (id: string) => {
      select([id]);
      focus(id);
    },
    [select, focus],
  );

  const test: TestRun | null = useMemo(
    () =>
      tested && {
        id: tested.id,
        run: live.run,
        steps: live.steps,
        error: live.error,
        stale: tested.document !== document,
      },
    [tested, live.run, live.steps, live.error, document],
  );

  const layout = useCallback(() => {
    change((current) => moveNodes(current, arrange(current)));
    fitAll();
  }, [change, fitAll]);

  useShortcuts({
    readOnly: readOnly || mapper !== null,
    latest,
    change,
    select,
    removeSelection,
    duplicateSelection,
    undo: draft.undo,
    redo: draft.redo,
    save: () => void flush(),
    layout,
    fit: fitAll,
    search: () => {
      // At once: the letters that follow are for the search, and are shortcuts elsewhere.
      flushSync(() => setSizes((old) => ({ ...old, palette: true })));
      window.document.getElementById(SEARCH_ID)?.focus();
    },
  });

  // A connection made in another tab shows when the person comes back.
  useEffect(() => {
    const refresh = () => void cache.invalidateQueries({ queryKey: keys.connections(ws) });
    window.addEventListener("focus", refresh);
    return () => window.removeEventListener("focus", refresh);
  }, [cache, ws]);

  const groups = useMemo(() => entryGroups(palette, connections), [palette, connections]);
  const surroundings = useMemo(
    () => ({ palette, connections, flows }),
    [palette, connections, flows],
  );
  const designer: Designer = {
    ws,
    env,
    flow,
    document,
    change,
    readOnly,
    palette,
    connections,
    surroundings,
    selection,
    select,
    reselect: setSelection,
    fit: fitAll,
    letGo: view.letGo,
    layout,
    focusNode,
    problems,
    checking,
    add,
    removeSelection,
    duplicateSelection,
    test,
    startTest: (id) => {
      setTested({ id, document });
      select([]);
      fitAll();
    },
    clearTest: () => setTested(null),
    tab,
    showTab: setTab,
    openMapper: (nodeId, slot) => setMapper({ nodeId, slot }),
  };
  const inspecting = selection.nodes.size > 0;

  return (
    <DesignerProvider value={designer}>
      <div className={classes.screen}>
        <h1 className="cw-visually-hidden">{flow.name}</h1>
        <Toolbar
          draft={draft}
          onPublish={() => setPublishing(true)}
          onVersions={() => setVersions(true)}
          onTest={() => setDock({ tab: "test", open: true })}
        />
        {draft.saveState === "error" && draft.saveProblem && draft.saveProblem.status !== 0 && (
          <div className={classes.notice}>
            <ProblemAlert error={draft.saveProblem} onRetry={() => void flush()} />
          </div>
        )}
        <Banners flow={flow.id} env={env} trigger={trigger} />
        <div className={classes.middle}>
          {sizes.palette && !readOnly ? (
            <section className={classes.palette} aria-label={t("palette.title")}>
              <div className={classes.paletteHead}>
                <h2 className={classes.paletteTitle}>{t("palette.title")}</h2>
                <Tooltip label={t("palette.hide")}>
                  <ActionIcon
                    size="sm"
                    aria-label={t("palette.hide")}
                    onClick={() => setSizes({ ...sizes, palette: false })}
                  >
                    <IconChevronsLeft size={16} />
                  </ActionIcon>
                </Tooltip>
              </div>
              <div className={classes.paletteBody}>
                <PaletteList
                  groups={groups}
                  onPick={(entry) => add(entry)}
                  searchId={SEARCH_ID}
                  loading={palette === undefined}
                />
              </div>
              <p className={classes.paletteHint}>{t("palette.hint")}</p>
            </section>
          ) : (
            !readOnly && (
              <div className={classes.folded}>
                <Tooltip label={t("palette.show")} position="right">
                  <ActionIcon
                    aria-label={t("palette.show")}
                    onClick={() => setSizes({ ...sizes, palette: true })}
                  >
                    <IconChevronsRight size={17} />
                  </ActionIcon>
                </Tooltip>
              </div>
            )
          )}
          <div className={classes.centre}>
            <div className={classes.canvas} ref={frame}>
              <FlowCanvas />
            </div>
            {dock.open && (
              <ResizeHandle
                label={t("panel.dock")}
                axis="y"
                size={sizes.dock}
                min={160}
                max={640}
                onResize={(size) => setSizes((old) => ({ ...old, dock: size }))}
              />
            )}
            <div
              className={classes.dock}
              style={{ height: dock.open ? `min(${sizes.dock}px, 60%)` : 39 }}
            >
              <Dock
                tab={dock.tab}
                open={dock.open}
                onTab={(tab) => setDock((old) => ({ ...old, tab }))}
                onOpen={(open) => setDock((old) => ({ ...old, open }))}
              />
            </div>
          </div>
          {inspecting && (
            <>
              <ResizeHandle
                label={t("panel.inspector")}
                axis="x"
                size={sizes.inspector}
                min={300}
                max={640}
                onResize={(size) => setSizes((old) => ({ ...old, inspector: size }))}
              />
              <div className={classes.inspector} style={{ width: sizes.inspector }}>
                <Inspector />
              </div>
            </>
          )}
        </div>
      </div>
      {publishing && <PublishDialog opened onClose={() => setPublishing(false)} flush={flush} />}
      <VersionsDrawer opened={versions} onClose={() => setVersions(false)} />
      <ConflictDialog theirs={draft.conflict} onTakeTheirs={draft.takeTheirs} />
      {mapper && <MapperDialog place={mapper} onClose={() => setMapper(null)} />}
    </DesignerProvider>
  );
}
