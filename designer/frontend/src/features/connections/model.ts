/** What the connection forms conclude. Pure. */

import type { Tone } from "@/shared/ui";
import type { Field } from "./queries";

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
