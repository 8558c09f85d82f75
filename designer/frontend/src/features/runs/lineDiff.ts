/** Which lines differ between two texts, side by side. Pure. */

export interface DiffRow {
  kind: "same" | "changed" | "removed" | "added";
  left: { number: number; text: string } | null;
  right: { number: number; text: string } | null;
}

/** Beyond this many cells the middle is shown as one replaced block instead of being compared. */
const CELL_LIMIT = 4_000_000;

type Pair = [number | null, number | null];

/** Line numbers that belong together, from the longest common sequence of lines. */
function pairs(left: readonly string[], right: readonly string[]): Pair[] {
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head += 1;
  let tail = 0;
  while (
    tail < left.length - head &&
    tail < right.length - head &&
    left[left.length - 1 - tail] === right[right.length - 1 - tail]
  ) {
    tail += 1;
  }
  const rows = left.length - head - tail;
  const columns = right.length - head - tail;
  const result: Pair[] = [];
  for (let at = 0; at < head; at += 1) result.push([at, at]);

  if (rows * columns > CELL_LIMIT) {
    for (let row = 0; row < rows; row += 1) result.push([head + row, null]);
    for (let column = 0; column < columns; column += 1) result.push([null, head + column]);
  } else {
    const width = columns + 1;
    const common = new Uint32Array((rows + 1) * width);
    const cell = (row: number, column: number) => common[row * width + column] ?? 0;
    for (let row = rows - 1; row >= 0; row -= 1) {
      for (let column = columns - 1; column >= 0; column -= 1) {
        common[row * width + column] =
          left[head + row] === right[head + column]
            ? cell(row + 1, column + 1) + 1
            : Math.max(cell(row + 1, column), cell(row, column + 1));
      }
    }
    let row = 0;
    let column = 0;
    while (row < rows || column < columns) {
      if (row < rows && column < columns && left[head + row] === right[head + column]) {
        result.push([head + row, head + column]);
        row += 1;
        column += 1;
      } else if (
        column >= columns ||
        (row < rows && cell(row + 1, column) >= cell(row, column + 1))
      ) {
        result.push([head + row, null]);
        row += 1;
      } else {
        result.push([null, head + column]);
        column += 1;
      }
    }
  }
  for (let at = tail; at > 0; at -= 1) result.push([left.length - at, right.length - at]);
  return result;
}

/** Rows to show side by side: a removed line and the added one after it stand in one row. */
export function diffLines(before: string, after: string): DiffRow[] {
  const left = before.split("\n");
  const right = after.split("\n");
  const rows: DiffRow[] = [];
  let removed: number[] = [];
  let added: number[] = [];

  const flush = () => {
    for (let at = 0; at < Math.max(removed.length, added.length); at += 1) {
      const from = removed[at];
      const to = added[at];
      rows.push({
        kind: from === undefined ? "added" : to === undefined ? "removed" : "changed",
        left: from === undefined ? null : { number: from + 1, text: left[from] ?? "" },
        right: to === undefined ? null : { number: to + 1, text: right[to] ?? "" },
      });
    }
    removed = [];
    added = [];
  };

  for (const [from, to] of pairs(left, right)) {
    if (from !== null && to !== null) {
      flush();
      rows.push({
        kind: "same",
        left: { number: from + 1, text: left[from] ?? "" },
        right: { number: to + 1, text: right[to] ?? "" },
      });
    } else if (from !== null) removed.push(from);
    else if (to !== null) added.push(to);
  }
  flush();
  return rows;
}

/** A stretch of rows, or how many equal rows are left out after row ``after``. */
export type DiffPart = { rows: DiffRow[] } | { hidden: number; after: number };

/** The rows with long unchanged stretches folded to a count, ``around`` lines kept at each change. */
export function foldUnchanged(rows: readonly DiffRow[], around = 3): DiffPart[] {
  const keep = new Array<boolean>(rows.length).fill(false);
  rows.forEach((row, index) => {
    if (row.kind === "same") return;
    const end = Math.min(rows.length - 1, index + around);
    for (let at = Math.max(0, index - around); at <= end; at += 1) keep[at] = true;
  });
  const parts: DiffPart[] = [];
  rows.forEach((row, index) => {
    const last = parts[parts.length - 1];
    if (keep[index]) {
      if (last && "rows" in last) last.rows.push(row);
      else parts.push({ rows: [row] });
    } else if (last && "hidden" in last) last.hidden += 1;
    else parts.push({ hidden: 1, after: index });
  });
  return parts;
}
