import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";
import type { Move } from "./CellEditor";
import { t } from "./en";
import { GridLine } from "./GridLine";
import classes from "./RuleGrid.module.css";
import { COLUMNS, type Column, EDITABLE, type GridRow, type Sorting } from "./tableRows";
import { useSteady } from "./useSteady";

export const ROW_PX = 34;
const AROUND = 10;
const STEP_ROWS = 4;
const ASSUMED_HEIGHT_PX = 1000;

/** The line above the rows, and the one below them. */
const HEAD = -1;

export interface Edit {
  key: string;
  column: Column;
  /** The key that began it, in place of what stands there. */
  typed: string | null;
  as: "text" | "blocks";
}

export interface GridActions {
  /** How the cell may be filled now; a text says why it may not. */
  mayEdit: (row: GridRow, column: Column) => true | string;
  /** Where the row's rules are shaped elsewhere; true when done. */
  openInstead: (row: GridRow, column: Column) => boolean;
  open: (row: GridRow) => void;
  clear: (row: GridRow, column: Column) => void;
  copy: (row: GridRow) => void;
  paste: (row: GridRow) => void;
  say: (text: string) => void;
}

interface RuleGridProps {
  rows: GridRow[];
  selected: string | null;
  readOnly: boolean;
  sort: Sorting | null;
  onSort: (column: Column) => void;
  actions: GridActions;
  /** The editor of a cell; `done` says where the keyboard goes, and the row's place then. */
  editor: (row: GridRow, edit: Edit, done: Done) => ReactNode;
  /** The last line: a field to be added. */
  adder: (open: boolean, close: (place: string | null) => void) => ReactNode;
}

export type Done = (move: Move, place?: string, toBlocks?: boolean) => void;

/** The rows, among them the one that is being filled although it is not found any more. */
function useStaying(rows: GridRow[], key: string | null): GridRow[] {
  const last = useRef<{ row: GridRow; index: number } | null>(null);
  const index = key === null ? -1 : rows.findIndex((row) => row.key === key);
  const row = rows[index];
  useEffect(() => {
    if (key === null) last.current = null;
    else if (row) last.current = { row, index };
  }, [key, row, index]);
  const held = last.current;
  if (row || held === null || held.row.key !== key) return rows;
  return [...rows.slice(0, held.index), held.row, ...rows.slice(held.index)];
}

/** Rows and cells as a spreadsheet has them: one cell has the focus, keys go to its neighbours. */
export function RuleGrid(props: RuleGridProps) {
  const { actions, readOnly, sort } = props;
  const [at, setAt] = useState<{ key: string | null; row: number; column: number }>({
    key: null,
    row: 0,
    column: 0,
  });
  const [edit, setEdit] = useState<Edit | null>(null);
  const rows = useStaying(props.rows, edit?.key ?? null);
  const [adding, setAdding] = useState(false);
  const [view, setView] = useState({ top: 0, height: 0 });
  const box = useRef<HTMLDivElement>(null);
  const held = useRef(false);
  const wanted = useRef(false);
  const keys = useId();
  // The row of the same rule, wherever it stands now; where it has gone, the one in its place.
  const found = at.key === null ? -1 : rows.findIndex((row) => row.key === at.key);
  const addRow = readOnly ? -2 : rows.length;
  const lowest = readOnly ? rows.length - 1 : rows.length;
  const now = found >= 0 ? found : Math.max(HEAD, Math.min(at.row, lowest));
  const latest = useRef({ rows, lowest });
  latest.current = { rows, lowest };

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setView((v) => ({ ...v, height: element.clientHeight }));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const focusCell = () => box.current?.querySelector<HTMLElement>("[data-here]")?.focus();
  // The cell that had the focus may be another one after a change: the keyboard stays here.
  useLayoutEffect(() => {
    const { activeElement } = document;
    const lost = activeElement === document.body || activeElement === null;
    if (edit !== null || adding || !(wanted.current || (held.current && lost))) return;
    wanted.current = false;
    focusCell();
  });

  const goTo = (row: number, column: number) => {
    const { rows: newest, lowest: last } = latest.current;
    const to = Math.max(HEAD, Math.min(last, row));
    // At once, so that the next key already finds the focus here, however fast it follows.
    flushSync(() =>
      setAt({
        key: newest[to]?.key ?? null,
        row: to,
        column: Math.max(0, Math.min(COLUMNS.length - 1, column)),
      }),
    );
    focusCell();
  };
  /** To the next or previous cell, over the ends of rows; false at the ends of the table. */
  const goBy = (by: 1 | -1): boolean => {
    const one = now === addRow || now === HEAD ? (by === 1 ? COLUMNS.length - 1 : 0) : at.column;
    const column = one + by;
    const wraps = column < 0 || column >= COLUMNS.length;
    const row = wraps ? now + by : now;
    if (row < 0 || row > latest.current.lowest) return false;
    goTo(row, wraps ? (by === 1 ? 0 : COLUMNS.length - 1) : column);
    return true;
  };

  const begin = (row: GridRow, column: Column, typed: string | null, as: Edit["as"]) => {
    if (!EDITABLE.has(column)) {
      if (column === "target" && typed === null) actions.open(row);
      else actions.say(t("table.cannot"));
      return;
    }
    const may = actions.mayEdit(row, column);
    if (may !== true) actions.say(may);
    else if (!actions.openInstead(row, column)) setEdit({ key: row.key, column, typed, as });
  };

  const done = (of: Edit, ...[move, place, toBlocks]: Parameters<Done>) => {
    if (toBlocks) {
      setEdit({ ...of, as: "blocks", typed: null });
      return;
    }
    const before = now;
    flushSync(() => {
      // By the time that a text is read, another cell may be open.
      setEdit((e) => (e === of ? null : e));
      if (place !== undefined && move !== "leave") setAt((a) => ({ ...a, key: place }));
    });
    if (move === "leave") return;
    const { rows: newest } = latest.current;
    const key = place ?? rows[before]?.key;
    const there = newest.findIndex((row) => row.key === key);
    const here = there < 0 ? before : there;
    const below = there === before ? before + 1 : before;
    if (move === "down") goTo(below, at.column);
    else goTo(here, at.column + (move === "right" ? 1 : move === "left" ? -1 : 0));
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    if (target.dataset.here === undefined) return;
    const command = event.ctrlKey || event.metaKey;
    const row = rows[now];
    const column = COLUMNS[at.column] ?? "target";
    const page = Math.max(1, Math.floor((view.height || ASSUMED_HEIGHT_PX) / ROW_PX) - 2);
    const moves: Record<string, () => void> = {
      ArrowDown: () => goTo(now + 1, at.column),
      ArrowUp: () => goTo(now - 1, at.column),
      ArrowRight: () => goTo(now, at.column + 1),
      ArrowLeft: () => goTo(now, at.column - 1),
      PageDown: () => goTo(now + page, at.column),
      PageUp: () => goTo(Math.max(0, now - page), at.column),
      Home: () => goTo(command ? 0 : now, 0),
      End: () => goTo(command ? rows.length - 1 : now, COLUMNS.length - 1),
    };
    const move = moves[event.key];
    if (event.key === "ArrowDown" && event.altKey && row) begin(row, column, null, "blocks");
    else if (move && !event.altKey && !(command && event.key.startsWith("Arrow"))) move();
    else if (event.key === "Tab" && !command && !event.altKey) {
      if (!goBy(event.shiftKey ? -1 : 1)) return;
    } else if (event.key === "Enter" || event.key === "F2") {
      if (now === HEAD) props.onSort(column);
      else if (now === addRow) setAdding(true);
      else if (row) begin(row, column, null, "text");
    } else if (!row) {
      if (now !== addRow || command || event.key.length !== 1) return;
      setAdding(true);
    } else if (command && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "c") {
      actions.copy(row);
    } else if (command && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "v") {
      actions.paste(row);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      actions.clear(row, column);
    } else if (!command && !event.altKey && event.key.length === 1) {
      begin(row, column, event.key === " " ? null : event.key, "text");
    } else return;
    event.preventDefault();
  };

  const steady = useSteady({
    onCell: (row: GridRow, column: number, twice: boolean) => {
      const index = rows.indexOf(row);
      if (!twice) goTo(index, column);
      if (COLUMNS[column] === "target") {
        if (!twice) actions.open(row);
      } else if (twice) begin(row, COLUMNS[column] ?? "target", null, "text");
    },
    done,
  });

  const height = view.height || ASSUMED_HEIGHT_PX;
  const first = Math.max(0, Math.floor(view.top / ROW_PX) - AROUND);
  const last = Math.min(rows.length, Math.ceil((view.top + height) / ROW_PX) + AROUND);
  const shown = rows.slice(first, last).map((row, offset) => ({ row, index: first + offset }));
  const focused = rows[now];
  if (focused && (now < first || now >= last)) shown.push({ row: focused, index: now });
  const editing = edit ? rows.find((row) => row.key === edit.key) : undefined;
  const nowHead = now === HEAD ? at.column : null;

  return (
    <div
      ref={box}
      data-scroller
      className={classes.box}
      onScroll={(event) => {
        const stepPx = STEP_ROWS * ROW_PX;
        const top = Math.floor(event.currentTarget.scrollTop / stepPx) * stepPx;
        setView((v) => (v.top === top ? v : { ...v, top }));
      }}
    >
      <p id={keys} className="cw-visually-hidden">
        {t("table.keys")}
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: only the rows in view exist, each at its place */}
      <div
        role="grid"
        className={classes.grid}
        aria-label={t("table.label")}
        aria-describedby={keys}
        aria-rowcount={rows.length + (readOnly ? 1 : 2)}
        aria-colcount={COLUMNS.length}
        aria-readonly={readOnly || undefined}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          held.current = true;
          const cell = event.target as HTMLElement;
          const column = Number(cell.getAttribute("aria-colindex")) - 1;
          const line = Number(cell.parentElement?.getAttribute("aria-rowindex")) - 2;
          // Also where something else than a key brought the focus here.
          if (column >= 0 && (line !== now || column !== at.column)) {
            setAt({ key: rows[line]?.key ?? null, row: line, column });
          }
        }}
        onBlur={(event) => {
          if (event.relatedTarget) held.current = event.currentTarget.contains(event.relatedTarget);
        }}
      >
        {/* biome-ignore lint/a11y/useFocusableInteractive: its cells have the focus */}
        {/* biome-ignore lint/a11y/useSemanticElements: as the grid */}
        <div role="row" aria-rowindex={1} className={classes.head}>
          {COLUMNS.map((column, index) => (
            // biome-ignore lint/a11y/useSemanticElements: as the grid
            // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys
            <div
              key={column}
              role="columnheader"
              aria-colindex={index + 1}
              aria-sort={
                sort?.column === column ? (sort.down ? "descending" : "ascending") : "none"
              }
              tabIndex={nowHead === index ? 0 : -1}
              data-here={nowHead === index || undefined}
              onClick={() => props.onSort(column)}
            >
              {t(`table.${column}`)}
              {sort?.column === column &&
                (sort.down ? (
                  <IconArrowDown size={12} aria-hidden />
                ) : (
                  <IconArrowUp size={12} aria-hidden />
                ))}
            </div>
          ))}
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: as the grid */}
        <div
          role="rowgroup"
          className={classes.body}
          style={{ height: (rows.length + (readOnly ? 0 : 1)) * ROW_PX }}
        >
          {shown.map(({ row, index }) => (
            <GridLine
              key={row.key}
              row={row}
              index={index}
              here={index === now ? at.column : null}
              selected={props.selected === row.place}
              readOnly={readOnly}
              editColumn={editing === row ? (edit?.column ?? null) : null}
              editor={
                editing === row && edit
                  ? props.editor(row, edit, (...how) => steady.done(edit, ...how))
                  : null
              }
              onCell={steady.onCell}
            />
          ))}
          {!readOnly && (
            // biome-ignore lint/a11y/useSemanticElements: as the grid
            // biome-ignore lint/a11y/useFocusableInteractive: its cell has the focus
            <div
              role="row"
              aria-rowindex={rows.length + 2}
              className={classes.line}
              data-adds
              style={{ top: rows.length * ROW_PX }}
            >
              {/* biome-ignore lint/a11y/useSemanticElements: as the grid */}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys */}
              <div
                role="gridcell"
                aria-colindex={1}
                aria-colspan={COLUMNS.length}
                tabIndex={now === addRow ? 0 : -1}
                data-here={now === addRow || undefined}
                onClick={() => {
                  goTo(rows.length, 0);
                  setAdding(true);
                }}
              >
                {props.adder(adding, (place) => {
                  setAdding(false);
                  const column = place === null ? 0 : COLUMNS.indexOf("how");
                  setAt({ key: place, row: rows.length, column });
                  wanted.current = true;
                })}
              </div>
            </div>
          )}
        </div>
      </div>
    </div>
  );
}
