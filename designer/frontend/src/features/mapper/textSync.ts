/** What the JSONata panel needs beside the text: the schema it reads, and places in it. */

import type { JsonSchema, SourceTree } from "./types";

/** The context a mapping reads, as one schema; references of each tree lead to its own part. */
export function contextSchema(sources: SourceTree[]): JsonSchema {
  const defs: Record<string, JsonSchema> = {};
  const properties: Record<string, JsonSchema> = {};
  const groups: Record<string, Record<string, JsonSchema>> = { steps: {} };
  sources.forEach((source, index) => {
    const text = JSON.stringify(source.schema ?? {}).replaceAll('"#/$defs/', `"#/$defs/s${index}_`);
    const { $defs, ...schema } = JSON.parse(text) as JsonSchema;
    for (const [name, def] of Object.entries($defs ?? {})) defs[`s${index}_${name}`] = def;
    const [group = "", ...rest] = source.path.split(".");
    if (rest.length === 0) properties[group] = schema;
    else groups[group] = { ...groups[group], [rest.join(".")]: schema };
  });
  for (const [group, members] of Object.entries(groups)) {
    properties[group] = { type: "object", properties: members };
  }
  return { type: "object", properties, $defs: defs };
}

/** Line and column of a character counted from 1, as editors name them. */
export function placeOf(text: string, position: number): { line: number; column: number } {
  const before = text.slice(0, Math.max(0, position - 1));
  const line = before.split("\n").length;
  return { line, column: before.length - before.lastIndexOf("\n") };
}
