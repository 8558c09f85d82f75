import { TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import classes from "./RuleTable.module.css";
import { type SheetRow, sheetRows } from "./sheet";
import type { Preview } from "./types";
import type { MapperStore } from "./useMapper";

const ROW_PX = 34;
const AROUND = 12;
const COLUMNS = ["target", "how", "value", "fallback", "comment", "problem"] as const;
type Column = (typeof COLUMNS)[number];

const TEXT: Record<Column, (row: SheetRow) => string> = {
  target: (row) => row.place,
  how: (row) => row.how,
  value: (row) => row.value,
  fallback: (row) => row.fallback,
  comment: (row) => row.comment,
  problem: (row) => row.problem,
};

/** Every rule as a line of a table, for those who prefer a grid: searched, sorted, in words. */
export function RuleTable({
  store,
  preview,
}: {
  store: MapperStore;
  preview: Preview | undefined;
}) {
  const env = useExprEnv();
  const { doc, selected } = store;
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<{ column: Column; down: boolean } | null>(null);
  const [top, setTop] = useState(0);
  const all = useMemo(
    () => sheetRows(doc, preview, { title: env.titleOf, fn: env.fnTitle }),
    [doc, preview, env],
  );
  const rows = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    const found = wanted
      ? all.filter((row) => COLUMNS.some((c) => TEXT[c](row).toLowerCase().includes(wanted)))
      : all;
    if (!sort) return found;
    const text = TEXT[sort.column];
    const sorted = [...found].sort((a, b) =>
      text(a).localeCompare(text(b), undefined, { numeric: true }),
    );
    return sort.down ? sorted.reverse() : sorted;
  }, [all, search, sort]);
  if (doc.rules.length === 0) return <p className={classes.emptyTable}>{t("table.empty")}</p>;
  const first = Math.max(0, Math.floor(top / ROW_PX) - AROUND);
  const shown = rows.slice(first, first + Math.ceil(window.innerHeight / ROW_PX) + 2 * AROUND);
  return (
    <div className={classes.tableSide}>
      <div className={classes.tableBar}>
        <TextInput
          size="xs"
          w={260}
          aria-label={t("table.search")}
          placeholder={t("table.search")}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <span role="status">{t("table.count", { count: rows.length })}</span>
      </div>
      <div
        className={classes.tableBox}
        onScroll={(event) => setTop(Math.floor(event.currentTarget.scrollTop / 100) * 100)}
      >
        <table className={classes.table} aria-label={t("table.label")} aria-rowcount={rows.length}>
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <th
                  key={column}
                  data-column={column}
                  aria-sort={
                    sort?.column === column ? (sort.down ? "descending" : "ascending") : undefined
                  }
                >
                  <button
                    type="button"
                    onClick={() =>
                      setSort((now) =>
                        now?.column !== column
                          ? { column, down: false }
                          : now.down
                            ? null
                            : { column, down: true },
                      )
                    }
                  >
                    {t(`table.${column}`)}
                    {sort?.column === column &&
                      (sort.down ? <IconArrowDown size={12} /> : <IconArrowUp size={12} />)}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first > 0 && (
              <tr aria-hidden>
                <td colSpan={COLUMNS.length} style={{ height: first * ROW_PX, padding: 0 }} />
              </tr>
            )}
            {shown.map((row) => (
              <tr
                key={row.rule.id}
                style={{ height: ROW_PX }}
                data-selected={selected === row.place || undefined}
                data-off={row.rule.disabled || undefined}
                data-rows={Boolean(row.rule.rows) || undefined}
              >
                <td title={row.place}>
                  <button
                    type="button"
                    aria-label={t("table.open", { target: row.place })}
                    onClick={() => {
                      store.reveal("target", row.place);
                      store.select(row.place);
                    }}
                  >
                    <code>{row.place || t("target.document")}</code>
                  </button>
                </td>
                <td title={row.how}>{row.how}</td>
                <td className={classes.tableValue} title={row.value}>
                  {row.value}
                  {row.more > 0 && row.value && (
                    <span className={classes.more}>×{row.more + 1}</span>
                  )}
                </td>
                <td title={row.fallback}>{row.fallback}</td>
                <td title={row.comment}>{row.comment}</td>
                <td className={classes.tableProblem} title={row.problem}>
                  {row.problem}
                </td>
              </tr>
            ))}
            {first + shown.length < rows.length && (
              <tr aria-hidden>
                <td
                  colSpan={COLUMNS.length}
                  style={{ height: (rows.length - first - shown.length) * ROW_PX, padding: 0 }}
                />
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </div>
  );
}
