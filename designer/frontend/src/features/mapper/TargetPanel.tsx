import { ActionIcon, Tooltip } from "@mantine/core";
import { IconLayoutSidebarRightExpand } from "@tabler/icons-react";
import { type RefObject, useCallback, useMemo } from "react";
import { validateDrop } from "./drop";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { describeExpr } from "./expressions";
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
import type { OwnFieldTools } from "./OwnField";
import { PanelHead } from "./PanelHead";
import type { PointingStore } from "./pointing";
import classes from "./Stage.module.css";
import { TargetRow } from "./TargetRow";
import { Tree } from "./Tree";
import treeCss from "./Tree.module.css";
import { sourceLists, type TargetFilter, type TreeNode, type TreeRow } from "./treeRows";
import type { Json, Preview, Rule } from "./types";
import type { Connecting } from "./useConnecting";
import type { Drag } from "./useDrag";
import { dropTarget, type MapperStore } from "./useMapper";
import type { StageRows } from "./useStageRows";
import { useSteady } from "./useSteady";
import { liveText } from "./values";

interface TargetPanelProps {
  panel: RefObject<HTMLElement | null>;
  store: MapperStore;
  rows: StageRows;
  preview: Preview | undefined;
  connecting: Connecting;
  pointing: PointingStore;
  own: OwnFieldTools;
  /** Whether the result stands beside the target. */
  beside: boolean;
  onBeside: (beside: boolean) => void;
  /** Enter in the search. */
  onEnter: () => void;
}

const FILTERS: TargetFilter[] = ["all", "mapped", "unmapped", "required", "problems"];

/** The tree of what is filled: by which rules, and what comes out. */
export function TargetPanel(props: TargetPanelProps) {
  const { panel, store, rows, preview, connecting, pointing, own, beside } = props;
  const env = useExprEnv();
  const { doc, selected } = store;
  const { actives, setActives, drag, carried } = connecting;
  const { placed, missing, problems } = rows;
  const edits = editsOf(store);
  const steady = useSteady({
    ...edits,
    toggle: (key: string, show: boolean) => store.toggle("target", key, show),
    activate: (target: string) => setActives((a) => ({ ...a, target })),
    hover: (target: string | null) => pointing.hover(target === null ? {} : { target }),
    scroll: (targetTop: number) => pointing.scroll({ targetTop }),
    choose: connecting.choose,
  });

  const lists = useMemo(() => sourceLists(env.nodes), [env.nodes]);
  const ruleAt = useMemo(
    () => new Map(doc.rules.filter((r) => !r.rows).map((r) => [r.target, r])),
    [doc],
  );
  const ruleOf = useCallback(
    (row: TreeRow): Rule | undefined => row.node.rule ?? ruleAt.get(row.key),
    [ruleAt],
  );
  const describe = useCallback(
    (row: TreeRow) => described(row, ruleOf(row), preview),
    [ruleOf, preview],
  );
  const draw = useCallback(
    (row: TreeRow, active: boolean) => (
      <TargetRow
        row={row}
        rule={ruleOf(row)}
        filled={placed.has(row.key) && row.key !== ""}
        missing={missing.has(row.key)}
        value={preview?.values[ruleOf(row)?.id ?? ""]}
        problem={problems.get(row.key)}
        active={active}
        onToggle={steady.toggle}
        onHover={steady.hover}
        onChoose={steady.choose}
        onConstant={steady.onConstant}
        onBlock={steady.onBlock}
        addRows={steady.addRows}
        own={own}
        lists={
          row.node.field.type === "list"
            ? lists.filter((l) => openLists(doc, l.path, row.key).length <= 1)
            : lists
        }
      />
    ),
    [ruleOf, placed, missing, preview, problems, own, lists, doc, steady],
  );

  return (
    <section
      ref={panel}
      className={classes.panel}
      data-side-panel="target"
      aria-label={t("target.tree")}
      aria-busy={!rows.searched.target}
    >
      <PanelHead
        title={t("target.title")}
        label={t("target.search")}
        search={rows.searches.target}
        onSearch={(target) => rows.setSearches((s) => ({ ...s, target }))}
        onEnter={props.onEnter}
        filterLabel={t("filter.label")}
        filter={rows.filter}
        onFilter={rows.setFilter}
        filters={FILTERS.map((value) => ({
          value,
          label: (
            <span className={classes.filterLabel}>
              {t(`filter.${value}`)}
              {value === "required" && missing.size > 0 && <b data-tone="amber">{missing.size}</b>}
              {value === "problems" && problems.size > 0 && <b data-tone="red">{problems.size}</b>}
            </span>
          ),
        }))}
      >
        <Tooltip label={t("result.beside")}>
          <ActionIcon
            size="sm"
            aria-label={t("result.beside")}
            aria-pressed={beside}
            variant={beside ? "light" : "subtle"}
            onClick={() => props.onBeside(!beside)}
          >
            <IconLayoutSidebarRightExpand size={16} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </PanelHead>
      <Tree
        label={t("target.tree")}
        idPrefix="target"
        rows={rows.targetRows}
        active={actives.target}
        selected={selected}
        onActive={steady.activate}
        onToggle={steady.toggle}
        onKey={connecting.onTargetKey}
        onScroll={steady.scroll}
        describe={describe}
        rowClass={(row) => rowClass(row, drag, carried)}
        empty={t("target.empty")}
      >
        {draw}
      </Tree>
    </section>
  );
}

/** What a row of the target changes in the mapping. */
function editsOf(store: MapperStore) {
  const { doc } = store;
  return {
    onConstant: (key: string, value: Json | undefined) => {
      const rule = valueRule(doc, key);
      if (value === undefined) {
        if (rule) store.remove(rule.id);
        return;
      }
      const [next, target] = ensureRows(doc, key);
      store.change(setExpr(next, target, { op: "const", value }), target);
      store.reveal("target", target);
    },
    onBlock: (id: string, what: "up" | "down" | "duplicate" | "remove") => {
      if (what === "remove") store.remove(id);
      else if (what === "duplicate") {
        const [next, copy] = duplicateBlock(doc, id);
        store.change(next, copy ? blockPath(copy) : undefined);
      } else store.change(moveBlock(doc, id, what === "up" ? -1 : 1));
    },
    addRows: (key: string, each: string | null) => {
      const [next, list] = ensureRows(doc, key);
      const [done, block] = addBlock(next, list, each ? { each } : {});
      store.change(done, blockPath(block));
      store.reveal("target", `${blockPath(block)}.x`);
    },
  };
}

function described(row: TreeRow, rule: Rule | undefined, preview: Preview | undefined): string {
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

function rowClass(row: TreeRow, drag: Drag | null, carried: TreeNode | null): string | undefined {
  if (!carried) return undefined;
  const allowed = validateDrop(carried.field, dropTarget(row.node)).allowed;
  const over = drag?.over?.key === row.key;
  const landing = allowed ? treeCss.landing : treeCss.refused;
  return `${allowed ? treeCss.legal : treeCss.illegal} ${over ? landing : ""}`;
}
