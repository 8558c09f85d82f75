/** What the connector screens ask of the server. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import type { Page } from "@/api/types";

export interface MadeWith {
  id: string;
  name: string;
  environment: string;
}

/** A connector as administrators see it; with a problem it cannot be read. */
export interface InstalledConnector {
  slug: string;
  name: string;
  origin: "built_in" | "package" | "workspace";
  package: string;
  enabled: boolean;
  version: string;
  own_id: string;
  problem: string;
  connections: MadeWith[];
  description: string;
  icon: string | null;
  categories: string[];
  has_sandbox: boolean;
  operation_count: number;
}

export interface OwnConnector {
  id: string;
  slug: string;
  short_name: string;
  name: string;
  version: number;
  created_at: string;
  manifest: string;
}

export interface OwnVersion {
  number: number;
  in_use: boolean;
  author: string;
  created_at: string;
}

/** Something wrong at one place of a manifest. */
export interface Fault {
  line: number;
  column: number;
  path: string;
  message: string;
  hint: string;
}

export interface Drafted {
  title: string;
  operations: { id: string; method: string; path: string; title: string; effect: string }[];
  manifest: string;
  notes: string[];
  problems: Fault[];
}

export const connectorKeys = {
  installed: (ws: string) => [ws, "installed-connectors"] as const,
  own: (ws: string, id: string) => [ws, "own-connector", id] as const,
};

export const ownPath = (ws: string, id: string, rest = "") =>
  inWorkspace(ws, `/own-connectors/${encodeURIComponent(id)}${rest}`);

export const installedQuery = (ws: string) =>
  infiniteQueryOptions({
    queryKey: connectorKeys.installed(ws),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<InstalledConnector>>(
        inWorkspace(ws, "/installed-connectors"),
        { cursor: pageParam, limit: 200 },
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const ownQuery = (ws: string, id: string) =>
  queryOptions({
    queryKey: connectorKeys.own(ws, id),
    queryFn: ({ signal }) => api.get<OwnConnector>(ownPath(ws, id), undefined, signal),
  });

export const versionsQuery = (ws: string, id: string) =>
  queryOptions({
    queryKey: [...connectorKeys.own(ws, id), "versions"] as const,
    queryFn: async ({ signal }) =>
      (await api.get<Page<OwnVersion>>(ownPath(ws, id, "/versions"), { limit: 50 }, signal)).items,
  });

export const checkQuery = (ws: string, manifest: string) =>
  queryOptions({
    queryKey: [ws, "manifest-check", manifest] as const,
    queryFn: async () =>
      (await api.post<Page<Fault>>(inWorkspace(ws, "/own-connectors/check"), { manifest })).items,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
