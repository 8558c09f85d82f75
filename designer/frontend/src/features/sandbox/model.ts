/** Which parts of a vendor's record are worth a column. Pure. */

import { exactText } from "@/api/exact";
import type { Connection, Sandbox } from "@/api/types";

export interface RecordColumn {
  path: string;
  title: string;
  /** Path of the currency; makes the column one of money. */
  currency?: string;
}

const money = (path: string, title: string, currency: string): RecordColumn => ({
  path,
  title,
  currency,
});
const column = (path: string, title: string): RecordColumn => ({ path, title });

/** What a person looks for first, by vendor and kind of record. */
const CHOSEN: Record<string, RecordColumn[]> = {
  "magento.order": [
    column("increment_id", "Order"),
    column("customer_email", "Customer"),
    column("created_at", "Placed"),
    column("status", "Status"),
    money("grand_total", "Total", "order_currency_code"),
  ],
  "magento.customer": [
    column("id", "Id"),
    column("firstname", "First name"),
    column("lastname", "Last name"),
    column("email", "E-mail"),
  ],
  "magento.product": [
    column("sku", "SKU"),
    column("name", "Name"),
    column("type_id", "Type"),
    money("price", "Price", ""),
  ],
  "quickbooks.Invoice": [
    column("DocNumber", "Invoice"),
    column("CustomerRef.name", "Customer"),
    column("TxnDate", "Date"),
    money("TotalAmt", "Total", "CurrencyRef.value"),
    money("Balance", "Open", "CurrencyRef.value"),
  ],
  "quickbooks.Customer": [
    column("DisplayName", "Customer"),
    column("PrimaryEmailAddr.Address", "E-mail"),
    column("BillAddr.City", "City"),
    money("Balance", "Open", "CurrencyRef.value"),
  ],
  "quickbooks.Item": [
    column("Name", "Name"),
    column("Sku", "SKU"),
    column("Type", "Type"),
    money("UnitPrice", "Price", ""),
  ],
  "quickbooks.Payment": [
    column("Id", "Payment"),
    column("CustomerRef.name", "Customer"),
    column("TxnDate", "Date"),
    money("TotalAmt", "Amount", "CurrencyRef.value"),
  ],
  "quickbooks.Account": [
    column("Name", "Name"),
    column("AccountType", "Type"),
    column("Classification", "Class"),
  ],
};

const FALLBACK_COLUMNS = 5;

/** The text at a dotted path, or null where there is none. */
export function textAt(record: unknown, path: string): string | null {
  let value: unknown = record;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null) return null;
    value = (value as Record<string, unknown>)[name];
  }
  return exactText(value);
}

/** The chosen columns, or for a kind nobody chose for: the first scalars of the first record. */
export function columnsOf(
  vendor: string,
  entity: string,
  records: readonly unknown[],
): RecordColumn[] {
  const chosen = CHOSEN[`${vendor}.${entity}`];
  if (chosen) return chosen;
  const first = records[0];
  if (typeof first !== "object" || first === null) return [];
  return Object.entries(first)
    .filter(([, value]) => exactText(value) !== null)
    .slice(0, FALLBACK_COLUMNS)
    .map(([name]) => column(name, name));
}

/** What a person calls the record: its first column that has a text. */
export function nameOf(columns: readonly RecordColumn[], record: unknown): string {
  for (const { path } of columns) {
    const text = textAt(record, path);
    if (text) return text;
  }
  return textAt(record, "id") ?? textAt(record, "Id") ?? "";
}

/** The vendor whose sandbox connections most flows use; without any, the one with most to see. */
export function mostUsed(
  sandboxes: readonly Sandbox[],
  connections: readonly Connection[],
): Sandbox | undefined {
  const flows = (slug: string) =>
    new Set(
      connections
        .filter(({ connector, sandbox }) => sandbox && connector === slug)
        .flatMap(({ used_by }) => used_by.map(({ flow_id }) => flow_id)),
    ).size;
  return [...sandboxes].sort(
    (one, other) =>
      flows(other.slug) - flows(one.slug) || other.entities.length - one.entities.length,
  )[0];
}
