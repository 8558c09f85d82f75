import { ActionIcon, Menu, Popover } from "@mantine/core";
import {
  IconArrowsSplit2,
  IconBraces,
  IconDots,
  IconFunction,
  IconTrash,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import classes from "./Blocks.module.css";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { type ExprKind, HOLE, unwrap, wrapCall, wrapIf } from "./expressions";
import { type ExprEditorProps, FRESH, KIND_ICONS } from "./exprKinds";
import { FieldPicker } from "./FieldPicker";
import { FunctionPicker } from "./FunctionPicker";
import type { Expr, MappingFunction } from "./types";

type Asking = "field" | "call" | "wrap" | null;

/** The one popover of a block: a field tree or a function list, opened from its menu. */
export function Asked({
  asking,
  onClose,
  onField,
  onFunction,
  value,
  children,
}: {
  asking: Asking;
  onClose: () => void;
  onField: (path: string) => void;
  onFunction: (fn: MappingFunction) => void;
  value?: string;
  children: ReactNode;
}) {
  const { nested } = useExprEnv();
  return (
    <Popover
      opened={asking !== null}
      onChange={(opened) => {
        if (!opened) onClose();
      }}
      position="bottom-start"
      shadow="lg"
      radius="md"
      trapFocus
      returnFocus
      withRoles={false}
      withinPortal={!nested}
      middlewares={{ flip: true, shift: { padding: 12 }, size: false }}
    >
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown
        p={8}
        aria-label={asking === "field" ? t("expr.pick") : t("expr.pick_function")}
      >
        {asking === "field" && (
          <FieldPicker
            value={value}
            onPick={(path) => {
              onField(path);
              onClose();
            }}
          />
        )}
        {(asking === "call" || asking === "wrap") && (
          <FunctionPicker
            onPick={(fn) => {
              onFunction(fn);
              onClose();
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

/** The expression that a kind of block starts from, keeping what the old one can give it. */
function startOf(kind: Exclude<ExprKind, "hole" | "field" | "call">, old: Expr): Expr {
  if (old.op === "hole" || old.op === "const") return FRESH[kind];
  if (kind === "concat") return { op: "concat", args: [old, HOLE], separator: " " };
  if (kind === "if") return wrapIf(old);
  return FRESH[kind];
}

export function KindItems({
  expr,
  onKind,
}: {
  expr: Expr;
  onKind: (kind: Exclude<ExprKind, "hole">) => void;
}) {
  return (Object.keys(KIND_ICONS) as Exclude<ExprKind, "hole">[]).map((kind) => {
    const Icon = KIND_ICONS[kind];
    return (
      <Menu.Item
        key={kind}
        leftSection={<Icon size={15} stroke={1.7} aria-hidden />}
        disabled={expr.op === kind && kind !== "field" && kind !== "call"}
        onClick={() => onKind(kind)}
      >
        {t(`expr.${kind}`)}
      </Menu.Item>
    );
  });
}

export function useAsking(props: ExprEditorProps) {
  const [asking, setAsking] = useState<Asking>(null);
  const { expr, onChange } = props;
  const onKind = (kind: Exclude<ExprKind, "hole">) => {
    if (kind === "field" || kind === "call") setTimeout(() => setAsking(kind));
    else onChange(startOf(kind, expr));
  };
  const popover = {
    asking,
    onClose: () => setAsking(null),
    onField: (path: string) => onChange({ op: "field", path }),
    onFunction: (fn: MappingFunction) =>
      onChange(
        asking === "wrap" || (!isBlank(expr) && expr.op !== "call")
          ? wrapCall(expr, fn)
          : expr.op === "call"
            ? { ...expr, fn: fn.name, args: fitArgs(expr.args, fn) }
            : wrapCall(HOLE, fn),
      ),
    value: expr.op === "field" ? expr.path : undefined,
  };
  return { popover, onKind, ask: setAsking };
}

/** Nothing that a new block should keep. */
const isBlank = (expr: Expr): boolean =>
  expr.op === "hole" || (expr.op === "const" && (expr.value === "" || expr.value === null));

/** Arguments for another function: what stands there stays, what is required gets a hole. */
function fitArgs(args: Expr[], fn: MappingFunction): Expr[] {
  const required = fn.args.filter((a) => a.required).length;
  const kept = args.slice(0, Math.max(fn.args.length, 1));
  while (kept.length < required) kept.push(HOLE);
  return kept;
}

/** The dots of a block: replace, wrap, take out, clear. */
export function Actions({
  ask,
  onKind,
  ...props
}: ExprEditorProps & {
  ask: (asking: Asking) => void;
  onKind: (k: Exclude<ExprKind, "hole">) => void;
}) {
  const { expr, onChange, label, onRemove } = props;
  const holds = expr.op === "call" || expr.op === "concat" || expr.op === "if";
  const { nested } = useExprEnv();
  return (
    <Menu withinPortal={!nested} position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon
          size="sm"
          aria-label={`${t("expr.actions")}: ${label}`}
          className={classes.blockMenu}
        >
          <IconDots size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconFunction size={15} stroke={1.7} aria-hidden />}
          onClick={() => setTimeout(() => ask("wrap"))}
        >
          {t("expr.wrap")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowsSplit2 size={15} stroke={1.7} aria-hidden />}
          onClick={() => onChange(wrapIf(expr))}
        >
          {t("expr.wrap_if")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconBraces size={15} stroke={1.7} aria-hidden />}
          onClick={() => onChange({ op: "concat", args: [expr, HOLE], separator: " " })}
        >
          {t("expr.wrap_concat")}
        </Menu.Item>
        {holds && <Menu.Item onClick={() => onChange(unwrap(expr))}>{t("expr.unwrap")}</Menu.Item>}
        <Menu.Divider />
        <Menu.Label>{t("expr.replace")}</Menu.Label>
        <KindItems expr={expr} onKind={onKind} />
        <Menu.Divider />
        {onRemove ? (
          <Menu.Item
            leftSection={<IconTrash size={15} stroke={1.7} aria-hidden />}
            onClick={onRemove}
          >
            {t("expr.remove_part")}
          </Menu.Item>
        ) : (
          <Menu.Item onClick={() => onChange(HOLE)}>{t("expr.clear")}</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
