import { ActionIcon, Menu, Popover, TextInput, Tooltip } from "@mantine/core";
import {
  IconArrowsSplit2,
  IconBraces,
  IconCode,
  IconCursorText,
  IconDots,
  IconFunction,
  IconLink,
  IconPlus,
  IconSearch,
  IconTrash,
  IconX,
  type TablerIcon,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { ConditionList } from "./ConditionBuilder";
import { ConstInput } from "./ConstInput";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { type ExprKind, HOLE, unwrap, wrapCall, wrapIf } from "./expressions";
import { FieldPicker } from "./FieldPicker";
import classes from "./mapper.module.css";
import { lastName } from "./paths";
import type { FieldType } from "./schemaTree";
import { TypeGlyph } from "./TypeGlyph";
import { fieldOfSource } from "./treeRows";
import type { Expr, Json, MappingFunction } from "./types";
import { shortText, valueAt } from "./values";

export interface ExprEditorProps {
  expr: Expr;
  onChange: (expr: Expr) => void;
  /** Accessible name of the place: "Amount", "digits". */
  label: string;
  type?: FieldType;
  choices?: Json[] | null;
  /** Takes the part out of its parent, where there is one. */
  onRemove?: () => void;
}

const KIND_ICONS: Record<Exclude<ExprKind, "hole">, TablerIcon> = {
  field: IconLink,
  const: IconCursorText,
  call: IconFunction,
  concat: IconBraces,
  if: IconArrowsSplit2,
  jsonata: IconCode,
};

export const FRESH: Record<Exclude<ExprKind, "hole" | "field" | "call">, Expr> = {
  const: { op: "const", value: "" },
  concat: { op: "concat", args: [HOLE, HOLE], separator: " " },
  if: wrapIf(HOLE),
  jsonata: { op: "jsonata", text: "" },
};

/** An expression as nested blocks, each of which can be changed, wrapped or taken out. */
export function ExprEditor(props: ExprEditorProps) {
  const { expr } = props;
  switch (expr.op) {
    case "hole":
      return <Hole {...props} />;
    case "field":
      return <FieldChip {...props} expr={expr} />;
    case "const":
      return <Constant {...props} expr={expr} />;
    case "call":
      return <Call {...props} expr={expr} />;
    case "concat":
      return <Concat {...props} expr={expr} />;
    case "if":
      return <If {...props} expr={expr} />;
    case "jsonata":
      return <Code {...props} expr={expr} />;
  }
}

type Of<Op extends ExprKind> = Omit<ExprEditorProps, "expr"> & { expr: Extract<Expr, { op: Op }> };

// ---- choosing -------------------------------------------------------------------------------

type Asking = "field" | "call" | "wrap" | null;

/** The one popover of a block: a field tree or a function list, opened from its menu. */
function Asked({
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

export function FunctionPicker({ onPick }: { onPick: (fn: MappingFunction) => void }) {
  const { functions } = useExprEnv();
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const found = functions.filter((fn) =>
    `${fn.name} ${fn.title} ${fn.description} ${fn.group}`.toLowerCase().includes(wanted),
  );
  const groups = [...new Set(found.map((fn) => fn.group))];
  return (
    <div className={classes.functions}>
      <TextInput
        aria-label={t("expr.search_functions")}
        placeholder={t("expr.search_functions")}
        size="xs"
        autoFocus
        leftSection={<IconSearch size={14} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && found[0]) onPick(found[0]);
        }}
      />
      <div className={classes.functionList}>
        {found.length === 0 && <p className={classes.emptyTree}>{t("expr.no_functions")}</p>}
        {groups.map((group) => (
          <section key={group} aria-label={group}>
            <h4 className={classes.groupTitle}>{group}</h4>
            {found
              .filter((fn) => fn.group === group)
              .map((fn) => (
                <button
                  key={fn.name}
                  type="button"
                  className={classes.functionItem}
                  onClick={() => onPick(fn)}
                >
                  <span className={classes.functionName}>
                    {fn.title}
                    <code>
                      {fn.name}(
                      {fn.args.map((a) => (a.required ? a.name : `${a.name}?`)).join(", ")})
                    </code>
                  </span>
                  <span className={classes.functionText}>{fn.description}</span>
                  {fn.examples?.[0] !== undefined && (
                    <span className={classes.functionExample}>
                      {t("expr.example", { text: exampleText(fn, fn.examples[0]) })}
                    </span>
                  )}
                </button>
              ))}
          </section>
        ))}
      </div>
    </div>
  );
}

function exampleText(fn: MappingFunction, example: Json): string {
  if (typeof example === "string") return example;
  if (example !== null && typeof example === "object" && !Array.isArray(example)) {
    const { args, result } = example;
    if (Array.isArray(args)) {
      const shown = args.map((a) => shortText(a, 24)).join(", ");
      return `${fn.name}(${shown}) → ${shortText(result, 24)}`;
    }
  }
  return shortText(example);
}

/** The expression that a kind of block starts from, keeping what the old one can give it. */
function startOf(kind: Exclude<ExprKind, "hole" | "field" | "call">, old: Expr): Expr {
  if (old.op === "hole" || old.op === "const") return FRESH[kind];
  if (kind === "concat") return { op: "concat", args: [old, HOLE], separator: " " };
  if (kind === "if") return wrapIf(old);
  return FRESH[kind];
}

function KindItems({
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

function useAsking(props: ExprEditorProps) {
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
        asking === "wrap" || (expr.op !== "hole" && expr.op !== "call")
          ? wrapCall(expr, fn)
          : expr.op === "call"
            ? { ...expr, fn: fn.name, args: fitArgs(expr.args, fn) }
            : wrapCall(HOLE, fn),
      ),
    value: expr.op === "field" ? expr.path : undefined,
  };
  return { popover, onKind, ask: setAsking };
}

/** Arguments for another function: what stands there stays, what is required gets a hole. */
function fitArgs(args: Expr[], fn: MappingFunction): Expr[] {
  const required = fn.args.filter((a) => a.required).length;
  const kept = args.slice(0, Math.max(fn.args.length, 1));
  while (kept.length < required) kept.push(HOLE);
  return kept;
}

/** The dots of a block: replace, wrap, take out, clear. */
function Actions({
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

// ---- leaves ---------------------------------------------------------------------------------

function Hole(props: ExprEditorProps) {
  const { popover, onKind } = useAsking(props);
  const { nested } = useExprEnv();
  return (
    <Asked {...popover}>
      <span className={classes.holeSlot}>
        <Menu withinPortal={!nested} position="bottom-start" width={200}>
          <Menu.Target>
            <button
              type="button"
              className={classes.hole}
              aria-label={`${t("expr.choose")} ${props.label}`}
            >
              <IconPlus size={13} aria-hidden /> {t("expr.choose")}
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <KindItems expr={props.expr} onKind={onKind} />
          </Menu.Dropdown>
        </Menu>
        {props.onRemove && (
          <ActionIcon size="xs" aria-label={t("expr.remove_part")} onClick={props.onRemove}>
            <IconX size={12} />
          </ActionIcon>
        )}
      </span>
    </Asked>
  );
}

function FieldChip(props: Of<"field">) {
  const env = useExprEnv();
  const { popover, onKind, ask } = useAsking(props);
  const { path } = props.expr;
  const source = env.sources.find((s) => path === s.path || path.startsWith(`${s.path}.`));
  const field = source ? fieldOfSource(source, path) : null;
  const found = valueAt(env.context, path);
  const known = field !== null || found.present || env.sources.length === 0;
  return (
    <span className={classes.leaf}>
      <Asked {...popover}>
        <Tooltip label={known ? path : `${t("expr.gone")}: ${path}`} withinPortal>
          <button
            type="button"
            className={classes.chip}
            data-broken={!known || undefined}
            aria-label={`${props.label}: ${env.titleOf(path) ?? lastName(path)}`}
            onClick={() => ask("field")}
          >
            <TypeGlyph type={field?.type ?? "any"} />
            <span className={classes.chipTitle}>{env.titleOf(path) ?? lastName(path)}</span>
            {found.present && (
              <span className={classes.chipValue}>
                {found.value === null ? t("rule.empty_value") : shortText(found.value, 26)}
              </span>
            )}
          </button>
        </Tooltip>
      </Asked>
      <Actions {...props} ask={ask} onKind={onKind} />
    </span>
  );
}

function Constant(props: Of<"const">) {
  const { popover, onKind, ask } = useAsking(props);
  const plain = props.expr.value === null || typeof props.expr.value !== "object";
  return (
    <span className={classes.leaf}>
      <Asked {...popover}>
        <span className={classes.constant}>
          {plain ? (
            <ConstInput
              label={`${t("expr.const")}: ${props.label}`}
              value={props.expr.value}
              type={props.type ?? "text"}
              choices={props.choices}
              placeholder={t("target.enter")}
              className={classes.constInput}
              onCommit={(value) => props.onChange({ op: "const", value: value ?? "" })}
            />
          ) : (
            <code>{JSON.stringify(props.expr.value)}</code>
          )}
        </span>
      </Asked>
      <Actions {...props} ask={ask} onKind={onKind} />
    </span>
  );
}

// ---- blocks ---------------------------------------------------------------------------------

function Block({
  icon: Icon,
  title,
  hint,
  actions,
  tone,
  label,
  children,
}: {
  icon: TablerIcon;
  title: ReactNode;
  hint?: string;
  actions: ReactNode;
  tone: string;
  label: string;
  children: ReactNode;
}) {
  return (
    <fieldset className={classes.block} data-tone={tone} aria-label={label}>
      <div className={classes.blockHead}>
        <Icon size={14} stroke={1.8} aria-hidden />
        <span className={classes.blockTitle}>{title}</span>
        {hint && <span className={classes.blockHint}>{hint}</span>}
        {actions}
      </div>
      <div className={classes.blockBody}>{children}</div>
    </fieldset>
  );
}

function typeOfArg(name: string | undefined): FieldType {
  const known: FieldType[] = ["text", "number", "integer", "boolean", "date", "datetime", "list"];
  const plain = (name ?? "").toLowerCase();
  if (plain === "int") return "integer";
  if (plain === "bool" || plain === "condition") return "boolean";
  if (plain === "decimal") return "number";
  return known.find((type) => type === plain) ?? "text";
}

function Call(props: Of<"call">) {
  const env = useExprEnv();
  const { popover, onKind, ask } = useAsking(props);
  const { expr, onChange } = props;
  const fn = env.functions.find((f) => f.name === expr.fn);
  const title = fn?.title ?? expr.fn;
  const nextArg = fn?.args[expr.args.length];
  const lastArg = fn?.args.at(-1);
  const variadic = lastArg?.repeats === true;
  const set = (index: number, part: Expr) =>
    onChange({ ...expr, args: expr.args.map((a, i) => (i === index ? part : a)) });
  const removable = (index: number) =>
    index >= (fn?.args.filter((a) => a.required).length ?? 1) && index === expr.args.length - 1;
  return (
    <Block
      icon={IconFunction}
      tone="call"
      label={`${title}: ${props.label}`}
      hint={fn?.description}
      title={
        <Asked {...popover}>
          <button type="button" className={classes.blockName} onClick={() => ask("call")}>
            {title}
          </button>
        </Asked>
      }
      actions={<Actions {...props} ask={ask} onKind={onKind} />}
    >
      {expr.args.map((arg, index) => {
        const spec = fn?.args[index] ?? lastArg;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: an argument is known by its place
          <div key={index} className={classes.slot}>
            <span className={classes.slotName} title={spec?.description ?? spec?.type}>
              {spec?.title ?? spec?.name ?? index + 1}
            </span>
            <ExprEditor
              expr={arg}
              label={spec?.name ?? `${index + 1}`}
              type={typeOfArg(spec?.type)}
              onChange={(part) => set(index, part)}
              onRemove={
                removable(index)
                  ? () => onChange({ ...expr, args: expr.args.slice(0, -1) })
                  : undefined
              }
            />
          </div>
        );
      })}
      {(nextArg || variadic) && (
        <button
          type="button"
          className={classes.addPart}
          onClick={() => onChange({ ...expr, args: [...expr.args, HOLE] })}
        >
          <IconPlus size={12} aria-hidden />{" "}
          {t("expr.add_arg", { name: nextArg?.title ?? nextArg?.name ?? lastArg?.name ?? "" })}
        </button>
      )}
    </Block>
  );
}

function Concat(props: Of<"concat">) {
  const { popover, onKind, ask } = useAsking(props);
  const { expr, onChange } = props;
  const set = (args: Expr[]) => onChange({ ...expr, args });
  return (
    <Block
      icon={IconBraces}
      tone="concat"
      label={`${t("expr.concat")}: ${props.label}`}
      title={
        <Asked {...popover}>
          <span>{t("expr.concat")}</span>
        </Asked>
      }
      actions={
        <>
          <label className={classes.separator}>
            {t("expr.separator")}
            <input
              aria-label={t("expr.separator_hint")}
              value={expr.separator ?? ""}
              placeholder="∅"
              onChange={(event) => onChange({ ...expr, separator: event.currentTarget.value })}
            />
          </label>
          <Actions {...props} ask={ask} onKind={onKind} />
        </>
      }
    >
      {expr.args.map((arg, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
        <div key={index} className={classes.part}>
          {index > 0 && (
            <span className={classes.plus} aria-hidden>
              +
            </span>
          )}
          <ExprEditor
            expr={arg}
            label={`${index + 1}`}
            onChange={(part) => set(expr.args.map((a, i) => (i === index ? part : a)))}
            onRemove={
              expr.args.length > 1 ? () => set(expr.args.filter((_, i) => i !== index)) : undefined
            }
          />
        </div>
      ))}
      <button type="button" className={classes.addPart} onClick={() => set([...expr.args, HOLE])}>
        <IconPlus size={12} aria-hidden /> {t("expr.add_part")}
      </button>
    </Block>
  );
}

function If(props: Of<"if">) {
  const { popover, onKind, ask } = useAsking(props);
  const { expr, onChange } = props;
  const { else: otherwise, ...withoutElse } = expr;
  return (
    <Block
      icon={IconArrowsSplit2}
      tone="if"
      label={`${t("expr.if")}: ${props.label}`}
      title={
        <Asked {...popover}>
          <span>{t("expr.if")}</span>
        </Asked>
      }
      actions={<Actions {...props} ask={ask} onKind={onKind} />}
    >
      <div className={classes.branches}>
        <span className={classes.slotName}>{t("expr.if_label")}</span>
        <ConditionList
          value={expr.cond}
          label={t("expr.if_label")}
          onChange={(cond) => onChange({ ...expr, cond: cond ?? HOLE })}
        />
        <span className={classes.slotName}>{t("expr.then")}</span>
        <ExprEditor
          expr={expr.then}
          label={t("expr.then")}
          type={props.type}
          choices={props.choices}
          onChange={(then) => onChange({ ...expr, then })}
        />
        <span className={classes.slotName}>{t("expr.else")}</span>
        {otherwise ? (
          <ExprEditor
            expr={otherwise}
            label={t("expr.else")}
            type={props.type}
            choices={props.choices}
            onChange={(part) => onChange({ ...expr, else: part })}
            onRemove={() => onChange(withoutElse)}
          />
        ) : (
          <button
            type="button"
            className={classes.addPart}
            onClick={() => onChange({ ...expr, else: HOLE })}
          >
            <IconPlus size={12} aria-hidden /> {t("expr.add_else")}
          </button>
        )}
      </div>
    </Block>
  );
}

function Code(props: Of<"jsonata">) {
  const { popover, onKind, ask } = useAsking(props);
  return (
    <Block
      icon={IconCode}
      tone="code"
      label={`${t("expr.jsonata")}: ${props.label}`}
      hint={t("expr.code_hint")}
      title={
        <Asked {...popover}>
          <span>{t("expr.jsonata")}</span>
        </Asked>
      }
      actions={<Actions {...props} ask={ask} onKind={onKind} />}
    >
      <textarea
        aria-label={t("expr.code")}
        className={classes.code}
        spellCheck={false}
        rows={Math.min(8, Math.max(2, props.expr.text.split("\n").length))}
        value={props.expr.text}
        onChange={(event) => props.onChange({ op: "jsonata", text: event.currentTarget.value })}
      />
    </Block>
  );
}
