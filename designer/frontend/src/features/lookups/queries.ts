/** What the lookup and cross-reference screens ask of the server. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import type { Page } from "@/api/types";

export type ColumnType = "text" | "number" | "date" | "boolean" | "json";

export interface TableColumn {
  name: string;
  title: string;
  type: ColumnType;
  key: boolean;
  required: boolean;
}

export type MissPolicy = "fail" | "default" | "hold";

export interface LookupTable {
  id: string;
  slug: string;
  name: string;
  description: string;
  environment: string;
  kind: "table" | "rates";
  columns: TableColumn[];
  on_miss: { policy: MissPolicy; values: Record<string, unknown> };
  ignore_case: boolean;
  ignore_space: boolean;
  version: number;
  row_count: number;
  created_at: string;
  changed_at: string;
  used_by: { flow_id: string; name: string }[];
  /** Keys that records wait for; only where one table is shown. */
  awaited?: AwaitedKey[];
}

export interface AwaitedKey {
  key: string;
  records: number;
}

export interface LookupRow {
  id: number;
  key: string;
  values: Record<string, unknown>;
}

/** What one save did, of a table or of the cross-references. */
export interface Version {
  number: number;
  action: "created" | "edited" | "imported" | "rolled_back" | "columns" | "deleted";
  note: string;
  author: string;
  added: number;
  changed: number;
  removed: number;
  created_at: string;
}

export interface TableVersion extends Version {
  row_count: number;
}

export interface Difference {
  key: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface Comparison {
  added: number;
  changed: number;
  removed: number;
  items: Difference[];
}

/** What going back would do; `kept_items` are pairs that runs have recorded since. */
export interface WayBack extends Comparison {
  kept: number;
  kept_items: Difference[];
}

export interface UploadInfo {
  id: string;
  name: string;
  headers: string[];
  row_count: number;
  sample: string[][];
  guessed: TableColumn[];
}

export interface ImportPreview {
  rows: number;
  added: number;
  changed: number;
  unchanged: number;
  kept: number;
  removed: number;
  fault_count: number;
  faults: { row: number; column: string; message: string }[];
  sample: Difference[];
}

export interface CrossReference {
  id: number;
  environment: string;
  entity: string;
  left: { connection: string; id: string };
  right: { connection: string; id: string };
  created_at: string;
  run_id: string;
}

export interface ReferenceFilter {
  entity?: string | undefined;
  connection?: string | undefined;
  q?: string | undefined;
}

export const lookupKeys = {
  all: (ws: string) => [ws, "lookups"] as const,
  table: (ws: string, id: string) => [ws, "lookups", "one", id] as const,
  xrefs: (ws: string) => [ws, "xrefs"] as const,
};

export const tablePath = (ws: string, id: string, rest = "") =>
  inWorkspace(ws, `/lookups/${encodeURIComponent(id)}${rest}`);

export const tablesQuery = (ws: string, environment: string) =>
  queryOptions({
    queryKey: [...lookupKeys.all(ws), "list", environment] as const,
    queryFn: async ({ signal }) =>
      (await api.get<Page<LookupTable>>(inWorkspace(ws, "/lookups"), { environment }, signal))
        .items,
  });

export const tableQuery = (ws: string, id: string) =>
  queryOptions({
    queryKey: lookupKeys.table(ws, id),
    queryFn: ({ signal }) => api.getExact<LookupTable>(tablePath(ws, id), undefined, signal),
    structuralSharing: false,
  });

export const rowsQuery = (ws: string, id: string, version: number, q: string) =>
  infiniteQueryOptions({
    queryKey: [...lookupKeys.table(ws, id), "rows", version, q] as const,
    // Cells are written back, so their numbers must stay as they were written.
    queryFn: ({ pageParam, signal }) =>
      api.getExact<Page<LookupRow>>(
        tablePath(ws, id, "/rows"),
        { q, version, cursor: pageParam, limit: 50 },
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    structuralSharing: false,
  });

export const versionsQuery = (ws: string, id: string) =>
  infiniteQueryOptions({
    queryKey: [...lookupKeys.table(ws, id), "versions"] as const,
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<TableVersion>>(tablePath(ws, id, "/versions"), { cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const comparisonQuery = (ws: string, id: string, before: number, after: number) =>
  queryOptions({
    queryKey: [...lookupKeys.table(ws, id), "compare", before, after] as const,
    queryFn: ({ signal }) =>
      api.getExact<Comparison>(tablePath(ws, id, "/compare"), { before, after }, signal),
    structuralSharing: false,
  });

export const referencesQuery = (ws: string, environment: string, filter: ReferenceFilter) =>
  infiniteQueryOptions({
    queryKey: [...lookupKeys.xrefs(ws), environment, filter] as const,
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<CrossReference> & { entities: string[] }>(
        inWorkspace(ws, "/xrefs"),
        { environment, ...filter, cursor: pageParam },
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });

const versionsKey = (ws: string, environment: string) =>
  [...lookupKeys.xrefs(ws), "versions", environment] as const;

export const referenceVersionsQuery = (ws: string, environment: string) =>
  infiniteQueryOptions({
    queryKey: versionsKey(ws, environment),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Version>>(
        inWorkspace(ws, "/xrefs/versions"),
        { environment, cursor: pageParam },
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const referenceChangesQuery = (ws: string, environment: string, version: number) =>
  queryOptions({
    queryKey: [...versionsKey(ws, environment), "changes", version] as const,
    queryFn: ({ signal }) =>
      api.get<Page<Difference>>(
        inWorkspace(ws, "/xrefs/changes"),
        { environment, version },
        signal,
      ),
  });

export const wayBackQuery = (ws: string, environment: string, to: number) =>
  queryOptions({
    queryKey: [...versionsKey(ws, environment), "back", to] as const,
    queryFn: ({ signal }) =>
      api.get<WayBack>(inWorkspace(ws, "/xrefs/way-back"), { environment, to }, signal),
  });
