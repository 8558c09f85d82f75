/**
 * Paths as the mapping document writes them: dotted names, `[]` after a list for "each
 * element" and `[b1]` after a target list for "the rows that block b1 makes".
 */

export interface Segment {
  name: string;
  /** What stands in brackets after the name, in order: "" for each element, else a block id. */
  brackets: string[];
}

const PLAIN = /^[A-Za-z0-9_$-]+$/;

export function parsePath(text: string): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  while (at < text.length) {
    let name: string;
    if (text[at] === "`") {
      const end = text.indexOf("`", at + 1);
      const stop = end < 0 ? text.length : end;
      name = text.slice(at + 1, stop);
      at = stop + 1;
    } else {
      let end = at;
      while (end < text.length && text[end] !== "." && text[end] !== "[") end += 1;
      name = text.slice(at, end);
      at = end;
    }
    const brackets: string[] = [];
    while (text[at] === "[") {
      const end = text.indexOf("]", at);
      const stop = end < 0 ? text.length : end;
      brackets.push(text.slice(at + 1, stop));
      at = stop + 1;
    }
    segments.push({ name, brackets });
    if (text[at] === ".") at += 1;
    else if (at < text.length && text[at] !== "`") at += 1;
  }
  return segments;
}

export function nameText(name: string): string {
  return PLAIN.test(name) ? name : `\`${name.replaceAll("`", "")}\``;
}

export function formatPath(segments: Segment[]): string {
  return segments.map((s) => nameText(s.name) + s.brackets.map((b) => `[${b}]`).join("")).join(".");
}

/** The path of a field below another path ("" is the whole document). */
export function childPath(parent: string, name: string): string {
  return parent === "" ? nameText(name) : `${parent}.${nameText(name)}`;
}

/** True when `path` is `ancestor` or lies below it. */
export function isWithin(path: string, ancestor: string): boolean {
  if (ancestor === "") return true;
  if (!path.startsWith(ancestor)) return false;
  const next = path[ancestor.length];
  return next === undefined || next === "." || next === "[";
}

/** Every place that `path` is within, from the outermost "" to itself. */
export function placesAround(path: string): string[] {
  const found = [""];
  for (let at = 1; at < path.length; at += 1) {
    if (path[at] === "." || path[at] === "[") found.push(path.slice(0, at));
  }
  if (path !== "") found.push(path);
  return found;
}

/** The path one level up: `Line[b1].Amount` -> `Line[b1]` -> `Line` -> "". */
export function parentPath(path: string): string {
  const segments = parsePath(path);
  const last = segments.at(-1);
  if (!last) return "";
  if (last.brackets.length > 0) {
    return formatPath([
      ...segments.slice(0, -1),
      { name: last.name, brackets: last.brackets.slice(0, -1) },
    ]);
  }
  return formatPath(segments.slice(0, -1));
}

/** Every list a source path passes through, outermost first, each ending in `[]`. */
export function listsAlong(path: string): string[] {
  const found: string[] = [];
  const segments = parsePath(path);
  segments.forEach((segment, index) => {
    segment.brackets.forEach((bracket, depth) => {
      if (bracket !== "") return;
      found.push(
        formatPath([
          ...segments.slice(0, index),
          { name: segment.name, brackets: segment.brackets.slice(0, depth + 1) },
        ]),
      );
    });
  });
  return found;
}

/** The row blocks a target path stands in, outermost first. */
export function blocksAlong(path: string): string[] {
  return parsePath(path).flatMap((s) => s.brackets.filter((b) => b !== ""));
}

/** The path with other names for the blocks it stands in. */
export function withBlocks(path: string, names: ReadonlyMap<string, string>): string {
  return formatPath(
    parsePath(path).map((s) => ({
      name: s.name,
      brackets: s.brackets.map((b) => names.get(b) ?? b),
    })),
  );
}

/** The schema position of a target path: block ids replaced by `[]`. */
export function templatePath(path: string): string {
  return formatPath(
    parsePath(path).map((s) => ({ name: s.name, brackets: s.brackets.map(() => "") })),
  );
}

/** Last name of a path, for chips and sentences. */
export function lastName(path: string): string {
  return parsePath(path).at(-1)?.name ?? "";
}
