import { type RefObject, useCallback } from "react";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { PanelHead } from "./PanelHead";
import type { PointingStore } from "./pointing";
import { SourceRow } from "./SourceRow";
import classes from "./Stage.module.css";
import { Tree } from "./Tree";
import treeCss from "./Tree.module.css";
import type { TreeRow } from "./treeRows";
import type { Json } from "./types";
import type { Connecting } from "./useConnecting";
import type { MapperStore } from "./useMapper";
import type { SourceFilter, StageRows } from "./useStageRows";
import { useSteady } from "./useSteady";

interface SourcePanelProps {
  panel: RefObject<HTMLElement | null>;
  store: MapperStore;
  rows: StageRows;
  context: Json | undefined;
  connecting: Connecting;
  pointing: PointingStore;
  /** Enter in the search. */
  onEnter: () => void;
}

const FILTERS: SourceFilter[] = ["all", "with_value", "used"];

/** The tree of what can be read, with what the sample has for it. */
export function SourcePanel({
  panel,
  store,
  rows,
  context,
  connecting,
  pointing,
  onEnter,
}: SourcePanelProps) {
  const env = useExprEnv();
  const { actives, setActives, carried } = connecting;
  const { used } = rows;
  const steady = useSteady({
    toggle: (key: string, show: boolean) => store.toggle("source", key, show),
    activate: (source: string) => setActives((a) => ({ ...a, source })),
    hover: (source: string | null) => pointing.hover(source === null ? {} : { source }),
    scroll: (sourceTop: number) => pointing.scroll({ sourceTop }),
  });
  const draw = useCallback(
    (row: TreeRow) => (
      <SourceRow
        row={row}
        context={context}
        used={used.has(row.key)}
        onToggle={steady.toggle}
        onGrab={connecting.grab}
        onHover={steady.hover}
      />
    ),
    [context, used, connecting.grab, steady],
  );

  return (
    <section
      ref={panel}
      className={classes.panel}
      data-side-panel="source"
      aria-label={t("source.tree")}
      aria-busy={!rows.searched.source}
    >
      <PanelHead
        title={t("source.title")}
        label={t("source.search")}
        search={rows.searches.source}
        onSearch={(source) => rows.setSearches((s) => ({ ...s, source }))}
        onEnter={onEnter}
        filterLabel={t("filter.source")}
        filter={rows.sourceFilter}
        onFilter={rows.setSourceFilter}
        filters={FILTERS.map((value) => ({ value, label: t(`filter.${value}`) }))}
      />
      <Tree
        label={t("source.tree")}
        idPrefix="source"
        rows={rows.sourceRows}
        active={actives.source}
        selected={store.picked?.path ?? null}
        onActive={steady.activate}
        onToggle={steady.toggle}
        onKey={connecting.onSourceKey}
        onScroll={steady.scroll}
        describe={describe}
        rowClass={(row) => (carried?.key === row.key ? treeCss.carried : undefined)}
        empty={t(env.sources.length === 0 ? "source.none" : "source.empty")}
      >
        {draw}
      </Tree>
    </section>
  );
}

function describe(row: TreeRow): string {
  const { field } = row.node;
  return [field.title, t(`type.${field.type}`), field.required ? t("target.required") : ""]
    .filter(Boolean)
    .join(", ");
}
