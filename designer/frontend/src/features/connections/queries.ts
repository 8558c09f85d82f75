/** What the connection screens ask of the server. */

import { queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { AuthField, Connection, Connector, Page } from "@/api/types";

export interface Field extends AuthField {
  choices?: { value: string; title: string }[];
}

export interface ConnectorInfo extends Connector {
  icon?: string | null;
  categories?: string[];
  has_sandbox?: boolean;
  auth: { kind: string; fields: Field[] };
}

/** A connection with what only its own page shows. */
export interface ConnectionDetail extends Connection {
  settings?: Record<string, string | null>;
  has_secrets?: string[];
  on_premise?: boolean;
  redirect_uri?: string;
}

export const connectorsQuery = (ws: string) =>
  queryOptions({
    queryKey: [ws, "connectors"] as const,
    queryFn: async ({ signal }) =>
      (await api.get<Page<ConnectorInfo>>(inWorkspace(ws, "/connectors"), undefined, signal)).items,
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
