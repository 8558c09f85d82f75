/** What happens when a source field is dropped on a target field, and when it may not be. */

import { call, constant, isHole, pathsIn, field as read, sameExpr } from "./expressions";
import {
  addBlock,
  blockPath,
  blocksOf,
  openLists,
  ruleById,
  setExpr,
  setRows,
  valueRule,
} from "./model";
import { formatPath, isWithin, listsAlong, parsePath } from "./paths";
import { type Field, type FieldType, isScalar } from "./schemaTree";
import type { Expr, MappingDocument } from "./types";

/** Why a drop is refused, or what it does beside connecting; texts are in the catalogue. */
export type DropWord =
  | "read_only"
  | "list_into_field"
  | "object_into_field"
  | "field_into_object"
  | "field_into_list"
  | "object_into_list"
  | "list_into_object"
  | "already"
  | "block_loops";

export type NoticeWord =
  | "rows_added"
  | "rows_each"
  | "row_added"
  | "combined"
  | "added_up"
  | "summed"
  | "joined"
  | "first_taken"
  | "converted"
  | "replaced"
  | "copied_whole"
  | "now_each";

export interface Notice {
  word: NoticeWord;
  detail: string;
}

export interface Verdict {
  allowed: boolean;
  reason?: DropWord;
}

export interface DropResult {
  doc: MappingDocument;
  /** The rule that now holds the dropped field, for selection. */
  ruleId: string | null;
  target: string;
  notices: Notice[];
}

const YES: Verdict = { allowed: true };
const no = (reason: DropWord): Verdict => ({ allowed: false, reason });

/** Where a target stands for the purpose of a drop. */
export interface DropTarget extends Field {
  kind: "field" | "block";
  blockId?: string;
}

export function validateDrop(source: Field, target: DropTarget): Verdict {
  if (target.readOnly) return no("read_only");
  if (target.kind === "block") {
    return source.type === "list"
      ? YES
      : isScalar(target.type)
        ? scalars(source)
        : no("block_loops");
  }
  if (target.type === "any" || source.type === "any") return YES;
  if (source.type === "list") {
    if (target.type === "list") return YES;
    if (target.type === "object") return no("list_into_object");
    return source.itemType && isScalar(source.itemType) ? YES : no("list_into_field");
  }
  if (source.type === "object") {
    if (target.type === "object") return YES;
    return no(target.type === "list" ? "object_into_list" : "object_into_field");
  }
  if (target.type === "object") return no("field_into_object");
  if (target.type === "list") return no("field_into_list");
  return YES;
}

function scalars(source: Field): Verdict {
  return isScalar(source.type) ? YES : no("object_into_field");
}

/** Connects a source to a target: the one entry for drag, keyboard and menu. */
export function mapField(doc: MappingDocument, source: Field, target: DropTarget): DropResult {
  const verdict = validateDrop(source, target);
  if (!verdict.allowed) return { doc, ruleId: null, target: target.path, notices: [] };
  if (target.kind === "block" && source.type === "list") return loopOver(doc, source, target);
  if (source.type === "list" && target.type === "list" && target.kind === "field") {
    return mapList(doc, source, target);
  }
  return mapValue(doc, source, target);
}

/** The list itself, without the mark for "each element". */
export function wholeList(path: string): string {
  return path.endsWith("[]") ? path.slice(0, -2) : path;
}

function loopOver(doc: MappingDocument, source: Field, target: DropTarget): DropResult {
  const next = setRows(doc, target.blockId ?? "", { each: source.path });
  return {
    doc: next,
    ruleId: target.blockId ?? null,
    target: target.path,
    notices: [{ word: "now_each", detail: source.path }],
  };
}

function mapList(doc: MappingDocument, source: Field, target: DropTarget): DropResult {
  const placed = placeIn(doc, source.path, target.path, true);
  const simple =
    source.itemType && isScalar(source.itemType) && target.itemType && isScalar(target.itemType);
  if (simple) {
    const next = setExpr(placed.doc, placed.target, read(wholeList(source.path)));
    return {
      doc: next,
      ruleId: valueRule(next, placed.target)?.id ?? null,
      target: placed.target,
      notices: [...placed.notices, { word: "copied_whole", detail: wholeList(source.path) }],
    };
  }
  const present = blocksOf(placed.doc, placed.target).find((b) => b.rows?.each === source.path);
  if (present) return { doc: placed.doc, ruleId: present.id, target: placed.target, notices: [] };
  const [next, block] = addBlock(placed.doc, placed.target, { each: source.path });
  return {
    doc: next,
    ruleId: block.id,
    target: blockPath(block),
    notices: [...placed.notices, { word: "rows_each", detail: source.path }],
  };
}

function mapValue(doc: MappingDocument, source: Field, target: DropTarget): DropResult {
  const placed = placeIn(doc, source.path, target.path, false);
  const notices = [...placed.notices];
  const value = valueFor(placed.doc, source, { ...target, path: placed.target }, notices);
  const present = valueRule(placed.doc, placed.target);
  const expr =
    present && !isHole(present.expr)
      ? combined(present.expr as Expr, value, source, target.type, notices)
      : value;
  const next = setExpr(placed.doc, placed.target, expr);
  return {
    doc: next,
    ruleId: valueRule(next, placed.target)?.id ?? null,
    target: placed.target,
    notices,
  };
}

/**
 * The target with a block chosen, or made, for every list on its way that has none yet.
 *
 * A field of a source list goes to the block that runs over that list; where there is no such
 * block, one is made. With `forList` the last list of the source is left for the caller.
 */
function placeIn(
  doc: MappingDocument,
  source: string,
  target: string,
  forList: boolean,
): { doc: MappingDocument; target: string; notices: Notice[] } {
  const segments = parsePath(target);
  const notices: Notice[] = [];
  let next = doc;
  const unplaced = segments.reduce((sum, s) => sum + s.brackets.filter((b) => b === "").length, 0);
  let left = unplaced;
  segments.forEach((segment, index) => {
    segment.brackets.forEach((bracket, depth) => {
      if (bracket !== "") {
        next = loopEmptyBlock(next, bracket, source, notices);
        return;
      }
      const list = formatPath([
        ...segments.slice(0, index),
        { name: segment.name, brackets: segment.brackets.slice(0, depth) },
      ]);
      const open = openLists(next, source, list);
      const mine = forList ? open.slice(0, -1) : open;
      // The innermost target list takes the innermost source list; those further out, in order.
      const each = left === 1 ? mine.at(-1) : mine[0];
      const blocks = blocksOf(next, list);
      let block =
        blocks.find((b) => b.rows?.each && listsAlong(source).includes(b.rows.each)) ??
        // Rows over a list inside this one have its element in reach.
        blocks.find((b) => each && listsAlong(b.rows?.each ?? "").includes(each)) ??
        (each ? undefined : blocks.at(0));
      if (!block) {
        [next, block] = addBlock(next, list, each ? { each } : {});
        notices.push(
          each ? { word: "rows_added", detail: each } : { word: "row_added", detail: list },
        );
      }
      segment.brackets[depth] = block.id;
      left -= 1;
    });
  });
  return { doc: next, target: formatPath(segments), notices };
}

/** A block without rules and conditions takes its loop from the first list field dropped in. */
function loopEmptyBlock(
  doc: MappingDocument,
  id: string,
  source: string,
  notices: Notice[],
): MappingDocument {
  const block = ruleById(doc, id);
  const each = openLists(doc, source, block?.target ?? "").at(-1);
  if (!block?.rows || block.rows.each || block.rows.when || !each) return doc;
  if (doc.rules.some((rule) => isWithin(rule.target, blockPath(block)))) return doc;
  notices.push({ word: "now_each", detail: each });
  return setRows(doc, id, { each });
}

/** The source as the target needs it: a list brought to one value, a type converted. */
function valueFor(doc: MappingDocument, source: Field, target: Field, notices: Notice[]): Expr {
  if (source.type === "list")
    return fromList(read(wholeList(source.path)), source.itemType ?? "any", target, notices);
  const expr = read(source.path);
  if (openLists(doc, source.path, target.path).length > 0) {
    return fromList(expr, source.type, target, notices);
  }
  return convert(expr, source.type, target.type, notices);
}

function fromList(expr: Expr, type: FieldType, target: Field, notices: Notice[]): Expr {
  if (target.type === "number" || target.type === "integer") {
    notices.push({ word: "summed", detail: "sum" });
    return call("sum", expr);
  }
  if (target.type === "text") {
    notices.push({ word: "joined", detail: "join" });
    return call("join", expr, constant(", "));
  }
  if (target.type === "object" || target.type === "list" || target.type === "any") return expr;
  notices.push({ word: "first_taken", detail: "first" });
  return convert(call("first", expr), type, target.type, notices);
}

const NUMBERS: FieldType[] = ["number", "integer"];

/** The conversion a person would add by hand; none where the types already agree. */
export function convert(expr: Expr, from: FieldType, to: FieldType, notices: Notice[]): Expr {
  const by = (fn: string) => {
    notices.push({ word: "converted", detail: fn });
    return call(fn, expr);
  };
  if (from === to || from === "any") return expr;
  if (to === "date") return by("date");
  if (to === "datetime" && (from === "text" || from === "date")) return by("datetime");
  if (NUMBERS.includes(to) && from === "text") return by("number");
  if (to === "text" && (NUMBERS.includes(from) || from === "boolean")) return by("to_text");
  return expr;
}

function combined(
  present: Expr,
  value: Expr,
  source: Field,
  type: FieldType,
  notices: Notice[],
): Expr {
  if (sameExpr(present, value) || pathsIn(present).some((p) => p === source.path)) return present;
  if (type === "number" || type === "integer") {
    notices.push({ word: "added_up", detail: source.title });
    return call("add", present, value);
  }
  if (type === "text" || type === "any") {
    notices.push({ word: "combined", detail: source.title });
    if (present.op === "concat") return { ...present, args: [...present.args, value] };
    return { op: "concat", args: [present, value], separator: " " };
  }
  notices.push({ word: "replaced", detail: source.title });
  return value;
}

/** The rule a drop would extend, to say "combines with ..." before it happens. */
export function wouldCombine(doc: MappingDocument, target: DropTarget): boolean {
  const rule =
    target.kind === "block" ? ruleById(doc, target.blockId) : valueRule(doc, target.path);
  return Boolean(rule && !rule.rows && !isHole(rule.expr));
}
