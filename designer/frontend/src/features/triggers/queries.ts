/** What the panels of triggers ask of the server; `useNews` asks again when it changes. */

import { queryOptions } from "@tanstack/react-query";
import { api, asProblem, inWorkspace } from "@/api/client";
import type { Json, JsonSchema, Page } from "@/api/types";

export interface Fire {
  at: string;
  /** The same instant as the clock on the wall there shows it. */
  local: string;
}

interface Failure {
  code?: string;
  message?: string;
  hint?: string | null;
}

export interface TriggerTimer {
  next_at: string | null;
  acted_at: string | null;
  found_at: string | null;
  under_way: boolean;
  failures: number;
  error: Failure | null;
  every_s: number | null;
  cursor: Json;
  description: string | null;
  next: Fire[];
}

export interface TriggerState {
  flow_id: string;
  environment: string;
  node_id: string;
  kind: string;
  active: boolean;
  connection: string | null;
  operation: string | null;
  webhook_url: string | null;
  timer: TriggerTimer | null;
  missed: number;
  can_backfill: boolean;
}

export interface MissedEvent {
  id: number;
  business_key: string;
  entity: string;
  entity_id: string;
  received_at: string;
}

export interface Backfill {
  id: string;
  flow_id: string;
  since: string;
  until: string;
  status: "running" | "paused" | "done" | "cancelled";
  read: number;
  started: number;
  known: number;
  finished: number;
  error: Failure | null;
  created_by: string;
  created_at: string;
  finished_at: string | null;
}

export interface HookState {
  url: string | null;
  kind: string;
  node_id: string;
  deployed: boolean;
  signature: { kind: string };
  has_secret: boolean;
  previous_until: string | null;
  learning_until: string | null;
  refusal: (Failure & { at?: string }) | null;
  /** Only in the answer that made it. */
  secret?: string;
}

export interface HookSample {
  id: number;
  received_at: string;
  content_type: string;
  size: number;
  signature: string | null;
  why: string | null;
  headers: Record<string, string>;
  document: Json;
}

export interface HookSamples {
  items: HookSample[];
  schema: JsonSchema;
}

export interface Tried {
  status: number;
  accepted: number;
  duplicates: number;
  runs: string[];
  problem: { code: string; message: string; hint: string } | null;
}

export interface StartForm {
  form: JsonSchema;
  sample: Json | undefined;
  by_hand: boolean;
  active: boolean;
}

export interface SchedulePreview {
  cron: string;
  timezone: string;
  description: string;
  next: Fire[];
}

export const flowPath = (ws: string, flowId: string, rest: string) =>
  inWorkspace(ws, `/flows/${encodeURIComponent(flowId)}/${rest}`);

export const triggerKeys = {
  all: (ws: string, flowId: string) => [ws, "trigger", flowId] as const,
  backfills: (ws: string, flowId: string) => [ws, "trigger", flowId, "backfills"] as const,
  hook: (ws: string, flowId: string, env: string) => [ws, "trigger", flowId, "hook", env] as const,
};

/** Null where there is nothing yet, which is no error for whoever looks. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (asProblem(error).status === 404) return null;
    throw error;
  }
}

export const triggerQuery = (ws: string, flowId: string, environment: string) =>
  queryOptions({
    queryKey: [...triggerKeys.all(ws, flowId), "state", environment] as const,
    queryFn: ({ signal }) =>
      orNull(api.get<TriggerState>(flowPath(ws, flowId, "trigger"), { environment }, signal)),
  });

export const missedQuery = (ws: string, flowId: string, environment: string) =>
  queryOptions({
    queryKey: [...triggerKeys.all(ws, flowId), "missed", environment] as const,
    queryFn: ({ signal }) =>
      api.get<Page<MissedEvent> & { total: number }>(
        flowPath(ws, flowId, "missed"),
        { environment, limit: 20 },
        signal,
      ),
  });

export const backfillsQuery = (ws: string, flowId: string, environment: string) =>
  queryOptions({
    queryKey: [...triggerKeys.backfills(ws, flowId), environment] as const,
    queryFn: async ({ signal }) =>
      (
        await api.get<Page<Backfill>>(
          inWorkspace(ws, "/backfills"),
          { environment, flow: flowId, limit: 10 },
          signal,
        )
      ).items,
  });

export const hookQuery = (ws: string, flowId: string, environment: string) =>
  queryOptions({
    queryKey: triggerKeys.hook(ws, flowId, environment),
    queryFn: ({ signal }) =>
      orNull(api.get<HookState>(flowPath(ws, flowId, "hook"), { environment }, signal)),
    // What comes in is told by the server; that the time to listen is over is not.
    refetchInterval: ({ state }) => {
      const until = state.data?.learning_until;
      return until ? Math.max(1_000, Date.parse(until) - Date.now() + 500) : false;
    },
  });

export const hookSamplesQuery = (ws: string, flowId: string, environment: string) =>
  queryOptions({
    queryKey: [...triggerKeys.hook(ws, flowId, environment), "samples"] as const,
    // A message may become the example of the draft, so its numbers stay as they came.
    queryFn: ({ signal }) =>
      orNull(
        api.getExact<HookSamples>(flowPath(ws, flowId, "hook/samples"), { environment }, signal),
      ),
    structuralSharing: false,
  });

export const startFormQuery = (ws: string, flowId: string, environment: string) =>
  queryOptions({
    queryKey: [...triggerKeys.all(ws, flowId), "form", environment] as const,
    queryFn: ({ signal }) =>
      api.getExact<StartForm>(flowPath(ws, flowId, "start-form"), { environment }, signal),
    structuralSharing: false,
  });

export const schedulePreviewQuery = (ws: string, schedule: Record<string, unknown>) =>
  queryOptions({
    queryKey: [ws, "schedule-preview", JSON.stringify(schedule)] as const,
    queryFn: ({ signal }) =>
      api.post<SchedulePreview>(inWorkspace(ws, "/schedules/preview"), schedule, signal),
    retry: false,
    staleTime: 60_000,
  });
