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

export interface RowsBlock {
  each?: string;
  where?: Expr;
  when?: Expr;
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
}

export interface MappingDocument {
  schema: 1;
  rules: MappingRule[];
}

export interface FunctionArg {
  name: string;
  type: string;
  required: boolean;
  title?: string;
  description?: string;
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

export interface Sources {
  sources: SourceTree[];
  target_schema: JsonSchema | null;
}

export type PreviewValue = { value: Json } | { error: string } | { values: Json[]; count: number };

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
}
