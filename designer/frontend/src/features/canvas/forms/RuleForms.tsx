import { ActionIcon, Button, Select, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { Expr } from "@/api/types";
import { ConditionBuilder } from "@/features/mapper/ExpressionField";
import { t } from "../en";
import type { MapTarget } from "../nodeInfo";
import { ConnectionPicker } from "./ConnectionPicker";
import { ExprInput } from "./ExprInput";
import { useForm } from "./FormContext";
import classes from "./forms.module.css";
import { TargetPicker } from "./TargetPicker";

const TEXT = { type: "string" };

interface CheckRule {
  id: string;
  check: Expr;
  message: string;
}

/** Settings of a check: the document, its schema, and rules of one's own. */
export function ValidateForm() {
  const { node, set, sources, context, readOnly } = useForm();
  const rules = (Array.isArray(node.config.rules) ? node.config.rules : []) as CheckRule[];
  const source = (node.config.source as string | undefined) ?? "trigger";
  const change = (id: string, patch: Partial<CheckRule>) =>
    set(
      { rules: rules.map((rule) => (rule.id === id ? { ...rule, ...patch } : rule)) },
      `${node.id}.rules.${id}`,
    );
  const add = () => {
    const taken = new Set(rules.map((rule) => rule.id));
    let number = rules.length + 1;
    while (taken.has(`c${number}`)) number += 1;
    set({ rules: [...rules, { id: `c${number}`, check: { op: "hole" }, message: "" }] });
  };
  const paths = sources.map((s) => ({ value: s.path, label: s.title }));
  if (!paths.some((p) => p.value === source)) paths.unshift({ value: source, label: source });
  return (
    <>
      <Select
        label={t("form.source")}
        disabled={readOnly}
        data={paths}
        value={source}
        allowDeselect={false}
        onChange={(next) => next && set({ source: next })}
      />
      <TargetPicker
        key={node.id}
        label={t("form.schemaCheck")}
        optional={t("form.schemaNone")}
        value={node.config.target as MapTarget | null}
        onChange={(target) => set({ target })}
      />
      <section className={classes.section} aria-label={t("form.rules")}>
        <div className={classes.sectionHead}>
          <h3 className={classes.sectionTitle}>{t("form.rules")}</h3>
          <Button
            size="compact-xs"
            variant="light"
            leftSection={<IconPlus size={14} />}
            disabled={readOnly}
            onClick={add}
          >
            {t("form.ruleAdd")}
          </Button>
        </div>
        {rules.map((rule, index) => (
          <div key={rule.id} className={classes.rule}>
            <div style={{ display: "flex", justifyContent: "space-between" }}>
              <Text size="xs" fw={600} c="dimmed">
                {t("form.rule", { number: index + 1 })}
              </Text>
              <ActionIcon
                size="sm"
                aria-label={t("form.ruleRemove", { number: index + 1 })}
                disabled={readOnly}
                onClick={() => set({ rules: rules.filter((other) => other.id !== rule.id) })}
              >
                <IconTrash size={14} />
              </ActionIcon>
            </div>
            <div className={classes.field} inert={readOnly}>
              <div className={classes.label}>{t("form.holds")}</div>
              <ConditionBuilder
                label={t("form.rule", { number: index + 1 })}
                value={rule.check.op === "hole" ? undefined : rule.check}
                onChange={(check) => change(rule.id, { check: check ?? { op: "hole" } })}
                sources={sources}
                context={context}
              />
            </div>
            <TextInput
              label={t("form.ruleMessage")}
              placeholder={t("form.ruleMessageHint")}
              value={rule.message}
              disabled={readOnly}
              onChange={(event) => change(rule.id, { message: event.currentTarget.value })}
            />
          </div>
        ))}
      </section>
    </>
  );
}

export function IfForm() {
  const { node, set, sources, context, readOnly } = useForm();
  const condition = node.config.condition as Expr | undefined;
  return (
    <div className={classes.field} inert={readOnly}>
      <div className={classes.label}>{t("form.condition")}</div>
      <ConditionBuilder
        label={t("form.condition")}
        value={condition?.op === "hole" ? undefined : condition}
        onChange={(next) => set({ condition: next ?? { op: "hole" } }, `${node.id}.condition`)}
        sources={sources}
        context={context}
      />
    </div>
  );
}

interface Side {
  connection?: string;
  id?: Expr;
}

export function PairForm() {
  const { node, set, readOnly } = useForm();
  const side = (name: "left" | "right") => {
    const value = (node.config[name] ?? {}) as Side;
    return (
      <section className={classes.section} aria-label={t(`form.${name}`)}>
        <div className={classes.sectionHead}>
          <h3 className={classes.sectionTitle}>{t(`form.${name}`)}</h3>
        </div>
        <ConnectionPicker
          value={value.connection}
          onChange={(connection) => set({ [name]: { ...value, connection } })}
        />
        <ExprInput
          label={t("form.recordId")}
          schema={TEXT}
          required
          value={value.id?.op === "hole" ? undefined : value.id}
          onChange={(id) =>
            set({ [name]: { ...value, id: id ?? { op: "hole" } } }, `${node.id}.${name}`)
          }
        />
      </section>
    );
  };
  return (
    <>
      <TextInput
        label={t("form.pairEntity")}
        placeholder={t("form.pairEntityHint")}
        value={(node.config.entity as string | undefined) ?? ""}
        disabled={readOnly}
        onChange={(event) => set({ entity: event.currentTarget.value }, `${node.id}.entity`)}
      />
      {side("left")}
      {side("right")}
    </>
  );
}

export function FailForm() {
  const { node, set } = useForm();
  const message = node.config.message as Expr | undefined;
  return (
    <ExprInput
      label={t("form.failMessage")}
      description={t("form.failHelp")}
      schema={TEXT}
      required
      value={message?.op === "hole" ? undefined : message}
      onChange={(next) => set({ message: next ?? { op: "hole" } }, `${node.id}.message`)}
    />
  );
}
