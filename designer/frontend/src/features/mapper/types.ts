/** The words of a mapping, as the rest of this folder says them. */

export type {
  Expr,
  FlowDocument,
  FunctionArg,
  Json,
  JsonSchema,
  MappingDocument,
  MappingFunction,
  MappingProblem,
  MappingRule as Rule,
  Preview,
  PreviewValue,
  RowsBlock as Rows,
  Sample,
  Sources,
  SourceTree,
} from "../../api/types";

export type OnMissing = "omit" | "null" | "fail";
