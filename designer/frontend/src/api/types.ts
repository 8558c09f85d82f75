/** Shapes of the REST API and of the documents it carries, as the server publishes them. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** JSON Schema, as far as forms and trees read it. */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  enum?: Json[];
  const?: Json;
  default?: Json;
  examples?: Json[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  additionalProperties?: boolean | JsonSchema;
  readOnly?: boolean;
  deprecated?: boolean;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  minLength?: number;
  pattern?: string;
  [extension: `x-${string}`]: Json | undefined;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

// ---- who ------------------------------------------------------------------------------------

export interface Environment {
  slug: string;
  name: string;
  is_production?: boolean;
  /** What the person may do in this environment. */
  rights?: string[];
}

export interface Workspace {
  slug: string;
  name: string;
  role: string;
  rights: string[];
  environments: Environment[];
}

export interface Me {
  user: { id: string; name: string; email: string };
  workspaces: Workspace[];
}

// ---- mapping document -----------------------------------------------------------------------

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

// ---- flow document --------------------------------------------------------------------------

export type NodeType =
  | "trigger.event"
  | "trigger.webhook"
  | "trigger.manual"
  | "action"
  | "find_or_create"
  | "map"
  | "validate"
  | "if"
  | "xref"
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
}

export interface PaletteConnector {
  slug: string;
  name: string;
  icon: string | null;
  description: string;
  categories: string[];
  operations: OperationSummary[];
  find_or_create: { entity: string; title: string }[];
}

export interface Palette {
  groups: PaletteGroup[];
  connectors: PaletteConnector[];
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
  document: Json;
}

// ---- connections ----------------------------------------------------------------------------

export type ConnectionStatus = "ready" | "needs_consent" | "reconnect" | "disabled";

export interface Connection {
  id: string;
  slug: string;
  name: string;
  connector: string;
  environment: string;
  status: ConnectionStatus;
  sandbox: boolean;
  base_url: string | null;
  account: string | null;
  expires_at: string | null;
  webhook_url: string | null;
  last_used_at: string | null;
  last_error: string | null;
  used_by: { flow_id: string; name: string }[];
}

export interface AuthField {
  name: string;
  title: string;
  secret: boolean;
  required: boolean;
  help: string | null;
  default: string | null;
}

export interface Connector {
  slug: string;
  name: string;
  description: string;
  auth: { kind: string; fields: AuthField[] };
  readme: string;
}

// ---- runs -----------------------------------------------------------------------------------

export type RunStatus =
  | "queued"
  | "running"
  | "waiting"
  | "succeeded"
  | "failed"
  | "in_doubt"
  | "cancelled";

export type StepStatus =
  | "pending"
  | "ready"
  | "running"
  | "retrying"
  | "succeeded"
  | "failed"
  | "skipped"
  | "in_doubt"
  | "waiting";

export interface RunError {
  node_id: string | null;
  node_name: string | null;
  message: string;
  hint: string | null;
  code: string;
}

export interface RunSummary {
  id: string;
  flow: { id: string; name: string };
  version: number | null;
  kind: "live" | "test" | "replay";
  environment: string;
  status: RunStatus;
  business_key: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  current: { node_id: string; name: string } | null;
  error: RunError | null;
  seq: number;
}

export interface Step {
  node_id: string;
  status: StepStatus;
  attempts: number;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  error: { code: string; message: string; hint: string | null } | null;
  next_attempt_at: string | null;
  port: string | null;
  /** True when nothing more happens by itself: a person must say what is the case. */
  needs_person?: boolean;
}

export interface Run extends RunSummary {
  document: FlowDocument;
  steps: Record<string, Step>;
  keys: { label: string; value: string }[];
  dead_letter_id: string | null;
  replay_of: string | null;
}

export interface RunPage extends Page<RunSummary> {
  counts: Partial<Record<RunStatus, number>>;
}

export interface HttpExchange {
  request: { method: string; url: string; headers: Record<string, string>; body: Json };
  response: { status: number; headers: Record<string, string>; body: Json } | null;
  duration_ms: number | null;
}

export interface Attempt {
  number: number;
  kind: "send" | "probe" | "find";
  started_at: string;
  duration_ms: number | null;
  outcome: "ok" | "retry" | "refused" | "unknown" | "absent" | "found" | null;
  error: { code: string; message: string; hint: string | null } | string | null;
  exchanges: HttpExchange[];
}

export interface StepDetail extends Step {
  input: Json;
  output: Json;
  attempts_list: Attempt[];
}

export interface JournalEntry {
  seq: number;
  at: string;
  kind: string;
  node_id: string | null;
  text: string;
  data: Json;
}

// ---- errors ---------------------------------------------------------------------------------

export interface DeadLetter {
  id: string;
  run_id: string;
  flow: { id: string; name: string };
  node: { id: string; name: string };
  environment: string;
  code: string;
  message: string;
  hint: string | null;
  business_key: string | null;
  status: "open" | "retried" | "skipped";
  created_at: string;
}

export interface DeadLetterGroup {
  code: string;
  message: string;
  count: number;
  flow: { id: string; name: string };
}

export interface DeadLetterPage extends Page<DeadLetter> {
  groups: DeadLetterGroup[];
}

export interface DeadLetterDetail extends DeadLetter {
  document: Json;
  step_input: Json;
  edits: { at: string; by: string; reason: string }[];
}

// ---- overview, sandbox ----------------------------------------------------------------------

export interface Overview {
  flows: {
    id: string;
    name: string;
    status: string;
    runs_24h: number;
    failed_24h: number;
    last_run_at: string | null;
  }[];
  connections: { id: string; name: string; status: ConnectionStatus }[];
  counts: Partial<Record<RunStatus, number>>;
  dead_letters_open: number;
}

export interface Sandbox {
  slug: string;
  name: string;
  url: string;
  up: boolean;
  entities: { name: string; title: string; count: number }[];
  faults: {
    name: string;
    title: string;
    description: string;
    active: boolean;
    remaining: number | null;
  }[];
}

export interface OrderSample {
  id: string;
  title: string;
  description: string;
  order: JsonObject;
}

export interface CrossReference {
  entity: string;
  left: { connection: string; id: string };
  right: { connection: string; id: string };
  created_at: string;
  run_id: string | null;
}
