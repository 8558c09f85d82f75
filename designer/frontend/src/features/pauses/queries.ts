/** What the screens ask about what is held back; `useNews` asks again when it changes. */

import { queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import type { Page, Pause } from "@/api/types";

export type PauseKind = Pause["kind"];

export interface PauseOf {
  kind: PauseKind;
  /** Id of a flow or run, short name of a connection. */
  ref: string;
}

export const pausesKey = (ws: string) => [ws, "pauses"] as const;

/** Everything that is paused in an environment, or one thing only. */
export const pausesQuery = (ws: string, environment: string, of?: PauseOf) =>
  queryOptions({
    queryKey: [...pausesKey(ws), environment, of ?? "all"] as const,
    queryFn: async ({ signal }) =>
      (await api.get<Page<Pause>>(inWorkspace(ws, "/pauses"), { environment, ...of }, signal))
        .items,
  });
