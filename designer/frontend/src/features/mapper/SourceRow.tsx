import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import type { PointerEvent } from "react";
import { VendorIcon } from "@/shared/ui";
import { t } from "./en";
import { isScalar } from "./schemaTree";
import classes from "./Tree.module.css";
import { TypeGlyph } from "./TypeGlyph";
import type { TreeRow } from "./treeRows";
import type { Json } from "./types";
import { shortText, valueAt } from "./values";

interface SourceRowProps {
  row: TreeRow;
  context: Json | undefined;
  used: boolean;
  onToggle: (key: string, open: boolean) => void;
  onGrab: (row: TreeRow, event: PointerEvent<HTMLElement>) => void;
  onHover: (key: string | null) => void;
}

/** A source field with what the sample has for it. */
export function SourceRow({ row, context, used, onToggle, onGrab, onHover }: SourceRowProps) {
  const { node } = row;
  const { field } = node;
  const found = valueAt(context, node.key);
  const shown = sampleText(node.kind, field.type, found);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the tree item around it takes the keys
    <div
      className={classes.rowBody}
      data-grab
      title={[field.description, node.key].filter(Boolean).join("\n")}
      onPointerDown={(event) => onGrab(row, event)}
      onMouseEnter={() => onHover(node.key)}
      onMouseLeave={() => onHover(null)}
      onDoubleClick={() => node.expandable && onToggle(row.key, !row.expanded)}
    >
      <Toggle row={row} onToggle={onToggle} />
      {node.kind === "root" ? (
        <VendorIcon icon={node.icon} name={field.title} size={20} />
      ) : (
        <TypeGlyph type={field.type} />
      )}
      <span className={classes.title} data-strong={node.kind === "root" || undefined}>
        {field.title}
        {field.required && node.kind !== "root" && <Star />}
      </span>
      {field.title !== field.name && node.kind !== "root" && (
        <span className={classes.tech}>{field.name}</span>
      )}
      <span
        className={classes.sample}
        data-leaf={isScalar(field.type) || undefined}
        data-null={(found.present && found.value === null) || undefined}
      >
        {shown}
      </span>
      {isScalar(field.type) && found.count > 1 && (
        <span className={classes.more}>×{found.count}</span>
      )}
      <span className={classes.port} data-side="source" data-on={used || undefined} />
    </div>
  );
}

function sampleText(kind: string, type: string, found: ReturnType<typeof valueAt>): string {
  if (kind === "root" || !found.present)
    return type === "list" && found.count === 0 && found.present ? "0" : "";
  if (type === "list") return t("target.rows_count", { count: found.count });
  if (type === "object") return "";
  return shortText(found.value, 48);
}

export function Star() {
  return (
    <abbr className={classes.star} title={t("target.required")}>
      *
    </abbr>
  );
}

export function Toggle({
  row,
  onToggle,
}: {
  row: TreeRow;
  onToggle: (key: string, open: boolean) => void;
}) {
  if (!row.node.expandable) return <span className={classes.chevron} />;
  return (
    <button
      type="button"
      className={classes.chevron}
      tabIndex={-1}
      aria-label={t(row.expanded ? "target.collapse" : "target.expand", { path: row.node.label })}
      onPointerDown={(event) => event.stopPropagation()}
      onClick={(event) => {
        event.stopPropagation();
        onToggle(row.key, !row.expanded);
      }}
    >
      {row.expanded ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
    </button>
  );
}
