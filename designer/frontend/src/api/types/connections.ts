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
