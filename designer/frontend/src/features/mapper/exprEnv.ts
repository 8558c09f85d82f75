/** What an expression editor must know of the place it stands in. */

import { createContext, useContext, useMemo } from "react";
import { sourceNodes, type TreeNode, titlesOf } from "./treeRows";
import type { Json, MappingFunction, SourceTree } from "./types";

export interface ExprEnv {
  sources: SourceTree[];
  nodes: TreeNode[];
  functions: MappingFunction[];
  context: Json | undefined;
  titleOf: (path: string) => string | undefined;
  /** The title alone, without the step it belongs to, where there is little room. */
  nameOf: (path: string) => string | undefined;
  fnTitle: (name: string) => string | undefined;
  /** Where lookup tables are looked for. */
  workspace?: string;
  environment?: string;
  /** Inside a popover: what opens there stays in it, else a click would close them all. */
  nested?: boolean;
}

const EMPTY: ExprEnv = {
  sources: [],
  nodes: [],
  functions: [],
  context: undefined,
  titleOf: () => undefined,
  nameOf: () => undefined,
  fnTitle: () => undefined,
};

export const ExprEnvContext = createContext<ExprEnv>(EMPTY);

export const useExprEnv = (): ExprEnv => useContext(ExprEnvContext);

export function useMakeEnv(
  sources: SourceTree[],
  functions: MappingFunction[],
  context: Json | undefined,
  place?: { workspace: string; environment?: string },
): ExprEnv {
  const { workspace, environment } = place ?? {};
  return useMemo(() => {
    const byName = new Map(functions.map((fn) => [fn.name, fn]));
    return {
      sources,
      functions,
      context,
      nodes: sourceNodes(sources, context),
      titleOf: titlesOf(sources, true),
      nameOf: titlesOf(sources, false),
      fnTitle: (name) => byName.get(name)?.title,
      workspace,
      environment,
    };
  }, [sources, functions, context, workspace, environment]);
}
