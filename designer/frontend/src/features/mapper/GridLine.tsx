import { IconAlertCircle } from "@tabler/icons-react";
import { memo, type ReactNode, useId } from "react";
import { t } from "./en";
import { ROW_PX } from "./RuleGrid";
import classes from "./RuleGrid.module.css";
import { COLUMNS, type Column, EDITABLE, type GridRow } from "./tableRows";

interface GridLineProps {
  row: GridRow;
  index: number;
  /** The column of the cell that has the focus, in this row. */
  here: number | null;
  selected: boolean;
  readOnly: boolean;
  editColumn: Column | null;
  editor: ReactNode;
  onCell: (row: GridRow, column: number, twice: boolean) => void;
}

/** One row of the table of rules. */
export const GridLine = memo(function GridLine(props: GridLineProps) {
  const { row, index, here, editColumn } = props;
  const problem = useId();
  const wrong = row.cells.problem !== "";
  return (
    // biome-ignore lint/a11y/useSemanticElements: only the rows in view exist, each at its place
    // biome-ignore lint/a11y/useFocusableInteractive: its cells have the focus
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={props.selected}
      className={classes.line}
      style={{ top: index * ROW_PX }}
      data-off={row.rule?.disabled || undefined}
      data-rows={Boolean(row.rule?.rows) || undefined}
      data-open={row.rule === undefined || undefined}
    >
      {COLUMNS.map((column, at) => (
        // biome-ignore lint/a11y/useSemanticElements: as the row
        // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys
        <div
          key={column}
          role="gridcell"
          id={column === "problem" ? problem : undefined}
          aria-colindex={at + 1}
          aria-readonly={props.readOnly || !EDITABLE.has(column) || undefined}
          aria-invalid={(column === "how" && wrong) || undefined}
          aria-describedby={column === "how" && wrong ? problem : undefined}
          tabIndex={here === at ? 0 : -1}
          data-here={here === at || undefined}
          data-column={column}
          data-tone={wrong ? (row.severity ?? "error") : undefined}
          title={
            editColumn === column ? undefined : column === "target" ? row.place : row.cells[column]
          }
          onClick={() => editColumn !== column && props.onCell(row, at, false)}
          onDoubleClick={() => editColumn !== column && props.onCell(row, at, true)}
        >
          {editColumn === column ? props.editor : <Content row={row} column={column} />}
        </div>
      ))}
    </div>
  );
});

function Content({ row, column }: { row: GridRow; column: Column }) {
  const text = row.cells[column];
  switch (column) {
    case "target":
      return (
        <>
          <span className={classes.name}>{text || t("target.document")}</span>
          {text !== row.place && <code>{row.place}</code>}
        </>
      );
    case "value":
      return (
        <>
          {text}
          {row.more > 0 && <span className={classes.more}>×{row.more + 1}</span>}
        </>
      );
    case "how":
      return (
        <>
          {row.rule && row.severity === "error" && <IconAlertCircle size={13} aria-hidden />}
          {text}
        </>
      );
    default:
      return text;
  }
}
