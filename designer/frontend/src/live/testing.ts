/** Made-up runs for tests. Nothing of the application imports this. */
import type { Run, Step, StepStatus } from "@/api/types";
import type { RunDelta, Steps } from "./types";

export function aStep(nodeId: string, status: StepStatus, over: Partial<Step> = {}): Step {
  return {
    node_id: nodeId,
    status,
    attempts: status === "pending" ? 0 : 1,
    started_at: status === "pending" ? null : "2026-03-02T10:15:01Z",
    finished_at: status === "succeeded" ? "2026-03-02T10:15:02Z" : null,
    duration_ms: status === "succeeded" ? 840 : null,
    error: null,
    next_attempt_at: null,
    port: status === "succeeded" ? "out" : null,
    ...over,
  };
}

export function aRun(over: Partial<Run> = {}): Run {
  return {
    id: "r1",
    flow: { id: "f1", name: "Order to invoice" },
    version: 3,
    kind: "live",
    environment: "test",
    status: "running",
    business_key: "000000045",
    created_at: "2026-03-02T10:15:00Z",
    started_at: "2026-03-02T10:15:00Z",
    finished_at: null,
    duration_ms: null,
    current: { node_id: "invoice", name: "Create invoice in QuickBooks" },
    error: null,
    seq: 1,
    document: {
      schema: 1,
      nodes: [
        node("order", "trigger.event", "Order placed in Magento", 0, {
          connection: "magento",
          operation: "order_placed",
        }),
        node("check", "validate", "Check the order", 1),
        node("invoice", "action", "Create invoice in QuickBooks", 2, {
          connection: "quickbooks",
          operation: "create_invoice",
        }),
      ],
      edges: [
        { id: "e1", source: "order", source_port: "out", target: "check", target_port: "in" },
        { id: "e2", source: "check", source_port: "out", target: "invoice", target_port: "in" },
      ],
    },
    steps: {
      order: aStep("order", "succeeded"),
      check: aStep("check", "succeeded"),
      invoice: aStep("invoice", "running"),
    },
    keys: [{ label: "Magento order", value: "000000045" }],
    dead_letter_id: null,
    replay_of: null,
    ...over,
  };
}

function node(id: string, type: string, name: string, column: number, config = {}) {
  return { id, type, name, config, position: { x: column * 280, y: 0 } };
}

/** The delta a server would send between two states of one run. */
export function deltaBetween(before: Run, after: Run): RunDelta {
  const {
    document: _document,
    steps,
    keys: _keys,
    dead_letter_id: _letter,
    replay_of: _replay,
    ...run
  } = after;
  const changed: Steps = {};
  for (const [id, step] of Object.entries(steps)) {
    if (JSON.stringify(before.steps[id]) !== JSON.stringify(step)) changed[id] = step;
  }
  return {
    type: "run.delta",
    run_id: after.id,
    from_seq: before.seq,
    seq: after.seq,
    run,
    steps: changed,
  };
}
