/**
 * JSON whose numbers keep the digits the server wrote: 102.20 stays 102.20, a 20-digit id stays whole.
 *
 * A number that a double would change becomes a raw JSON value: it is written back, by
 * ``JSON.stringify``, digit by digit as it came. A browser that does not know raw JSON values yet
 * gets doubles, as everywhere.
 */

interface Source {
  source?: string;
}

interface RawJsonSupport {
  parse(text: string, reviver: (key: string, value: unknown, context: Source) => unknown): unknown;
  rawJSON?: (text: string) => unknown;
}

const json = JSON as unknown as RawJsonSupport;

export function parseExact(text: string): unknown {
  const { rawJSON } = json;
  if (rawJSON === undefined) return JSON.parse(text);
  return json.parse(text, (_key, value, context) => {
    if (typeof value !== "number" || context?.source === undefined) return value;
    return String(value) === context.source ? value : rawJSON(context.source);
  });
}

/** A scalar as the server wrote it, or null for objects, arrays and nothing. */
export function exactText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== "object") return String(value);
  const raw = (value as { rawJSON?: unknown }).rawJSON;
  return typeof raw === "string" ? raw : null;
}
