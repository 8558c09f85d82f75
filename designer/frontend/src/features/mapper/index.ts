export {
  ConditionBuilder,
  type ConditionBuilderProps,
  ExpressionField,
  type ExpressionFieldProps,
} from "./ExpressionField";
export { t as mapperWords } from "./en";
export { describeExpr } from "./expressions";
export { type Coverage, countMapped, emptyMapping, readMapping } from "./model";
export { SchemaUpload } from "./SchemaUpload";
