import { MutationCache, QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./api/client";

const FRESH_MS = 10_000;

/**
 * The cache of what the server said. An answer counts as fresh for some seconds, but never past a
 * change made from this window: what is looked at next is asked again, wherever the change shows.
 */
export function makeQueryClient(): QueryClient {
  let changedAt = 0;
  return new QueryClient({
    mutationCache: new MutationCache({
      onSuccess: () => {
        changedAt = Date.now();
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: (query) => (query.state.dataUpdatedAt >= changedAt ? FRESH_MS : 0),
        refetchOnWindowFocus: true,
        // A refusal stays a refusal; only a lost or overloaded server is asked again.
        retry: (failures, error) =>
          failures < 2 &&
          error instanceof ApiProblem &&
          (error.status === 0 || error.status >= 502),
      },
    },
  });
}
