import { ActionIcon, Menu } from "@mantine/core";
import {
  IconAlertCircle,
  IconAlertTriangle,
  IconArrowDown,
  IconArrowUp,
  IconCopy,
  IconDots,
  IconLayoutList,
  IconTrash,
} from "@tabler/icons-react";
import { memo } from "react";
import { ConstInput } from "./ConstInput";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { describeExpr, isHole } from "./expressions";
import { AddOwnField, OwnFieldMenu, type OwnFieldTools } from "./OwnField";
import { isOpen } from "./ownFields";
import { Star, Toggle } from "./SourceRow";
import { isScalar } from "./schemaTree";
import classes from "./Tree.module.css";
import { TypeGlyph } from "./TypeGlyph";
import type { TreeRow } from "./treeRows";
import type { Json, MappingProblem, PreviewValue, Rule } from "./types";
import { emptyText, liveText } from "./values";

export interface TargetRowProps {
  row: TreeRow;
  rule: Rule | undefined;
  /** A rule stands here or below. */
  filled: boolean;
  /** Required and not filled. */
  missing: boolean;
  value: PreviewValue | undefined;
  problem: MappingProblem | undefined;
  active: boolean;
  onToggle: (key: string, open: boolean) => void;
  onHover: (key: string | null) => void;
  onChoose: (row: TreeRow) => void;
  onConstant: (key: string, value: Json | undefined) => void;
  onBlock: (id: string, what: "up" | "down" | "duplicate" | "remove") => void;
  addRows: (key: string, each: string | null) => void;
  lists: { path: string; title: string }[];
  own: OwnFieldTools;
}

/** A target field: how it is filled, what comes out, and what is wrong. */
export const TargetRow = memo(function TargetRow(props: TargetRowProps) {
  const { row, rule, problem } = props;
  const { node } = row;
  const { field } = node;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the tree item around it takes the keys
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree item around it takes the keys
    <div
      className={classes.rowBody}
      data-off={rule?.disabled || undefined}
      title={[field.description, node.key].filter(Boolean).join("\n")}
      onMouseEnter={() => props.onHover(node.key)}
      onMouseLeave={() => props.onHover(null)}
      onClick={() => props.onChoose(row)}
      onDoubleClick={() => node.expandable && props.onToggle(row.key, !row.expanded)}
    >
      <span
        className={classes.port}
        data-side="target"
        data-on={Boolean(rule && !isHole(rule.expr)) || Boolean(rule?.rows) || undefined}
        data-within={props.filled || undefined}
        data-missing={props.missing || undefined}
      />
      <Toggle row={row} onToggle={props.onToggle} />
      {node.kind === "block" ? <BlockTitle {...props} /> : <FieldTitle {...props} />}
      {problem && (
        <span className={classes.problem} data-severity={problem.severity} title={problem.message}>
          {problem.severity === "error" ? (
            <IconAlertCircle size={15} aria-label={problem.message} />
          ) : (
            <IconAlertTriangle size={15} aria-label={problem.message} />
          )}
        </span>
      )}
      <Ending {...props} />
    </div>
  );
});

function FieldTitle({ row, missing }: TargetRowProps) {
  const { field, kind } = row.node;
  return (
    <>
      <TypeGlyph type={field.type} />
      <span
        className={classes.title}
        data-strong={kind === "root" || undefined}
        data-missing={missing || undefined}
        data-lost={kind === "unknown" || undefined}
      >
        {field.title || t("target.document")}
        {field.required && <Star />}
      </span>
      {field.title !== field.name && kind === "field" && (
        <span className={classes.tech}>{field.name}</span>
      )}
      {kind === "unknown" && <span className={classes.lost}>{t("target.unknown")}</span>}
    </>
  );
}

function BlockTitle({ rule }: TargetRowProps) {
  const env = useExprEnv();
  const words = (expr: Parameters<typeof describeExpr>[0]) =>
    describeExpr(expr, { title: env.nameOf, fn: env.fnTitle });
  const rows = rule?.rows;
  const source = rows?.each
    ? t("target.rows_each", { title: env.nameOf(rows.each) ?? rows.each })
    : t("target.rows_one");
  return (
    <>
      <span className={classes.blockGlyph} aria-hidden>
        <IconLayoutList size={14} stroke={1.7} />
      </span>
      <span className={classes.title} data-strong>
        {rule?.comment || capital(source)}
      </span>
      <span className={classes.blockWords}>
        {rule?.comment ? source : ""}
        {rows?.where && ` ${t("target.rows_where", { condition: words(rows.where) })}`}
        {rows?.when && ` ${t("target.rows_if", { condition: words(rows.when) })}`}
      </span>
    </>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** What a row of an open target offers beside the rest. */
function OwnTools({ row, own, active }: TargetRowProps) {
  const { node } = row;
  if (node.kind === "unknown") return null;
  return (
    <>
      {isOpen(node.field) && (
        <AddOwnField
          tools={own}
          field={node.field}
          rowKey={row.key}
          label={node.label}
          active={active}
        />
      )}
      <OwnFieldMenu tools={own} rowKey={row.key} active={active} />
    </>
  );
}

function Ending(props: TargetRowProps) {
  const { row, rule, value, active } = props;
  const { node } = row;
  const { field, key } = node;
  if (node.kind === "block" && rule) {
    return (
      <span className={classes.ending}>
        <Output value={value} rows />
        <OwnTools {...props} />
        <BlockMenu {...props} rule={rule} />
      </span>
    );
  }
  if (field.type === "list" && !rule) {
    return (
      <span className={classes.ending}>
        <OwnTools {...props} />
        <AddRows {...props} />
      </span>
    );
  }
  const isConstant =
    rule?.expr?.op === "const" && (rule.expr.value === null || typeof rule.expr.value !== "object");
  if (
    isScalar(field.type) &&
    !(node.kind === "root" && isOpen(field)) &&
    node.kind !== "unknown" &&
    (!rule || isHole(rule.expr) || isConstant)
  ) {
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: keeps the field's clicks to itself
      // biome-ignore lint/a11y/useKeyWithClickEvents: keeps the field's clicks to itself
      <span className={classes.ending} onClick={(event) => event.stopPropagation()}>
        <ConstInput
          label={t("target.value", { path: node.label })}
          className={classes.inline}
          tabIndex={active ? 0 : -1}
          value={isConstant && rule?.expr?.op === "const" ? rule.expr.value : undefined}
          type={field.type}
          choices={field.enum}
          placeholder={t("target.enter")}
          maxLength={field.schema.maxLength}
          onCommit={(next) => props.onConstant(key, next)}
        />
        <OwnTools {...props} />
      </span>
    );
  }
  return (
    <span className={classes.ending}>
      <Output value={value} coming={rule !== undefined} />
      <OwnTools {...props} />
    </span>
  );
}

interface OutputProps {
  value: PreviewValue | undefined;
  rows?: boolean;
  /** A value is expected. */
  coming?: boolean;
}

function Output({ value, rows, coming }: OutputProps) {
  const live = liveText(value);
  if (rows || live?.error) return null;
  if (!live) return coming ? <span className={classes.coming} aria-hidden /> : null;
  return (
    <>
      <span className={classes.output} data-empty={live.empty || undefined}>
        {live.empty ? emptyText(live) : live.text}
      </span>
      {live.more > 0 && <span className={classes.more}>×{live.more + 1}</span>}
    </>
  );
}

export function AddRows({
  row,
  addRows,
  lists,
  active,
}: Pick<TargetRowProps, "row" | "addRows" | "lists" | "active">) {
  return (
    <Menu withinPortal position="bottom-end" width={280}>
      <Menu.Target>
        <button
          type="button"
          tabIndex={active ? 0 : -1}
          className={classes.addRows}
          aria-label={t("target.add_rows_to", { path: row.node.label })}
          onClick={(event) => event.stopPropagation()}
        >
          {t("target.add_rows")}
        </button>
      </Menu.Target>
      <Menu.Dropdown className={classes.longMenu} onClick={(event) => event.stopPropagation()}>
        <Menu.Item onClick={() => addRows(row.key, null)}>
          {t("rows.one")}
          <span className={classes.menuHint}>{t("rows.one_hint")}</span>
        </Menu.Item>
        {lists.map((list) => (
          <Menu.Item key={list.path} onClick={() => addRows(row.key, list.path)}>
            {t("rows.each", { title: list.title })}
            <span className={classes.menuHint}>{list.path}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function BlockMenu({
  rule,
  onBlock,
  active,
}: { rule: Rule } & Pick<TargetRowProps, "onBlock" | "active">) {
  return (
    <Menu withinPortal position="bottom-end" width={190}>
      <Menu.Target>
        <ActionIcon
          size="sm"
          tabIndex={active ? 0 : -1}
          aria-label={t("target.rows_menu", { id: rule.id })}
          onClick={(event) => event.stopPropagation()}
        >
          <IconDots size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown onClick={(event) => event.stopPropagation()}>
        <Menu.Item leftSection={<IconArrowUp size={15} />} onClick={() => onBlock(rule.id, "up")}>
          {t("rows.up")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowDown size={15} />}
          onClick={() => onBlock(rule.id, "down")}
        >
          {t("rows.down")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconCopy size={15} />}
          onClick={() => onBlock(rule.id, "duplicate")}
        >
          {t("rows.duplicate")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={15} />}
          onClick={() => onBlock(rule.id, "remove")}
        >
          {t("rows.remove")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
