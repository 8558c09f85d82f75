import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Run } from "@/api/types";
import {
  type HeldRun,
  isFinished,
  NOTHING_HELD,
  withDelta,
  withFamilies,
  withSnapshot,
} from "./model";
import { liveSocket } from "./socket";
import { useLiveState } from "./useLiveState";

export const heldRunKey = (workspace: string, runId: string) =>
  [...keys.run(workspace, runId), "held"] as const;

/** A snapshot that arrives older than a delta already seen is asked for again this often. */
const SNAPSHOT_TRIES = 3;

async function fetchHeld(
  cache: QueryClient,
  workspace: string,
  runId: string,
  signal: AbortSignal,
): Promise<HeldRun> {
  const path = inWorkspace(workspace, `/runs/${encodeURIComponent(runId)}`);
  let held = NOTHING_HELD;
  for (let tries = 0; tries < SNAPSHOT_TRIES; tries += 1) {
    const snapshot = await api.get<Run>(path, undefined, signal);
    // Read only now: deltas may have come while the snapshot was on its way.
    held = cache.getQueryData<HeldRun>(heldRunKey(workspace, runId)) ?? NOTHING_HELD;
    held = withSnapshot(held, snapshot);
    if (!held.stale) break;
  }
  return held;
}

/** With the socket open only a lost message is looked for; without it the server is asked often. */
const SECOND_LOOK_MS = 30_000;
const WITHOUT_SOCKET_MS = 2_000;

export interface RunLive {
  /** Null until the first answer. */
  run: Run | null;
  steps: Run["steps"];
  connected: boolean;
  error: Error | null;
  refetch: () => void;
}

const NO_STEPS: Run["steps"] = {};

/**
 * One run as it happens: a snapshot, then deltas, then a snapshot again wherever a gap shows.
 *
 * The run itself says in which environment it lives, so the first snapshot is fetched before the
 * socket is asked. Null as run id follows nothing.
 */
export function useRunLive(workspace: string, runId: string | null): RunLive {
  const cache = useQueryClient();
  const query = useQuery({
    queryKey: heldRunKey(workspace, runId ?? ""),
    queryFn: ({ signal }) => fetchHeld(cache, workspace, runId ?? "", signal),
    enabled: runId !== null,
    refetchInterval: ({ state }) => {
      const run = state.data?.detail;
      if (!run || isFinished(run)) return false;
      const live = liveSocket(workspace, run.environment).state === "live";
      return live ? SECOND_LOOK_MS : WITHOUT_SOCKET_MS;
    },
  });
  const run = query.data?.detail ?? null;
  const environment = run?.environment ?? null;

  useEffect(() => {
    if (environment === null || runId === null) return;
    const socket = liveSocket(workspace, environment);
    const key = heldRunKey(workspace, runId);
    const stopOpen = socket.onOpen(() => void cache.invalidateQueries({ queryKey: key }));
    const stopRun = socket.onRun(runId, (news) => {
      const before = cache.getQueryData<HeldRun>(key) ?? NOTHING_HELD;
      if (news.type === "run.families") {
        cache.setQueryData<HeldRun>(key, withFamilies(before, news.families));
        return;
      }
      const held = withDelta(before, news);
      if (held !== before) cache.setQueryData<HeldRun>(key, held);
      // Keys and the error of a run are no part of deltas; they come where its status changes.
      const turned = held.detail?.status !== before.detail?.status;
      if (held.stale || turned)
        void cache.invalidateQueries({ queryKey: key }, { cancelRefetch: false });
    });
    // What happened between the snapshot and this moment is not told by any delta.
    if (socket.state === "live") void cache.invalidateQueries({ queryKey: key });
    return () => {
      stopOpen();
      stopRun();
    };
  }, [cache, workspace, environment, runId]);

  const connected = useLiveState(workspace, environment) === "live";
  return {
    run,
    steps: run?.steps ?? NO_STEPS,
    connected,
    error: run === null ? query.error : null,
    refetch: () => void query.refetch(),
  };
}
