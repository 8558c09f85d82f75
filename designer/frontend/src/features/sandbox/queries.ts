/** What the sandbox screen asks of the server. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { JsonObject, OrderSample, Page, Sandbox } from "@/api/types";

/** Records and remaining faults move while runs go on, and the sandbox has no socket. */
const LOOK_AGAIN_MS = 4_000;

export const sandboxesQuery = (ws: string) =>
  queryOptions({
    queryKey: keys.sandboxes(ws),
    queryFn: async ({ signal }) =>
      (await api.get<Page<Sandbox>>(inWorkspace(ws, "/sandboxes"), undefined, signal)).items,
    refetchInterval: LOOK_AGAIN_MS,
  });

export interface RecordPage {
  items: JsonObject[];
  total: number;
}

export const recordsQuery = (ws: string, vendor: string, entity: string, page: number) =>
  queryOptions({
    queryKey: [...keys.sandboxes(ws), "records", vendor, entity, page] as const,
    queryFn: ({ signal }) =>
      api.getExact<RecordPage>(
        inWorkspace(
          ws,
          `/sandboxes/${encodeURIComponent(vendor)}/records/${encodeURIComponent(entity)}`,
        ),
        { page },
        signal,
      ),
    // Exact numbers must stay the objects they are.
    structuralSharing: false,
    placeholderData: keepPreviousData,
    refetchInterval: LOOK_AGAIN_MS,
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
