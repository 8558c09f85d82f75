/** The steps that shape rows, in the order in which they work. */

import { call, HOLE } from "./expressions";
import { blockPath } from "./model";
import { freshName } from "./scopes";
import type { MappingDocument, Rows, Rule } from "./types";

export const STEP_KINDS = [
  "when",
  "join",
  "where",
  "group",
  "sort",
  "distinct",
  "first",
  "last",
  "number",
  "running",
] as const;

export type StepKind = (typeof STEP_KINDS)[number];
export type RowsPatch = { [Key in keyof Rows]?: Rows[Key] | undefined };

const KEY_OF: Record<StepKind, keyof Rows> = {
  when: "when",
  join: "join",
  where: "where",
  group: "group",
  sort: "sort",
  distinct: "distinct",
  first: "first",
  last: "last",
  number: "number_as",
  running: "running",
};

/** The steps that a block has. */
export function stepsOf(rows: Rows): StepKind[] {
  return STEP_KINDS.filter((kind) => rows[KEY_OF[kind]] !== undefined);
}

/** What adding a step changes; it starts unfinished, and is kept so. */
export function addStep(kind: StepKind, rows: Rows, doc: MappingDocument, block: Rule): RowsPatch {
  const fresh = (name: string) => freshName(name, doc, blockPath(block));
  switch (kind) {
    case "when":
    case "where":
      return { [kind]: call("eq", HOLE, { op: "const", value: "" }) };
    case "group":
    case "distinct":
      return { [kind]: HOLE };
    case "sort":
      return { sort: [{ by: HOLE }] };
    case "first":
    case "last":
      return { [kind]: 1 };
    case "number":
      return { number_as: fresh("number") };
    case "join":
      return {
        join: [...(rows.join ?? []), { with: HOLE, as: fresh("match"), left: HOLE, right: HOLE }],
      };
    case "running":
      return { running: [...(rows.running ?? []), { as: fresh("total"), add: HOLE }] };
  }
}

export function removeStep(kind: StepKind): RowsPatch {
  return { [KEY_OF[kind]]: undefined };
}
