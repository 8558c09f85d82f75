import { ActionIcon, Button, Center, Skeleton, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconKey, IconTrash } from "@tabler/icons-react";
import { memo, useCallback, useRef } from "react";
import { t as tUi } from "@/shared/i18n/ui.en";
import { t } from "./en";
import classes from "./lookups.module.css";
import {
  type CellFaults,
  type Edits,
  rowName,
  rowTexts,
  type Texts,
  toggledRemoval,
  typed,
} from "./model";
import type { LookupRow, LookupTable, TableColumn } from "./queries";

interface RowsGridProps {
  table: LookupTable;
  rows: LookupRow[] | undefined;
  edits: Edits;
  faults: CellFaults;
  editable: boolean;
  onChange: (edits: Edits) => void;
  hasMore: boolean;
  loadingMore: boolean;
  onMore: () => void;
}

/** Rows as inputs in a table: Tab goes from cell to cell, what was changed is marked. */
export function RowsGrid(props: RowsGridProps) {
  const { table, rows, edits, faults, editable } = props;
  // Rows draw themselves again only when their own texts change.
  const latest = useRef(props);
  latest.current = props;
  const type = useCallback((row: { id: number; texts: Texts }, column: string, text: string) => {
    latest.current.onChange(typed(latest.current.edits, row, column, text));
  }, []);
  const toggle = useCallback((id: number) => {
    latest.current.onChange(toggledRemoval(latest.current.edits, id));
  }, []);
  return (
    <section
      className={classes.frame}
      aria-label={t("rows.label", { name: table.name })}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable
      tabIndex={0}
    >
      <table className={classes.grid} aria-label={t("rows.label", { name: table.name })}>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column.name} scope="col" data-type={column.type}>
                <span className={classes.heading}>
                  {column.key && <IconKey size={13} aria-hidden />}
                  {column.title}
                </span>
              </th>
            ))}
            {editable && (
              <th scope="col" className={classes.tools}>
                <span className="cw-visually-hidden">{t("rows.actions")}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {edits.added.map((entry) => (
            <GridRow
              key={entry.id}
              id={entry.id}
              name={t("rows.new")}
              columns={table.columns}
              saved={entry.texts}
              now={entry.texts}
              removed={false}
              faults={faults[entry.id]}
              editable
              onType={type}
              onToggle={toggle}
            />
          ))}
          {rows?.map((row) => (
            <SavedRow
              key={row.id}
              table={table}
              row={row}
              now={edits.changed[row.id]}
              removed={edits.removed.includes(row.id)}
              faults={faults[row.id]}
              editable={editable}
              onType={type}
              onToggle={toggle}
            />
          )) ??
            ["a", "b", "c", "d"].map((key) => (
              <tr key={key}>
                {table.columns.map((column) => (
                  <td key={column.name} className={classes.waiting}>
                    <Skeleton height={14} radius="sm" />
                  </td>
                ))}
                {editable && <td />}
              </tr>
            ))}
        </tbody>
      </table>
      {props.hasMore && (
        <Center py="sm">
          <Button variant="subtle" onClick={props.onMore} loading={props.loadingMore}>
            {tUi("table.more")}
          </Button>
        </Center>
      )}
    </section>
  );
}

interface SavedRowProps {
  table: LookupTable;
  row: LookupRow;
  now: Texts | undefined;
  removed: boolean;
  faults: Record<string, string> | undefined;
  editable: boolean;
  onType: (row: { id: number; texts: Texts }, column: string, text: string) => void;
  onToggle: (id: number) => void;
}

const SavedRow = memo(function SavedRow({ table, row, now, ...rest }: SavedRowProps) {
  const saved = rowTexts(table.columns, row.values);
  return (
    <GridRow
      {...rest}
      id={row.id}
      name={rowName(table, row)}
      columns={table.columns}
      saved={saved}
      now={now ?? saved}
    />
  );
});

interface GridRowProps {
  id: number;
  name: string;
  columns: TableColumn[];
  saved: Texts;
  now: Texts;
  removed: boolean;
  faults: Record<string, string> | undefined;
  editable: boolean;
  onType: SavedRowProps["onType"];
  onToggle: (id: number) => void;
}

function GridRow(props: GridRowProps) {
  const { id, name, columns, saved, now, removed, faults, editable } = props;
  const word = removed ? t("rows.keep", { row: name }) : t("rows.remove", { row: name });
  return (
    <tr data-new={id < 0 || undefined} data-removed={removed || undefined}>
      {columns.map((column, at) => {
        const label = t("rows.cell", { title: column.title, row: name });
        const fault = faults?.[column.name];
        const text = now[column.name] ?? "";
        return (
          <td
            key={column.name}
            data-type={column.type}
            data-changed={text !== (saved[column.name] ?? "") || undefined}
          >
            {editable && !removed ? (
              <Cell
                column={column}
                label={label}
                text={text}
                fault={fault}
                faultId={`fault-${id}-${column.name}`}
                focus={id < 0 && at === 0}
                onType={(next) => props.onType({ id, texts: saved }, column.name, next)}
              />
            ) : (
              <span className={classes.read}>{text}</span>
            )}
            {fault && (
              <span id={`fault-${id}-${column.name}`} className={classes.cellFault}>
                {fault}
              </span>
            )}
          </td>
        );
      })}
      {editable && (
        <td className={classes.tools}>
          <Tooltip label={word}>
            <ActionIcon aria-label={word} onClick={() => props.onToggle(id)}>
              {removed ? <IconArrowBackUp size={15} /> : <IconTrash size={15} />}
            </ActionIcon>
          </Tooltip>
        </td>
      )}
    </tr>
  );
}

interface CellProps {
  column: TableColumn;
  label: string;
  text: string;
  fault: string | undefined;
  faultId: string;
  focus: boolean;
  onType: (text: string) => void;
}

function Cell({ column, label, text, fault, faultId, focus, onType }: CellProps) {
  const common = {
    className: classes.cell,
    "aria-label": label,
    "aria-invalid": fault ? true : undefined,
    "aria-describedby": fault ? faultId : undefined,
    value: text,
    autoFocus: focus,
  };
  if (column.type === "boolean") {
    return (
      <select {...common} onChange={(event) => onType(event.currentTarget.value)}>
        <option value=""> </option>
        <option value="true">{t("rows.yes")}</option>
        <option value="false">{t("rows.no")}</option>
      </select>
    );
  }
  return (
    <input
      {...common}
      type={column.type === "date" ? "date" : "text"}
      inputMode={column.type === "number" ? "decimal" : undefined}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onType(event.currentTarget.value)}
    />
  );
}
