/** What the connection screens ask of the server. */

import { queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { AuthField, Connection, Connector, Page } from "@/api/types";

export interface Field extends AuthField {
  choices?: { value: string; title: string }[];
}

/** One of the ways a connector can be authorised. */
export interface Way {
  name: string;
  title: string;
  kind: string;
  consent: "" | "vendor" | "activation";
  file: string;
  fields: Field[];
}

/** A connector as one of a list. */
export interface ConnectorSummary {
  slug: string;
  name: string;
  description: string;
  icon?: string | null;
  categories?: string[];
  has_sandbox?: boolean;
  origin?: string;
  /** False: it comes from a package that no administrator has allowed here. */
  enabled?: boolean;
}

export interface ConnectorInfo extends Connector {
  icon?: string | null;
  categories?: string[];
  has_sandbox?: boolean;
  auth: { kind: string; fields: Field[] };
  ways?: Way[];
}

/** A connection with what only its own page shows. */
export interface ConnectionDetail extends Connection {
  settings?: Record<string, string | null>;
  has_secrets?: string[];
  on_premise?: boolean;
  redirect_uri?: string;
  auth?: string;
  has_ca_certificate?: boolean;
  everybody?: boolean;
  limits?: VendorLimit[];
  scopes?: { granted: string[]; missing: string[] } | null;
}

/** A limit of the vendor; zero means none of that kind. */
export interface VendorLimit {
  per: "connection" | "account" | "app";
  count: number;
  window_s: number;
  concurrency: number;
  daily: number;
}

/** A limit at this moment; null stands where it is none of that kind. */
export interface LimitGauge {
  per: "connection" | "account" | "app";
  count: number | null;
  window_s: number | null;
  used: number | null;
  runs_out_at: string | null;
  concurrency: number | null;
  under_way: number | null;
  paused_until: string | null;
  pause_why: string;
}

export interface LimitsNow {
  circuit: { state?: string; failures: number; until: string | null };
  limits: LimitGauge[];
}

export interface HealthEvent {
  id: number;
  kind: string;
  good: boolean | null;
  message: string;
  actor: string;
  at: string;
  last_at: string;
  times: number;
}

export interface Sharing {
  everybody: boolean;
  roles: string[];
  members: string[];
  candidates: { id: string; name: string; role: string }[];
}

export interface SecretUse {
  flow_id: string;
  count: number;
  last_at: string;
}

const part = (ws: string, id: string, rest: string) =>
  inWorkspace(ws, `/connections/${encodeURIComponent(id)}${rest}`);

/** Connections of all environments: the same name in two of them is shown as one. */
export const allConnectionsQuery = (ws: string) =>
  queryOptions({
    queryKey: [...keys.connections(ws), "all"] as const,
    queryFn: async ({ signal }) =>
      (await api.get<Page<Connection>>(inWorkspace(ws, "/connections"), undefined, signal)).items,
  });

export const historyQuery = (ws: string, id: string) =>
  queryOptions({
    queryKey: [...keys.connections(ws), "history", id] as const,
    queryFn: async ({ signal }) =>
      (await api.get<Page<HealthEvent>>(part(ws, id, "/history"), { limit: 30 }, signal)).items,
  });

export const sharingQuery = (ws: string, id: string) =>
  queryOptions({
    queryKey: [...keys.connections(ws), "sharing", id] as const,
    queryFn: ({ signal }) => api.get<Sharing>(part(ws, id, "/sharing"), undefined, signal),
  });

export const secretUsesQuery = (ws: string, id: string) =>
  queryOptions({
    queryKey: [...keys.connections(ws), "uses", id] as const,
    queryFn: async ({ signal }) =>
      (await api.get<Page<SecretUse>>(part(ws, id, "/uses"), undefined, signal)).items,
  });

/** `useNews` asks again when calls were made; what is used sinks by time alone. */
const SINKS_MS = 15_000;

const inUse = ({ circuit, limits }: LimitsNow) =>
  (circuit.state ?? "closed") !== "closed" ||
  limits.some(({ used, under_way, paused_until }) => used || under_way || paused_until);

export const limitsQuery = (ws: string, id: string) =>
  queryOptions({
    queryKey: [...keys.connections(ws), "limits", id] as const,
    queryFn: ({ signal }) => api.get<LimitsNow>(part(ws, id, "/limits"), undefined, signal),
    refetchInterval: ({ state }) => (state.data && inUse(state.data) ? SINKS_MS : false),
  });

/** All connectors in short; a page holds 200 of them, so there is seldom a second one. */
export const connectorsQuery = (ws: string) =>
  queryOptions({
    queryKey: [ws, "connectors"] as const,
    queryFn: async ({ signal }) => {
      const found: ConnectorSummary[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const page: Page<ConnectorSummary> = await api.get(
          inWorkspace(ws, "/connectors"),
          { cursor, limit: 200 },
          signal,
        );
        found.push(...page.items);
        cursor = page.next;
      }
      return found;
    },
    staleTime: 10 * 60_000,
  });

export const connectorQuery = (ws: string, slug: string) =>
  queryOptions({
    queryKey: [ws, "connector", slug] as const,
    queryFn: ({ signal }) =>
      api.get<ConnectorInfo>(
        inWorkspace(ws, `/connectors/${encodeURIComponent(slug)}`),
        undefined,
        signal,
      ),
    staleTime: 10 * 60_000,
  });

export const connectionQuery = (ws: string, id: string) =>
  queryOptions({
    queryKey: [...keys.connections(ws), "one", id] as const,
    queryFn: ({ signal }) =>
      api.get<ConnectionDetail>(
        inWorkspace(ws, `/connections/${encodeURIComponent(id)}`),
        undefined,
        signal,
      ),
  });
