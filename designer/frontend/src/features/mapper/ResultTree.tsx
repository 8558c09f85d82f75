import { IconAlertCircle, IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useMemo, useRef, useState } from "react";
import { t } from "./en";
import { rootField } from "./model";
import classes from "./Result.module.css";
import { type Field, fieldBelow } from "./schemaTree";
import type { Json, JsonSchema } from "./types";
import type { Fault } from "./validate";
import { isPlain, shortText } from "./values";

const ROW_PX = 26;
const AROUND = 8;

interface Row {
  place: string;
  name: string;
  /** What people call it, where the schema says. */
  title?: string;
  depth: number;
  value: Json | undefined;
  holds: number | null;
}

/** A document as a tree, with what the schema says against it beside each value. */
export function ResultTree({
  value,
  faults,
  labels,
  label,
  schema,
}: {
  value: Json | undefined;
  faults: Map<string, Fault>;
  /** What the connected system calls a value, such as the name of an account. */
  labels?: Map<string, string>;
  label: string;
  schema?: JsonSchema;
}) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [top, setTop] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(
    () => rowsOf(value, closed, faults, schema),
    [value, closed, faults, schema],
  );
  const height = scroller.current?.clientHeight || 800;
  const first = Math.max(0, Math.floor(top / ROW_PX) - AROUND);
  const shown = rows.slice(first, Math.ceil((top + height) / ROW_PX) + AROUND);
  const toggle = (place: string) =>
    setClosed((before) => {
      const after = new Set(before);
      if (!after.delete(place)) after.add(place);
      return after;
    });
  return (
    <div className={classes.result}>
      {faults.size > 0 && (
        <p className={classes.summary} data-tone="red">
          <IconAlertCircle size={14} aria-hidden /> {t("result.faults", { count: faults.size })}
        </p>
      )}
      <section
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
        tabIndex={0}
        aria-label={label}
        className={classes.scroller}
        onScroll={(event) => setTop(Math.floor(event.currentTarget.scrollTop / 80) * 80)}
      >
        {rows.length === 0 ? (
          <p className={classes.empty}>{t("result.empty")}</p>
        ) : (
          <ul style={{ height: rows.length * ROW_PX }}>
            {shown.map((row, offset) => (
              <li
                key={row.place}
                style={{ top: (first + offset) * ROW_PX, paddingInlineStart: 10 + row.depth * 16 }}
                data-fault={faults.has(row.place) || undefined}
              >
                <Line
                  row={row}
                  fault={faults.get(row.place)}
                  said={labels?.get(row.place)}
                  open={!closed.has(row.place)}
                  onToggle={() => toggle(row.place)}
                />
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

function Line({
  row,
  fault,
  said,
  open,
  onToggle,
}: {
  row: Row;
  fault: Fault | undefined;
  said: string | undefined;
  open: boolean;
  onToggle: () => void;
}) {
  return (
    <>
      {row.holds !== null && row.holds > 0 ? (
        <button
          type="button"
          className={classes.toggle}
          aria-expanded={open}
          aria-label={t(open ? "target.collapse" : "target.expand", { path: row.place })}
          onClick={onToggle}
        >
          {open ? <IconChevronDown size={13} /> : <IconChevronRight size={13} />}
        </button>
      ) : (
        <span className={classes.toggle} />
      )}
      <span className={classes.name} title={row.place}>
        {row.title || row.name}
      </span>
      {row.holds !== null ? (
        <span className={classes.count}>
          {Array.isArray(row.value) ? t("target.rows_count", { count: row.holds }) : ""}
        </span>
      ) : row.value === undefined ? null : (
        <span className={classes.value} data-kind={kindOf(row.value)}>
          {row.value === null ? t("rule.empty_value") : shortText(row.value, 200)}
        </span>
      )}
      {said && <span className={classes.said}>{said}</span>}
      {fault && (
        <span className={classes.fault}>
          <IconAlertCircle size={13} aria-hidden /> {faultText(fault)}
        </span>
      )}
    </>
  );
}

const kindOf = (value: Json): string =>
  value === null
    ? "null"
    : typeof value === "string"
      ? "text"
      : typeof value === "boolean"
        ? "flag"
        : "number";

function rowsOf(
  value: Json | undefined,
  closed: ReadonlySet<string>,
  faults: Map<string, Fault>,
  schema?: JsonSchema,
): Row[] {
  const rows: Row[] = [];
  const below = (place: string, name: string) => (place === "" ? name : `${place}.${name}`);
  const titleOf = (field: Field | null, name: string) => {
    const inner = field && fieldBelow(field, name, name);
    return { inner, title: inner?.title };
  };
  const visit = (item: Json, place: string, depth: number, field: Field | null) => {
    if (isPlain(item)) return;
    const entries: [string, Json][] = Array.isArray(item)
      ? item.map((one, index) => [String(index), one])
      : Object.entries(item as { [key: string]: Json });
    for (const [name, inner] of entries) {
      const at = below(place, name);
      const holds = isPlain(inner) ? null : Object.keys(inner as object).length;
      const list = Array.isArray(item);
      // An element of a list is called by its number; its fields are those of the list.
      const known = list ? { inner: field, title: undefined } : titleOf(field, name);
      const said = list ? `${Number(name) + 1}` : name;
      rows.push({ place: at, name: said, title: known.title, depth, value: inner, holds });
      if (holds !== null && !closed.has(at)) visit(inner, at, depth + 1, known.inner);
    }
    // What is missing has no value, but a place where it should stand.
    for (const [at, fault] of faults) {
      if (fault.kind !== "required") continue;
      const cut = at.lastIndexOf(".");
      const name = at.slice(cut + 1);
      if (at.slice(0, Math.max(0, cut)) !== place) continue;
      if (entries.some(([key]) => key === name)) continue;
      const { title } = titleOf(field, name);
      rows.push({ place: at, name, title, depth, value: undefined, holds: null });
    }
  };
  if (value !== undefined) visit(value, "", 0, schema ? rootField(schema) : null);
  return rows;
}

export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case "type":
      return t("fault.type", { expected: fault.expected });
    case "too_long":
      return t("fault.too_long", { length: fault.length, limit: fault.limit });
    case "too_short":
      return t("fault.too_short", { limit: fault.limit });
    case "too_few":
      return t("fault.too_few", { limit: fault.limit, count: fault.limit });
    case "too_many":
      return t("fault.too_many", { limit: fault.limit, count: fault.limit });
    case "enum":
      return t("fault.enum", { allowed: fault.allowed });
    case "pattern":
      return t("fault.pattern", { pattern: fault.pattern });
    case "minimum":
      return t("fault.minimum", { limit: fault.limit });
    case "maximum":
      return t("fault.maximum", { limit: fault.limit });
    case "date":
      return t("fault.date");
    case "decimals":
      return t("fault.decimals", { limit: fault.limit, count: fault.limit });
    case "read_only":
      return t("fault.read_only");
    case "unknown":
      return t("fault.unknown");
    case "format":
      return t("fault.format", { format: fault.format });
    case "not_listed":
      return t("fault.not_listed", { list: fault.list });
    case "required":
      return t("fault.required");
  }
}
