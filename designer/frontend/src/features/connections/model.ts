/** What the connection forms conclude. Pure. */

import type { Connection } from "@/api/types";
import type { Tone } from "@/shared/ui";
import type { ConnectorInfo, ConnectorSummary, Field, Way } from "./queries";

export type Values = Record<string, string>;

/** How a connection's status looks; its words differ from those of runs. */
export const STATUS_TONES: Record<string, Tone> = {
  ready: "green",
  needs_consent: "amber",
  reconnect: "red",
  disabled: "grey",
};

/** The values a form starts with: defaults, or for a change what is set already. */
export function startValues(
  fields: readonly Field[],
  settings: Record<string, string | null | undefined> = {},
): Values {
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      field.secret ? "" : (settings[field.name] ?? field.default ?? ""),
    ]),
  );
}

/** The fields a person must fill in; a sandbox knows its own address and keys. */
export function askedFields(fields: readonly Field[], sandbox: boolean): Field[] {
  if (!sandbox) return [...fields];
  return fields.filter(
    (field) => !field.secret && field.name !== "base_url" && (field.required || field.default),
  );
}

/** Fields that take a file of the vendor's, and what that file fills in. */
const FILES: Record<string, readonly string[]> = {
  ionapi: [
    "base_url",
    "tenant",
    "token_url",
    "revoke_url",
    "client_id",
    "client_secret",
    "username",
    "password",
  ],
};

/** A vendor's file comes first; once it is chosen, what it fills in is not asked for. */
export function besidesFile(fields: readonly Field[], values: Values): Field[] {
  const files = fields.filter(({ name }) => name in FILES);
  const filled = files.filter(({ name }) => values[name]).flatMap(({ name }) => FILES[name] ?? []);
  return [
    ...files,
    ...fields.filter((field) => !(field.name in FILES) && !filled.includes(field.name)),
  ];
}

/** Names of required fields that are empty. */
export function missing(fields: readonly Field[], values: Values): string[] {
  return fields
    .filter((field) => field.required && !(values[field.name] ?? "").trim())
    .map((field) => field.name);
}

/** Values as the server wants them: settings apart from secrets, empty ones left out. */
export function apart(
  fields: readonly Field[],
  values: Values,
): { settings: Values; secrets: Values } {
  const settings: Values = {};
  const secrets: Values = {};
  for (const field of fields) {
    const value = (values[field.name] ?? "").trim();
    if (value === "") continue;
    (field.secret ? secrets : settings)[field.name] = value;
  }
  return { settings, secrets };
}

/** What was changed in a form over settings that exist; an emptied setting is told as empty. */
export function changes(
  fields: readonly Field[],
  before: Values,
  after: Values,
): { settings: Values; secrets: Values } {
  const settings: Values = {};
  const secrets: Values = {};
  for (const field of fields) {
    const value = (after[field.name] ?? "").trim();
    if (value === (before[field.name] ?? "")) continue;
    (field.secret ? secrets : settings)[field.name] = value;
  }
  return { settings, secrets };
}

/** The ways to authorise; a connector that lists none has the one it describes. */
export function waysOf(connector: ConnectorInfo): Way[] {
  if (connector.ways && connector.ways.length > 0) {
    // The connector's own settings, such as its address, are asked whichever way is chosen.
    const ofWays = new Set(connector.ways.flatMap((way) => way.fields.map(({ name }) => name)));
    const settings = connector.auth.fields.filter(({ name }) => !ofWays.has(name));
    return connector.ways.map((way) => ({ ...way, fields: [...settings, ...way.fields] }));
  }
  const { kind, fields } = connector.auth;
  const consent = kind === "oauth2" ? "vendor" : "";
  return [{ name: "", title: "", kind, consent, file: "", fields }];
}

export interface Entry {
  slug: string;
  name: string;
  connector: string;
  /** By slug of the environment. */
  sides: Record<string, Connection>;
}

/** Connections of the same name and system in several environments, as one entry each. */
export function entriesOf(connections: readonly Connection[]): Entry[] {
  const found = new Map<string, Entry>();
  for (const connection of connections) {
    const key = `${connection.connector} ${connection.slug}`;
    const entry = found.get(key) ?? {
      slug: connection.slug,
      name: connection.name,
      connector: connection.connector,
      sides: {},
    };
    entry.sides[connection.environment] = connection;
    found.set(key, entry);
  }
  return [...found.values()];
}

/** Entries whose name, system or account contains the text. */
export function matching(
  entries: readonly Entry[],
  text: string,
  systemName: (slug: string) => string,
): Entry[] {
  const wanted = text.trim().toLowerCase();
  return entries.filter((entry) =>
    [
      entry.name,
      systemName(entry.connector),
      ...Object.values(entry.sides).map(({ account }) => account ?? ""),
    ].some((part) => part.toLowerCase().includes(wanted)),
  );
}

/** Categories of the catalogue with how many connectors each has, most first. */
export function categoriesOf(
  connectors: readonly ConnectorSummary[],
): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { categories = [] } of connectors) {
    for (const name of categories) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

/** How full a limit is, in per cent; something used never looks like nothing. */
export function fullness(used: number, most: number): number {
  if (most <= 0 || used <= 0) return 0;
  return Math.min(100, Math.max(1, Math.round((used / most) * 100)));
}

/** A length of time in whole units, such as [1, "minute"]. */
export function windowUnit(seconds: number): [number, "second" | "minute" | "hour" | "day"] {
  for (const [size, unit] of [
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
  ] as const) {
    if (seconds >= size && seconds % size === 0) return [seconds / size, unit];
  }
  return [seconds, "second"];
}

/** How urgent the end of an authorisation is; a token that renews itself never is. */
export function expiryTone(
  expiresAt: string | null,
  renews: boolean,
  now: number,
): "green" | "amber" | "red" | null {
  if (!expiresAt) return null;
  if (renews) return "green";
  const days = (Date.parse(expiresAt) - now) / 86_400_000;
  return days <= 0 ? "red" : days <= 14 ? "amber" : "green";
}
