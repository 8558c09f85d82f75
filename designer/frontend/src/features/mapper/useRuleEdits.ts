/** What the cells of the table of rules change in the mapping. */

import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { blockPath, ensureRows, fieldAt, rootField, ruleById, setExpr } from "./model";
import { type Column, changed, cleared, type GridRow } from "./tableRows";
import type { Expr, JsonSchema, Rule } from "./types";
import { useCopying } from "./useCopying";
import type { MapperStore } from "./useMapper";
import { useSteady } from "./useSteady";

export function useRuleEdits(store: MapperStore, schema: JsonSchema) {
  const { doc } = store;
  const env = useExprEnv();
  const copying = useCopying(store);
  /** As it is now: a row may have been drawn before the last change. */
  const ruleOf = (row: GridRow): Rule | undefined => ruleById(doc, row.rule?.id);
  return useSteady({
    /** Puts an expression into a cell; the place where its rule stands then. */
    put: (row: GridRow, column: Column, expr: Expr | undefined): string => {
      const rule = ruleOf(row);
      if (column === "how") {
        if (!expr) {
          if (rule) store.change(cleared(doc, rule, column));
          return row.place;
        }
        const [next, place] = ensureRows(doc, row.place);
        const now = rule ? changed(doc, rule, { expr }) : setExpr(next, place, expr);
        if (now !== doc) store.change(now);
        if (place !== row.place) store.reveal("target", place);
        return place;
      }
      const patch = column === "when" ? { when: expr } : { default: expr };
      const next = rule ? changed(doc, rule, patch) : doc;
      if (next !== doc) store.change(next);
      return row.place;
    },
    note: (row: GridRow, text: string): void => {
      const rule = ruleOf(row);
      const next = rule ? changed(doc, rule, { comment: text.trim() || undefined }) : doc;
      if (next !== doc) store.change(next);
    },
    clear: (row: GridRow, column: Column): void => {
      const rule = ruleOf(row);
      const next = rule ? cleared(doc, rule, column) : doc;
      if (next === doc) return;
      store.change(next);
      const target = row.cells.target;
      store.say(
        next.rules.length < doc.rules.length
          ? t("announce.removed", { target })
          : t("table.cleared", { column: t(`table.${column}`), target }),
      );
    },
    copy: (row: GridRow): void => void copying.copy(row.place),
    paste: (row: GridRow): void => {
      if (store.readOnly) store.say(t("mapper.read_only"));
      else void copying.paste(row.place);
    },
    /** Shows the rule in the details below. */
    open: (row: GridRow): void => {
      store.reveal("target", row.place);
      store.select(row.place);
    },
    say: store.say,
    isBlock: (row: GridRow): boolean =>
      row.rule?.rows !== undefined && blockPath(row.rule) === row.place,
    fieldOf: (row: GridRow) => fieldAt(rootField(schema), row.place),
    workspace: () => env.workspace,
  });
}

export type RuleEdits = ReturnType<typeof useRuleEdits>;
