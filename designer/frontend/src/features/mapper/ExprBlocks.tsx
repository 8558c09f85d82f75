import { ActionIcon } from "@mantine/core";
import {
  IconArrowsSplit2,
  IconBraces,
  IconCode,
  IconFunction,
  IconPlus,
  IconX,
  type TablerIcon,
} from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Fragment, type ReactNode, useEffect, useRef } from "react";
import { asProblem } from "@/api/client";
import { Actions, Asked, useAsking } from "./BlockMenu";
import classes from "./Blocks.module.css";
import { ConditionList } from "./ConditionBuilder";
import { ExprEditor } from "./ExprEditor";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { type Chain, HOLE, readChain, writeChain } from "./expressions";
import type { Of } from "./exprKinds";
import { exprFromText } from "./exprText";
import type { FieldType } from "./schemaTree";
import type { Expr } from "./types";

export function Block({
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

export function Call(props: Of<"call">) {
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
              choices={spec?.options?.length ? spec.options : undefined}
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

export function Concat(props: Of<"concat">) {
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

export function If(props: Of<"if">) {
  const { popover, onKind, ask } = useAsking(props);
  const { branches, otherwise } = readChain(props.expr);
  const write = (next: Chain) => props.onChange(writeChain(next));
  const set = (index: number, patch: Partial<Chain["branches"][number]>) =>
    write({ branches: branches.map((b, i) => (i === index ? { ...b, ...patch } : b)), otherwise });
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
        {branches.map((branch, index) => {
          const word = t(index === 0 ? "expr.if_label" : "expr.else_if");
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a branch is known by its place
            <Fragment key={index}>
              <span className={classes.slotName}>
                {word}
                {branches.length > 1 && (
                  <ActionIcon
                    size="xs"
                    aria-label={t("expr.remove_branch")}
                    onClick={() =>
                      write({ branches: branches.filter((_, i) => i !== index), otherwise })
                    }
                  >
                    <IconX size={12} />
                  </ActionIcon>
                )}
              </span>
              <ConditionList
                value={branch.cond}
                label={word}
                onChange={(cond) => set(index, { cond: cond ?? HOLE })}
              />
              <span className={classes.slotName}>{t("expr.then")}</span>
              <ExprEditor
                expr={branch.value}
                label={t("expr.then")}
                type={props.type}
                choices={props.choices}
                onChange={(value) => set(index, { value })}
              />
            </Fragment>
          );
        })}
        <span className={classes.slotName}>{t("expr.else")}</span>
        {otherwise ? (
          <ExprEditor
            expr={otherwise}
            label={t("expr.else")}
            type={props.type}
            choices={props.choices}
            onChange={(part) => write({ branches, otherwise: part })}
            onRemove={() => write({ branches, otherwise: undefined })}
          />
        ) : (
          <button
            type="button"
            className={classes.addPart}
            onClick={() => write({ branches, otherwise: HOLE })}
          >
            <IconPlus size={12} aria-hidden /> {t("expr.add_else")}
          </button>
        )}
        <button
          type="button"
          className={classes.addPart}
          onClick={() => write({ branches: [...branches, { cond: HOLE, value: HOLE }], otherwise })}
        >
          <IconPlus size={12} aria-hidden /> {t("expr.add_else_if")}
        </button>
      </div>
    </Block>
  );
}

export function Code(props: Of<"jsonata">) {
  const { popover, onKind, ask } = useAsking(props);
  const reach = useExprEnv();
  const { workspace } = reach;
  const shown = useRef<string | null>(null);
  useEffect(() => {
    shown.current = props.expr.text;
    return () => {
      shown.current = null;
    };
  }, [props.expr.text]);
  const read = useMutation({
    mutationFn: (text: string) => exprFromText(text, reach),
    onSuccess: (expr, asked) => {
      // What has been typed since, or elsewhere, is not taken away by a late answer.
      if (expr.op !== "jsonata" && shown.current === asked) props.onChange(expr);
    },
  });
  const said = read.error
    ? asProblem(read.error).title
    : read.data?.op === "jsonata"
      ? t("expr.stays_code")
      : null;
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
        onChange={(event) => {
          read.reset();
          props.onChange({ op: "jsonata", text: event.currentTarget.value });
        }}
      />
      {workspace && (
        <button
          type="button"
          className={classes.addPart}
          disabled={read.isPending || props.expr.text.trim() === ""}
          onClick={() => read.mutate(props.expr.text)}
        >
          <IconArrowsSplit2 size={12} aria-hidden /> {t("expr.as_blocks")}
        </button>
      )}
      {said && (
        <p className={classes.said} role="status">
          {said}
        </p>
      )}
    </Block>
  );
}
