/** The state of one mapper: the document with its history, what is open, chosen and picked. */

import { useCallback, useMemo, useRef, useState } from "react";
import { type DropTarget, mapField, type Notice } from "./drop";
import { t } from "./en";
import { pathsIn } from "./expressions";
import { begin, commit, type History, redo, undo } from "./history";
import { blockPath, removeRule, requiredMissing, rootField, ruleById } from "./model";
import { blocksAlong, formatPath, parentPath, parsePath } from "./paths";
import type { Field } from "./schemaTree";
import type { TreeNode } from "./treeRows";
import type { JsonSchema, MappingDocument, SourceTree } from "./types";

export type Side = "source" | "target";

export interface MapperState {
  history: History<MappingDocument>;
  saved: MappingDocument;
  /** Key of the chosen target, also of a block. */
  selected: string | null;
  picked: Field | null;
  open: Record<Side, ReadonlySet<string>>;
  notices: Notice[];
  /** What the live region says; the number makes equal texts speak again. */
  said: { text: string; number: number };
  /** A change has just been refused. */
  refused?: boolean;
}

type Action =
  | {
      type: "change";
      doc: MappingDocument;
      selected?: string | null;
      notices?: Notice[];
      open?: string[];
    }
  | { type: "undo" | "redo" | "saved" | "dismiss" }
  | { type: "select"; key: string | null }
  | { type: "pick"; field: Field | null }
  | { type: "toggle"; side: Side; key: string; open: boolean }
  | { type: "reveal"; side: Side; keys: string[] }
  | { type: "say"; text: string };

function pathsAbove(path: string): string[] {
  const above: string[] = [];
  let at = path;
  while (at !== "") {
    at = parentPath(at);
    above.push(at);
  }
  return above;
}

const opened = (set: ReadonlySet<string>, keys: string[]): ReadonlySet<string> =>
  keys.every((key) => set.has(key)) ? set : new Set([...set, ...keys]);

/** The chosen place as it is now: where a block has gone, the field of the list's element. */
function stillThere(selected: string | null, doc: MappingDocument): string | null {
  if (selected === null || blocksAlong(selected).every((id) => ruleById(doc, id)?.rows)) {
    return selected;
  }
  const path = parsePath(selected);
  const last = path.at(-1);
  if (last && last.brackets.length > 0) return parentPath(selected);
  return formatPath(
    path.map((s) => ({
      name: s.name,
      brackets: s.brackets.map((b) => (ruleById(doc, b)?.rows ? b : "")),
    })),
  );
}

function reduce(before: MapperState, action: Action): MapperState {
  const state = step(before, action);
  const selected = stillThere(state.selected, state.history.present);
  return selected === state.selected ? state : { ...state, selected };
}

/** Nothing is changed: what says that it was gives way to why it is not. */
function reduceReading(state: MapperState, action: Action): MapperState {
  if (action.type === "say" && state.refused) return { ...state, refused: false };
  if (action.type !== "change") return { ...reduce(state, action), refused: false };
  const said = { text: t("mapper.read_only"), number: state.said.number + 1 };
  return { ...state, said, refused: true };
}

function step(state: MapperState, action: Action): MapperState {
  switch (action.type) {
    case "change": {
      const { doc, notices, open } = action;
      return {
        ...state,
        history: commit(state.history, doc),
        selected: action.selected === undefined ? state.selected : action.selected,
        notices: notices ?? [],
        open: open ? { ...state.open, target: opened(state.open.target, open) } : state.open,
      };
    }
    case "undo":
    case "redo": {
      const history = action.type === "undo" ? undo(state.history) : redo(state.history);
      return { ...state, history, notices: [] };
    }
    case "saved":
      return { ...state, saved: state.history.present };
    case "dismiss":
      return { ...state, notices: [] };
    case "select":
      return { ...state, selected: action.key };
    case "pick":
      return { ...state, picked: action.field };
    case "toggle": {
      const set = new Set(state.open[action.side]);
      if (action.open) set.add(action.key);
      else set.delete(action.key);
      return { ...state, open: { ...state.open, [action.side]: set } };
    }
    case "reveal":
      return {
        ...state,
        open: { ...state.open, [action.side]: opened(state.open[action.side], action.keys) },
      };
    case "say":
      return { ...state, said: { text: action.text, number: state.said.number + 1 } };
  }
}

function initial(doc: MappingDocument): MapperState {
  const target = new Set<string>([""]);
  const source = new Set<string>();
  for (const rule of doc.rules) {
    const place = rule.rows ? blockPath(rule) : rule.target;
    for (const key of pathsAbove(place)) target.add(key);
    for (const path of [...pathsIn(rule.expr), ...(rule.rows?.each ? [rule.rows.each] : [])]) {
      for (const key of pathsAbove(path)) {
        source.add(key);
        source.add(`${key}[]`);
      }
    }
  }
  return {
    history: begin(doc),
    saved: doc,
    selected: null,
    picked: null,
    open: { source, target },
    notices: [],
    said: { text: "", number: 0 },
  };
}

/**
 * `onChange` is told of every new document at once, before anything is drawn. With `readOnly`
 * everything can be looked at, and a change says why it is not made.
 */
export function useMapper(
  mapping: MappingDocument,
  onChange?: (doc: MappingDocument) => void,
  readOnly = false,
) {
  const [state, setState] = useState(() => initial(mapping));
  const newest = useRef(state);
  const told = useRef(onChange);
  told.current = onChange;
  const dispatch = useCallback(
    (action: Action) => {
      const before = newest.current;
      const after = (readOnly ? reduceReading : reduce)(before, action);
      if (after === before) return;
      newest.current = after;
      if (after.history.present !== before.history.present) told.current?.(after.history.present);
      setState(after);
    },
    [readOnly],
  );
  const [fresh] = useState(mapping.rules.length === 0);
  const doc = state.history.present;

  const change = useCallback(
    (next: MappingDocument, selected?: string | null) =>
      dispatch({ type: "change", doc: next, selected }),
    [dispatch],
  );
  const connect = useCallback(
    (source: Field, node: TreeNode) => {
      const result = mapField(doc, source, dropTarget(node));
      if (result.ruleId === null) return null;
      dispatch({
        type: "change",
        doc: result.doc,
        selected: result.target,
        notices: result.notices,
        open: [
          ...pathsAbove(result.target),
          ...(node.kind === "block" || result.target.endsWith("]") ? [result.target] : []),
        ],
      });
      return result;
    },
    [doc, dispatch],
  );
  const remove = useCallback(
    (id: string) => dispatch({ type: "change", doc: removeRule(doc, id), notices: [] }),
    [doc, dispatch],
  );

  /** Opens what a person needs to see first: the sources' roots and the required targets. */
  const prepare = useCallback(
    (sources: SourceTree[], schema: JsonSchema | null) => {
      // A mapping that is there has opened what it reads; a new one starts from the trigger.
      const first = sources.find((s) => s.path === "trigger") ?? sources[0];
      if (first && fresh) dispatch({ type: "reveal", side: "source", keys: [first.path] });
      if (!schema) return;
      const needed = requiredMissing({ schema: 1, rules: [] }, rootField(schema));
      dispatch({ type: "reveal", side: "target", keys: needed.flatMap(pathsAbove) });
    },
    [fresh, dispatch],
  );

  return useMemo(
    () => ({
      ...state,
      doc,
      readOnly,
      dirty: doc !== state.saved,
      canUndo: state.history.past.length > 0,
      canRedo: state.history.future.length > 0,
      change,
      connect,
      remove,
      prepare,
      undo: () => dispatch({ type: "undo" }),
      redo: () => dispatch({ type: "redo" }),
      markSaved: () => dispatch({ type: "saved" }),
      dismiss: () => dispatch({ type: "dismiss" }),
      select: (key: string | null) => dispatch({ type: "select", key }),
      pick: (field: Field | null) => dispatch({ type: "pick", field }),
      toggle: (side: Side, key: string, open: boolean) =>
        dispatch({ type: "toggle", side, key, open }),
      reveal: (side: Side, path: string) =>
        dispatch({ type: "reveal", side, keys: pathsAbove(path) }),
      say: (text: string) => dispatch({ type: "say", text }),
    }),
    [state, doc, readOnly, change, connect, remove, prepare, dispatch],
  );
}

export type MapperStore = ReturnType<typeof useMapper>;

export function dropTarget(node: TreeNode): DropTarget {
  return node.kind === "block"
    ? { ...node.field, path: node.key, kind: "block", blockId: node.rule?.id }
    : { ...node.field, kind: "field" };
}
