import { useMutation } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { notifyProblem } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";

/** Sends the browser to the other system's consent page; it comes back to the connection. */
export function useAuthorise() {
  const { ws } = useWorkspace();
  return useMutation({
    mutationFn: (connectionId: string) =>
      api.post<{ url: string }>(
        inWorkspace(ws, `/connections/${encodeURIComponent(connectionId)}/authorize`),
      ),
    onSuccess: ({ url }) => window.location.assign(url),
    onError: (error) => notifyProblem(error),
  });
}
