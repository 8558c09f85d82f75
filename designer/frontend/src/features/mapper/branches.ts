/** Branches: one condition over several rules, with "else if" and "otherwise" after it. */

import { call, describeExpr, type ExprNames, HOLE } from "./expressions";
import { patchRule } from "./model";
import type { Branch, Expr, MappingDocument } from "./types";

export function branchById(doc: MappingDocument, id: string | undefined): Branch | undefined {
  return doc.branches?.find((branch) => branch.id === id);
}

export function branchTitle(branch: Branch, names: ExprNames = {}): string {
  return branch.title || describeExpr(branch.when, names);
}

function newBranchId(doc: MappingDocument): string {
  const taken = new Set((doc.branches ?? []).map((branch) => branch.id));
  let number = 1;
  while (taken.has(`branch${number}`)) number += 1;
  return `branch${number}`;
}

/** A new branch for a rule: an "if", or what comes after another branch. */
export function startBranch(
  doc: MappingDocument,
  ruleId: string,
  after?: string,
  otherwise = false,
): MappingDocument {
  const branch: Branch = { id: newBranchId(doc) };
  if (!otherwise) branch.when = call("eq", HOLE, { op: "const", value: "" });
  if (after) branch.after = after;
  return joinBranch({ ...doc, branches: [...(doc.branches ?? []), branch] }, ruleId, branch.id);
}

/** The rule in a branch, or in none; a branch that holds no rule any more goes. */
export function joinBranch(
  doc: MappingDocument,
  ruleId: string,
  branch: string | undefined,
): MappingDocument {
  return withoutEmpty(patchRule(doc, ruleId, { branch }));
}

export function setBranch(
  doc: MappingDocument,
  id: string,
  patch: { when?: Expr; title?: string | undefined },
): MappingDocument {
  const branches = (doc.branches ?? []).map((branch) => {
    if (branch.id !== id) return branch;
    const next = { ...branch, ...patch };
    if (!next.title) delete next.title;
    return next as Branch;
  });
  return { ...doc, branches };
}

function withoutEmpty(doc: MappingDocument): MappingDocument {
  let branches = doc.branches ?? [];
  for (;;) {
    const kept = branches.filter(
      (branch) =>
        doc.rules.some((rule) => rule.branch === branch.id) ||
        branches.some((other) => other.after === branch.id),
    );
    if (kept.length === branches.length) break;
    branches = kept;
  }
  if (branches.length > 0) return { ...doc, branches };
  const { branches: _none, ...rest } = doc;
  return rest;
}
