/** The start page, the sandboxes and the cross references. */

import type { ConnectionStatus } from "./connections";
import type { JsonObject } from "./json";
import type { RunStatus } from "./runs";

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
  /** The hours of the clock that the last 24 hours touch, oldest first. */
  hours: { at: string; counts: Partial<Record<RunStatus, number>> }[];
  dead_letters_open: number;
}

export interface Sandbox {
  slug: string;
  name: string;
  url: string;
  up: boolean;
  entities: { name: string; title: string; count: number; creatable?: boolean }[];
  faults: {
    name: string;
    title: string;
    description: string;
    group?: "calls" | "answers" | "access" | "webhooks" | "data";
    active: boolean;
    remaining: number | null;
  }[];
  webhooks?: Record<string, number>;
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
