/** What may come next in an expression that is being typed: fields in reach, functions, choices. */

import { wholeList } from "./drop";
import { t } from "./en";
import type { ExprEnv } from "./exprEnv";
import { type CellKind, formulaIn } from "./exprText";
import { isScalar } from "./schemaTree";
import { matching, searchMatches, type TreeNode } from "./treeRows";
import type { Json } from "./types";
import { shortText, valueAt } from "./values";

export interface Completion {
  /** The whole text with the choice taken, and where the caret stands then. */
  text: string;
  caret: number;
  title: string;
  detail: string;
}

const SHOWN = 8;
const WORD = /[$\w.[\]`-]*$/;

/** The other functions go by the name that expressions as text know them by. */
const IN_TEXT: Record<string, string> = { round: "round_half_up" };

/** What fits at the caret; `asked` also without a letter typed. */
export function completionsAt(
  text: string,
  caret: number,
  kind: CellKind,
  env: Pick<ExprEnv, "nodes" | "functions" | "context">,
  choices: Json[] | null | undefined,
  asked = false,
): Completion[] {
  const found = formulaIn(text, kind);
  if (!found) return choicesFor(text, choices ?? []);
  const before = text.slice(found.from, caret);
  const word = WORD.exec(before)?.[0] ?? "";
  if (inQuotes(before) || (word === "" && !asked)) return [];
  const start = caret - word.length;
  const put = (insert: string) => ({
    text: text.slice(0, start) + insert + text.slice(caret),
    caret: start + insert.length,
  });
  const fields = fieldsFor(word, env.nodes).map((node) => ({
    ...put(wholeList(node.key)),
    title: node.field.title,
    detail: [
      wholeList(node.key),
      isScalar(node.field.type)
        ? shortText(valueAt(env.context, node.key).value ?? undefined, 24)
        : "",
    ]
      .filter(Boolean)
      .join(" · "),
  }));
  const wanted = word.replace(/^\$/, "").toLowerCase();
  const functions = env.functions
    .filter((fn) => [fn.name, fn.title].some((name) => name.toLowerCase().startsWith(wanted)))
    .map((fn) => ({
      ...put(`$${IN_TEXT[fn.name] ?? fn.name}(`),
      title: fn.title,
      detail: t("table.function"),
    }));
  const [first, then] = word.startsWith("$") ? [functions, fields] : [fields, functions];
  return [...first.slice(0, SHOWN - 2), ...then].slice(0, SHOWN);
}

function choicesFor(text: string, choices: Json[]): Completion[] {
  const wanted = text.trim().toLowerCase();
  return choices
    .map((choice) => (typeof choice === "string" ? choice : JSON.stringify(choice)))
    .filter((choice) => choice.toLowerCase().includes(wanted) && choice !== text)
    .slice(0, SHOWN)
    .map((choice) => ({ text: choice, caret: choice.length, title: choice, detail: "" }));
}

/** Fields that a word finds, single values before groups, those that begin so first. */
function fieldsFor(word: string, nodes: TreeNode[]): TreeNode[] {
  const found: TreeNode[] = [];
  const wanted = word.toLowerCase();
  const finds = word === "" ? () => true : searchMatches(word);
  matching(nodes, (node) => {
    if (node.kind !== "root" && finds(node) && node.key !== word) found.push(node);
    return false;
  });
  const rank = ({ field, key }: TreeNode) =>
    (isScalar(field.type) ? 0 : 4) +
    (key.toLowerCase().startsWith(wanted) || field.name.toLowerCase().startsWith(wanted) ? 0 : 2) +
    (field.title.toLowerCase().startsWith(wanted) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN);
}

function inQuotes(before: string): boolean {
  let open: string | null = null;
  for (const sign of before) {
    if (open === sign) open = null;
    else if (!open && (sign === '"' || sign === "'")) open = sign;
  }
  return open !== null;
}
