import { ActionIcon, CloseButton, SegmentedControl, Tooltip } from "@mantine/core";
import { IconLayoutSidebarRightExpand } from "@tabler/icons-react";
import { type CSSProperties, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { DocumentView } from "./DocumentView";
import { validateDrop } from "./drop";
import { outlook } from "./dropWords";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { describeExpr } from "./expressions";
import { bestMatch } from "./finding";
import { LinesPane } from "./LinesPane";
import {
  addBlock,
  blockPath,
  duplicateBlock,
  ensureRows,
  moveBlock,
  openLists,
  setExpr,
  valueRule,
} from "./model";
import { type PointingStore, useMakePointing, usePointing } from "./pointing";
import { Search } from "./Search";
import { SourceRow } from "./SourceRow";
import classes from "./Stage.module.css";
import type { Suggestion } from "./suggest";
import { TargetRow } from "./TargetRow";
import { revealRow, Tree } from "./Tree";
import treeCss from "./Tree.module.css";
import { anchorOf, sourceLists, type TargetFilter, type TreeNode, type TreeRow } from "./treeRows";
import type { Json, JsonSchema, Preview, Rule } from "./types";
import { useConnecting } from "./useConnecting";
import type { Drag } from "./useDrag";
import { dropTarget, type MapperStore, type Side } from "./useMapper";
import { type SourceFilter, useStageRows } from "./useStageRows";
import { liveText } from "./values";
import { RowHeight, useZoom } from "./zoom";

interface StageProps {
  store: MapperStore;
  targetSchema: JsonSchema;
  targetTitle: string;
  preview: Preview | undefined;
  context: Json | undefined;
  suggestions: Suggestion[];
  /** Only what is mapped, on both sides. */
  focus: boolean;
  /** The target's schema without the fields that were added in this mapping. */
  plainSchema: JsonSchema;
}

const SOURCE_FILTERS: SourceFilter[] = ["all", "with_value", "used"];
const FILTERS: TargetFilter[] = ["all", "mapped", "unmapped", "required", "problems"];

/** The two trees with the lines between them. */
export function Stage({
  store,
  targetSchema,
  targetTitle,
  preview,
  context,
  suggestions,
  focus,
  plainSchema,
}: StageProps) {
  const env = useExprEnv();
  const { doc, selected, picked } = store;
  const rows = useStageRows({ store, targetSchema, targetTitle, preview, context, focus });
  const [beside, setBeside] = useState(false);
  const [adding, onAdding] = useState<string | null>(null);
  const own = useMemo(
    () => ({ store, schema: plainSchema, adding, onAdding }),
    [store, plainSchema, adding],
  );
  const { links, sourceIndex, targetIndex, viewKey } = rows;
  const pointing = useMakePointing();
  const sourcePanel = useRef<HTMLElement>(null);
  const targetPanel = useRef<HTMLElement>(null);
  const zoom = useZoom();
  const { rowPx } = zoom;
  const connecting = useConnecting(store, rows, pointing, {
    source: sourcePanel,
    target: targetPanel,
    onAddField: onAdding,
  });
  const { actives, setActives, drag, carried } = connecting;

  // From a search the keyboard goes to what it found, once the tree shows it.
  const [entering, setEntering] = useState<Side | null>(null);
  const arrived = entering !== null && rows.searched[entering];
  // biome-ignore lint/correctness/useExhaustiveDependencies: acts once for each Enter
  useLayoutEffect(() => {
    if (!arrived) return;
    setEntering(null);
    const [shown, panel] =
      entering === "source"
        ? [rows.sourceRows, sourcePanel.current]
        : [rows.targetRows, targetPanel.current];
    const best = bestMatch(shown, rows.searches[entering]);
    if (!best) return;
    revealRow(panel, shown.indexOf(best), rowPx);
    connecting.land(entering, best.key);
  }, [arrived, entering]);

  // A new choice is brought into view with its source, also when it came from a list.
  const shown = useRef<string | null>(null);
  useEffect(() => {
    const view = `${viewKey} ${selected}`;
    if (selected === null || shown.current === view) return;
    shown.current = view;
    revealRow(targetPanel.current, targetIndex.get(selected) ?? -1, rowPx);
    const from = links.find((link) => link.target === selected);
    const at = from ? anchorOf(from.source, sourceIndex) : null;
    if (at) revealRow(sourcePanel.current, at.row, rowPx);
  }, [selected, viewKey, targetIndex, links, sourceIndex, rowPx]);

  // A page begins where its first line does.
  const { page } = rows;
  const turned = useRef<string | null>(null);
  useEffect(() => {
    if (turned.current === page) return;
    turned.current = page;
    const [first] = page === null ? [] : links;
    const at = first ? anchorOf(first.source, sourceIndex) : null;
    if (at) revealRow(sourcePanel.current, at.row, rowPx);
  }, [page, links, sourceIndex, rowPx]);

  const onConstant = (key: string, value: Json | undefined) => {
    const rule = valueRule(doc, key);
    if (value === undefined) {
      if (rule) store.remove(rule.id);
      return;
    }
    const [next, target] = ensureRows(doc, key);
    store.change(setExpr(next, target, { op: "const", value }), target);
    store.reveal("target", target);
  };
  const onBlock = (id: string, what: "up" | "down" | "duplicate" | "remove") => {
    if (what === "remove") store.remove(id);
    else if (what === "duplicate") {
      const [next, copy] = duplicateBlock(doc, id);
      store.change(next, copy ? blockPath(copy) : undefined);
    } else store.change(moveBlock(doc, id, what === "up" ? -1 : 1));
  };
  const addRows = (key: string, each: string | null) => {
    const [next, list] = ensureRows(doc, key);
    const [done, block] = addBlock(next, list, each ? { each } : {});
    store.change(done, blockPath(block));
    store.reveal("target", `${blockPath(block)}.x`);
  };

  const lists = useMemo(() => sourceLists(env.nodes), [env.nodes]);
  const ruleAt = useMemo(
    () => new Map(doc.rules.filter((r) => !r.rows).map((r) => [r.target, r])),
    [doc],
  );
  const ruleOf = (row: TreeRow): Rule | undefined => row.node.rule ?? ruleAt.get(row.key);
  const toggleSource = (key: string, show: boolean) => store.toggle("source", key, show);
  const toggleTarget = (key: string, show: boolean) => store.toggle("target", key, show);

  return (
    <RowHeight.Provider value={rowPx}>
      <div
        className={classes.stage}
        style={{ "--row-px": `${rowPx}px` } as CSSProperties}
        data-dragging={drag !== null || undefined}
        data-beside={beside || undefined}
      >
        <section
          ref={sourcePanel}
          className={classes.panel}
          data-side-panel="source"
          aria-label={t("source.tree")}
        >
          <div className={classes.panelHead}>
            <h2>{t("source.title")}</h2>
            <Search
              label={t("source.search")}
              value={rows.searches.source}
              onChange={(source) => rows.setSearches((s) => ({ ...s, source }))}
              onEnter={() => setEntering("source")}
            />
            <SegmentedControl
              size="xs"
              aria-label={t("filter.source")}
              className={classes.filter}
              value={rows.sourceFilter}
              onChange={(value) => rows.setSourceFilter(value as SourceFilter)}
              data={SOURCE_FILTERS.map((value) => ({ value, label: t(`filter.${value}`) }))}
            />
          </div>
          <Tree
            label={t("source.tree")}
            idPrefix="source"
            rows={rows.sourceRows}
            active={actives.source}
            selected={picked?.path ?? null}
            onActive={(source) => setActives((a) => ({ ...a, source }))}
            onToggle={toggleSource}
            onKey={connecting.onSourceKey}
            onScroll={(sourceTop) => pointing.set({ sourceTop })}
            describe={describeSource}
            rowClass={(row) => (carried?.key === row.key ? treeCss.carried : undefined)}
            empty={t(env.sources.length === 0 ? "source.none" : "source.empty")}
          >
            {(row) => (
              <SourceRow
                row={row}
                context={context}
                used={rows.used.has(row.key)}
                onToggle={toggleSource}
                onGrab={connecting.grab}
                onHover={(source) => pointing.set({ hovered: source === null ? {} : { source } })}
              />
            )}
          </Tree>
        </section>

        <LinesPane
          store={store}
          rows={rows}
          preview={preview}
          pointing={pointing}
          drag={drag}
          suggestions={suggestions}
          zoom={zoom}
        />

        <section
          ref={targetPanel}
          className={classes.panel}
          data-side-panel="target"
          aria-label={t("target.tree")}
        >
          <div className={classes.panelHead}>
            <h2>{t("target.title")}</h2>
            <Search
              label={t("target.search")}
              value={rows.searches.target}
              onChange={(target) => rows.setSearches((s) => ({ ...s, target }))}
              onEnter={() => setEntering("target")}
            />
            <SegmentedControl
              size="xs"
              aria-label={t("filter.label")}
              className={classes.filter}
              value={rows.filter}
              onChange={(value) => rows.setFilter(value as TargetFilter)}
              data={FILTERS.map((value) => ({
                value,
                label: (
                  <span className={classes.filterLabel}>
                    {t(`filter.${value}`)}
                    {value === "required" && rows.missing.size > 0 && (
                      <b data-tone="amber">{rows.missing.size}</b>
                    )}
                    {value === "problems" && rows.problems.size > 0 && (
                      <b data-tone="red">{rows.problems.size}</b>
                    )}
                  </span>
                ),
              }))}
            />
            <Tooltip label={t("result.beside")}>
              <ActionIcon
                size="sm"
                aria-label={t("result.beside")}
                aria-pressed={beside}
                variant={beside ? "light" : "subtle"}
                onClick={() => setBeside((b) => !b)}
              >
                <IconLayoutSidebarRightExpand size={16} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
          </div>
          <Tree
            label={t("target.tree")}
            idPrefix="target"
            rows={rows.targetRows}
            active={actives.target}
            selected={selected}
            onActive={(target) => setActives((a) => ({ ...a, target }))}
            onToggle={toggleTarget}
            onKey={connecting.onTargetKey}
            onScroll={(targetTop) => pointing.set({ targetTop })}
            describe={(row) => describeTarget(row, ruleOf(row), preview)}
            rowClass={(row) => targetClass(row, drag, carried)}
            empty={t("target.empty")}
          >
            {(row, active) => (
              <TargetRow
                row={row}
                rule={ruleOf(row)}
                filled={rows.placed.has(row.key) && row.key !== ""}
                missing={rows.missing.has(row.key)}
                value={preview?.values[ruleOf(row)?.id ?? ""]}
                problem={rows.problems.get(row.key)}
                active={active}
                onToggle={toggleTarget}
                onHover={(target) => pointing.set({ hovered: target === null ? {} : { target } })}
                onChoose={() => connecting.choose(row)}
                onConstant={onConstant}
                onBlock={onBlock}
                addRows={addRows}
                own={own}
                lists={
                  row.node.field.type === "list"
                    ? lists.filter((l) => openLists(doc, l.path, row.key).length <= 1)
                    : lists
                }
              />
            )}
          </Tree>
        </section>

        {beside && (
          <section
            className={classes.panel}
            data-side-panel="result"
            aria-label={t("panel.result")}
          >
            <div className={classes.panelHead}>
              <h2>{t("panel.result")}</h2>
              <CloseButton
                size="sm"
                ml="auto"
                aria-label={t("notice.dismiss")}
                onClick={() => setBeside(false)}
              />
            </div>
            <DocumentView
              value={preview?.output}
              schema={targetSchema}
              label={t("panel.result_label")}
            />
          </section>
        )}

        {drag && (
          <DragTip drag={drag} pointing={pointing} present={ruleAt.get(drag.over?.key ?? "\n")} />
        )}
      </div>
    </RowHeight.Provider>
  );
}

/** What is carried, and what letting go here would do. */
function DragTip({
  drag,
  pointing,
  present,
}: {
  drag: Drag;
  pointing: PointingStore;
  present: Rule | undefined;
}) {
  const env = useExprEnv();
  const { pointer } = usePointing(pointing);
  if (!pointer) return null;
  return (
    <div
      className={classes.dragTip}
      style={{ left: pointer.x + 14, top: pointer.y + 12 }}
      data-allowed={drag.verdict?.allowed}
    >
      <b>{drag.source.field.title}</b>
      {drag.over && <span>{outlook(drag.source, drag.over, present, env.titleOf)}</span>}
    </div>
  );
}

function describeSource(row: TreeRow): string {
  const { field } = row.node;
  return [field.title, t(`type.${field.type}`), field.required ? t("target.required") : ""]
    .filter(Boolean)
    .join(", ");
}

function describeTarget(
  row: TreeRow,
  rule: Rule | undefined,
  preview: Preview | undefined,
): string {
  const { field } = row.node;
  const value = rule ? preview?.values[rule.id] : undefined;
  return [
    field.title,
    t(`type.${field.type}`),
    field.required ? t("target.required") : "",
    rule?.expr ? describeExpr(rule.expr) : "",
    liveText(value)?.text ?? "",
  ]
    .filter(Boolean)
    .join(", ");
}

function targetClass(
  row: TreeRow,
  drag: Drag | null,
  carried: TreeNode | null,
): string | undefined {
  if (!carried) return undefined;
  const allowed = validateDrop(carried.field, dropTarget(row.node)).allowed;
  const over = drag?.over?.key === row.key;
  const landing = allowed ? treeCss.landing : treeCss.refused;
  return `${allowed ? treeCss.legal : treeCss.illegal} ${over ? landing : ""}`;
}
