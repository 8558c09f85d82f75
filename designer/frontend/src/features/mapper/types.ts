/** The words of a mapping, as the rest of this folder says them. */

import type {
  FunctionArg as ApiArg,
  MappingFunction as ApiFunction,
  Preview as ApiPreview,
  MappingProblem as ApiProblem,
  Sample as ApiSample,
  MappingDocument,
} from "../../api/types";

export type {
  Expr,
  FlowDocument,
  Json,
  JsonSchema,
  MappingBranch as Branch,
  MappingDocument,
  MappingFix,
  MappingInsertion as Insertion,
  MappingRule as Rule,
  OwnField,
  OwnFieldType,
  PreviewValue,
  RowsBlock as Rows,
  RowsJoin,
  SchemaDrift,
  Sources,
  SourceTree,
} from "../../api/types";

export interface Sample extends Omit<ApiSample, "kind"> {
  kind: ApiSample["kind"] | "own";
}

export interface MappingProblem extends ApiProblem {
  hint?: string | null;
}

export interface Preview extends ApiPreview {
  /** The mapping that the problems were found in; what is drawn now may be newer. */
  of?: MappingDocument;
}

export interface FunctionArg extends ApiArg {
  /** The last argument of a function that takes any number of them. */
  repeats?: boolean;
}

export interface MappingFunction extends Omit<ApiFunction, "args"> {
  args: FunctionArg[];
}

export type OnMissing = "omit" | "null" | "fail";
