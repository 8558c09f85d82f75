/** What the run and error screens ask of the server. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type {
  BulkJob,
  DeadLetter,
  DeadLetterDetail,
  DeadLetterGroup,
  DeadLetterPage,
  JournalEntry,
  Member,
  Page,
  RetryForecast,
  RunPage,
  RunSummary,
  StepDetail,
} from "@/api/types";
import { runListKey } from "@/live";
import type { RunsSearch } from "./model";

const PAGE_SIZE = 25;

/** Sharing structure between answers would copy exact numbers into ordinary objects. */
const AS_IT_CAME = false;

export const runsQuery = (ws: string, environment: string, filter: RunsSearch) =>
  infiniteQueryOptions({
    queryKey: runListKey(ws, environment, filter),
    queryFn: ({ pageParam, signal }) =>
      api.get<RunPage>(
        inWorkspace(ws, "/runs"),
        { environment, ...filter, cursor: pageParam, limit: PAGE_SIZE },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

/** ``version`` changes when the step has changed, so the details are fetched again. */
export const stepQuery = (ws: string, runId: string, nodeId: string, version: string) =>
  queryOptions({
    queryKey: [...keys.step(ws, runId, nodeId), version] as const,
    structuralSharing: AS_IT_CAME,
    queryFn: ({ signal }) =>
      api.getExact<StepDetail>(
        inWorkspace(ws, `/runs/${encodeURIComponent(runId)}/steps/${encodeURIComponent(nodeId)}`),
        undefined,
        signal,
      ),
    placeholderData: keepPreviousData,
  });

export const childrenKey = (ws: string, runId: string) =>
  [...keys.run(ws, runId), "children"] as const;

/** The runs that one step of a run made, all or those in one state. */
export const childrenQuery = (ws: string, runId: string, node: string, status: string) =>
  infiniteQueryOptions({
    queryKey: [...childrenKey(ws, runId), node, status] as const,
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<RunSummary>>(
        inWorkspace(ws, `/runs/${encodeURIComponent(runId)}/children`),
        { node, status: status || undefined, cursor: pageParam, limit: PAGE_SIZE },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

export const journalQuery = (ws: string, runId: string, seq: number) =>
  queryOptions({
    queryKey: [...keys.run(ws, runId), "journal", seq] as const,
    structuralSharing: AS_IT_CAME,
    queryFn: async ({ signal }) =>
      (
        await api.getExact<Page<JournalEntry>>(
          inWorkspace(ws, `/runs/${encodeURIComponent(runId)}/journal`),
          { after: 0 },
          signal,
        )
      ).items,
    placeholderData: keepPreviousData,
  });

export interface DeadLetterFilter {
  status: string;
  environment?: string;
  flow?: string;
  cause?: string;
  q?: string;
  assignee?: string;
  job?: string;
}

/** A group that names its flow by id alone gets the name from its records. */
function withFlow(
  group: DeadLetterGroup & { flow_id?: string },
  records: readonly DeadLetter[],
): DeadLetterGroup {
  if (group.flow) return group;
  const id = group.flow_id ?? "";
  const name = records.find((record) => record.flow.id === id)?.flow.name ?? "";
  return { ...group, flow: { id, name } };
}

export const deadLettersQuery = (ws: string, filter: DeadLetterFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.deadLetters(ws), "list", filter] as const,
    queryFn: async ({ pageParam, signal }) => {
      const page = await api.get<DeadLetterPage>(
        inWorkspace(ws, "/dead-letters"),
        { ...filter, cursor: pageParam },
        signal,
      );
      return { ...page, groups: page.groups.map((group) => withFlow(group, page.items)) };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const deadLetterQuery = (ws: string, id: string) =>
  queryOptions({
    queryKey: [...keys.deadLetters(ws), "one", id] as const,
    structuralSharing: AS_IT_CAME,
    queryFn: ({ signal }) =>
      api.getExact<DeadLetterDetail>(
        inWorkspace(ws, `/dead-letters/${encodeURIComponent(id)}`),
        undefined,
        signal,
      ),
  });

export const membersQuery = (ws: string) =>
  queryOptions({
    queryKey: [ws, "members"] as const,
    queryFn: async ({ signal }) =>
      (await api.get<Page<Member>>(inWorkspace(ws, "/members"), undefined, signal)).items,
    staleTime: 60_000,
  });

export const bulkPath = (ws: string, id: string) =>
  inWorkspace(ws, `/dead-letters/bulk/${encodeURIComponent(id)}`);

export const bulkKey = (ws: string) => [...keys.deadLetters(ws), "bulk"] as const;

/** One job; `useNews` asks again while it comes forward. */
export const bulkQuery = (ws: string, id: string | null) =>
  queryOptions({
    queryKey: [ws, "bulk-job", id] as const,
    queryFn: ({ signal }) => api.get<BulkJob>(bulkPath(ws, id ?? ""), undefined, signal),
    enabled: id !== null,
  });

/** The newest jobs. */
export const bulkJobsQuery = (ws: string, environment: string) =>
  queryOptions({
    queryKey: [...bulkKey(ws), environment] as const,
    queryFn: async ({ signal }) =>
      (
        await api.get<Page<BulkJob>>(
          inWorkspace(ws, "/dead-letters/bulk"),
          { environment, limit: 3 },
          signal,
        )
      ).items,
  });

export const forecastQuery = (
  ws: string,
  id: string,
  wish: { from: string; step?: string; release: string },
) =>
  queryOptions({
    queryKey: [ws, "retry-forecast", id, wish] as const,
    queryFn: ({ signal }) =>
      api.get<RetryForecast>(
        inWorkspace(ws, `/dead-letters/${encodeURIComponent(id)}/forecast`),
        wish,
        signal,
      ),
    staleTime: 0,
  });
