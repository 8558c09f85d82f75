import { ActionIcon, NativeSelect, NumberInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ConditionList } from "./ConditionBuilder";
import { ExprEditor } from "./ExprEditor";
import { t } from "./en";
import { HOLE } from "./expressions";
import { NameInput } from "./NameInput";
import classes from "./Panel.module.css";
import { type RowsPatch, removeStep, type StepKind } from "./rowSteps";
import { variableOf } from "./scopes";
import type { Rows, RowsJoin } from "./types";

interface StepProps {
  rows: Rows;
  onChange: (patch: RowsPatch) => void;
}

/** One step that shapes rows, as a card. */
export function StepCard({ kind, ...props }: StepProps & { kind: StepKind }) {
  const title = t(`rows.step.${kind}`);
  return (
    <fieldset className={classes.step} aria-label={title}>
      <div className={classes.stepHead}>
        <span>{title}</span>
        <ActionIcon
          size="xs"
          aria-label={t("rows.step.remove", { step: title })}
          onClick={() => props.onChange(removeStep(kind))}
        >
          <IconX size={13} />
        </ActionIcon>
      </div>
      <div className={classes.stepBody}>{BODIES[kind](props)}</div>
    </fieldset>
  );
}

const BODIES: Record<StepKind, (props: StepProps) => ReactNode> = {
  when: ({ rows, onChange }) => (
    <ConditionList
      label={t("rows.when")}
      value={rows.when}
      onChange={(when) => onChange({ when })}
    />
  ),
  where: ({ rows, onChange }) => (
    <ConditionList
      label={t("rows.where")}
      value={rows.where}
      onChange={(where) => onChange({ where })}
    />
  ),
  group: ({ rows, onChange }) => (
    <>
      <ExprEditor
        expr={rows.group ?? HOLE}
        label={t("rows.step.group")}
        onChange={(group) => onChange({ group })}
      />
      <span className={classes.stepNote}>
        {t("rows.group.reads", {
          key: `$${variableOf(rows) ?? "group"}.key`,
          items: `$${variableOf(rows) ?? "group"}.items`,
        })}
      </span>
    </>
  ),
  distinct: ({ rows, onChange }) => (
    <ExprEditor
      expr={rows.distinct ?? HOLE}
      label={t("rows.step.distinct")}
      onChange={(distinct) => onChange({ distinct })}
    />
  ),
  sort: (props) => <Sort {...props} />,
  first: ({ rows, onChange }) => (
    <Count
      label={t("rows.step.first")}
      value={rows.first}
      onChange={(first) => onChange({ first })}
    />
  ),
  last: ({ rows, onChange }) => (
    <Count label={t("rows.step.last")} value={rows.last} onChange={(last) => onChange({ last })} />
  ),
  number: ({ rows, onChange }) => (
    <NameInput
      label={t("rows.variable")}
      value={rows.number_as ?? ""}
      onChange={(name) => onChange({ number_as: name || undefined })}
    />
  ),
  join: ({ rows, onChange }) => (
    <>
      {(rows.join ?? []).map((join, index) => (
        <Join
          // biome-ignore lint/suspicious/noArrayIndexKey: a join is known by its place
          key={index}
          join={join}
          onChange={(next) =>
            onChange({ join: (rows.join ?? []).map((j, i) => (i === index ? next : j)) })
          }
        />
      ))}
    </>
  ),
  running: ({ rows, onChange }) => (
    <>
      {(rows.running ?? []).map((total, index) => {
        const set = (patch: Partial<typeof total>) =>
          onChange({
            running: (rows.running ?? []).map((r, i) => (i === index ? { ...r, ...patch } : r)),
          });
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a total is known by its place
          <div key={index} className={classes.stepLine}>
            <span className={classes.stepWord}>{t("rows.running.add")}</span>
            <ExprEditor
              expr={total.add ?? HOLE}
              label={t("rows.running.add")}
              type="number"
              onChange={(add) => set({ add })}
            />
            <span className={classes.stepWord}>{t("rows.join.as")}</span>
            <NameInput
              label={t("rows.variable")}
              value={total.as}
              onChange={(as) => as && set({ as })}
            />
          </div>
        );
      })}
    </>
  ),
};

function Count({
  label,
  value,
  onChange,
}: {
  label: string;
  value: number | undefined;
  onChange: (value: number) => void;
}) {
  return (
    <NumberInput
      size="xs"
      w={110}
      aria-label={`${label}: ${t("rows.count")}`}
      min={0}
      allowDecimal={false}
      allowNegative={false}
      value={value ?? 1}
      onChange={(next) => typeof next === "number" && onChange(next)}
    />
  );
}

function Sort({ rows, onChange }: StepProps) {
  const keys = rows.sort ?? [];
  const set = (index: number, patch: { by?: Rows["group"]; down?: boolean }) =>
    onChange({ sort: keys.map((k, i) => (i === index ? { ...k, ...patch } : k)) });
  return (
    <>
      {keys.map((key, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a key is known by its place
        <div key={index} className={classes.stepLine}>
          <span className={classes.stepWord}>{t("rows.sort.by")}</span>
          <ExprEditor
            expr={key.by ?? HOLE}
            label={t("rows.step.sort")}
            onChange={(by) => set(index, { by })}
            onRemove={
              keys.length > 1
                ? () => onChange({ sort: keys.filter((_, i) => i !== index) })
                : undefined
            }
          />
          <NativeSelect
            size="xs"
            aria-label={t("rows.sort.direction", { number: index + 1 })}
            value={key.down ? "down" : "up"}
            data={(["up", "down"] as const).map((value) => ({
              value,
              label: t(`rows.sort.${value}`),
            }))}
            onChange={(event) => set(index, { down: event.currentTarget.value === "down" })}
          />
        </div>
      ))}
      <button
        type="button"
        className={classes.stepAdd}
        onClick={() => onChange({ sort: [...keys, { by: HOLE }] })}
      >
        {t("rows.sort.more")}
      </button>
    </>
  );
}

function Join({ join, onChange }: { join: RowsJoin; onChange: (join: RowsJoin) => void }) {
  return (
    <div className={classes.joinGrid}>
      <span className={classes.stepWord}>{t("rows.join.list")}</span>
      <ExprEditor
        expr={join.with ?? HOLE}
        label={t("rows.join.list")}
        type="list"
        onChange={(source) => onChange({ ...join, with: source })}
      />
      <span className={classes.stepWord}>{t("rows.join.left")}</span>
      <span className={classes.stepLine}>
        <ExprEditor
          expr={join.left ?? HOLE}
          label={t("rows.join.left")}
          onChange={(left) => onChange({ ...join, left })}
        />
        <span className={classes.stepWord}>{t("rows.join.right")}</span>
        <ExprEditor
          expr={join.right ?? HOLE}
          label={t("rows.join.right")}
          onChange={(right) => onChange({ ...join, right })}
        />
      </span>
      <span className={classes.stepWord}>{t("rows.join.as")}</span>
      <span className={classes.stepLine}>
        <NameInput
          label={t("rows.variable")}
          value={join.as}
          onChange={(as) => as && onChange({ ...join, as })}
        />
        <NativeSelect
          size="xs"
          label={t("rows.join.matches")}
          value={join.many ? "many" : "first"}
          data={(["first", "many"] as const).map((value) => ({
            value,
            label: t(`rows.join.${value}`),
          }))}
          onChange={(event) => onChange({ ...join, many: event.currentTarget.value === "many" })}
        />
        <NativeSelect
          size="xs"
          label={t("rows.join.keep")}
          value={join.inner ? "inner" : "keep_all"}
          data={(["keep_all", "inner"] as const).map((value) => ({
            value,
            label: t(`rows.join.${value}`),
          }))}
          onChange={(event) => onChange({ ...join, inner: event.currentTarget.value === "inner" })}
        />
      </span>
    </div>
  );
}
