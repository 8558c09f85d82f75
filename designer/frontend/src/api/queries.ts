/** Query keys and the queries that more than one feature asks. */

import { queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "./client";
import type {
  Connection,
  DeadLetterPage,
  Flow,
  FlowSummary,
  MappingFunction,
  Me,
  Operation,
  Page,
  Palette,
  Sample,
} from "./types";

const LONG_MS = 10 * 60_000;

export const keys = {
  me: ["me"] as const,
  palette: (ws: string) => [ws, "palette"] as const,
  functions: (ws: string) => [ws, "functions"] as const,
  operation: (ws: string, connector: string, name: string) =>
    [ws, "operation", connector, name] as const,
  connections: (ws: string, env?: string) =>
    env ? ([ws, "connections", env] as const) : ([ws, "connections"] as const),
  flows: (ws: string) => [ws, "flows"] as const,
  flow: (ws: string, id: string) => [ws, "flow", id] as const,
  samples: (ws: string, id: string, env?: string) => [ws, "flow", id, "samples", env] as const,
  runs: (ws: string) => [ws, "runs"] as const,
  run: (ws: string, id: string) => [ws, "run", id] as const,
  step: (ws: string, runId: string, nodeId: string) => [ws, "run", runId, "step", nodeId] as const,
  deadLetters: (ws: string) => [ws, "dead-letters"] as const,
  deadLettersOpen: (ws: string, env: string) => [ws, "dead-letters-open", env] as const,
  sandboxes: (ws: string) => [ws, "sandboxes"] as const,
  overview: (ws: string, env: string) => [ws, "overview", env] as const,
};

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => api.get<Me>("/me", undefined, signal),
  staleTime: LONG_MS,
});

export const paletteQuery = (ws: string) =>
  queryOptions({
    queryKey: keys.palette(ws),
    queryFn: ({ signal }) => api.get<Palette>(inWorkspace(ws, "/palette"), undefined, signal),
    staleTime: LONG_MS,
  });

export const functionsQuery = (ws: string) =>
  queryOptions({
    queryKey: keys.functions(ws),
    queryFn: async ({ signal }) =>
      (
        await api.get<{ items: MappingFunction[] }>(
          inWorkspace(ws, "/functions"),
          undefined,
          signal,
        )
      ).items,
    staleTime: LONG_MS,
  });

export const operationQuery = (ws: string, connector: string, name: string) =>
  queryOptions({
    queryKey: keys.operation(ws, connector, name),
    queryFn: ({ signal }) =>
      api.get<Operation>(
        inWorkspace(
          ws,
          `/connectors/${encodeURIComponent(connector)}/operations/${encodeURIComponent(name)}`,
        ),
        undefined,
        signal,
      ),
    staleTime: LONG_MS,
    enabled: Boolean(connector && name),
  });

export const connectionsQuery = (ws: string, environment: string) =>
  queryOptions({
    queryKey: keys.connections(ws, environment),
    queryFn: async ({ signal }) =>
      (await api.get<Page<Connection>>(inWorkspace(ws, "/connections"), { environment }, signal))
        .items,
  });

export const flowsQuery = (ws: string) =>
  queryOptions({
    queryKey: keys.flows(ws),
    queryFn: async ({ signal }) =>
      (await api.get<Page<FlowSummary>>(inWorkspace(ws, "/flows"), undefined, signal)).items,
  });

export const flowQuery = (ws: string, id: string) =>
  queryOptions({
    queryKey: keys.flow(ws, id),
    // The draft is written back, so its numbers must stay as they were written.
    queryFn: ({ signal }) => api.getExact<Flow>(inWorkspace(ws, `/flows/${id}`), undefined, signal),
    structuralSharing: false,
  });

export const samplesQuery = (ws: string, flowId: string, environment?: string) =>
  queryOptions({
    queryKey: keys.samples(ws, flowId, environment),
    queryFn: async ({ signal }) =>
      (
        await api.getExact<Page<Sample>>(
          inWorkspace(ws, `/flows/${flowId}/samples`),
          { environment },
          signal,
        )
      ).items,
    structuralSharing: false,
  });

/** How many errors wait for a person; live events patch this number in the cache. */
export const deadLettersOpenQuery = (ws: string, environment: string) =>
  queryOptions({
    queryKey: keys.deadLettersOpen(ws, environment),
    queryFn: async ({ signal }) => {
      const page = await api.get<DeadLetterPage>(
        inWorkspace(ws, "/dead-letters"),
        { status: "open", environment },
        signal,
      );
      return page.groups.reduce((sum, group) => sum + group.count, 0) || page.items.length;
    },
  });
