import { createContext, useContext } from "react";
import type { Connection, Flow, FlowDocument, Palette, Problem, Run, Step } from "@/api/types";
import type { Point } from "./document";
import type { Entry } from "./entries";
import type { Surroundings } from "./nodeInfo";

export interface Selection {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
}

export const NOTHING: Selection = { nodes: new Set(), edges: new Set() };

/** Where a new step goes: a place, the end of a pulled wire, or into a wire. */
export interface Spot {
  at?: Point;
  after?: { source: string; port: string };
  onEdge?: string;
}

/** Which mapping of a step the mapper edits. */
export type MappingSlot = "input" | "mapping" | "find" | "create";

export interface TestRun {
  id: string;
  run: Run | null;
  steps: Record<string, Step>;
  error: Error | null;
  /** The flow was changed after the test began. */
  stale: boolean;
}

export type InspectorTab = "settings" | "data";

export interface Designer {
  ws: string;
  env: string;
  flow: Flow;
  document: FlowDocument;
  change: (make: (document: FlowDocument) => FlowDocument, key?: string) => void;
  readOnly: boolean;
  palette: Palette | undefined;
  connections: Connection[] | undefined;
  surroundings: Surroundings;
  selection: Selection;
  select: (nodes: Iterable<string>, edges?: Iterable<string>) => void;
  /** Changes what is selected; several changes of one moment all count. */
  reselect: (change: (before: Selection) => Selection) => void;
  /** Shows the whole flow, and goes on doing so until the person pans or zooms. */
  fit: () => void;
  letGo: () => void;
  /** Arranges all steps anew. */
  layout: () => void;
  /** Selects a step and brings it into view. */
  focusNode: (id: string) => void;
  problems: Problem[];
  checking: boolean;
  add: (entry: Entry, spot?: Spot) => void;
  removeSelection: () => void;
  duplicateSelection: () => void;
  test: TestRun | null;
  startTest: (runId: string) => void;
  clearTest: () => void;
  /** Which side of the selected step is shown; stays when another step is selected. */
  tab: InspectorTab;
  showTab: (tab: InspectorTab) => void;
  openMapper: (nodeId: string, slot: MappingSlot) => void;
}

const Context = createContext<Designer | null>(null);

export const DesignerProvider = Context.Provider;

export function useDesigner(): Designer {
  const designer = useContext(Context);
  if (!designer) throw new Error("useDesigner needs a DesignerProvider above it.");
  return designer;
}
