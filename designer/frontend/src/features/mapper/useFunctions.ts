/** Functions of the platform and those that the workspace made, as one list. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, inWorkspace } from "@/api/client";
import { functionsQuery } from "@/api/queries";
import type { Page } from "@/api/types";
import { t } from "./en";
import type { FunctionArg, MappingFunction } from "./types";

interface OwnFunction {
  name: string;
  title: string;
  description: string;
  args: FunctionArg[];
}

export function useFunctions(workspace: string): MappingFunction[] {
  const platform = useQuery(functionsQuery(workspace));
  const own = useQuery({
    queryKey: [workspace, "own-functions"],
    queryFn: async ({ signal }) =>
      (
        await api.get<Page<OwnFunction>>(
          inWorkspace(workspace, "/own-functions"),
          { limit: 200 },
          signal,
        )
      ).items,
    retry: false,
  });
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
