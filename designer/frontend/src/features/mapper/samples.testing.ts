/** A small order and a small invoice, for tests of this folder. */

import type { DropTarget } from "./drop";
import { rootField } from "./model";
import type { Field } from "./schemaTree";
import { fieldsBelow } from "./schemaTree";
import type { JsonSchema, MappingFunction } from "./types";

export const ORDER: JsonSchema = {
  title: "Order",
  type: "object",
  required: ["increment_id", "items"],
  properties: {
    increment_id: { title: "Order number", type: "string" },
    created_at: { title: "Created at", type: "string" },
    customer_email: { title: "Customer e-mail", type: "string" },
    customer_firstname: { title: "First name", type: ["string", "null"] },
    customer_lastname: { title: "Last name", type: ["string", "null"] },
    customer_id: { title: "Customer id", type: ["integer", "null"] },
    shipping_amount: { title: "Shipping", type: "number" },
    tax_amount: { title: "Tax", type: "number" },
    discount_amount: { title: "Discount", type: "number" },
    tags: { title: "Tags", type: "array", items: { type: "string" } },
    items: { title: "Items", type: "array", items: { $ref: "#/$defs/Item" } },
    billing_address: { title: "Billing address", $ref: "#/$defs/Address" },
  },
  $defs: {
    Item: {
      title: "Item",
      type: "object",
      required: ["sku"],
      properties: {
        sku: { title: "SKU", type: "string" },
        name: { title: "Name", type: "string" },
        qty_ordered: { title: "Quantity", type: "number" },
        row_total: { title: "Row total", type: "number" },
        parent_item: { title: "Parent item", $ref: "#/$defs/Item" },
        taxes: {
          title: "Taxes",
          type: "array",
          items: {
            type: "object",
            properties: { code: { type: "string" }, amount: { type: "number" } },
          },
        },
      },
    },
    Address: {
      type: "object",
      properties: {
        city: { title: "City", type: "string" },
        street: { title: "Street", type: "array", items: { type: "string" } },
      },
    },
  },
};

export const INVOICE: JsonSchema = {
  title: "Invoice",
  type: "object",
  required: ["CustomerRef", "Line"],
  properties: {
    Id: { type: "string", readOnly: true },
    DocNumber: { type: "string", maxLength: 21 },
    TxnDate: { type: "string", format: "date" },
    PrivateNote: { type: "string" },
    CustomerRef: { $ref: "#/$defs/Ref", description: "Customer" },
    Deposit: { type: "number" },
    Tags: { type: "array", items: { type: "string" } },
    Line: { type: "array", items: { $ref: "#/$defs/Line" } },
    BillAddr: { $ref: "#/$defs/Address" },
  },
  $defs: {
    Ref: {
      type: "object",
      required: ["value"],
      properties: { value: { type: "string" }, name: { type: "string", readOnly: true } },
    },
    Address: {
      type: "object",
      properties: { Line1: { type: "string" }, City: { type: "string" } },
    },
    Line: {
      type: "object",
      required: ["DetailType"],
      properties: {
        Amount: { type: "number" },
        Description: { type: "string" },
        DetailType: { type: "string", enum: ["SalesItemLineDetail", "DiscountLineDetail"] },
        SalesItemLineDetail: {
          type: "object",
          properties: { Qty: { type: "number" }, ItemRef: { $ref: "#/$defs/Ref" } },
        },
        Taxes: {
          type: "array",
          items: {
            type: "object",
            properties: { Code: { type: "string" }, Amount: { type: "number" } },
          },
        },
      },
    },
  },
};

export const FUNCTIONS: MappingFunction[] = [
  {
    name: "date",
    title: "Date",
    group: "dates",
    description: "The calendar day of a date or time text.",
    args: [{ name: "value", type: "text", required: true }],
    returns: "date",
    examples: [],
  },
  {
    name: "round",
    title: "Round",
    group: "number",
    description: "Rounds half up.",
    args: [
      { name: "value", type: "number", required: true },
      { name: "digits", type: "integer", required: false },
    ],
    returns: "number",
    examples: [],
  },
  {
    name: "upper",
    title: "Upper case",
    group: "text",
    description: "The text in capital letters.",
    args: [{ name: "text", type: "text", required: true }],
    returns: "text",
    examples: [],
  },
];

/** Every field of a schema to a depth, as the source or the target tree names them. */
export function allFields(schema: JsonSchema, path: string, kind: "source" | "target"): Field[] {
  const found: Field[] = [];
  const visit = (field: Field, depth: number) => {
    found.push(field);
    if (depth === 0) return;
    const base = field.type === "list" && kind === "target" ? `${field.path}[]` : field.path;
    for (const child of fieldsBelow(field, base)) {
      visit(kind === "source" ? asSource(child) : child, depth - 1);
    }
  };
  visit(rootField(schema, path), 4);
  return found;
}

export function asSource(field: Field): Field {
  return field.type === "list" ? { ...field, path: `${field.path}[]` } : field;
}

export function sourceField(path: string): Field {
  const found = allFields(ORDER, "trigger", "source").find((f) => f.path === path);
  if (!found) throw new Error(`no source ${path}`);
  return found;
}

export function targetField(path: string): DropTarget {
  const plain = path.replace(/\[[a-z0-9]+\]/g, "[]");
  const found = allFields(INVOICE, "", "target").find((f) => f.path === plain);
  if (!found) throw new Error(`no target ${path}`);
  return { ...found, path, kind: "field" };
}
