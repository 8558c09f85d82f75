/** What the sandbox screen asks of the server; `useNews` asks again when calls were made. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { JsonObject, OrderSample, Page, Sandbox } from "@/api/types";

export const sandboxesQuery = (ws: string) =>
  queryOptions({
    queryKey: keys.sandboxes(ws),
    queryFn: async ({ signal }) =>
      (await api.get<Page<Sandbox>>(inWorkspace(ws, "/sandboxes"), undefined, signal)).items,
  });

export interface RecordPage {
  items: JsonObject[];
  /** Where each item is kept, in the same order. */
  refs?: { id: string; scope: string }[];
  total: number;
}

export interface CallRecord {
  id: number;
  at: string;
  method: string;
  path: string;
  status: number;
  ending: "whole" | "refused" | "cut" | "silent" | "torn";
  duration_ms: number;
  request: string;
  reply: string;
}

export interface OutgoingWebhook {
  id: number;
  url: string;
  body: string;
  created_at: string;
  due_at: string;
  attempts: number;
  state: "pending" | "held" | "lost" | "delivered" | "given_up";
  last_error: string;
}

export interface SandboxClock {
  now: string;
  offset_s: number;
}

export const vendorPath = (ws: string, vendor: string, rest: string) =>
  inWorkspace(ws, `/sandboxes/${encodeURIComponent(vendor)}/${rest}`);

export const recordPath = (
  ws: string,
  vendor: string,
  entity: string,
  ref?: { id: string; scope: string },
) => {
  const list = vendorPath(ws, vendor, `records/${encodeURIComponent(entity)}`);
  if (!ref) return list;
  return `${list}/${encodeURIComponent(ref.id)}?scope=${encodeURIComponent(ref.scope)}`;
};

export const callsQuery = (ws: string, vendor: string) =>
  queryOptions({
    queryKey: [...keys.sandboxes(ws), "calls", vendor] as const,
    queryFn: async ({ signal }) =>
      (await api.get<Page<CallRecord>>(vendorPath(ws, vendor, "calls"), undefined, signal)).items,
  });

export const webhooksQuery = (ws: string, vendor: string) =>
  queryOptions({
    queryKey: [...keys.sandboxes(ws), "webhooks", vendor] as const,
    queryFn: async ({ signal }) =>
      (
        await api.get<{ items: OutgoingWebhook[] }>(
          vendorPath(ws, vendor, "webhooks"),
          undefined,
          signal,
        )
      ).items,
  });

export const clockQuery = (ws: string) =>
  queryOptions({
    queryKey: [...keys.sandboxes(ws), "clock"] as const,
    queryFn: ({ signal }) =>
      api.get<SandboxClock>(inWorkspace(ws, "/sandboxes/clock"), undefined, signal),
  });

export const recordsQuery = (
  ws: string,
  vendor: string,
  entity: string,
  page: number,
  text: string,
) =>
  queryOptions({
    queryKey: [...keys.sandboxes(ws), "records", vendor, entity, page, text] as const,
    queryFn: ({ signal }) =>
      api.getExact<RecordPage>(
        inWorkspace(
          ws,
          `/sandboxes/${encodeURIComponent(vendor)}/records/${encodeURIComponent(entity)}`,
        ),
        text ? { page, q: text } : { page },
        signal,
      ),
    // Exact numbers must stay the objects they are.
    structuralSharing: false,
    placeholderData: keepPreviousData,
  });

export const orderSamplesQuery = (ws: string) =>
  queryOptions({
    queryKey: [...keys.sandboxes(ws), "order-samples"] as const,
    queryFn: async ({ signal }) =>
      (
        await api.getExact<Page<OrderSample>>(
          inWorkspace(ws, "/sandboxes/magento/order-samples"),
          undefined,
          signal,
        )
      ).items,
    structuralSharing: false,
    staleTime: 5 * 60_000,
  });
