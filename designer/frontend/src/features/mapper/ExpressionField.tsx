import { ActionIcon, Menu, Popover, Text, Tooltip } from "@mantine/core";
import {
  IconArrowsSplit2,
  IconBraces,
  IconCode,
  IconCursorText,
  IconFunction,
  IconLink,
  IconX,
  type TablerIcon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { functionsQuery } from "@/api/queries";
import { ConditionList } from "./ConditionBuilder";
import { ConstInput } from "./ConstInput";
import { ExprEditor } from "./ExprEditor";
import classes from "./ExpressionField.module.css";
import { t } from "./en";
import { type ExprEnv, ExprEnvContext, useExprEnv, useMakeEnv } from "./exprEnv";
import { describeExpr, type ExprKind, HOLE, wrapCall, wrapIf } from "./expressions";
import { FRESH } from "./exprKinds";
import { FieldPicker } from "./FieldPicker";
import { FunctionPicker } from "./FunctionPicker";
import { rootField } from "./model";
import { lastName } from "./paths";
import { TypeGlyph } from "./TypeGlyph";
import { fieldOfSource } from "./treeRows";
import type { Expr, Json, JsonSchema, MappingFunction, PreviewValue, SourceTree } from "./types";
import { emptyText, liveText, shortText, valueAt } from "./values";

interface Surroundings {
  /** What may be read: the trigger and every step before. */
  sources: (Pick<SourceTree, "path" | "title" | "schema"> & { icon?: string | null })[];
  /** A sample run's `{trigger, steps}`, to show values beside the fields. */
  context?: Json;
  /** Left out, they are fetched for the workspace of the page. */
  functions?: MappingFunction[];
  workspace?: string;
}

export interface ExpressionFieldProps extends Surroundings {
  value: Expr | undefined;
  onChange: (value: Expr | undefined) => void;
  /** Schema of the field that is filled: its type and choices. */
  schema?: JsonSchema;
  label: string;
  /** What the server says the expression gives for the sample. */
  preview?: PreviewValue;
  placeholder?: string;
}

function workspaceOfPage(): string {
  return /^\/w\/([^/]+)/.exec(window.location.pathname)?.[1] ?? "";
}

const NO_FUNCTIONS: MappingFunction[] = [];

function useEnvOf({ sources, context, functions, workspace }: Surroundings): ExprEnv {
  const ws = workspace ?? workspaceOfPage();
  const query = useQuery({ ...functionsQuery(ws), enabled: functions === undefined && ws !== "" });
  return useMakeEnv(sources as SourceTree[], functions ?? query.data ?? NO_FUNCTIONS, context);
}

type Mode = Exclude<ExprKind, "hole">;

const MODES: Record<Mode, TablerIcon> = {
  const: IconCursorText,
  field: IconLink,
  call: IconFunction,
  concat: IconBraces,
  if: IconArrowsSplit2,
  jsonata: IconCode,
};

/** One field of a form that takes a fixed value, a field, a function or joined text. */
export function ExpressionField(props: ExpressionFieldProps) {
  const env = useEnvOf(props);
  return (
    <ExprEnvContext.Provider value={env}>
      <Compact {...props} />
    </ExprEnvContext.Provider>
  );
}

function Compact({ value, onChange, schema, label, preview, placeholder }: ExpressionFieldProps) {
  const env = useExprEnv();
  const [open, setOpen] = useState<"field" | "call" | "edit" | null>(null);
  const field = schema ? rootField(schema) : null;
  const type = field?.type ?? "text";
  const mode: Mode = !value || value.op === "hole" ? "const" : value.op;
  const Icon = MODES[mode];

  const toMode = (next: Mode) => {
    if (next === "field") setTimeout(() => setOpen("field"));
    else if (next === "call") setTimeout(() => setOpen("call"));
    else if (next === "const") onChange(undefined);
    else {
      onChange(
        next === "concat" && value && value.op !== "hole"
          ? { op: "concat", args: [value, HOLE], separator: " " }
          : next === "if" && value && value.op !== "hole"
            ? wrapIf(value)
            : FRESH[next],
      );
      setTimeout(() => setOpen("edit"));
    }
  };
  const simple = mode === "const";

  return (
    <div className={classes.expressionField}>
      <div className={classes.expressionBox}>
        <Menu withinPortal position="bottom-start" width={190}>
          <Menu.Target>
            <Tooltip label={t(`expr.${mode}`)}>
              <button
                type="button"
                className={classes.mode}
                aria-label={t("field.mode", { label })}
              >
                <Icon size={15} stroke={1.7} aria-hidden />
              </button>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            {(Object.keys(MODES) as Mode[]).map((kind) => {
              const KindIcon = MODES[kind];
              return (
                <Menu.Item
                  key={kind}
                  leftSection={<KindIcon size={15} stroke={1.7} aria-hidden />}
                  onClick={() => toMode(kind)}
                >
                  {t(`expr.${kind}`)}
                </Menu.Item>
              );
            })}
          </Menu.Dropdown>
        </Menu>
        <Popover
          opened={open !== null}
          onChange={(opened) => !opened && setOpen(null)}
          position="bottom-start"
          shadow="lg"
          radius="md"
          trapFocus
          returnFocus
          withRoles={false}
          withinPortal
        >
          <Popover.Target>
            {simple ? (
              <span className={classes.expressionValue}>
                <ConstInput
                  label={label}
                  className={classes.expressionInput}
                  value={value?.op === "const" ? value.value : undefined}
                  type={type}
                  choices={field?.enum}
                  placeholder={placeholder ?? t("target.enter")}
                  maxLength={schema?.maxLength}
                  eager
                  onCommit={(next) =>
                    onChange(next === undefined ? undefined : { op: "const", value: next })
                  }
                />
              </span>
            ) : (
              <button
                type="button"
                className={classes.expressionSummary}
                aria-label={t("field.edit", { label })}
                aria-haspopup="dialog"
                aria-expanded={open !== null}
                onClick={() => setOpen(mode === "field" ? "field" : "edit")}
              >
                {value?.op === "field" ? (
                  <FieldSummary path={value.path} />
                ) : (
                  describeExpr(value, { title: env.titleOf, fn: env.fnTitle })
                )}
              </button>
            )}
          </Popover.Target>
          <Popover.Dropdown p={8} role="dialog" aria-label={t("field.edit", { label })}>
            {open === "field" && (
              <FieldPicker
                value={value?.op === "field" ? value.path : undefined}
                onPick={(path) => {
                  onChange({ op: "field", path });
                  setOpen(null);
                }}
              />
            )}
            {open === "call" && (
              <FunctionPicker
                onPick={(fn) => {
                  onChange(wrapCall(value && value.op !== "hole" ? value : HOLE, fn));
                  setTimeout(() => setOpen("edit"));
                }}
              />
            )}
            {open === "edit" && value && (
              <ExprEnvContext.Provider value={{ ...env, nested: true }}>
                <div className={classes.popEditor}>
                  <ExprEditor
                    expr={value}
                    label={label}
                    type={type}
                    choices={field?.enum}
                    onChange={onChange}
                  />
                </div>
              </ExprEnvContext.Provider>
            )}
          </Popover.Dropdown>
        </Popover>
        {value && value.op !== "hole" && (
          <ActionIcon
            size="sm"
            aria-label={t("field.clear", { label })}
            onClick={() => onChange(undefined)}
          >
            <IconX size={13} />
          </ActionIcon>
        )}
      </div>
      <Resolved value={value} preview={preview} />
    </div>
  );
}

function FieldSummary({ path }: { path: string }) {
  const env = useExprEnv();
  const source = env.sources.find((s) => path === s.path || path.startsWith(`${s.path}.`));
  const field = source ? fieldOfSource(source, path) : null;
  return (
    <span className={classes.fieldSummary} title={path}>
      <TypeGlyph type={field?.type ?? "any"} />
      <span className={classes.fieldName}>{env.nameOf(path) ?? lastName(path)}</span>
      {source && source.path !== path && (
        <span className={classes.fieldSource}>{source.title}</span>
      )}
    </span>
  );
}

function Resolved({ value, preview }: { value: Expr | undefined; preview?: PreviewValue }) {
  const env = useExprEnv();
  const live = liveText(preview);
  if (live) {
    return (
      <Text size="xs" c={live.error ? "red" : "dimmed"} className={classes.resolved}>
        {live.error ?? t("field.resolved", { value: live.empty ? emptyText(live) : live.text })}
      </Text>
    );
  }
  if (value?.op !== "field") return null;
  const found = valueAt(env.context, value.path);
  if (!found.present) return null;
  return (
    <Text size="xs" c="dimmed" className={classes.resolved}>
      {t("field.resolved", { value: shortText(found.value, 40) })}
    </Text>
  );
}

export interface ConditionBuilderProps extends Surroundings {
  value: Expr | undefined;
  onChange: (value: Expr | undefined) => void;
  label: string;
}

/** A list of conditions that becomes one yes-or-no expression. */
export function ConditionBuilder(props: ConditionBuilderProps) {
  const env = useEnvOf(props);
  return (
    <ExprEnvContext.Provider value={env}>
      <ConditionList value={props.value} onChange={props.onChange} label={props.label} />
    </ExprEnvContext.Provider>
  );
}
