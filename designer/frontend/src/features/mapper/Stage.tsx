import { CloseButton, SegmentedControl, TextInput } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import {
  type KeyboardEvent,
  useCallback,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { type NoticeWord, validateDrop, wholeList, wouldCombine } from "./drop";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { describeExpr } from "./expressions";
import { Legend, Lines } from "./Lines";
import { bundlesOf, linksOf } from "./links";
import classes from "./mapper.module.css";
import {
  addBlock,
  blockPath,
  duplicateBlock,
  moveBlock,
  openLists,
  requiredMissing,
  ruleById,
  setExpr,
  valueRule,
} from "./model";
import { SourceRow } from "./SourceRow";
import { isScalar } from "./schemaTree";
import { TargetRow } from "./TargetRow";
import { focusRow, revealRow, Tree } from "./Tree";
import {
  anchorOf,
  filteredKeys,
  matching,
  searchMatches,
  sourceLists,
  type TargetFilter,
  type TreeNode,
  type TreeRow,
  targetNodes,
  visibleRows,
  withAncestors,
} from "./treeRows";
import type { Json, JsonSchema, MappingProblem, Preview, Rule } from "./types";
import { useDrag } from "./useDrag";
import { dropTarget, type MapperStore } from "./useMapper";
import { hasValue } from "./values";

interface StageProps {
  store: MapperStore;
  targetSchema: JsonSchema;
  targetTitle: string;
  preview: Preview | undefined;
  context: Json | undefined;
}

type SourceFilter = "all" | "with_value" | "used";
const SOURCE_FILTERS: SourceFilter[] = ["all", "with_value", "used"];
const FILTERS: TargetFilter[] = ["all", "mapped", "unmapped", "required", "problems"];

/** The two trees with the lines between them. */
export function Stage({ store, targetSchema, targetTitle, preview, context }: StageProps) {
  const env = useExprEnv();
  const { doc, open, selected, picked } = store;
  const [searches, setSearches] = useState({ source: "", target: "" });
  const [filter, setFilter] = useState<TargetFilter>("all");
  const [sourceFilter, setSourceFilter] = useState<SourceFilter>("all");
  const [actives, setActives] = useState<{ source: string | null; target: string | null }>({
    source: null,
    target: null,
  });
  const [tops, setTops] = useState({ source: 0, target: 0 });
  const [hovered, setHovered] = useState<{ rule?: string; source?: string; target?: string }>({});
  const gap = useElementSize();
  const gapBox = useRef<HTMLElement | null>(null);
  const sourcePanel = useRef<HTMLElement>(null);
  const targetPanel = useRef<HTMLElement>(null);

  // ---- rows ---------------------------------------------------------------------------------
  const wantedSource = useDeferredValue(searches.source.trim());
  const wantedTarget = useDeferredValue(searches.target.trim());
  const usedPaths = useMemo(() => new Set(linksOf(doc).map((link) => link.source)), [doc]);
  const sourceOnly = useMemo(() => {
    if (!wantedSource && sourceFilter === "all") return null;
    const found = wantedSource ? searchMatches(wantedSource) : () => true;
    const fits =
      sourceFilter === "with_value"
        ? (node: TreeNode) => isScalar(node.field.type) && hasValue(context, node.key)
        : sourceFilter === "used"
          ? (node: TreeNode) => usedPaths.has(node.key) || usedPaths.has(wholeList(node.key))
          : () => true;
    return matching(env.nodes, (node) => found(node) && fits(node));
  }, [env.nodes, wantedSource, sourceFilter, usedPaths, context]);
  const sourceRows = useMemo(
    () => visibleRows(env.nodes, { expanded: open.source, only: sourceOnly }),
    [env.nodes, open.source, sourceOnly],
  );
  const roots = useMemo(
    () => targetNodes(targetSchema, doc, targetTitle),
    [targetSchema, doc, targetTitle],
  );
  const problems = useMemo(() => problemsByTarget(doc.rules, preview), [doc, preview]);
  const targetOnly = useMemo(() => {
    const byFilter = filteredKeys(filter, roots, doc, [...problems.keys()]);
    if (!wantedTarget) return byFilter;
    const found = matching(roots, searchMatches(wantedTarget));
    return byFilter ? new Set([...found].filter((key) => byFilter.has(key))) : found;
  }, [filter, roots, doc, problems, wantedTarget]);
  const targetRows = useMemo(
    () => visibleRows(roots, { expanded: open.target, only: targetOnly }),
    [roots, open.target, targetOnly],
  );
  const sourceIndex = useMemo(() => indexOf(sourceRows), [sourceRows]);
  const targetIndex = useMemo(() => indexOf(targetRows), [targetRows]);

  // ---- lines --------------------------------------------------------------------------------
  const links = useMemo(() => linksOf(doc), [doc]);
  const bundles = useMemo(
    () => bundlesOf(doc, links, sourceIndex, targetIndex, preview),
    [doc, links, sourceIndex, targetIndex, preview],
  );
  const used = useMemo(() => {
    const keys = new Set<string>();
    for (const link of links) {
      const at = anchorOf(link.source, sourceIndex);
      const key = at ? sourceRows[at.row]?.key : undefined;
      if (key) keys.add(key);
    }
    return keys;
  }, [links, sourceIndex, sourceRows]);
  const lit = useMemo(() => {
    const wanted = new Set<string>();
    const of = (side: "source" | "target", key: string) => {
      for (const link of links) {
        const index = side === "source" ? sourceIndex : targetIndex;
        const rows = side === "source" ? sourceRows : targetRows;
        const at = anchorOf(link[side], index);
        if (at && rows[at.row]?.key === key) wanted.add(link.ruleId);
      }
    };
    if (hovered.rule) wanted.add(hovered.rule);
    else if (hovered.source !== undefined) of("source", hovered.source);
    else if (hovered.target !== undefined) of("target", hovered.target);
    else if (selected !== null) of("target", selected);
    return wanted.size > 0 ? wanted : null;
  }, [hovered, links, selected, sourceIndex, targetIndex, sourceRows, targetRows]);

  const placed = useMemo(
    () => withAncestors(doc.rules.map((r) => (r.rows ? blockPath(r) : r.target))),
    [doc],
  );
  const missing = useMemo(
    () => new Set(roots[0] ? requiredMissing(doc, roots[0].field) : []),
    [doc, roots],
  );

  // ---- connecting ---------------------------------------------------------------------------
  const nodeAt = useCallback(
    (key: string) => targetRows[targetIndex.get(key) ?? -1]?.node,
    [targetRows, targetIndex],
  );
  const connect = (source: TreeNode, target: TreeNode) => {
    const verdict = validateDrop(source.field, dropTarget(target));
    if (!verdict.allowed) {
      store.say(refusal(verdict.reason, source, target));
      return;
    }
    store.connect(source.field, target);
    store.pick(null);
    store.say(t("announce.connected", { source: source.field.title, target: target.label }));
  };
  const { drag, grab } = useDrag({
    nodeAt,
    onDrop: connect,
    onRefused: (source, target, verdict) => store.say(refusal(verdict.reason, source, target)),
    onTap: (source) => setActives((a) => ({ ...a, source: source.key })),
    onOpen: (key) => store.toggle("target", key, true),
    targetPanel: () => targetPanel.current,
  });
  const carried =
    drag?.source ??
    (picked ? (env.nodes.length > 0 ? pickedNode(sourceRows, picked.path) : null) : null);

  // A new choice is brought into view, also when it came from the table or a problem.
  const shown = useRef<string | null>(null);
  useEffect(() => {
    const view = `${filter} ${wantedTarget} ${selected}`;
    if (selected === null || shown.current === view) return;
    shown.current = view;
    revealRow(targetPanel.current, targetIndex.get(selected) ?? -1);
    const from = links.find((link) => link.target === selected);
    const at = from ? anchorOf(from.source, sourceIndex) : null;
    if (at) revealRow(sourcePanel.current, at.row);
  }, [selected, targetIndex, links, sourceIndex, filter, wantedTarget]);

  const onSourceKey = (row: TreeRow, event: KeyboardEvent<HTMLElement>): boolean => {
    if (event.key === "m" || event.key === "M" || event.key === "Enter") {
      if (event.ctrlKey || event.metaKey) return false;
      store.pick(row.node.field);
      setActives((a) => ({
        ...a,
        source: row.key,
        target: a.target ?? targetRows[0]?.key ?? null,
      }));
      store.say(t("announce.picked", { source: row.node.field.title }));
      const goal = actives.target ?? targetRows[0]?.key;
      if (goal !== undefined) requestAnimationFrame(() => focusRow(targetPanel.current, goal));
      return true;
    }
    return cancelKey(event);
  };
  const cancelKey = (event: KeyboardEvent<HTMLElement>): boolean => {
    if (event.key !== "Escape" || !picked) return false;
    event.stopPropagation();
    store.pick(null);
    store.say(t("announce.cancelled"));
    const back = actives.source;
    if (back !== null) requestAnimationFrame(() => focusRow(sourcePanel.current, back));
    return true;
  };
  const onTargetKey = (row: TreeRow, event: KeyboardEvent<HTMLElement>): boolean => {
    if (event.key === "Enter" || event.key === " ") {
      if (picked) {
        const source = pickedNode(sourceRows, picked.path) ?? {
          ...row.node,
          field: picked,
          key: picked.path,
        };
        connect(source, row.node);
      } else store.select(row.key);
      return true;
    }
    if (event.key === "Delete" || event.key === "Backspace") {
      const rule = row.node.rule ?? valueRule(doc, row.key);
      if (!rule) return false;
      store.remove(rule.id);
      store.say(t("announce.removed", { target: row.node.label }));
      return true;
    }
    return cancelKey(event);
  };

  // ---- changes from rows --------------------------------------------------------------------
  const onConstant = (key: string, value: Json | undefined) => {
    const rule = valueRule(doc, key);
    if (value === undefined) {
      if (rule) store.remove(rule.id);
      return;
    }
    // Typing into a list without rows means one row with this value.
    let next = doc;
    let target = key;
    while (target.includes("[]")) {
      const list = target.slice(0, target.indexOf("[]"));
      const [withBlock, block] = addBlock(next, list, {});
      next = withBlock;
      target = `${blockPath(block)}${target.slice(target.indexOf("[]") + 2)}`;
    }
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
    let next = doc;
    let list = key;
    while (list.includes("[]")) {
      const outer = list.slice(0, list.indexOf("[]"));
      const [withBlock, block] = addBlock(next, outer, {});
      next = withBlock;
      list = `${blockPath(block)}${list.slice(list.indexOf("[]") + 2)}`;
    }
    const [done, block] = addBlock(next, list, each ? { each } : {});
    store.change(done, blockPath(block));
    store.reveal("target", `${blockPath(block)}.x`);
  };
  const lists = useMemo(() => sourceLists(env.nodes), [env.nodes]);

  const size = { width: gap.width, height: gap.height };
  const ghost = ghostOf(drag, sourceIndex, gapBox.current);
  const toggleSource = useCallback(
    (key: string, show: boolean) => store.toggle("source", key, show),
    [store],
  );
  const toggleTarget = useCallback(
    (key: string, show: boolean) => store.toggle("target", key, show),
    [store],
  );

  return (
    <div className={classes.stage} data-dragging={drag !== null || undefined}>
      <section
        ref={sourcePanel}
        className={classes.panel}
        data-side-panel="source"
        aria-label={t("source.tree")}
      >
        <div className={classes.panelHead}>
          <h3>{t("source.title")}</h3>
          <Search
            label={t("source.search")}
            value={searches.source}
            onChange={(source) => setSearches((s) => ({ ...s, source }))}
          />
          <SegmentedControl
            size="xs"
            aria-label={t("filter.source")}
            className={classes.filter}
            value={sourceFilter}
            onChange={(value) => setSourceFilter(value as SourceFilter)}
            data={SOURCE_FILTERS.map((value) => ({ value, label: t(`filter.${value}`) }))}
          />
        </div>
        <Tree
          label={t("source.tree")}
          idPrefix="source"
          rows={sourceRows}
          active={actives.source}
          selected={picked?.path ?? null}
          onActive={(source) => setActives((a) => ({ ...a, source }))}
          onToggle={toggleSource}
          onKey={onSourceKey}
          onScroll={(source) => setTops((s) => ({ ...s, source }))}
          describe={(row) => describeSource(row)}
          rowClass={(row) => (carried?.key === row.key ? classes.carried : undefined)}
          empty={t(env.sources.length === 0 ? "source.none" : "source.empty")}
        >
          {(row) => (
            <SourceRow
              row={row}
              context={context}
              used={used.has(row.key)}
              onToggle={toggleSource}
              onGrab={grab}
              onHover={(source) => setHovered(source === null ? {} : { source })}
            />
          )}
        </Tree>
      </section>

      <div className={classes.gap}>
        <div className={classes.gapHead}>
          <Legend />
        </div>
        <div
          ref={(element) => {
            gapBox.current = element;
            gap.ref(element);
          }}
          className={classes.gapBody}
        >
          {size.width > 0 && (
            <Lines
              bundles={bundles}
              {...size}
              sourceTop={tops.source}
              targetTop={tops.target}
              lit={lit}
              fnTitle={env.fnTitle}
              onHover={(rule) => setHovered(rule === null ? {} : { rule })}
              onChoose={(id) => {
                const rule = ruleById(doc, id);
                if (rule) store.select(rule.rows ? blockPath(rule) : rule.target);
              }}
              ghost={ghost}
            />
          )}
        </div>
      </div>

      <section
        ref={targetPanel}
        className={classes.panel}
        data-side-panel="target"
        aria-label={t("target.tree")}
      >
        <div className={classes.panelHead}>
          <h3>{t("target.title")}</h3>
          <Search
            label={t("target.search")}
            value={searches.target}
            onChange={(target) => setSearches((s) => ({ ...s, target }))}
          />
          <SegmentedControl
            size="xs"
            aria-label={t("filter.label")}
            className={classes.filter}
            value={filter}
            onChange={(value) => setFilter(value as TargetFilter)}
            data={FILTERS.map((value) => ({
              value,
              label: (
                <span className={classes.filterLabel}>
                  {t(`filter.${value}`)}
                  {value === "required" && missing.size > 0 && (
                    <b data-tone="amber">{missing.size}</b>
                  )}
                  {value === "problems" && problems.size > 0 && (
                    <b data-tone="red">{problems.size}</b>
                  )}
                </span>
              ),
            }))}
          />
        </div>
        <Tree
          label={t("target.tree")}
          idPrefix="target"
          rows={targetRows}
          active={actives.target}
          selected={selected}
          onActive={(target) => setActives((a) => ({ ...a, target }))}
          onToggle={toggleTarget}
          onKey={onTargetKey}
          onScroll={(target) => setTops((s) => ({ ...s, target }))}
          describe={(row) => describeTarget(row, doc.rules, preview)}
          rowClass={(row) => targetClass(row, drag, carried)}
          empty={t("target.empty")}
        >
          {(row, active) => (
            <TargetRow
              row={row}
              rule={row.node.rule ?? valueRule(doc, row.key)}
              filled={placed.has(row.key) && row.key !== ""}
              missing={missing.has(row.key)}
              value={preview?.values[(row.node.rule ?? valueRule(doc, row.key))?.id ?? ""]}
              problem={problems.get(row.key)}
              active={active}
              onToggle={toggleTarget}
              onHover={(target) => setHovered(target === null ? {} : { target })}
              onChoose={(key) => {
                if (picked) {
                  const source = pickedNode(sourceRows, picked.path);
                  if (source) connect(source, row.node);
                } else store.select(key);
              }}
              onConstant={onConstant}
              onBlock={onBlock}
              addRows={addRows}
              lists={
                row.node.field.type === "list"
                  ? lists.filter((l) => openLists(doc, l.path, row.key).length <= 1)
                  : lists
              }
            />
          )}
        </Tree>
      </section>

      {drag && (
        <div
          className={classes.dragTip}
          style={{ left: drag.x + 14, top: drag.y + 12 }}
          data-allowed={drag.verdict?.allowed}
        >
          <b>{drag.source.field.title}</b>
          {drag.over && drag.verdict && (
            <span>
              {drag.verdict.allowed
                ? promise(
                    drag.source,
                    drag.over,
                    doc.rules,
                    env.titleOf,
                    wouldCombine(doc, dropTarget(drag.over)),
                  )
                : refusal(drag.verdict.reason, drag.source, drag.over)}
            </span>
          )}
        </div>
      )}
    </div>
  );
}

function Search({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <TextInput
      size="xs"
      className={classes.search}
      aria-label={label}
      placeholder={label}
      value={value}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={
        value ? (
          <CloseButton size="xs" aria-label={t("notice.dismiss")} onClick={() => onChange("")} />
        ) : null
      }
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape" && value) {
          event.stopPropagation();
          onChange("");
        }
      }}
    />
  );
}

function indexOf(rows: TreeRow[]): Map<string, number> {
  return new Map(rows.map((row, index) => [row.key, index]));
}

function pickedNode(rows: TreeRow[], path: string): TreeNode | null {
  return rows.find((row) => row.key === path)?.node ?? null;
}

function problemsByTarget(
  rules: Rule[],
  preview: Preview | undefined,
): Map<string, MappingProblem> {
  const found = new Map<string, MappingProblem>();
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  for (const problem of preview?.problems ?? []) {
    const rule = problem.rule_id ? byId.get(problem.rule_id) : undefined;
    const key = rule ? (rule.rows ? blockPath(rule) : rule.target) : problem.target;
    if (key === undefined || key === null) continue;
    if (found.get(key)?.severity !== "error") found.set(key, problem);
  }
  for (const [id, value] of Object.entries(preview?.values ?? {})) {
    const rule = byId.get(id);
    if (!rule || !("error" in value)) continue;
    const key = rule.rows ? blockPath(rule) : rule.target;
    if (found.get(key)?.severity === "error") continue;
    found.set(key, { severity: "error", code: "value", message: String(value.error), rule_id: id });
  }
  return found;
}

function describeSource(row: TreeRow): string {
  const { field } = row.node;
  return [field.title, t(`type.${field.type}`), field.required ? t("target.required") : ""]
    .filter(Boolean)
    .join(", ");
}

function describeTarget(row: TreeRow, rules: Rule[], preview: Preview | undefined): string {
  const { field } = row.node;
  const rule = row.node.rule ?? rules.find((r) => r.target === row.key && !r.rows);
  const value = rule ? preview?.values[rule.id] : undefined;
  return [
    field.title,
    t(`type.${field.type}`),
    field.required ? t("target.required") : "",
    rule?.expr ? describeExpr(rule.expr) : "",
    value && "value" in value ? String(value.value) : "",
  ]
    .filter(Boolean)
    .join(", ");
}

function targetClass(
  row: TreeRow,
  drag: { over: TreeNode | null } | null,
  carried: TreeNode | null,
): string | undefined {
  if (!carried) return undefined;
  const allowed = validateDrop(carried.field, dropTarget(row.node)).allowed;
  const over = drag?.over?.key === row.key;
  return [
    allowed ? classes.legal : classes.illegal,
    over ? (allowed ? classes.landing : classes.refused) : "",
  ].join(" ");
}

function ghostOf(
  drag: { source: TreeNode; x: number; y: number; verdict: { allowed: boolean } | null } | null,
  index: ReadonlyMap<string, number>,
  gap: HTMLElement | null,
) {
  if (!drag || !gap) return null;
  const box = gap.getBoundingClientRect();
  const fromRow = index.get(drag.source.key);
  if (fromRow === undefined) return null;
  return {
    fromRow,
    x: Math.min(box.width, Math.max(0, drag.x - box.left)),
    y: drag.y - box.top,
    allowed: drag.verdict?.allowed ?? null,
  };
}

function refusal(
  reason: ReturnType<typeof validateDrop>["reason"],
  source: TreeNode,
  target: TreeNode,
): string {
  const params = { source: source.field.title, target: target.field.title || target.label };
  switch (reason) {
    case "read_only":
      return t("drop.read_only", params);
    case "object_into_field":
      return t("drop.object_into_field", params);
    case "field_into_object":
      return t("drop.field_into_object", params);
    case "field_into_list":
      return t("drop.field_into_list", params);
    case "object_into_list":
      return t("drop.object_into_list", params);
    case "list_into_object":
      return t("drop.list_into_object", params);
    case "block_loops":
      return t("drop.block_loops");
    case "list_into_field":
      return t("drop.list_into_field");
    default:
      return t("drop.already");
  }
}

function promise(
  source: TreeNode,
  target: TreeNode,
  rules: Rule[],
  titleOf: (path: string) => string | undefined,
  combines: boolean,
): string {
  if (source.field.type === "list" && (target.field.type === "list" || target.kind === "block")) {
    return t("drop.rows", { source: source.field.title });
  }
  const rule = rules.find((r) => r.target === target.key && !r.rows);
  if (combines && rule) {
    return t("drop.combine", { present: describeExpr(rule.expr, { title: titleOf }) });
  }
  return t("drop.connect", { target: target.field.title || target.label });
}

export function noticeText(word: NoticeWord, detail: string): string {
  return t(`notice.${word}`, { detail } as never);
}
