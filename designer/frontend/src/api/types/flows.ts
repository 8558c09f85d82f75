/** Flow documents, the palette they are made from, and flows with their versions. */

import type { Json, JsonSchema } from "./json";
import type { RunStatus } from "./runs";

export type NodeType =
  | "trigger.event"
  | "trigger.webhook"
  | "trigger.poll"
  | "trigger.schedule"
  | "trigger.cloudevents"
  | "trigger.called"
  | "trigger.error"
  | "trigger.manual"
  | "action"
  | "find_or_create"
  | "xref"
  | "map"
  | "validate"
  | "filter"
  | "aggregate"
  | "lookup"
  | "convert"
  | "if"
  | "switch"
  | "for_each"
  | "call_flow"
  | "wait"
  | "approval"
  | "return"
  | "fail"
  | "stop";

export interface FlowNode {
  id: string;
  type: NodeType | (string & {});
  name: string;
  config: Record<string, unknown>;
  position: { x: number; y: number };
}

export interface FlowEdge {
  id: string;
  source: string;
  source_port: string;
  target: string;
  target_port: string;
}

export interface FlowDocument {
  schema: 1;
  nodes: FlowNode[];
  edges: FlowEdge[];
}

export interface Problem {
  severity: "error" | "warning";
  code: string;
  message: string;
  hint: string | null;
  node_id: string | null;
  field: string | null;
}

export type NodeShape = "trigger" | "action" | "transform" | "control";

export interface PaletteItem {
  type: string;
  title: string;
  description: string;
  icon: string;
  shape: NodeShape;
  ports: { in: string[]; out: string[] };
  /** The setting whose entries are exits of their own, before those of ``ports``. */
  ports_from?: string | null;
  config_schema: JsonSchema;
  default_config: Record<string, unknown>;
}

export interface PaletteGroup {
  name: string;
  title: string;
  items: PaletteItem[];
}

export interface OperationSummary {
  name: string;
  title: string;
  kind: "action" | "trigger";
  effect: "read" | "write" | null;
  entity: string | null;
  description: string;
  /** How changes are told, for operations that start flows. */
  delivery?: ("webhook" | "poll")[];
}

export interface PaletteConnector {
  slug: string;
  name: string;
  icon: string | null;
  description: string;
  categories: string[];
  operations: OperationSummary[];
  find_or_create: { entity: string; title: string }[];
  /** Names of the pick-lists that can be read from the connected system. */
  options?: string[];
}

export interface Palette {
  groups: PaletteGroup[];
  connectors: PaletteConnector[];
  /** Names of the records that every connector understands. */
  canonical?: string[];
}

export interface Operation extends OperationSummary {
  input_schema: JsonSchema | null;
  output_schema: JsonSchema | null;
}

export interface Deployment {
  environment: string;
  version: number;
  active: boolean;
  webhook_url?: string | null;
}

export interface FlowSummary {
  id: string;
  name: string;
  description: string;
  updated_at: string;
  draft_revision: number;
  deployments: Deployment[];
  /** The steps in order: their type, and the slug of the connection they use. */
  nodes: { type: string; connection?: string | null }[];
  last_run: { id: string; status: RunStatus; finished_at: string | null } | null;
}

export interface Draft {
  revision: number;
  document: FlowDocument;
  updated_at: string;
  updated_by: string | { name: string } | null;
}

export interface FlowVersion {
  number: number;
  note: string;
  published_at: string;
  published_by: string | { name: string } | null;
  environment: string | null;
}

export interface Flow {
  id: string;
  name: string;
  description: string;
  draft: Draft;
  versions: FlowVersion[];
  deployments: Deployment[];
}

export interface Sample {
  id: string;
  title: string;
  kind: "run" | "example" | "sandbox";
  /** How the run ended or stands; only of runs. */
  status?: string;
  document: Json;
}
