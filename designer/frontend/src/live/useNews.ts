import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ALL_NEWS, CALLS, queriesOf } from "./news";
import { liveSocket } from "./socket";
import { useLiveState } from "./useLiveState";

/** A message that was lost must not leave a screen wrong for ever. */
const SECOND_LOOK_MS = 60_000;
const WITHOUT_SOCKET_MS = 5_000;
/** Calls are made, and runs of a backfill end, by the thousand: what follows is asked for at most
 * this often. */
const PROGRESS_PAUSE_MS = 1_000;

/**
 * Questions, pauses, triggers, bulk jobs, connections, limits and sandboxes are asked for again when
 * the server says that they have changed. Only screens that show them ask.
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
    const soon = (name: string) => {
      waiting.add(name);
      pause ??= setTimeout(() => {
        pause = undefined;
        askFor([...waiting]);
        waiting.clear();
      }, PROGRESS_PAUSE_MS);
    };
    const stopNews = socket.onNews(({ what }) => {
      askFor(what.filter((name) => name !== CALLS));
      if (what.includes(CALLS)) soon(CALLS);
    });
    const stopRuns = socket.onRuns(({ run }) => {
      soon(CALLS); // a sandbox has told of something, or was called
      if (run.kind === "backfill") soon(`trigger:${run.flow.id}`);
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
