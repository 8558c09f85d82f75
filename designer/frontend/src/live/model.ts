/**
 * How live messages change what the browser holds. Pure: no socket, no React, no clock.
 *
 * A delta says "from sequence a to sequence b". It may be applied only on exactly a. Deltas that
 * come too early are kept until the gap closes or a newer snapshot makes them needless, so the
 * screen ends equal to the database whatever the network does to the messages.
 */
import type { Run, RunFamily, RunPage, RunStatus, RunSummary } from "@/api/types";
import type { RunDelta } from "./types";

export interface HeldRun {
  /** The newest state known to be whole, or null before the first snapshot. */
  detail: Run | null;
  /** Deltas that do not connect to the held state yet, by sequence. */
  early: readonly RunDelta[];
  /** True when a gap is known: ask the server for a snapshot. */
  stale: boolean;
}

export const NOTHING_HELD: HeldRun = { detail: null, early: [], stale: false };

/** More early deltas than this are not worth keeping: the snapshot replaces them. */
const EARLY_LIMIT = 200;

function applied(detail: Run, delta: RunDelta): Run {
  return {
    ...detail,
    ...delta.run,
    seq: delta.seq,
    steps: { ...detail.steps, ...delta.steps },
  };
}

function settled(detail: Run, early: readonly RunDelta[]): HeldRun {
  let current = detail;
  let rest = early.filter((delta) => delta.seq > current.seq);
  for (;;) {
    const next = rest.find((delta) => delta.from_seq === current.seq);
    if (next === undefined) break;
    current = applied(current, next);
    rest = rest.filter((delta) => delta.seq > current.seq);
  }
  return { detail: current, early: rest, stale: rest.length > 0 };
}

/** The held run after a delta: applied if it fits exactly, ignored if old, kept if early. */
export function withDelta(held: HeldRun, delta: RunDelta): HeldRun {
  if (held.detail === null) {
    return { ...held, early: [...held.early, delta].slice(-EARLY_LIMIT) };
  }
  if (delta.seq <= held.detail.seq) return held;
  if (held.early.some((known) => known.seq === delta.seq && known.from_seq === delta.from_seq)) {
    return held;
  }
  return settled(held.detail, [...held.early, delta].slice(-EARLY_LIMIT));
}

/** The held run after news of the runs that it made; they have no sequence, the newest are right. */
export function withFamilies(held: HeldRun, families: RunFamily[]): HeldRun {
  return held.detail ? { ...held, detail: { ...held.detail, families } } : held;
}

/** The held run after a snapshot. One older than what is held (a late reply) changes nothing. */
export function withSnapshot(held: HeldRun, snapshot: Run): HeldRun {
  if (held.detail !== null && snapshot.seq < held.detail.seq) {
    return settled(held.detail, held.early);
  }
  return settled(snapshot, held.early);
}

export interface RunFilter {
  flow?: string | undefined;
  status?: RunStatus | undefined;
  q?: string | undefined;
}

/** Whether a run belongs in a list that was filtered like this; the server finds the same. */
export function matches(run: RunSummary, filter: RunFilter): boolean {
  if (filter.flow && run.flow.id !== filter.flow) return false;
  if (filter.status && run.status !== filter.status) return false;
  const wanted = filter.q?.trim().toLowerCase();
  if (wanted) return (run.business_key ?? "").toLowerCase().includes(wanted) || run.id === wanted;
  return true;
}

function moved(
  counts: RunPage["counts"],
  from: RunStatus | null,
  to: RunStatus,
): RunPage["counts"] {
  if (from === to) return counts;
  const next: RunPage["counts"] = { ...counts, [to]: (counts[to] ?? 0) + 1 };
  if (from !== null) next[from] = Math.max(0, (counts[from] ?? 0) - 1);
  return next;
}

/**
 * The loaded pages of a run list after one run changed.
 *
 * A run in the list changes where it stands (no row jumps); one that no longer fits the filter
 * leaves; a new one that fits comes first. The counts follow; they are put right by the next fetch.
 */
export function withRun(pages: readonly RunPage[], run: RunSummary, filter: RunFilter): RunPage[] {
  const first = pages[0];
  if (first === undefined) return [...pages];
  const known = pages.flatMap((page) => page.items).find((item) => item.id === run.id);
  if (known !== undefined && known.seq > run.seq) return [...pages];

  const fits = matches(run, filter);
  const countable = matches(run, { ...filter, status: undefined });
  const next = pages.map((page) => ({
    ...page,
    items: page.items.flatMap((item) => (item.id !== run.id ? [item] : fits ? [run] : [])),
  }));
  const head = next[0] ?? first;
  const isNew = known === undefined && fits && isNewest(run, head.items);
  next[0] = {
    ...head,
    items: isNew ? [run, ...head.items] : head.items,
    counts:
      countable && (known || isNew)
        ? moved(head.counts, known?.status ?? null, run.status)
        : head.counts,
  };
  return next;
}

function isNewest(run: RunSummary, items: readonly RunSummary[]): boolean {
  const head = items[0];
  return head === undefined || run.created_at >= head.created_at;
}

export const FINISHED: ReadonlySet<RunStatus> = new Set([
  "succeeded",
  "failed",
  "cancelled",
  "superseded",
]);

/** Whether nothing more happens to this run by itself. */
export function isFinished(run: Pick<RunSummary, "status">): boolean {
  return FINISHED.has(run.status);
}

/** A person waits no longer than this for live news after the server is back. */
const LONGEST_WAIT_MS = 8_000;

/**
 * How long to wait before the next try to connect, in milliseconds.
 *
 * Exponential with full jitter, so that a thousand browsers do not come back in one instant.
 */
export function reconnectDelayMs(failures: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(failures, 10));
  return Math.round(250 + random() * (ceiling - 250));
}
