import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Pause } from "@/api/types";
import { notifyProblem } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { type PauseOf, pausesKey } from "./queries";

function useRefresh() {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  return () =>
    Promise.all([
      cache.invalidateQueries({ queryKey: pausesKey(ws) }),
      cache.invalidateQueries({ queryKey: [ws, "run"] }),
      cache.invalidateQueries({ queryKey: keys.runs(ws) }),
    ]);
}

/** Holds something back. */
export function usePause(environment: string) {
  const { ws } = useWorkspace();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ reason, ...of }: PauseOf & { reason: string }) =>
      api.post<Pause>(inWorkspace(ws, "/pauses"), { ...of, environment, reason: reason.trim() }),
    onSuccess: () => {
      notifications.show({ message: t("pause.done") });
      return refresh();
    },
  });
}

/** Lets it go on, and says how many runs that woke. */
export function useResume() {
  const { ws } = useWorkspace();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (pause: Pause) =>
      api.delete<{ woken: number }>(inWorkspace(ws, `/pauses/${pause.id}`)),
    onSuccess: (told) => {
      const count = told?.woken ?? 0;
      notifications.show({
        message: count === 0 ? t("resume.done.none") : t("resume.done", { count }),
      });
      return refresh();
    },
    onError: (error) => {
      notifyProblem(error);
      void refresh();
    },
  });
}
