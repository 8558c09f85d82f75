import type { FlowDocument, Step } from "@/api/types";

export interface FlowViewProps {
  document: FlowDocument;
  /** State of each step, laid over the nodes. */
  steps?: Record<string, Step>;
  selected?: string | null;
  onSelect?: (nodeId: string | null) => void;
  /** Accessible name of the canvas. */
  label?: string;
}

/** A flow drawn for reading: the canvas of the designer without its tools. */
export function FlowView(_props: FlowViewProps) {
  return null;
}
