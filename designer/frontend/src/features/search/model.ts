/** What the search box offers, and in which order. */

export interface Hit {
  id: string;
  group: "runs" | "references" | "flows" | "connections" | "tables" | "screens" | "commands";
  title: string;
  /** Said behind the title, such as the flow of a run. */
  detail?: string | undefined;
  status?: string | undefined;
  /** Address inside the workspace, such as "/runs/r1". */
  path?: string | undefined;
  search?: Record<string, string> | undefined;
  /** Instead of an address: what is done. */
  act?: (() => void) | undefined;
}

/** Screens are few; of what a workspace collects, the best few are enough. */
const PER_GROUP = 6;

/** 0 is not found; the higher the better: at the start, at the start of a word, anywhere. */
export function score(title: string, text: string): number {
  const name = title.toLowerCase();
  const wanted = text.trim().toLowerCase();
  if (!wanted) return 1;
  if (name === wanted) return 4;
  if (name.startsWith(wanted)) return 3;
  const words = wanted.split(/\s+/);
  if (!words.every((word) => name.includes(word))) return 0;
  return words.every((word) => new RegExp(`(^|[^\\p{L}\\p{N}])${escaped(word)}`, "u").test(name))
    ? 2
    : 1;
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The hits that match, the best first; equal ones keep their order. */
export function matching(hits: readonly Hit[], text: string): Hit[] {
  return hits
    .map((hit) => ({ hit, points: score(hit.title, text) }))
    .filter(({ points }) => points > 0)
    .sort((one, other) => other.points - one.points)
    .slice(0, PER_GROUP)
    .map(({ hit }) => hit);
}

/** Moves the choice by one, round the ends. */
export function moved(position: number, by: number, count: number): number {
  return count === 0 ? 0 : (position + by + count) % count;
}
