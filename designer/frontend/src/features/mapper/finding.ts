/** Which of the rows on the screen a person means: by a search, or by the first letters typed. */

import { isScalar } from "./schemaTree";
import { searchMatches, type TreeRow } from "./treeRows";

/**
 * The row that the keyboard goes to after a search: the field of exactly this path, else of exactly
 * this name, else the first that the search found, a field before the groups that lead to it.
 */
export function bestMatch(rows: TreeRow[], text: string): TreeRow | undefined {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return rows[0];
  const finds = searchMatches(text);
  const found = rows.filter((row) => finds(row.node));
  const named = found.filter((row) => names(row).includes(wanted));
  return (
    rows.find((row) => isExactly(row, text)) ??
    named.find((row) => isScalar(row.node.field.type)) ??
    named[0] ??
    found.find((row) => isScalar(row.node.field.type)) ??
    found[0] ??
    rows[0]
  );
}

/** Whether a row is the field that a path names, with or without the [] of a list. */
export function isExactly(row: TreeRow, text: string): boolean {
  const bare = (path: string) => path.trim().toLowerCase().replace(/\[\]$/, "");
  const wanted = bare(text);
  return wanted !== "" && (bare(row.key) === wanted || bare(row.node.label) === wanted);
}

/**
 * The next row whose name begins with the letters typed, from a row on and round. One letter leaves
 * the present row, further ones may stay on it.
 */
export function typedRow(rows: TreeRow[], from: number, typed: string): number | undefined {
  const wanted = typed.toLowerCase();
  const start = wanted.length > 1 ? from : from + 1;
  for (let step = 0; step < rows.length; step += 1) {
    const at = (start + step) % rows.length;
    const row = rows[at];
    if (row && names(row).some((name) => name.startsWith(wanted))) return at;
  }
  return undefined;
}

function names({ node }: TreeRow): string[] {
  const title = node.kind === "block" ? (node.rule?.comment ?? "") : node.field.title;
  return [title.toLowerCase(), node.field.name.toLowerCase()];
}
