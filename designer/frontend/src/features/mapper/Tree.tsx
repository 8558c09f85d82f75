import { type KeyboardEvent, memo, type ReactNode, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { typedRow } from "./finding";
import classes from "./Tree.module.css";
import type { TreeRow } from "./treeRows";
import { useSteady } from "./useSteady";
import { useRowHeight } from "./zoom";

const AROUND = 10;
const STEP_ROWS = 4;
const ASSUMED_HEIGHT_PX = 1600;
const TYPED_TOGETHER_MS = 700;

export interface TreeProps {
  label: string;
  idPrefix: string;
  rows: TreeRow[];
  active: string | null;
  selected: string | null;
  onActive: (key: string) => void;
  onToggle: (key: string, open: boolean) => void;
  /** Keys beyond moving and opening; true when handled. */
  onKey?: (row: TreeRow, event: KeyboardEvent<HTMLElement>) => boolean;
  onScroll?: (top: number) => void;
  describe?: (row: TreeRow) => string;
  rowClass?: (row: TreeRow) => string | undefined;
  /** Draws a row. Rows are drawn anew when this is another function, or their own part changes. */
  children: (row: TreeRow, active: boolean) => ReactNode;
  empty: string;
}

/** A tree of thousands of rows: only those in view exist, one of them takes the focus. */
export const Tree = memo(function Tree(props: TreeProps) {
  const { rows, active, onActive, onToggle, label } = props;
  const rowPx = useRowHeight();
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0 });
  const typed = useRef({ text: "", at: 0 });
  const activeIndex = Math.max(
    0,
    rows.findIndex((row) => row.key === active),
  );

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => setView((v) => ({ ...v, height: element.clientHeight }));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const goTo = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    // At once, so that the next key already finds the focus here, however fast it follows.
    flushSync(() => onActive(row.key));
    showRow(scroller.current, rows.indexOf(row), rowPx);
    focusRow(scroller.current, row.key);
  };
  /** Goes to the field whose name begins with the letters typed; false where there is none. */
  const typeAhead = (event: KeyboardEvent<HTMLElement>, index: number, further: boolean) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return false;
    const goesOn = event.timeStamp - typed.current.at < TYPED_TOGETHER_MS;
    if (event.key === " " || event.key === "/" || (further && !goesOn)) return false;
    const text = goesOn ? typed.current.text + event.key : event.key;
    const at = typedRow(rows, index, text);
    if (at === undefined) return false;
    typed.current = { text, at: event.timeStamp };
    goTo(at);
    return true;
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>, row: TreeRow, index: number) => {
    if (event.target !== event.currentTarget) return;
    // Letters right after others go on with a name, also those that mean something alone.
    if (typeAhead(event, index, true) || props.onKey?.(row, event)) {
      event.preventDefault();
      return;
    }
    if (event.key === "/" && !event.ctrlKey && !event.metaKey) {
      const panel = event.currentTarget.closest("[data-side-panel]");
      const search = panel?.querySelector<HTMLInputElement>("input");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
        return;
      }
    }
    const page = Math.max(1, Math.floor(view.height / rowPx) - 1);
    const moves: Record<string, () => void> = {
      ArrowDown: () => goTo(index + 1),
      ArrowUp: () => goTo(index - 1),
      PageDown: () => goTo(index + page),
      PageUp: () => goTo(index - page),
      Home: () => goTo(0),
      End: () => goTo(rows.length - 1),
      ArrowRight: () => {
        if (row.node.expandable && !row.expanded) onToggle(row.key, true);
        else if (row.expanded) goTo(index + 1);
      },
      ArrowLeft: () => {
        if (row.expanded) onToggle(row.key, false);
        else goTo(parentIndex(rows, index));
      },
    };
    const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key];
    if (!move && !typeAhead(event, index, false)) return;
    event.preventDefault();
    event.stopPropagation();
    move?.();
  };

  const steady = useSteady({ onKeyDown, onActive });

  const height = view.height || ASSUMED_HEIGHT_PX;
  const first = Math.max(0, Math.floor(view.top / rowPx) - AROUND);
  const last = Math.min(rows.length, Math.ceil((view.top + height) / rowPx) + AROUND);
  const shown = rows.slice(first, last).map((row, offset) => ({ row, index: first + offset }));
  // The focused row stays, or scrolling would take the focus away from the keyboard.
  const focused = rows[activeIndex];
  if (focused && (activeIndex < first || activeIndex >= last)) {
    shown.push({ row: focused, index: activeIndex });
  }

  return (
    <div
      ref={scroller}
      data-scroller
      className={classes.scroller}
      onScroll={(event) => {
        const top = event.currentTarget.scrollTop;
        // Rows are drawn anew only when those kept around the view are about to run out.
        const stepPx = STEP_ROWS * rowPx;
        const step = Math.floor(top / stepPx) * stepPx;
        setView((v) => (v.top === step ? v : { ...v, top: step }));
        props.onScroll?.(top);
      }}
    >
      {rows.length === 0 ? (
        <p className={classes.emptyTree}>{props.empty}</p>
      ) : (
        <div role="tree" aria-label={label} style={{ height: rows.length * rowPx }}>
          {shown.map(({ row, index }) => (
            <Item
              key={row.key}
              id={`${props.idPrefix}-${index}`}
              row={row}
              index={index}
              rowPx={rowPx}
              active={index === activeIndex}
              selected={row.key === props.selected}
              className={props.rowClass?.(row)}
              describe={props.describe}
              draw={props.children}
              onFocus={steady.onActive}
              onKeyDown={steady.onKeyDown}
            />
          ))}
        </div>
      )}
    </div>
  );
});

interface ItemProps extends Pick<TreeProps, "describe"> {
  id: string;
  row: TreeRow;
  index: number;
  rowPx: number;
  active: boolean;
  selected: boolean;
  className: string | undefined;
  draw: TreeProps["children"];
  onFocus: (key: string) => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>, row: TreeRow, index: number) => void;
}

const Item = memo(function Item({ row, index, active, onFocus, onKeyDown, ...props }: ItemProps) {
  return (
    <div
      id={props.id}
      role="treeitem"
      aria-label={row.node.label}
      aria-description={props.describe?.(row)}
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={row.node.expandable ? row.expanded : undefined}
      aria-selected={props.selected}
      tabIndex={active ? 0 : -1}
      data-key={row.key}
      className={`${classes.row} ${props.className ?? ""}`}
      style={{ top: index * props.rowPx, paddingInlineStart: 8 + row.depth * 16 }}
      onFocus={(event) => {
        if (event.target === event.currentTarget) onFocus(row.key);
      }}
      onKeyDown={(event) => onKeyDown(event, row, index)}
    >
      {props.draw(row, active)}
    </div>
  );
});

function parentIndex(rows: TreeRow[], index: number): number {
  const depth = rows[index]?.depth ?? 0;
  for (let at = index - 1; at >= 0; at -= 1) if ((rows[at]?.depth ?? 0) < depth) return at;
  return index;
}

function showRow(scroller: HTMLElement | null, index: number, rowPx: number): void {
  if (!scroller || scroller.clientHeight === 0) return;
  const top = index * rowPx;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top + rowPx > scroller.scrollTop + scroller.clientHeight) {
    scroller.scrollTop = top + rowPx - scroller.clientHeight;
  }
}

/** Gives a row of the tree the focus; false while there is no such row. */
export function focusRow(within: HTMLElement | null, key: string): boolean {
  const rows = within?.querySelectorAll<HTMLElement>('[role="treeitem"]') ?? [];
  const row = [...rows].find((candidate) => candidate.dataset.key === key);
  row?.focus({ preventScroll: true });
  return row !== undefined;
}

/** Brings a row into view without moving the focus. */
export function revealRow(panel: HTMLElement | null, index: number, rowPx: number): void {
  const scroller = panel?.querySelector<HTMLElement>("[data-scroller]") ?? null;
  if (!scroller || scroller.clientHeight === 0 || index < 0) return;
  const top = index * rowPx;
  const inView =
    top >= scroller.scrollTop && top + rowPx <= scroller.scrollTop + scroller.clientHeight;
  if (!inView) scroller.scrollTop = Math.max(0, top - scroller.clientHeight / 3);
}
