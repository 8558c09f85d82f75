import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Sandbox } from "@/api/types";
import { notifyProblem } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";

export interface FaultSwitch {
  vendor: string;
  fault: string;
  active: boolean;
  /** How often it happens before it goes off by itself; left out means until switched off. */
  times?: number | undefined;
}

function withFault(sandboxes: Sandbox[], wish: FaultSwitch): Sandbox[] {
  return sandboxes.map((sandbox) => ({
    ...sandbox,
    faults: sandbox.faults.map((fault) =>
      sandbox.slug === wish.vendor && fault.name === wish.fault
        ? { ...fault, active: wish.active, remaining: wish.active ? (wish.times ?? null) : null }
        : fault,
    ),
  }));
}

/** Switches a fault at once on the screen and takes it back if the server refuses. */
export function useSwitchFault() {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const key = keys.sandboxes(ws);
  return useMutation({
    mutationFn: ({ vendor, fault, active, times }: FaultSwitch) =>
      api.put(
        inWorkspace(
          ws,
          `/sandboxes/${encodeURIComponent(vendor)}/faults/${encodeURIComponent(fault)}`,
        ),
        { active, ...(active && times !== undefined && { times }) },
      ),
    onMutate: async (wish) => {
      await cache.cancelQueries({ queryKey: key, exact: true });
      const before = cache.getQueryData<Sandbox[]>(key);
      if (before) cache.setQueryData(key, withFault(before, wish));
      return { before };
    },
    onError: (error, _wish, kept) => {
      if (kept?.before) cache.setQueryData(key, kept.before);
      notifyProblem(error);
    },
    onSettled: () => cache.invalidateQueries({ queryKey: key, exact: true }),
  });
}
