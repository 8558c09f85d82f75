/** Addresses of the screens. Each screen is a chunk of its own, fetched when it is opened. */

import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
  redirect,
  retainSearchParams,
} from "@tanstack/react-router";
import { meQuery } from "@/api/queries";
import { NotFound, RouteError, RoutePending } from "@/features/shell/RouteStates";
import { Shell } from "@/features/shell/Shell";

export type Search = Record<string, string | undefined>;

interface RouterContext {
  queries: QueryClient;
}

const root = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  notFoundComponent: NotFound,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async ({ context }) => {
    const me = await context.queries.ensureQueryData(meQuery);
    const first = me.workspaces[0];
    if (first) throw redirect({ to: "/w/$ws/overview", params: { ws: first.slug } });
  },
  component: NotFound,
});

const workspace = createRoute({
  getParentRoute: () => root,
  path: "/w/$ws",
  validateSearch: (search: Record<string, unknown>): Search => search as Search,
  search: { middlewares: [retainSearchParams(["env"])] },
  loader: ({ context }) => context.queries.ensureQueryData(meQuery),
  component: Shell,
  // Beside the navigation, so that a wrong address is no dead end.
  notFoundComponent: NotFound,
});

const workspaceHome = createRoute({
  getParentRoute: () => workspace,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/w/$ws/overview", params });
  },
});

const overview = createRoute({
  getParentRoute: () => workspace,
  path: "overview",
  component: lazyRouteComponent(() => import("@/features/overview"), "OverviewPage"),
});

const flows = createRoute({
  getParentRoute: () => workspace,
  path: "flows",
  component: lazyRouteComponent(() => import("@/features/flows"), "FlowsPage"),
});

const flow = createRoute({
  getParentRoute: () => workspace,
  path: "flows/$flowId",
  component: lazyRouteComponent(() => import("@/features/canvas/DesignerPage"), "DesignerPage"),
});

const runs = createRoute({
  getParentRoute: () => workspace,
  path: "runs",
  component: lazyRouteComponent(() => import("@/features/runs"), "RunsPage"),
});

const run = createRoute({
  getParentRoute: () => workspace,
  path: "runs/$runId",
  component: lazyRouteComponent(() => import("@/features/runs"), "RunPage"),
});

const errors = createRoute({
  getParentRoute: () => workspace,
  path: "errors",
  component: lazyRouteComponent(() => import("@/features/runs"), "ErrorsPage"),
});

const deadLetter = createRoute({
  getParentRoute: () => workspace,
  path: "errors/$deadLetterId",
  component: lazyRouteComponent(() => import("@/features/runs"), "DeadLetterPage"),
});

const approvals = createRoute({
  getParentRoute: () => workspace,
  path: "approvals",
  component: lazyRouteComponent(() => import("@/features/approvals"), "ApprovalsPage"),
});

const connections = createRoute({
  getParentRoute: () => workspace,
  path: "connections",
  component: lazyRouteComponent(() => import("@/features/connections"), "ConnectionsPage"),
});

const connection = createRoute({
  getParentRoute: () => workspace,
  path: "connections/$connectionId",
  component: lazyRouteComponent(() => import("@/features/connections"), "ConnectionPage"),
});

const connectors = createRoute({
  getParentRoute: () => workspace,
  path: "connectors",
  component: lazyRouteComponent(() => import("@/features/connectors"), "ConnectorsPage"),
});

const newConnector = createRoute({
  getParentRoute: () => workspace,
  path: "connectors/new",
  component: lazyRouteComponent(() => import("@/features/connectors"), "NewConnectorPage"),
});

const ownConnector = createRoute({
  getParentRoute: () => workspace,
  path: "connectors/$ownConnectorId",
  component: lazyRouteComponent(() => import("@/features/connectors"), "OwnConnectorPage"),
});

const lookups = createRoute({
  getParentRoute: () => workspace,
  path: "lookups",
  component: lazyRouteComponent(() => import("@/features/lookups"), "LookupsPage"),
});

const lookup = createRoute({
  getParentRoute: () => workspace,
  path: "lookups/$tableId",
  component: lazyRouteComponent(() => import("@/features/lookups"), "TablePage"),
});

const references = createRoute({
  getParentRoute: () => workspace,
  path: "references",
  component: lazyRouteComponent(() => import("@/features/lookups"), "ReferencesPage"),
});

const sandbox = createRoute({
  getParentRoute: () => workspace,
  path: "sandbox",
  component: lazyRouteComponent(() => import("@/features/sandbox"), "SandboxPage"),
});

const settings = createRoute({
  getParentRoute: () => workspace,
  path: "settings",
  component: lazyRouteComponent(() => import("@/features/settings"), "SettingsPage"),
});

const tree = root.addChildren([
  home,
  workspace.addChildren([
    workspaceHome,
    overview,
    flows,
    flow,
    runs,
    run,
    errors,
    deadLetter,
    approvals,
    connections,
    connection,
    connectors,
    newConnector,
    ownConnector,
    lookups,
    lookup,
    references,
    sandbox,
    settings,
  ]),
]);

function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}

/** `history` is for tests; the browser's address bar stands in without it. */
export function makeRouter(queries: QueryClient, history?: RouterHistory) {
  return createRouter({
    history,
    routeTree: tree,
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 150,
    defaultPendingComponent: RoutePending,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFound,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
