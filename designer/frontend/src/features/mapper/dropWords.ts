/** What a drop will do, did, or why it may not be, in words. */

import { type NoticeWord, type Verdict, validateDrop } from "./drop";
import { t } from "./en";
import { describeExpr } from "./expressions";
import type { TreeNode } from "./treeRows";
import type { Rule } from "./types";
import { dropTarget } from "./useMapper";

export function refusal(reason: Verdict["reason"], source: TreeNode, target: TreeNode): string {
  const params = { source: source.field.title, target: target.field.title || target.label };
  switch (reason) {
    case "read_only":
      return t("drop.read_only", params);
    case "object_into_field":
      return t("drop.object_into_field", params);
    case "field_into_object":
      return t("drop.field_into_object", params);
    case "field_into_list":
      return t("drop.field_into_list", params);
    case "object_into_list":
      return t("drop.object_into_list", params);
    case "list_into_object":
      return t("drop.list_into_object", params);
    case "block_loops":
      return t("drop.block_loops");
    case "list_into_field":
      return t("drop.list_into_field");
    default:
      return t("drop.already");
  }
}

/** What will happen if the field is let go here; the reason when it may not be. */
export function outlook(
  source: TreeNode,
  target: TreeNode,
  present: Rule | undefined,
  titleOf: (path: string) => string | undefined,
): string {
  const verdict = validateDrop(source.field, dropTarget(target));
  if (!verdict.allowed) return refusal(verdict.reason, source, target);
  if (source.field.type === "list" && (target.field.type === "list" || target.kind === "block")) {
    return t("drop.rows", { source: source.field.title });
  }
  if (present?.expr && present.expr.op !== "hole") {
    return t("drop.combine", { present: describeExpr(present.expr, { title: titleOf }) });
  }
  return t("drop.connect", { target: target.field.title || target.label });
}

export function noticeText(word: NoticeWord, detail: string): string {
  return t(`notice.${word}`, { detail } as never);
}
