/** Bringing a source to a target: by dragging, or by picking and choosing with the keyboard. */

import {
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { validateDrop } from "./drop";
import { refusal } from "./dropWords";
import { t } from "./en";
import { valueRule } from "./model";
import { isOpen, ownFieldAt, removeOwnField } from "./ownFields";
import type { PointingStore } from "./pointing";
import { focusRow } from "./Tree";
import type { TreeNode, TreeRow } from "./treeRows";
import { useCopying } from "./useCopying";
import { useDrag } from "./useDrag";
import { dropTarget, type MapperStore, type Side } from "./useMapper";
import type { StageRows } from "./useStageRows";

interface Panels {
  source: RefObject<HTMLElement | null>;
  target: RefObject<HTMLElement | null>;
  /** Asks for the name of a new field below a target that has room for it. */
  onAddField: (key: string) => void;
}

export function useConnecting(
  store: MapperStore,
  rows: StageRows,
  pointing: PointingStore,
  panels: Panels,
) {
  const { doc, picked } = store;
  const { sourceRows, targetRows, targetIndex } = rows;
  const [actives, setActives] = useState<{ source: string | null; target: string | null }>({
    source: null,
    target: null,
  });

  const goal = useRef<{ side: Side; key: string } | null>(null);
  // With the rows themselves, so that no key is pressed while nothing has the focus.
  useLayoutEffect(() => {
    const { activeElement } = document;
    const lost = activeElement === document.body || activeElement === null;
    if (goal.current === null) return;
    const panel = panels[goal.current.side].current;
    if (!lost && !panel?.contains(activeElement)) goal.current = null;
    else if (focusRow(panel, goal.current.key)) goal.current = null;
  });
  /** Brings the keyboard to a row, as soon as that is drawn. */
  const land = (side: Side, key: string) => {
    setActives((a) => ({ ...a, [side]: key }));
    goal.current = { side, key };
  };

  const copying = useCopying(store);
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
    const result = store.connect(source.field, target);
    if (store.readOnly) {
      store.pick(null);
      return;
    }
    if (result && panels.target.current?.contains(document.activeElement)) {
      // New rows put another row in this one's place: the keyboard goes there.
      land("target", result.target);
    }
    store.pick(null);
    store.say(t("announce.connected", { source: source.field.title, target: target.label }));
  };
  const { drag, grab } = useDrag({
    nodeAt,
    pointing,
    onDrop: connect,
    onRefused: (source, target, verdict) => store.say(refusal(verdict.reason, source, target)),
    onTap: (source) => setActives((a) => ({ ...a, source: source.key })),
    onOpen: (key) => store.toggle("target", key, true),
    targetPanel: () => panels.target.current,
  });

  const pickedNode = picked
    ? (sourceRows.find((row) => row.key === picked.path)?.node ?? standIn(picked.path, picked))
    : null;

  const cancelKey = (event: KeyboardEvent<HTMLElement>): boolean => {
    if (event.key !== "Escape" || !picked) return false;
    event.stopPropagation();
    store.pick(null);
    store.say(t("announce.cancelled"));
    const back = actives.source;
    if (back !== null) requestAnimationFrame(() => focusRow(panels.source.current, back));
    return true;
  };
  const onSourceKey = (row: TreeRow, event: KeyboardEvent<HTMLElement>): boolean => {
    const picks = event.key.toLowerCase() === "m" || event.key === "Enter";
    if (!picks || event.ctrlKey || event.metaKey) return cancelKey(event);
    const goal = actives.target ?? targetRows[0]?.key ?? null;
    store.pick(row.node.field);
    setActives({ source: row.key, target: goal });
    store.say(t("announce.picked", { source: row.node.field.title }));
    if (goal !== null) requestAnimationFrame(() => focusRow(panels.target.current, goal));
    return true;
  };
  const onTargetKey = (row: TreeRow, event: KeyboardEvent<HTMLElement>): boolean => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      const key = event.key.toLowerCase();
      if (key === "c") return copying.copy(row.key);
      if (key === "v") {
        void copying.paste(row.key);
        return true;
      }
    }
    if (event.key === "Enter" || event.key === " ") {
      choose(row);
      return true;
    }
    if (event.key.toLowerCase() === "n" && isOpen(row.node.field)) {
      panels.onAddField(row.key);
      return true;
    }
    if (event.key === "Delete" || event.key === "Backspace") {
      const rule = row.node.rule ?? valueRule(doc, row.key);
      const own = rule ? undefined : ownFieldAt(doc, row.key);
      if (own) {
        store.change(removeOwnField(doc, own.path));
        store.say(t("own.removed", { path: own.path }));
        return true;
      }
      if (!rule) return false;
      store.remove(rule.id);
      store.say(t("announce.removed", { target: row.node.label }));
      return true;
    }
    return cancelKey(event);
  };
  /** Connects what was picked, or else shows how the target is filled. */
  const choose = (row: TreeRow) => {
    if (pickedNode) connect(pickedNode, row.node);
    else store.select(row.key);
  };

  return {
    actives,
    setActives,
    land,
    drag,
    grab,
    carried: drag?.source ?? pickedNode,
    onSourceKey,
    onTargetKey,
    choose,
  };
}

export type Connecting = ReturnType<typeof useConnecting>;

/** A picked field whose row a search has hidden since. */
function standIn(key: string, field: TreeNode["field"]): TreeNode {
  return { key, label: key, kind: "field", field, expandable: false, children: () => [] };
}
