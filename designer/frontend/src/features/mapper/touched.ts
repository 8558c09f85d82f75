/** The part of a large mapping that a change touches, so that its values need not wait for all. */

import { parsePath } from "./paths";
import type { MappingDocument } from "./types";
import type { Answer } from "./usePreview";

/** A mapping of fewer rules is answered as a whole just as soon. */
const MANY = 60;
/** A part is at most this share of the whole. */
const SHARE = 1 / 4;

/** The field of the target's top that a path stands in. */
const top = (target: string): string => parsePath(target)[0]?.name ?? "";

const sameButRules = (before: MappingDocument, after: MappingDocument): boolean => {
  const { rules: _before, ...old } = before;
  const { rules: _after, ...now } = after;
  const names = new Set([...Object.keys(old), ...Object.keys(now)]) as Set<keyof typeof old>;
  return [...names].every((name) => old[name] === now[name]);
};

/**
 * `after` with the rules alone that fill the fields of the target that `before` fills otherwise,
 * with all that is below these fields; null if that is most of it, or not all that has changed.
 */
export function touched(before: MappingDocument, after: MappingDocument): MappingDocument | null {
  if (after.rules.length < MANY || !sameButRules(before, after)) return null;
  const known = new Set(before.rules);
  const fields = new Set(after.rules.filter((r) => !known.has(r)).map((r) => top(r.target)));
  if (fields.size === 0) return null;
  const rules = after.rules.filter((rule) => fields.has(top(rule.target)));
  return rules.length <= after.rules.length * SHARE ? { ...after, rules } : null;
}

/** What is known of a mapping, with what came of a part of it. */
export function over(before: Answer, early: Answer, part: MappingDocument): Answer {
  const anew = new Set(part.rules.map((rule) => rule.id));
  const kept = Object.entries(before.values).filter(([id]) => !anew.has(id));
  return {
    ...before,
    values: { ...Object.fromEntries(kept), ...early.values },
    errors: [
      ...(before.errors ?? []).filter(({ rule_id: id }) => !id || !anew.has(id)),
      ...(early.errors ?? []),
    ],
  };
}
