import type { Expr, FlowDocument, JsonSchema, MappingDocument, SourceTree } from "@/api/types";

export interface MapperModalProps {
  flowId: string;
  document: FlowDocument;
  nodeId: string;
  mapping: MappingDocument;
  onSave: (mapping: MappingDocument) => void;
  onClose: () => void;
}

export interface ExpressionFieldProps {
  value: Expr | undefined;
  onChange: (value: Expr | undefined) => void;
  sources: SourceTree[];
  schema: JsonSchema;
  label?: string;
}

export function MapperModal(_props: MapperModalProps) {
  return null;
}

export function ExpressionField(_props: ExpressionFieldProps) {
  return null;
}
