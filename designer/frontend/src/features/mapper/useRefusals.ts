/** Proposals that people of the workspace refused for a mapping. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, inWorkspace, withQuery } from "@/api/client";
import type { MapperPlace } from "./usePreview";

interface Refusals {
  pairs: [string, string][];
}

export interface Refused {
  keys: ReadonlySet<string>;
  refuse: (keys: string[]) => void;
  /** Forgets what was refused, so that it is proposed again. */
  askAgain: () => void;
}

const SEPARATOR = ">";

export function useRefusals(place: MapperPlace): Refused {
  const { workspace, flowId, nodeId, slot = "" } = place;
  const client = useQueryClient();
  const queryKey = useMemo(
    () => [workspace, "flow", flowId, "refusals", nodeId, slot],
    [workspace, flowId, nodeId, slot],
  );
  const path = inWorkspace(workspace, `/flows/${encodeURIComponent(flowId)}/mapping-refusals`);
  const of = withQuery(path, { node_id: nodeId, mapping_name: slot });
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => api.get<Refusals>(of, undefined, signal),
    staleTime: 60_000,
  });
  const present = query.data?.pairs;
  const keys = useMemo(
    () => new Set((present ?? []).map((pair) => pair.join(SEPARATOR))),
    [present],
  );
  // What was refused is gone from the screen at once; the server's answer puts it right.
  const write = useMutation({
    mutationFn: async (pairs: [string, string][] | null): Promise<void> => {
      if (pairs === null) await api.delete(of);
      else await api.post(path, { node_id: nodeId, mapping_name: slot, pairs });
    },
    onMutate: async (pairs) => {
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData<Refusals>(queryKey);
      const kept = pairs === null ? [] : [...(before?.pairs ?? []), ...pairs];
      client.setQueryData<Refusals>(queryKey, { pairs: kept });
      return before;
    },
    onError: (_error, _pairs, before) => client.setQueryData(queryKey, before ?? { pairs: [] }),
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
  const { mutate } = write;
  const refuse = useCallback(
    (refused: string[]) => mutate(refused.map((key) => key.split(SEPARATOR) as [string, string])),
    [mutate],
  );
  const askAgain = useCallback(() => mutate(null), [mutate]);
  return { keys, refuse, askAgain };
}
