import { type InfiniteData, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { keys } from "@/api/queries";
import type { RunPage } from "@/api/types";
import { type RunFilter, withRun } from "./model";
import { liveSocket } from "./socket";

/** Where a list of runs stands in the query cache; the filter is the last part of the key. */
export const runListKey = (workspace: string, environment: string, filter: RunFilter) =>
  [...keys.runs(workspace), "list", environment, filter] as const;

/** Sums over many runs are not patched but fetched again, at most this often. */
const SUMS_PAUSE_MS = 1_500;

/** Every list of runs in the cache follows what the server tells while this is mounted. */
export function useRunsLive(workspace: string, environment: string): void {
  const cache = useQueryClient();
  useEffect(() => {
    const socket = liveSocket(workspace, environment);
    const lists = [...keys.runs(workspace), "list", environment];
    let pause: ReturnType<typeof setTimeout> | undefined;
    const sumsMoved = () => {
      pause ??= setTimeout(() => {
        pause = undefined;
        void cache.invalidateQueries({ queryKey: keys.overview(workspace, environment) });
      }, SUMS_PAUSE_MS);
    };
    const stopRuns = socket.onRuns(({ run }) => {
      if (run.environment !== environment) return;
      sumsMoved();
      for (const [key] of cache.getQueriesData<InfiniteData<RunPage>>({ queryKey: lists })) {
        const filter = key.at(-1) as RunFilter;
        cache.setQueryData<InfiniteData<RunPage>>(
          key,
          (data) => data && { ...data, pages: withRun(data.pages, run, filter) },
        );
      }
    });
    const stopOpen = socket.onOpen(() => void cache.invalidateQueries({ queryKey: lists }));
    // What was told while no list was on the screen is asked for; a list on its way is waited for.
    void cache.invalidateQueries({ queryKey: lists }, { cancelRefetch: false });
    return () => {
      clearTimeout(pause);
      stopRuns();
      stopOpen();
    };
  }, [cache, workspace, environment]);
}
