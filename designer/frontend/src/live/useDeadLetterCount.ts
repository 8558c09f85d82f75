import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { deadLettersOpenQuery, keys } from "@/api/queries";
import { liveSocket } from "./socket";

/** How many errors wait for a person, followed live. Undefined until known. */
export function useDeadLetterCount(workspace: string, environment: string): number | undefined {
  const cache = useQueryClient();
  const { data } = useQuery(deadLettersOpenQuery(workspace, environment));
  useEffect(() => {
    const socket = liveSocket(workspace, environment);
    const key = keys.deadLettersOpen(workspace, environment);
    const stopCounts = socket.onCounts((message) => {
      if (cache.getQueryData<number>(key) === message.dead_letters_open) return;
      cache.setQueryData<number>(key, message.dead_letters_open);
      void cache.invalidateQueries({ queryKey: keys.deadLetters(workspace) });
    });
    const stopOpen = socket.onOpen(() => void cache.invalidateQueries({ queryKey: key }));
    return () => {
      stopCounts();
      stopOpen();
    };
  }, [cache, workspace, environment]);
  return data;
}
