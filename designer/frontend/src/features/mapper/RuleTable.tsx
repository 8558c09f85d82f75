import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { describeExpr } from "./expressions";
import { blockPath } from "./model";
import classes from "./RuleTable.module.css";
import type { Preview, Rule } from "./types";
import type { MapperStore } from "./useMapper";
import { liveText } from "./values";

/** Every rule as a line of a table: the whole mapping at a glance, in words. */
export function RuleTable({
  store,
  preview,
}: {
  store: MapperStore;
  preview: Preview | undefined;
}) {
  const env = useExprEnv();
  const { doc, selected } = store;
  const words = (expr: Parameters<typeof describeExpr>[0]) =>
    describeExpr(expr, { title: env.titleOf, fn: env.fnTitle });
  const how = (rule: Rule): string => {
    if (!rule.rows) return words(rule.expr);
    const { each, when, where } = rule.rows;
    return [
      each ? t("target.rows_each", { title: env.titleOf(each) ?? each }) : t("target.rows_one"),
      where && t("target.rows_where", { condition: words(where) }),
      when && t("target.rows_if", { condition: words(when) }),
    ]
      .filter(Boolean)
      .join(" ");
  };
  if (doc.rules.length === 0) return <p className={classes.emptyTable}>{t("table.empty")}</p>;
  return (
    <div className={classes.tableBox}>
      <table className={classes.table} aria-label={t("table.label")}>
        <thead>
          <tr>
            <th>{t("table.target")}</th>
            <th>{t("table.how")}</th>
            <th>{t("table.value")}</th>
            <th>{t("table.problem")}</th>
          </tr>
        </thead>
        <tbody>
          {doc.rules.map((rule) => {
            const place = rule.rows ? blockPath(rule) : rule.target;
            const live = liveText(preview?.values[rule.id]);
            const problem =
              live?.error ?? preview?.problems.find((p) => p.rule_id === rule.id)?.message;
            return (
              <tr
                key={rule.id}
                data-selected={selected === place || undefined}
                data-off={rule.disabled || undefined}
                data-rows={Boolean(rule.rows) || undefined}
              >
                <td>
                  <button
                    type="button"
                    aria-label={t("table.open", { target: place })}
                    onClick={() => {
                      store.reveal("target", place);
                      store.select(place);
                    }}
                  >
                    <code>{place || t("target.document")}</code>
                  </button>
                </td>
                <td>
                  {how(rule)}
                  {rule.comment && <span className={classes.comment}>{rule.comment}</span>}
                </td>
                <td className={classes.tableValue}>
                  {live && !live.error && !rule.rows && (
                    <>
                      {live.empty ? t("rule.empty_value") : live.text}
                      {live.more > 0 && <span className={classes.more}>×{live.more + 1}</span>}
                    </>
                  )}
                </td>
                <td className={classes.tableProblem}>{problem}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
