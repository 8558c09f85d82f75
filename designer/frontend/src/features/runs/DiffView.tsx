import { Text } from "@mantine/core";
import { useMemo } from "react";
import classes from "./DiffView.module.css";
import { t } from "./en";
import { type DiffRow, diffLines, foldUnchanged } from "./lineDiff";

/** Two texts side by side; what is the same for long is folded to a count. */
export function DiffView({ before, after }: { before: string; after: string }) {
  const parts = useMemo(() => foldUnchanged(diffLines(before, after)), [before, after]);
  if (before === after) {
    return (
      <Text size="sm" c="dimmed">
        {t("diff.none")}
      </Text>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the keyboard
    <section className={classes.frame} aria-label={t("diff.label")} tabIndex={0}>
      <table className={classes.table}>
        <colgroup>
          <col className={classes.numbers} />
          <col />
          <col className={classes.numbers} />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th colSpan={2}>{t("diff.before")}</th>
            <th colSpan={2}>{t("diff.after")}</th>
          </tr>
        </thead>
        {parts.map((part) =>
          "hidden" in part ? (
            <tbody key={`hidden-${part.after}`}>
              <tr>
                <td colSpan={4} className={classes.hidden}>
                  {t("diff.hidden", { count: part.hidden })}
                </td>
              </tr>
            </tbody>
          ) : (
            <tbody key={rowKey(part.rows[0])}>
              {part.rows.map((row) => (
                <tr key={rowKey(row)}>
                  <Side line={row.left} mark={row.kind === "same" ? null : "removed"} />
                  <Side line={row.right} mark={row.kind === "same" ? null : "added"} />
                </tr>
              ))}
            </tbody>
          ),
        )}
      </table>
    </section>
  );
}

function rowKey(row: DiffRow | undefined): string {
  return `${row?.left?.number ?? "-"}:${row?.right?.number ?? "-"}`;
}

function Side({ line, mark }: { line: DiffRow["left"]; mark: "removed" | "added" | null }) {
  if (line === null) {
    return (
      <>
        <td className={classes.number} />
        <td className={classes.nothing} />
      </>
    );
  }
  return (
    <>
      <td className={classes.number} data-mark={mark ?? undefined}>
        {line.number}
      </td>
      <td className={classes.text} data-mark={mark ?? undefined}>
        {mark && (
          <span aria-hidden className={classes.sign}>
            {mark === "removed" ? "−" : "+"}
          </span>
        )}
        {mark && <span className="cw-visually-hidden">{t(`diff.${mark}`)} </span>}
        {line.text}
      </td>
    </>
  );
}
