import { CloseButton } from "@mantine/core";
import {
  type CSSProperties,
  memo,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { outlook } from "./dropWords";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { bestMatch } from "./finding";
import { LinesPane } from "./LinesPane";
import { valueRule } from "./model";
import { type PointingStore, useMakePointing, usePointing } from "./pointing";
import { ResultView } from "./ResultView";
import { SourcePanel } from "./SourcePanel";
import classes from "./Stage.module.css";
import type { Suggestion } from "./suggest";
import { TargetPanel } from "./TargetPanel";
import { revealRow } from "./Tree";
import { anchorOf } from "./treeRows";
import type { Json, JsonSchema, Preview, Rule } from "./types";
import { useConnecting } from "./useConnecting";
import type { Drag } from "./useDrag";
import type { MapperStore, Side } from "./useMapper";
import type { MapperPlace } from "./usePreview";
import { useStageRows } from "./useStageRows";
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
  place: MapperPlace;
}

/** The two trees with the lines between them. */
export const Stage = memo(function Stage({
  store,
  targetSchema,
  targetTitle,
  preview,
  context,
  suggestions,
  focus,
  plainSchema,
  place,
}: StageProps) {
  const { doc, selected } = store;
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
  const { drag } = connecting;

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
    const from = links.find((link) => link.target === selected);
    const at = from ? anchorOf(from.source, sourceIndex) : null;
    // Once the details below have opened: they take room from the trees.
    requestAnimationFrame(() => {
      revealRow(targetPanel.current, targetIndex.get(selected) ?? -1, rowPx);
      if (at) revealRow(sourcePanel.current, at.row, rowPx);
    });
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

  return (
    <RowHeight.Provider value={rowPx}>
      <div
        className={classes.stage}
        style={{ "--row-px": `${rowPx}px` } as CSSProperties}
        data-dragging={drag !== null || undefined}
        data-beside={beside || undefined}
      >
        <SourcePanel
          panel={sourcePanel}
          store={store}
          rows={rows}
          context={context}
          connecting={connecting}
          pointing={pointing}
          onEnter={() => setEntering("source")}
        />

        <LinesPane
          store={store}
          rows={rows}
          preview={preview}
          pointing={pointing}
          drag={drag}
          suggestions={suggestions}
          zoom={zoom}
        />

        <TargetPanel
          panel={targetPanel}
          store={store}
          rows={rows}
          preview={preview}
          connecting={connecting}
          pointing={pointing}
          own={own}
          beside={beside}
          onBeside={setBeside}
          onEnter={() => setEntering("target")}
        />

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
            <ResultView value={preview?.output} schema={targetSchema} mapping={doc} place={place} />
          </section>
        )}

        {drag && (
          <DragTip
            drag={drag}
            pointing={pointing}
            present={drag.over ? valueRule(doc, drag.over.key) : undefined}
          />
        )}
      </div>
    </RowHeight.Provider>
  );
});

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
