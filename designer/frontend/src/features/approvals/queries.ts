/** What the screens about questions ask of the server; `useNews` asks again when they change. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { ApprovalPage } from "@/api/types";
import { asQuery, type Show } from "./model";

export const approvalsKey = (ws: string) => [ws, "approvals"] as const;

export const approvalsQuery = (ws: string, environment: string, show: Show) =>
  infiniteQueryOptions({
    queryKey: [...approvalsKey(ws), environment, show] as const,
    queryFn: ({ pageParam, signal }) =>
      api.get<ApprovalPage>(
        inWorkspace(ws, "/approvals"),
        { environment, ...asQuery(show), cursor: pageParam, limit: 25 },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

/** The newest few that wait, and how many the reader may answer. */
export const openQuery = (ws: string, environment: string, limit: number) =>
  queryOptions({
    queryKey: [...approvalsKey(ws), environment, "newest", limit] as const,
    queryFn: ({ signal }) =>
      api.get<ApprovalPage>(inWorkspace(ws, "/approvals"), { environment, limit }, signal),
  });

export const forYouQuery = (ws: string, environment: string) =>
  queryOptions({ ...openQuery(ws, environment, 1), select: (page: ApprovalPage) => page.for_you });

/** What one run asks. */
export const runQuestionsQuery = (ws: string, environment: string, run: string) =>
  queryOptions({
    queryKey: [...keys.run(ws, run), "questions"] as const,
    queryFn: async ({ signal }) =>
      (await api.get<ApprovalPage>(inWorkspace(ws, "/approvals"), { run, environment }, signal))
        .items,
  });
