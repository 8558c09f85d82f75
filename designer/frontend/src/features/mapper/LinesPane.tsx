import { useElementSize } from "@mantine/hooks";
import { useMemo, useRef } from "react";
import { curvesOf, groupsOf } from "./curves";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { wrapCall } from "./expressions";
import { Legend, Lines } from "./Lines";
import { bundlesOf, PROPOSED, proposalsOf } from "./links";
import { MapTools } from "./MapTools";
import { blockPath, patchRule, ruleById } from "./model";
import { type PointingStore, usePointing } from "./pointing";
import classes from "./Stage.module.css";
import { accept, type Suggestion } from "./suggest";
import { anchorOf } from "./treeRows";
import type { Preview } from "./types";
import type { Drag } from "./useDrag";
import type { MapperStore } from "./useMapper";
import type { StageRows } from "./useStageRows";
import type { Zoom } from "./zoom";

interface LinesPaneProps {
  store: MapperStore;
  rows: StageRows;
  preview: Preview | undefined;
  pointing: PointingStore;
  drag: Drag | null;
  suggestions: Suggestion[];
  zoom: Zoom;
}

/** The space between the trees: follows their scrolling without redrawing them. */
export function LinesPane({
  store,
  rows,
  preview,
  pointing,
  drag,
  suggestions,
  zoom,
}: LinesPaneProps) {
  const env = useExprEnv();
  const { doc, selected } = store;
  const { links, sourceIndex, targetIndex, sourceRows, targetRows } = rows;
  const { sourceTop, targetTop, hovered, pointer } = usePointing(pointing);
  const size = useElementSize();
  const box = useRef<HTMLElement | null>(null);

  const bundles = useMemo(
    () => [
      ...proposalsOf(suggestions, sourceIndex, targetIndex),
      ...bundlesOf(doc, links, sourceIndex, targetIndex, preview),
    ],
    [doc, links, sourceIndex, targetIndex, preview, suggestions],
  );
  const groups = useMemo(() => groupsOf(sourceRows), [sourceRows]);
  const curves = useMemo(() => curvesOf(bundles, (row) => groups[row] ?? row), [bundles, groups]);
  const lit = useMemo(() => {
    const wanted = new Set<string>();
    const of = (side: "source" | "target", key: string) => {
      for (const link of links) {
        const at = anchorOf(link[side], side === "source" ? sourceIndex : targetIndex);
        const row = at && (side === "source" ? sourceRows : targetRows)[at.row];
        if (row && row.key === key) wanted.add(link.ruleId);
      }
    };
    if (hovered.rule) wanted.add(hovered.rule);
    else if (hovered.source !== undefined) of("source", hovered.source);
    else if (hovered.target !== undefined) of("target", hovered.target);
    if (wanted.size === 0 && selected !== null) of("target", selected);
    return wanted.size > 0 ? wanted : null;
  }, [hovered, links, selected, sourceIndex, targetIndex, sourceRows, targetRows]);

  const fromRow = drag ? sourceIndex.get(drag.source.key) : undefined;
  const frame = box.current?.getBoundingClientRect();
  const ghost =
    drag && pointer && frame && fromRow !== undefined
      ? {
          fromRow,
          x: Math.min(frame.width, Math.max(0, pointer.x - frame.left)),
          y: pointer.y - frame.top,
          allowed: drag.verdict?.allowed ?? null,
        }
      : null;

  return (
    <div className={classes.gap}>
      <div className={classes.gapHead}>
        <Legend />
      </div>
      <div
        ref={(element) => {
          box.current = element;
          size.ref(element);
        }}
        className={classes.gapBody}
      >
        {size.width > 0 && (
          <Lines
            bundles={bundles}
            curves={curves}
            width={size.width}
            height={size.height}
            sourceTop={sourceTop}
            targetTop={targetTop}
            lit={lit}
            fnTitle={env.fnTitle}
            onHover={(rule) => pointing.hover(rule === null ? {} : { rule })}
            onChoose={(id) => {
              const proposed = suggestions.find((s) => PROPOSED + s.id === id);
              if (proposed) {
                store.change(accept(doc, [proposed]));
                store.say(t("suggest.accepted", { count: 1 }));
                return;
              }
              const rule = ruleById(doc, id);
              if (rule) store.select(rule.rows ? blockPath(rule) : rule.target);
            }}
            onInsert={(id, fn) => {
              const rule = ruleById(doc, id);
              if (!rule?.expr) return;
              store.change(patchRule(doc, id, { expr: wrapCall(rule.expr, fn) }), rule.target);
            }}
            onUnfold={(side, row) => {
              const folded = (side === "source" ? sourceRows : targetRows)[row];
              if (folded) store.toggle(side, folded.key, true);
            }}
            ghost={ghost}
          />
        )}
        <MapTools zoom={zoom} pages={rows.pages} page={rows.page} onPage={rows.setPage} />
      </div>
    </div>
  );
}
