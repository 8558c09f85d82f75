/** Connectors and connections to them. */

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
  /** False where the person may not choose it in flows. */
  usable?: boolean;
  /** Runs that go on as soon as the connection works again. */
  waiting_runs?: number;
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
