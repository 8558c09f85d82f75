/** What the made-up workspace holds. */

export type Body = Record<string, unknown>;

export const now = () => new Date().toISOString();
export const ago = (min: number) => new Date(Date.now() - min * 60_000).toISOString();

export const str = (title?: string, extra: Body = {}) => ({
  type: "string",
  ...(title ? { title } : {}),
  ...extra,
});
const num = (title?: string) => ({ type: "number", ...(title ? { title } : {}) });

export const orderSchema = {
  type: "object",
  title: "Order",
  properties: {
    increment_id: str("Order number"),
    created_at: str("Created at", { format: "date-time" }),
    customer_email: str("Customer e-mail"),
    customer_firstname: str("First name"),
    grand_total: num("Grand total"),
    shipping_amount: num("Shipping"),
    order_currency_code: str("Currency"),
    items: {
      type: "array",
      title: "Items",
      items: {
        type: "object",
        properties: {
          sku: str("SKU"),
          name: str("Name"),
          qty_ordered: num("Quantity"),
          row_total: num("Row total"),
        },
      },
    },
  },
};

export const invoiceSchema = {
  type: "object",
  title: "Invoice",
  required: ["CustomerRef", "Line"],
  properties: {
    DocNumber: str("Invoice number", {
      maxLength: 21,
      description: "Shown to the customer. At most 21 characters.",
    }),
    TxnDate: str("Date", { format: "date" }),
    CustomerRef: { $ref: "#/$defs/Ref", title: "Customer" },
    Line: {
      type: "array",
      title: "Lines",
      items: {
        type: "object",
        required: ["Amount"],
        properties: { Amount: num("Amount"), Description: str() },
      },
    },
    PrivateNote: str("Memo"),
    ApplyTaxAfterDiscount: { type: "boolean", title: "Tax after discount" },
    GlobalTaxCalculation: {
      type: "string",
      title: "Tax calculation",
      enum: ["TaxExcluded", "TaxInclusive", "NotApplicable"],
    },
    BillEmail: { type: "object", title: "Billing e-mail", properties: { Address: str("Address") } },
    Id: str("Id", { readOnly: true }),
  },
  $defs: {
    Ref: {
      type: "object",
      required: ["value"],
      properties: { value: str("Id"), name: str("Name") },
    },
  },
};

const kinds: [string, string, string, string, string, string[]][] = [
  [
    "trigger.webhook",
    "Incoming webhook",
    "Starts when any system posts JSON to an address of its own.",
    "webhook",
    "trigger",
    ["out"],
  ],
  [
    "trigger.manual",
    "Start by hand",
    "Starts when a person presses Run and gives it a document.",
    "hand",
    "trigger",
    ["out"],
  ],
  [
    "trigger.event",
    "When something happens",
    "Starts when the connected system announces a change.",
    "bolt",
    "trigger",
    ["out"],
  ],
  [
    "action",
    "Do something in a system",
    "Calls one operation of a connection.",
    "plug",
    "action",
    ["out", "error"],
  ],
  [
    "find_or_create",
    "Find or create",
    "Looks a record up and creates it if it is not there.",
    "search",
    "action",
    ["out", "error"],
  ],
  [
    "xref",
    "Remember the pair",
    "Records which record in one system belongs to which in the other.",
    "link",
    "action",
    ["out"],
  ],
  [
    "map",
    "Map",
    "Turns documents into another shape, field by field.",
    "map",
    "transform",
    ["out", "error"],
  ],
  [
    "validate",
    "Check",
    "Checks a document against its schema and your own rules.",
    "check",
    "transform",
    ["out", "error"],
  ],
  ["if", "If", "Takes one of two ways.", "split", "control", ["true", "false"]],
  [
    "fail",
    "Raise an error",
    "Stops this record with a message of your own.",
    "alert",
    "control",
    [],
  ],
  ["stop", "Stop", "Ends this way of the flow.", "stop", "control", []],
];

const group = (name: string, title: string, shapes: string[]) => ({
  name,
  title,
  items: kinds
    .filter((k) => shapes.includes(k[4]))
    .map(([type, t, description, icon, shape, out]) => ({
      type,
      title: t,
      description,
      icon,
      shape,
      ports: { in: shape === "trigger" ? [] : ["in"], out },
      config_schema: {},
      default_config: {},
    })),
});

const op = (
  name: string,
  title: string,
  kind = "action",
  effect: string | null = "write",
  entity = "Invoice",
) => ({
  name,
  title,
  kind,
  effect,
  entity,
  description: `${title}.`,
});

export const palette = {
  groups: [
    group("triggers", "Triggers", ["trigger"]),
    group("steps", "Steps", ["action"]),
    group("transform", "Transform", ["transform"]),
    group("control", "Flow control", ["control"]),
  ],
  connectors: [
    {
      slug: "magento",
      name: "Magento",
      icon: "magento",
      description: "Shop",
      categories: ["shop"],
      operations: [
        op("order_placed", "Order placed", "trigger", null, "SalesOrder"),
        op("get_order", "Get order", "action", "read", "SalesOrder"),
        op("create_order_comment", "Add comment to order", "action", "write", "SalesOrder"),
        op("update_stock_item", "Update stock item", "action", "write", "InventoryLevel"),
      ],
      find_or_create: [],
    },
    {
      slug: "quickbooks",
      name: "QuickBooks Online",
      icon: "quickbooks",
      description: "Accounting",
      categories: ["accounting"],
      operations: [
        op("invoice_changed", "Invoice changed", "trigger", null),
        op("create_invoice", "Create invoice"),
        op("get_invoice", "Get invoice", "action", "read"),
        op("create_payment", "Create payment", "action", "write", "Payment"),
        op("send_invoice", "Send invoice by e-mail"),
      ],
      find_or_create: [
        { entity: "Customer", title: "Find or create customer" },
        { entity: "Item", title: "Find or create item" },
      ],
    },
  ],
};

const f = (path: string) => ({ op: "field", path });
export const document = {
  schema: 1,
  nodes: [
    {
      id: "order",
      type: "trigger.event",
      name: "Order placed in Magento",
      config: { connector: "magento", connection: "shop", operation: "order_placed" },
      position: { x: 0, y: 120 },
    },
    {
      id: "check",
      type: "validate",
      name: "Check the order",
      config: {
        source: "trigger",
        target: null,
        rules: [
          {
            id: "c1",
            check: {
              op: "call",
              fn: "gt",
              args: [f("trigger.grand_total"), { op: "const", value: "0" }],
            },
            message: "The total must be above zero",
          },
        ],
      },
      position: { x: 336, y: 120 },
    },
    {
      id: "customer",
      type: "find_or_create",
      name: "Find or create customer",
      config: {
        connector: "quickbooks",
        connection: "books",
        entity: "Customer",
        find: {
          schema: 1,
          rules: [
            { id: "r1", target: "PrimaryEmailAddr.Address", expr: f("trigger.customer_email") },
          ],
        },
        create: { schema: 1, rules: [] },
      },
      position: { x: 672, y: 120 },
    },
    {
      id: "big",
      type: "if",
      name: "Above 500?",
      config: {
        condition: {
          op: "call",
          fn: "gt",
          args: [f("trigger.grand_total"), { op: "const", value: "500" }],
        },
      },
      position: { x: 1008, y: 120 },
    },
    {
      id: "to_invoice",
      type: "map",
      name: "Order to invoice",
      config: {
        target: { connector: "quickbooks", operation: "create_invoice" },
        mapping: {
          schema: 1,
          rules: [
            { id: "r1", target: "CustomerRef.value", expr: f("steps.customer.id") },
            { id: "r2", target: "DocNumber", expr: f("trigger.increment_id") },
          ],
        },
      },
      position: { x: 1344, y: 120 },
    },
    {
      id: "invoice",
      type: "action",
      name: "Create invoice",
      config: {
        connector: "quickbooks",
        connection: "books",
        operation: "create_invoice",
        input: { schema: 1, rules: [{ id: "w", target: "", expr: f("steps.to_invoice") }] },
      },
      position: { x: 1680, y: 120 },
    },
    {
      id: "pair",
      type: "xref",
      name: "Remember the pair",
      config: {
        entity: "order",
        left: { connection: "shop", id: f("trigger.increment_id") },
        right: { connection: "books", id: f("steps.invoice.Id") },
      },
      position: { x: 2016, y: 120 },
    },
    {
      id: "refuse",
      type: "fail",
      name: "Needs approval",
      config: { message: { op: "const", value: "Over 500: ask Ann" } },
      position: { x: 1344, y: 300 },
    },
  ],
  edges: [
    { id: "e1", source: "order", source_port: "out", target: "check", target_port: "in" },
    { id: "e2", source: "check", source_port: "out", target: "customer", target_port: "in" },
    { id: "e3", source: "customer", source_port: "out", target: "big", target_port: "in" },
    { id: "e4", source: "big", source_port: "false", target: "to_invoice", target_port: "in" },
    { id: "e5", source: "big", source_port: "true", target: "refuse", target_port: "in" },
    { id: "e6", source: "to_invoice", source_port: "out", target: "invoice", target_port: "in" },
    { id: "e7", source: "invoice", source_port: "out", target: "pair", target_port: "in" },
  ],
};

export const sample = {
  increment_id: "000000042",
  created_at: "2026-03-04 10:11:12",
  customer_email: "veronica@example.com",
  customer_firstname: "Veronica",
  grand_total: 123.45,
  shipping_amount: 5,
  order_currency_code: "EUR",
  items: [
    { sku: "MH-01", name: "Hoodie", qty_ordered: 2, row_total: 98.45 },
    { sku: "BAG-7", name: "Tote bag", qty_ordered: 1, row_total: 20 },
  ],
};

export const ALL_RIGHTS = [
  "flows.view",
  "flows.edit",
  "flows.test",
  "flows.publish",
  "runs.view",
  "runs.data_view",
  "connections.view",
  "connections.edit",
  "sandbox.view",
];
