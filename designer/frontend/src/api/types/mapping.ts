/** Mapping documents and what a preview of them says. */

import type { Json, JsonSchema } from "./json";

export type Expr =
  | { op: "field"; path: string }
  | { op: "const"; value: Json }
  | { op: "concat"; args: Expr[]; separator?: string }
  | { op: "call"; fn: string; args: Expr[] }
  | { op: "if"; cond: Expr; then: Expr; else?: Expr }
  | { op: "jsonata"; text: string }
  | { op: "hole" };

/** A second list, found by key; its entry is read as `$as`. */
export interface RowsJoin {
  with?: Expr;
  as: string;
  left?: Expr;
  right?: Expr;
  many?: boolean;
  inner?: boolean;
}

export interface RowsBlock {
  each?: string;
  items?: Expr;
  as?: string;
  number_as?: string;
  where?: Expr;
  when?: Expr;
  join?: RowsJoin[];
  group?: Expr;
  sort?: { by?: Expr; down?: boolean }[];
  distinct?: Expr;
  first?: number;
  last?: number;
  running?: { as: string; add?: Expr }[];
}

/** A condition over several rules; one that comes after another is its "else". */
export interface MappingBranch {
  id: string;
  when?: Expr;
  after?: string;
  title?: string;
}

export interface MappingRule {
  id: string;
  target: string;
  expr?: Expr;
  rows?: RowsBlock;
  comment?: string;
  disabled?: boolean;
  on_missing?: "omit" | "null" | "fail";
  default?: Expr;
  on_null?: "missing" | "omit" | "null" | "fail";
  when?: Expr;
  branch?: string;
  only?: "create" | "update";
  /** The rule of a template that this one came from, and the time it was laid in. */
  origin?: string;
  insertion?: string;
}

/** A template that was laid into a mapping: in which version, and where its parts stand there. */
export interface MappingInsertion {
  id: string;
  template: string;
  version: number;
  reads?: Record<string, string>;
  place?: { from: string; to: string } | null;
  branches?: Record<string, string>;
}

export type OwnFieldType =
  | "text"
  | "number"
  | "integer"
  | "boolean"
  | "date"
  | "datetime"
  | "object"
  | "list";

/** A field that a person added to a target whose schema leaves room; lists on its way are `[]`. */
export interface OwnField {
  path: string;
  type: OwnFieldType;
  title?: string;
}

export interface MappingDocument {
  schema: 1;
  rules: MappingRule[];
  branches?: MappingBranch[];
  functions?: unknown[];
  own_fields?: OwnField[];
  /** As mappings kept it before there were insertions. */
  template?: { id: string; version: number } | null;
  insertions?: MappingInsertion[];
}

export interface FunctionArg {
  name: string;
  type: string;
  required: boolean;
  title?: string;
  description?: string;
  /** The only texts it takes. */
  options?: string[];
}

export interface MappingFunction {
  name: string;
  title: string;
  group: string;
  description: string;
  args: FunctionArg[];
  returns: string;
  examples: Json[];
}

export interface SourceTree {
  path: string;
  title: string;
  icon: string | null;
  schema: JsonSchema;
}

/** What changed in a schema beside a mapping since people last looked at it. */
export interface SchemaDrift {
  side: "source" | "target";
  path: string;
  title: string;
  changes: { kind: string; path: string; message: string }[];
  touched: {
    rule_id: string | null;
    target: string | null;
    breaks: boolean;
    kind: string;
    path: string;
    message: string;
  }[];
}

export interface Sources {
  sources: SourceTree[];
  target_schema: JsonSchema | null;
  drift?: SchemaDrift[];
}

export type PreviewValue =
  | { value: Json }
  | { error: string }
  | { values: Json[]; count: number }
  /** It reads what an earlier step answers, of which there is only an example yet. */
  | { pending: true };

export interface Preview {
  context: { trigger: Json; steps: Record<string, Json> };
  output: Json;
  values: Record<string, PreviewValue>;
  problems: MappingProblem[];
  assumed: string[];
  jsonata: string;
}

export interface MappingProblem {
  severity: "error" | "warning";
  code: string;
  message: string;
  rule_id?: string;
  target?: string;
  fixes?: MappingFix[];
}

/** A change that mends a problem: rules put in place of those with their ids, or added. */
export interface MappingFix {
  title: string;
  put: MappingRule[];
  remove: string[];
  /** The rule that a person goes on with: its editor opens, with the cursor in it. */
  open?: string | null;
}
