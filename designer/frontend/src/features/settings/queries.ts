/** What the settings ask of the server. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import type { Json, Page } from "@/api/types";

export interface Variable {
  name: string;
  value: Json;
  changed_by: string;
  changed_at: string;
}

export const DAYS = [
  "payload_days",
  "payload_failed_days",
  "journal_days",
  "journal_failed_days",
  "run_days",
  "run_failed_days",
  "letter_days",
] as const;

export type Days = (typeof DAYS)[number];
export type Policy = Record<Days, number | null> & { letter_warning_days: number };

export interface Retention {
  policy: Policy;
  forecast: {
    runs: number;
    journals: number;
    documents_of_runs: number;
    held_for_people: number;
    letters: number;
  };
  /** Where documents of older runs lie. */
  storage?: {
    kind: "database" | "s3";
    packs: number;
    problem: { message: string; at: string } | null;
  };
  last: { at: string; documents?: number; journals?: number; runs?: number } | null;
}

export const variablesQuery = (ws: string, environment: string) =>
  queryOptions({
    queryKey: [ws, "variables", environment] as const,
    structuralSharing: false,
    queryFn: async ({ signal }) =>
      (
        await api.getExact<Page<Variable>>(
          inWorkspace(ws, "/settings/variables"),
          { environment },
          signal,
        )
      ).items,
  });

export const retentionQuery = (ws: string, environment: string) =>
  queryOptions({
    queryKey: [ws, "retention", environment] as const,
    queryFn: ({ signal }) =>
      api.get<Retention>(inWorkspace(ws, "/settings/retention"), { environment }, signal),
  });

export interface AuditEntry {
  seq: number;
  at: string;
  by: string;
  /** What was done, as noun and verb, such as "flow.publish". */
  action: string;
  /** Id or name of what it was done to. */
  object: string;
  /** What it is called today, where the server knows; of people only. */
  name?: string;
  details: Record<string, Json>;
}

export interface AuditVerdict {
  intact: boolean;
  entries: number;
  broken_at: number | null;
  reason: string;
}

export const auditQuery = (ws: string, q: string) =>
  infiniteQueryOptions({
    queryKey: [ws, "audit", q] as const,
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<AuditEntry>>(
        inWorkspace(ws, "/audit"),
        { q: q || undefined, cursor: pageParam, limit: 50 },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
