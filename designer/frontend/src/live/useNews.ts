import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ALL_NEWS, queriesOf } from "./news";
import { liveSocket } from "./socket";
import { useLiveState } from "./useLiveState";

/** A message that was lost must not leave a screen wrong for ever. */
const SECOND_LOOK_MS = 60_000;
const WITHOUT_SOCKET_MS = 5_000;
/** Runs of a backfill end by the thousand; its progress is asked for at most this often. */
const PROGRESS_PAUSE_MS = 1_000;

/**
 * Questions, pauses, triggers, bulk jobs and connections are asked for again when the server says
 * that they have changed. Only screens that show them ask.
 */
export function useNews(workspace: string, environment: string): void {
  const cache = useQueryClient();
  const live = useLiveState(workspace, environment) === "live";

  useEffect(() => {
    const socket = liveSocket(workspace, environment);
    const askFor = (names: readonly string[]) => {
      for (const name of names)
        for (const filter of queriesOf(workspace, environment, name))
          void cache.invalidateQueries(filter);
    };
    const waiting = new Set<string>();
    let pause: ReturnType<typeof setTimeout> | undefined;
    const stopNews = socket.onNews(({ what }) => askFor(what));
    const stopRuns = socket.onRuns(({ run }) => {
      if (run.kind !== "backfill") return;
      waiting.add(`trigger:${run.flow.id}`);
      pause ??= setTimeout(() => {
        pause = undefined;
        askFor([...waiting]);
        waiting.clear();
      }, PROGRESS_PAUSE_MS);
    });
    const stopOpen = socket.onOpen(() => askFor(ALL_NEWS));
    const look = setInterval(() => askFor(ALL_NEWS), live ? SECOND_LOOK_MS : WITHOUT_SOCKET_MS);
    return () => {
      clearTimeout(pause);
      clearInterval(look);
      stopNews();
      stopRuns();
      stopOpen();
    };
  }, [cache, workspace, environment, live]);
}
