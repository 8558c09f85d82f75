/** Functions of the platform and those that the workspace made, as one list. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, inWorkspace } from "@/api/client";
import { functionsQuery } from "@/api/queries";
import type { Page } from "@/api/types";
import { t } from "./en";
import type { FunctionParam } from "./reuse";
import type { Expr, FunctionArg, MappingFunction } from "./types";

export interface OwnFunction {
  id: string;
  name: string;
  title: string;
  description: string;
  version: number;
  args: FunctionArg[];
  function: { params?: FunctionParam[]; body: Expr };
}

/** What the workspace made, each in its newest version. */
export function useOwnFunctions(workspace: string) {
  return useQuery({
    queryKey: [workspace, "own-functions"],
    queryFn: async ({ signal }) =>
      (
        await api.getExact<Page<OwnFunction>>(
          inWorkspace(workspace, "/own-functions"),
          { limit: 200 },
          signal,
        )
      ).items,
    structuralSharing: false,
    retry: false,
  });
}

export function useFunctions(workspace: string): MappingFunction[] {
  const platform = useQuery(functionsQuery(workspace));
  const own = useOwnFunctions(workspace);
  return useMemo(
    () => [
      ...(own.data ?? []).map((fn) => ({
        ...fn,
        group: t("fn.own"),
        returns: "any",
        examples: [],
      })),
      ...(platform.data ?? []),
    ],
    [platform.data, own.data],
  );
}
