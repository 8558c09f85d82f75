import { Text } from "@mantine/core";
import { t } from "./en";
import classes from "./lookups.module.css";
import { changedCells } from "./model";
import type { Difference, TableColumn } from "./queries";

interface DifferencesProps {
  label: string;
  columns: readonly TableColumn[];
  items: readonly Difference[];
}

/** Rows that were added, changed and removed, cell by cell; a word beside every colour. */
export function Differences({ label, columns, items }: DifferencesProps) {
  const keys = columns.filter(({ key }) => key);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable
    <section className={classes.frame} aria-label={label} tabIndex={0}>
      <table className={classes.grid} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{t("diff.what")}</th>
            <th scope="col">{t("diff.key")}</th>
            <th scope="col">{t("diff.cells")}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => {
            const kind = !item.before ? "added" : !item.after ? "removed" : "changed";
            const values = item.after ?? item.before ?? {};
            return (
              <tr key={`${kind} ${item.key}`}>
                <td className={classes.read} data-diff={kind}>
                  {t(`diff.row.${kind}`)}
                </td>
                <td className={classes.read}>
                  {keys.map(({ name }) => String(values[name] ?? "")).join(" · ")}
                </td>
                <td className={classes.read}>
                  {changedCells(columns, item)
                    .filter(({ title }) => !keys.some((key) => key.title === title))
                    .map(({ title, before, after }) => (
                      <span key={title} className={classes.change}>
                        <Text span size="xs" c="dimmed">
                          {title}
                        </Text>{" "}
                        {item.before && <del>{before || t("diff.empty")}</del>}
                        {kind === "changed" && " → "}
                        {item.after && <ins>{after || t("diff.empty")}</ins>}
                      </span>
                    ))}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
