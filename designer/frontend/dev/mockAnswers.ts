/** The made-up API: a method, a path and a body in, a status and a document out. */

import {
  ALL_RIGHTS,
  ago,
  type Body,
  document,
  invoiceSchema,
  now,
  orderSchema,
  palette,
  sample,
  str,
} from "./mockData.ts";

interface StoredFlow {
  id: string;
  name: string;
  description: string;
  revision: number;
  document: typeof document;
  updated_at: string;
}

/** A server with its own memory: give it a method, a path below /api/v1 and a body. */
export function makeApi(rights = ALL_RIGHTS) {
  const flows: StoredFlow[] = [
    {
      id: "f1",
      name: "Orders to invoices",
      description: "Each paid Magento order becomes an invoice in QuickBooks.",
      revision: 7,
      document,
      updated_at: ago(12),
    },
    {
      id: "f2",
      name: "Payments back to the shop",
      description: "",
      revision: 1,
      document: { schema: 1, nodes: [], edges: [] } as never,
      updated_at: ago(4000),
    },
  ];
  const deployments: Body[] = [
    {
      environment: "test",
      version: 3,
      active: true,
      webhook_url: "http://127.0.0.1:8000/hooks/abc",
    },
  ];
  const versions: Body[] = [
    {
      number: 3,
      note: "Skip free orders",
      published_at: ago(60),
      published_by: "Alice",
      environment: "test",
    },
    {
      number: 2,
      note: "First working version",
      published_at: ago(3000),
      published_by: "Alice",
      environment: "test",
    },
  ];
  const runs = new Map<string, { started: number; document: typeof document }>();

  const connections = [
    {
      id: "c1",
      slug: "shop",
      name: "Magento shop",
      connector: "magento",
      environment: "test",
      status: "ready",
      sandbox: true,
      used_by: [],
    },
    {
      id: "c2",
      slug: "books",
      name: "QuickBooks sandbox",
      connector: "quickbooks",
      environment: "test",
      status: "ready",
      sandbox: true,
      used_by: [],
    },
  ];

  function problemsOf(doc: typeof document) {
    const problems: Body[] = [];
    const targets = new Set(doc.edges.map((e) => e.target));
    for (const node of doc.nodes) {
      const config = node.config as Body;
      if (!node.type.startsWith("trigger.") && !targets.has(node.id))
        problems.push({
          severity: "warning",
          code: "node.unreachable",
          message: `"${node.name}" is never reached.`,
          hint: "Draw a wire to it, or delete it.",
          node_id: node.id,
          field: null,
        });
      if (["action", "trigger.event", "find_or_create"].includes(node.type) && !config.connection)
        problems.push({
          severity: "error",
          code: "connection.missing",
          message: `"${node.name}" has no connection.`,
          hint: "Choose one in the settings of the step.",
          node_id: node.id,
          field: "connection",
        });
      if (node.id === "to_invoice")
        problems.push({
          severity: "error",
          code: "mapping.required",
          message: "Lines is required and not mapped.",
          hint: "Open the mapper and map it.",
          node_id: node.id,
          field: "mapping",
        });
    }
    return problems;
  }

  function runView(id: string) {
    const run = runs.get(id);
    if (!run) return null;
    const elapsed = Date.now() - run.started;
    const steps: Record<string, Body> = {};
    let done = true;
    run.document.nodes.forEach((node, index) => {
      const from = index * 500;
      const status =
        elapsed > from + 500
          ? node.id === "refuse"
            ? "skipped"
            : "succeeded"
          : elapsed > from
            ? "running"
            : "pending";
      if (status === "running" || status === "pending") done = false;
      steps[node.id] = {
        node_id: node.id,
        status,
        attempts: 1,
        started_at: ago(0),
        finished_at: null,
        duration_ms: status === "succeeded" ? 40 + index * 13 : null,
        error: null,
        next_attempt_at: null,
        port: node.type === "if" ? "false" : status === "succeeded" ? "out" : null,
      };
    });
    return {
      id,
      flow: { id: "f1", name: "Orders to invoices" },
      version: null,
      kind: "test",
      environment: "test",
      status: done ? "succeeded" : "running",
      business_key: "000000042",
      created_at: now(),
      started_at: now(),
      finished_at: done ? now() : null,
      duration_ms: done ? 3200 : null,
      current: null,
      error: null,
      seq: Math.floor(elapsed / 500),
      document: run.document,
      steps,
      keys: [{ label: "Order", value: "000000042" }],
      dead_letter_id: null,
      replay_of: null,
    };
  }

  const flowView = (flow: StoredFlow) => ({
    id: flow.id,
    name: flow.name,
    description: flow.description,
    draft: {
      revision: flow.revision,
      document: flow.document,
      updated_at: flow.updated_at,
      updated_by: "Alice",
    },
    versions: flow.id === "f1" ? versions : [],
    deployments: flow.id === "f1" ? deployments : [],
  });

  function answer(method: string, path: string, body: Body): [number, unknown] {
    if (path === "/me")
      return [
        200,
        {
          user: { id: "u1", name: "Alice Archer", email: "alice@example.com" },
          workspaces: [
            {
              slug: "acme",
              name: "Acme Trading",
              role: "owner",
              rights,
              environments: [
                { slug: "test", name: "Test" },
                { slug: "production", name: "Production" },
              ],
            },
          ],
        },
      ];
    const rest = path.replace(/^\/w\/[^/]+/, "");
    if (rest === "/palette") return [200, palette];
    if (rest === "/functions")
      return [
        200,
        {
          items: [
            ["gt", "is greater than"],
            ["eq", "equals"],
            ["upper", "Upper case"],
            ["round", "Round"],
          ].map(([name, title]) => ({
            name,
            title,
            group: "logic",
            description: "",
            args: [
              { name: "a", type: "any", required: true },
              { name: "b", type: "any", required: true },
            ],
            returns: "any",
            examples: [],
          })),
        },
      ];
    if (rest === "/connections") return [200, { items: connections, next: null }];
    if (rest === "/dead-letters")
      return [
        200,
        {
          items: [],
          groups: [{ code: "x", message: "x", count: 3, flow: { id: "f1", name: "" } }],
          next: null,
        },
      ];
    let m = rest.match(/^\/connectors\/([^/]+)\/operations\/([^/]+)$/);
    if (m) {
      const trigger = ["order_placed", "invoice_changed"].includes(m[2] ?? "");
      const known = palette.connectors.flatMap((c) => c.operations).find((o) => o.name === m?.[2]);
      return [
        200,
        {
          ...known,
          input_schema: trigger ? null : invoiceSchema,
          output_schema: trigger ? orderSchema : invoiceSchema,
        },
      ];
    }
    if (rest === "/flows") {
      if (method === "POST") {
        const flow = {
          id: `f${flows.length + 1}`,
          name: String(body.name),
          description: "",
          revision: 1,
          document: (body.document ?? { schema: 1, nodes: [], edges: [] }) as never,
          updated_at: now(),
        };
        flows.push(flow);
        return [201, flowView(flow)];
      }
      return [
        200,
        {
          items: flows.map((flow) => ({
            id: flow.id,
            name: flow.name,
            description: flow.description,
            updated_at: flow.updated_at,
            draft_revision: flow.revision,
            deployments: flow.id === "f1" ? deployments : [],
            nodes: flow.document.nodes.map((n) => ({
              type: n.type,
              connection: (n.config as Body).connection,
            })),
            last_run:
              flow.id === "f1" ? { id: "r1", status: "succeeded", finished_at: ago(3) } : null,
          })),
          next: null,
        },
      ];
    }
    m = rest.match(/^\/flows\/([^/]+)(\/.*)?$/);
    const flow = m && flows.find((candidate) => candidate.id === m?.[1]);
    if (m && flow) {
      const sub = m[2] ?? "";
      if (!sub && method === "PATCH") {
        Object.assign(flow, body);
        return [200, flowView(flow)];
      }
      if (!sub && method === "DELETE") {
        flows.splice(flows.indexOf(flow), 1);
        return [204, null];
      }
      if (!sub) return [200, flowView(flow)];
      if (sub === "/draft") {
        if (body.revision !== flow.revision || /MOCK409/.test(JSON.stringify(body.document)))
          return [
            409,
            {
              type: "about:blank",
              title: "The draft has changed",
              status: 409,
              code: "flow.stale_draft",
              detail: "Vera saved this flow after you opened it.",
              current: {
                revision: flow.revision,
                document: flow.document,
                updated_by: "Vera",
                updated_at: ago(1),
              },
            },
          ];
        flow.revision += 1;
        flow.document = body.document as never;
        flow.updated_at = now();
        return [200, { revision: flow.revision, problems: problemsOf(flow.document) }];
      }
      if (sub === "/check") return [200, { problems: problemsOf(body.document as never) }];
      if (sub === "/publish") {
        const problems = problemsOf(flow.document).filter((p) => p.severity === "error");
        if (problems.length > 0)
          return [
            422,
            {
              title: "Not publishable",
              status: 422,
              code: "flow.not_publishable",
              detail: "The flow has problems.",
              problems,
            },
          ];
        return [200, { version: 4, environment: body.environment, problems: [] }];
      }
      if (sub === "/activate") {
        for (const d of deployments) if (d.environment === body.environment) d.active = body.active;
        return [200, {}];
      }
      if (sub === "/samples")
        return [
          200,
          {
            items: [
              { id: "s1", title: "Order 000000042, two lines", kind: "sandbox", document: sample },
              {
                id: "s2",
                title: "Order without shipping",
                kind: "example",
                document: { ...sample, shipping_amount: 0 },
              },
            ],
            next: null,
          },
        ];
      if (sub === "/sources")
        return [
          200,
          {
            sources: [
              {
                path: "trigger",
                title: "Order placed in Magento",
                icon: "magento",
                schema: orderSchema,
              },
              {
                path: "steps.customer",
                title: "Find or create customer",
                icon: "quickbooks",
                schema: {
                  type: "object",
                  properties: { id: str("Id"), found: { type: "boolean" } },
                },
              },
            ],
            target_schema: invoiceSchema,
          },
        ];
      if (sub === "/test") {
        const id = `t${runs.size + 1}`;
        runs.set(id, { started: Date.now(), document: body.document as never });
        return [202, { run_id: id }];
      }
      if (sub === "/preview")
        return [
          200,
          {
            context: { trigger: sample, steps: {} },
            output: {},
            values: {},
            problems: [],
            assumed: [],
            jsonata: "",
          },
        ];
      if (sub.startsWith("/versions/"))
        return [200, { number: 3, document: flow.document, note: "" }];
    }
    m = rest.match(/^\/runs\/([^/]+)(?:\/steps\/([^/]+))?$/);
    if (m) {
      const run = runView(m[1] ?? "");
      if (run && m[2])
        return [
          200,
          {
            ...run.steps[m[2]],
            input: sample,
            output: { Id: "145", DocNumber: "000000042" },
            attempts_list: [],
          },
        ];
      if (run) return [200, run];
    }
    return [
      404,
      {
        title: "Not found",
        status: 404,
        code: "not_found",
        detail: `The mock has no ${method} ${path}.`,
      },
    ];
  }

  return answer;
}
