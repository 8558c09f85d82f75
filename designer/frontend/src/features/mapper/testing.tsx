/** The mapper on a page with a server behind it that answers from memory; for tests only. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { Mapper, type MapperProps } from "./Mapper";
import { FUNCTIONS, INVOICE, ORDER } from "./samples.testing";
import type { Json, JsonSchema, MappingDocument, Preview, SchemaDrift } from "./types";
import type { VendorList } from "./vendorLists";

// A busy machine takes its time; a test that waits in vain still fails.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 60_000 });

export const ORDERS: { id: string; title: string; kind: string; document: Json }[] = [
  {
    id: "s1",
    kind: "run",
    title: "Order 45",
    document: {
      increment_id: "000000045",
      created_at: "2026-03-02 10:15:00",
      customer_email: "ana@example.test",
      customer_firstname: "Ana",
      customer_lastname: "Silva",
      shipping_amount: "5.00",
      items: [
        { sku: "MUG-RED", name: "Red mug", qty_ordered: "2", row_total: "100.00" },
        { sku: "TEE", name: "T-shirt", qty_ordered: "1", row_total: "24.90" },
      ],
    },
  },
  {
    id: "s2",
    kind: "example",
    title: "Order 46",
    document: { increment_id: "000000046", items: [] },
  },
];

export interface FakeServer {
  /** Every preview that was asked, oldest first. */
  previews: { mapping: MappingDocument; sample: { document?: Json; run_id?: string } }[];
  answer: (mapping: MappingDocument, sample: Json) => Partial<Preview> & { errors?: unknown[] };
  /** Proposals that were refused, as source and target. */
  refused: [string, string][];
  /** What has changed beside the mapping, until somebody takes it. */
  drift: SchemaDrift[];
  /** What the mapping was put on paper with. */
  papers: { format: string; mapping: MappingDocument }[];
  /** Templates that there are, and what was asked of them. */
  templates: { items: unknown[]; starting_points: unknown[] };
  asked: { path: string; body: Record<string, unknown> }[];
  /** What laying in or bringing up answers. */
  template: (path: string, body: Record<string, unknown>) => unknown;
  /** What the target must be like. */
  target: JsonSchema;
  /** Lists of the connected system; those asked for are fetched. */
  lists: VendorList[];
  /** After how many entries fetching a list is given up. */
  tooLong?: number;
  tests: unknown[];
  /** Functions of the workspace. */
  own: unknown[];
  outcomes: (body: Record<string, unknown>) => unknown[];
  /** The problem that a request is answered with; null for what is taken. */
  refuses?: (path: string, body: Record<string, unknown>) => Record<string, unknown> | null;
}

/** Stands at the network's edge: the part of the API that the mapper asks. */
export function serve(answer: FakeServer["answer"] = () => ({})): FakeServer {
  const server: FakeServer = {
    previews: [],
    answer,
    refused: [],
    drift: [],
    papers: [],
    templates: { items: [], starting_points: [] },
    asked: [],
    template: () => ({}),
    target: INVOICE,
    lists: [],
    tests: [],
    own: [],
    outcomes: () => [],
  };
  vi.stubGlobal("fetch", async (url: string, init?: RequestInit) => {
    const body = init?.body ? JSON.parse(String(init.body)) : null;
    const refusal = server.refuses?.(String(url), body ?? {});
    if (refusal) {
      return new Response(JSON.stringify({ status: 422, ...refusal }), {
        status: 422,
        headers: { "Content-Type": "application/problem+json" },
      });
    }
    const found = reply(server, String(url), body, init?.method ?? "GET");
    return new Response(JSON.stringify(found), { status: 200 });
  });
  return server;
}

function reply(server: FakeServer, url: string, body: unknown, method: string): unknown {
  if (url.includes("/mapping-refusals")) {
    if (method === "DELETE") server.refused = [];
    else if (method === "POST") {
      server.refused = [...server.refused, ...(body as { pairs: [string, string][] }).pairs];
    }
    return { pairs: server.refused };
  }
  if (url.endsWith("/mapping-drift/seen")) {
    server.drift = [];
    return {};
  }
  if (url.endsWith("/mapping-sheet")) {
    server.papers.push(body as FakeServer["papers"][number]);
    return "a document";
  }
  if (url.endsWith("/mapping-lists")) {
    const { fetch } = body as { fetch: string[] };
    const fetched_at = "2026-03-02T10:15:00Z";
    server.lists = server.lists.map((list) =>
      fetch.includes(list.name)
        ? {
            ...list,
            fetched_at,
            complete: server.tooLong === undefined,
            count: server.tooLong ?? list.count,
            reading: null,
          }
        : list,
    );
    return {
      items: server.lists.map((list) => (list.fetched_at ? list : { ...list, entries: [] })),
      next: null,
    };
  }
  if (url.endsWith("/samples")) return { items: ORDERS, next: null };
  if (url.includes("/own-functions")) {
    if (method !== "GET") server.asked.push({ path: url, body: body as Record<string, unknown> });
    return { items: server.own, next: null };
  }
  if (url.endsWith("/mapping-tests/run")) {
    return { outcomes: server.outcomes(body as Record<string, unknown>), coverage: [] };
  }
  if (url.includes("/mapping-tests")) return { items: server.tests, next: null };
  if (url.includes("/mapping-templates")) {
    if (method !== "POST") return { ...server.templates, next: null };
    const path = url.slice(url.indexOf("/mapping-templates"));
    server.asked.push({ path, body: body as Record<string, unknown> });
    return server.template(path, body as Record<string, unknown>);
  }
  if (url.endsWith("/functions")) return { items: FUNCTIONS };
  if (url.endsWith("/sources")) {
    return {
      sources: [
        { path: "trigger", title: "Order placed", icon: "magento", schema: ORDER },
        {
          path: "steps.customer",
          title: "Find customer",
          icon: null,
          schema: {
            type: "object",
            properties: { id: { type: "string", title: "Customer number" } },
          },
        },
      ],
      target_schema: server.target,
      drift: server.drift,
    };
  }
  const asked = body as FakeServer["previews"][number];
  server.previews.push(asked);
  const run = ORDERS.find((order) => order.id === asked.sample.run_id);
  const trigger = run?.document ?? asked.sample.document ?? null;
  return {
    context: { trigger, steps: { customer: { id: "58" } } },
    output: {},
    values: {},
    problems: [],
    assumed: [],
    jsonata: "{}",
    ...server.answer(asked.mapping, trigger),
  };
}

export function show(children: ReactNode) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </MantineProvider>,
  );
}

export function showMapper(
  mapping: MappingDocument | null = null,
  more: Partial<MapperProps> = {},
) {
  const saved = vi.fn<(mapping: MappingDocument, target?: JsonSchema) => void>();
  const cancelled = vi.fn();
  const document = { schema: 1 as const, nodes: [], edges: [] };
  const shown = show(
    <Mapper
      workspace="acme"
      flowId="f1"
      nodeId="invoice"
      document={document}
      title="Create invoice"
      mapping={mapping}
      onSave={saved}
      onCancel={cancelled}
      {...more}
    />,
  );
  return { ...shown, saved, cancelled };
}
