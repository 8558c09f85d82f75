/** What the run and error screens ask of the server. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type {
  DeadLetter,
  DeadLetterDetail,
  DeadLetterGroup,
  DeadLetterPage,
  JournalEntry,
  Page,
  RunPage,
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
  code?: string;
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
