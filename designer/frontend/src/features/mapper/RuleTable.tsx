import { TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useMemo, useState } from "react";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { requiredMissing, rootField } from "./model";
import classes from "./RuleTable.module.css";
import { placeWords, type SheetRow, sheetRows } from "./sheet";
import type { JsonSchema, Preview } from "./types";
import type { MapperStore } from "./useMapper";

const ROW_PX = 34;
const AROUND = 12;
const COLUMNS = ["target", "how", "value", "fallback", "comment", "problem"] as const;
type Column = (typeof COLUMNS)[number];

interface Row extends Omit<SheetRow, "rule"> {
  /** None for a required field that nothing fills yet. */
  rule?: SheetRow["rule"];
  words: string;
}

const TEXT: Record<Column, (row: Row) => string> = {
  target: (row) => `${row.words} ${row.place}`,
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
  targetSchema,
}: {
  store: MapperStore;
  preview: Preview | undefined;
  targetSchema: JsonSchema;
}) {
  const env = useExprEnv();
  const { doc, selected } = store;
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<{ column: Column; down: boolean } | null>(null);
  const [top, setTop] = useState(0);
  const all = useMemo((): Row[] => {
    const root = rootField(targetSchema);
    const words = (place: string) => placeWords(doc, root, place);
    const rules = sheetRows(doc, preview, { title: env.titleOf, fn: env.fnTitle });
    const open = requiredMissing(doc, root).map((place) => ({
      place,
      words: words(place),
      how: "",
      value: "",
      more: 0,
      fallback: "",
      comment: "",
      problem: t("table.unfilled"),
    }));
    return [...open, ...rules.map((row) => ({ ...row, words: words(row.place) }))];
  }, [doc, preview, env, targetSchema]);
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
  if (all.length === 0) return <p className={classes.emptyTable}>{t("table.empty")}</p>;
  const open = (row: Row) => {
    store.reveal("target", row.place);
    store.select(row.place);
  };
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
                key={row.rule?.id ?? row.place}
                style={{ height: ROW_PX }}
                data-selected={selected === row.place || undefined}
                data-off={row.rule?.disabled || undefined}
                data-rows={Boolean(row.rule?.rows) || undefined}
                data-open={row.rule === undefined || undefined}
                onClick={() => open(row)}
              >
                <td title={row.place}>
                  <button
                    type="button"
                    aria-label={t("table.open", { target: row.place })}
                    onKeyDown={toNeighbour}
                  >
                    {row.words || t("target.document")}
                  </button>{" "}
                  {row.words !== row.place && <code>{row.place}</code>}
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

/** The arrows go from rule to rule. */
function toNeighbour(event: KeyboardEvent<HTMLElement>): void {
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (by === 0) return;
  const buttons = [
    ...(event.currentTarget.closest("tbody")?.querySelectorAll<HTMLElement>("td button") ?? []),
  ];
  const next = buttons[buttons.indexOf(event.currentTarget) + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
