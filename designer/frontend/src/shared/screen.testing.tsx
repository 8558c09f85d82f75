/** A whole screen in a test: real router and cache; only the network's edge is made up. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { act, configure, render } from "@testing-library/react";
import { vi } from "vitest";
import { makeRouter } from "@/router";
import { cssVariables, theme } from "@/shared/theme/theme";

export interface Call {
  method: string;
  /** Path after the workspace, with its query, such as "/runs?limit=25". */
  path: string;
  body: unknown;
}

type Answer = unknown | ((call: Call) => unknown);

/** Answers by "METHOD /path"; the path is compared without its query. */
export type Answers = Record<string, Answer>;

/** An answer that refuses. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly problem: Record<string, unknown>,
  ) {}
}

class Line {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readyState = 0;
  sent: unknown[] = [];

  constructor(readonly url: string) {
    lines.push(this);
    queueMicrotask(() => this.opens());
  }
  opens() {
    this.readyState = 1;
    this.onopen?.();
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
}

// Screens are chunks that are fetched when they open; the first one takes a while.
configure({ asyncUtilTimeout: 8_000 });

// jsdom loads no fonts; inputs that grow with their text want to hear when they are there.
if (!("fonts" in document)) {
  Object.defineProperty(document, "fonts", { value: new EventTarget() });
}

let lines: Line[] = [];
let opened = 0;

const EMPTY = { items: [], next: null };

export interface Screen {
  calls: Call[];
  /** Where the browser stands now: path and search. */
  address: () => string;
  /** Has the server say something over the socket. */
  says: (message: unknown) => void;
  /** Has the connection break. */
  breaks: () => void;
  /** Changes what the server answers from now on. */
  answers: Answers;
}

const RIGHTS = [
  "flows.view",
  "runs.view",
  "runs.data_view",
  "runs.operate",
  "connections.view",
  "connections.edit",
  "sandbox.view",
  "sandbox.use",
];

/** Opens "/runs" and the like in a workspace of its own, so that no test hears another's socket. */
export function openScreen(path: string, answers: Answers, rights = RIGHTS): Screen {
  opened += 1;
  lines = [];
  const ws = `w${opened}`;
  const calls: Call[] = [];
  const all: Answers = {
    "GET /flows": EMPTY,
    "GET /connections": EMPTY,
    "GET /connectors": EMPTY,
    "GET /palette": { groups: [], connectors: [] },
    "GET /dead-letters": { ...EMPTY, groups: [] },
    "GET /approvals": { ...EMPTY, for_you: 0 },
    "GET /pauses": EMPTY,
    "GET /runs": { ...EMPTY, counts: {} },
    ...answers,
  };
  const me = {
    user: { id: "u1", name: "Alice", email: "alice@example.test" },
    workspaces: [
      {
        slug: ws,
        name: "Acme",
        role: "owner",
        rights,
        environments: [
          { slug: "test", name: "Test" },
          { slug: "production", name: "Production" },
        ],
      },
    ],
  };
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    const full = String(url).replace("/api/v1", "");
    if (full === "/me") return new Response(JSON.stringify(me));
    const inside = full.replace(`/w/${ws}`, "");
    const body = init.body ? JSON.parse(String(init.body)) : undefined;
    const call = { method: init.method ?? "GET", path: inside, body };
    calls.push(call);
    const found = all[`${call.method} ${inside.split("?")[0]}`];
    if (found === undefined) {
      return new Response(JSON.stringify({ title: "Not found", detail: inside }), { status: 404 });
    }
    const value = typeof found === "function" ? found(call) : found;
    if (value instanceof Refusal) {
      return new Response(JSON.stringify(value.problem), { status: value.status });
    }
    return new Response(value === null ? null : JSON.stringify(value), {
      status: value === null ? 204 : 200,
    });
  });
  vi.stubGlobal("WebSocket", Line);

  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const history = createMemoryHistory({ initialEntries: [`/w/${ws}${path}`] });
  const router = makeRouter(queries, history);
  render(
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} env="test">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return {
    calls,
    answers: all,
    address: () => history.location.href.replace(`/w/${ws}`, ""),
    says: (message) => {
      act(() => {
        for (const line of lines) line.onmessage?.({ data: JSON.stringify(message) });
      });
    },
    breaks: () => {
      act(() => {
        for (const line of lines) line.onclose?.();
      });
    },
  };
}
