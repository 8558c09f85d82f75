/** What the run screens conclude from a run. Pure. */

import type {
  Attempt,
  FlowDocument,
  FlowNode,
  Run,
  RunStatus,
  Step,
  StepDetail,
  StepStatus,
} from "@/api/types";

export const RUN_STATUSES: readonly RunStatus[] = [
  "queued",
  "running",
  "waiting",
  "succeeded",
  "failed",
  "in_doubt",
  "cancelled",
  "superseded",
];

export interface RunsSearch {
  status?: RunStatus;
  flow?: string;
  q?: string;
}

function text(value: unknown): string | undefined {
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  return typeof value === "number" ? String(value) : undefined;
}

/** The filter that stands in the URL; anything that is no filter is dropped. */
export function runsSearch(search: Record<string, unknown>): RunsSearch {
  const status = RUN_STATUSES.find((known) => known === search.status);
  const flow = text(search.flow);
  const q = text(search.q);
  return { ...(status && { status }), ...(flow && { flow }), ...(q && { q }) };
}

/** Node ids from the trigger on, each after everything that leads to it. */
export function stepOrder(document: FlowDocument): string[] {
  const waitingFor = new Map(document.nodes.map((node) => [node.id, 0]));
  for (const edge of document.edges) {
    waitingFor.set(edge.target, (waitingFor.get(edge.target) ?? 0) + 1);
  }
  const across = (one: FlowNode, other: FlowNode) =>
    one.position.x - other.position.x || one.position.y - other.position.y;
  const ready = document.nodes.filter((node) => waitingFor.get(node.id) === 0).sort(across);
  const order: string[] = [];
  for (let node = ready.shift(); node !== undefined; node = ready.shift()) {
    order.push(node.id);
    const { id } = node;
    const next = document.edges.filter((edge) => edge.source === id);
    for (const edge of next) {
      const left = (waitingFor.get(edge.target) ?? 0) - 1;
      waitingFor.set(edge.target, left);
      const target = document.nodes.find((candidate) => candidate.id === edge.target);
      if (left === 0 && target) ready.push(target);
    }
    ready.sort(across);
  }
  // A drawing with a cycle cannot be published, but a test run of a draft must still be shown.
  return [...order, ...document.nodes.map(({ id }) => id).filter((id) => !order.includes(id))];
}

const WORTH_A_LOOK: readonly StepStatus[][] = [
  ["failed", "in_doubt"],
  ["retrying", "waiting"],
  ["running", "cancelled"],
];

/**
 * The step a person wants to see first: the first failed one, else where the run stands, and at
 * the end the last one that reached another system.
 */
export function stepToShow(run: Pick<Run, "document" | "steps">): string | null {
  const order = stepOrder(run.document);
  for (const wanted of WORTH_A_LOOK) {
    const found = order.find((id) => wanted.includes(run.steps[id]?.status ?? "pending"));
    if (found !== undefined) return found;
  }
  const done = order.filter((id) => run.steps[id]?.status === "succeeded");
  const posted = done.filter((id) => {
    const node = run.document.nodes.find((candidate) => candidate.id === id);
    return node !== undefined && stageOf(node) === "posted";
  });
  return posted.at(-1) ?? done.at(-1) ?? order[0] ?? null;
}

export type Stage = "received" | "extracted" | "validated" | "matched" | "mapped" | "posted";
export interface StageState {
  stage: Stage | "confirmed";
  status: StepStatus;
  nodes: string[];
}

const READS = /^(get|read|list|find|fetch|search|query|count|download)(_|$)/;

/** The business word for what a node does to a document, or null for one that only decides. */
export function stageOf(node: FlowNode): Stage | null {
  if (node.type.startsWith("trigger")) return "received";
  if (node.type === "validate") return "validated";
  if (node.type === "map") return "mapped";
  if (node.type === "find_or_create") return "matched";
  if (node.type === "action") {
    return READS.test(String(node.config.operation ?? "")) ? "extracted" : "posted";
  }
  return null;
}

function together(statuses: readonly StepStatus[]): StepStatus {
  const loudest: StepStatus[] = [
    "failed",
    "in_doubt",
    "retrying",
    "waiting",
    "running",
    "cancelled",
  ];
  const loud = loudest.find((status) => statuses.includes(status));
  if (loud !== undefined) return loud;
  // A stage is done when all of it is done: half a stage is not.
  if (statuses.some((status) => status === "pending" || status === "ready")) return "pending";
  return statuses.includes("succeeded") ? "succeeded" : "skipped";
}

/** What a run that has succeeded did not begin, such as a loop over nothing, it went past. */
function statusIn({ steps, status }: Pick<Run, "steps" | "status">, id: string): StepStatus {
  const own = steps[id]?.status ?? "pending";
  return own === "pending" && status === "succeeded" ? "skipped" : own;
}

/** How far the document has come, in business words, in the order of the flow. */
export function stages(run: Pick<Run, "document" | "steps" | "status">): StageState[] {
  const byStage = new Map<Stage, string[]>();
  for (const id of stepOrder(run.document)) {
    const node = run.document.nodes.find((candidate) => candidate.id === id);
    const own = node && stageOf(node);
    // Reading in the middle of a flow is looking things up for the document that came in.
    const stage = own === "extracted" && byStage.has("mapped") ? "matched" : own;
    if (stage) byStage.set(stage, [...(byStage.get(stage) ?? []), id]);
  }
  const result: StageState[] = [...byStage].map(([stage, nodes]) => ({
    stage,
    nodes,
    status: together(nodes.map((id) => statusIn(run, id))),
  }));
  const posted = result.find(({ stage }) => stage === "posted");
  if (posted) {
    const arrived = run.status === "succeeded" && posted.status === "succeeded";
    result.push({ stage: "confirmed", status: arrived ? "succeeded" : "pending", nodes: [] });
  }
  return result;
}

export type TimelineEntry =
  | { kind: "attempt"; key: string; attempt: Attempt; at: string; durationMs: number | null }
  | {
      kind: "wait";
      key: string;
      at: string;
      durationMs: number | null;
      until: string | null;
      after: Attempt | null;
    };

/** A wait shorter than this is the platform's own work, not worth a line. */
const WORTH_A_LINE_MS = 150;

function endOf(attempt: Attempt): number {
  return new Date(attempt.started_at).getTime() + (attempt.duration_ms ?? 0);
}

/** Attempts and the waits between them, and the wait that is going on now. */
export function timeline(
  step: Pick<StepDetail, "attempts_list" | "next_attempt_at">,
): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  let before: Attempt | null = null;
  for (const attempt of step.attempts_list) {
    if (before !== null) {
      const waited = new Date(attempt.started_at).getTime() - endOf(before);
      if (waited >= WORTH_A_LINE_MS) {
        entries.push({
          kind: "wait",
          key: `wait-${before.number}-${before.kind}`,
          at: new Date(endOf(before)).toISOString(),
          durationMs: waited,
          until: attempt.started_at,
          after: before,
        });
      }
    }
    entries.push({
      kind: "attempt",
      key: `${attempt.number}-${attempt.kind}-${attempt.started_at}`,
      attempt,
      at: attempt.started_at,
      durationMs: attempt.duration_ms,
    });
    before = attempt;
  }
  if (step.next_attempt_at) {
    entries.push({
      kind: "wait",
      key: "wait-now",
      at: before ? new Date(endOf(before)).toISOString() : step.next_attempt_at,
      durationMs: null,
      until: step.next_attempt_at,
      after: before,
    });
  }
  return entries;
}

/** The sentence of an attempt's error, whichever of its two shapes the server used. */
export function attemptError(attempt: Attempt): { message: string; hint: string | null } | null {
  if (attempt.error === null || attempt.error === undefined) return null;
  if (typeof attempt.error === "string") return { message: attempt.error, hint: null };
  return attempt.error;
}

/** Changes whenever a step's details on the server have changed, so that they are fetched again. */
export function stepVersion(step: Step | undefined): string {
  if (step === undefined) return "none";
  return [step.status, step.call_out, step.attempts, step.finished_at, step.next_attempt_at].join(
    "|",
  );
}
