/** What the screens ask about runs that could be, or are being, cancelled by the many. */

import { queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import type { Page, RunForecast, RunJob } from "@/api/types";
import { type RunChoice, settled } from "./model";

const LISTED = 3;

export const jobPath = (ws: string, id: string) =>
  inWorkspace(ws, `/runs/bulk/${encodeURIComponent(id)}`);

export const runJobsKey = (ws: string) => [ws, "run-jobs"] as const;

/** How many runs are under way that a choice means, at this moment. */
export const forecastQuery = (ws: string, environment: string, choice: RunChoice) =>
  queryOptions({
    queryKey: [ws, "cancel-forecast", environment, settled(choice)] as const,
    queryFn: ({ signal }) =>
      api.get<RunForecast>(
        inWorkspace(ws, "/runs/bulk/forecast"),
        { environment, ...settled(choice) },
        signal,
      ),
    staleTime: 0,
    gcTime: 0,
  });

/** The newest jobs; `useNews` asks again while they come forward. */
export const runJobsQuery = (ws: string, environment: string) =>
  queryOptions({
    queryKey: [...runJobsKey(ws), environment] as const,
    queryFn: async ({ signal }) =>
      (
        await api.get<Page<RunJob>>(
          inWorkspace(ws, "/runs/bulk"),
          { environment, limit: LISTED },
          signal,
        )
      ).items,
  });

/** One job, while its dialog is open. */
export const runJobQuery = (ws: string, id: string) =>
  queryOptions({
    queryKey: [...runJobsKey(ws), "one", id] as const,
    queryFn: ({ signal }) => api.get<RunJob>(jobPath(ws, id), undefined, signal),
  });
