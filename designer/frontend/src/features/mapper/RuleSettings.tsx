import { ActionIcon, Button, Input, NativeSelect, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { BranchPicker } from "./BranchPicker";
import { CommentField } from "./CommentField";
import { ConditionList } from "./ConditionBuilder";
import { ExprEditor } from "./ExprEditor";
import { t } from "./en";
import { call, HOLE } from "./expressions";
import { patchRule } from "./model";
import classes from "./Panel.module.css";
import { type Field, isScalar } from "./schemaTree";
import type { OnMissing, Rule } from "./types";
import type { MapperStore } from "./useMapper";

interface SettingsProps {
  store: MapperStore;
  rule: Rule;
  field: Field | null;
}

const NULLS = ["missing", "omit", "null", "fail"] as const;
const WRITES = ["both", "create", "update"] as const;

/** What a rule does beside its value: when it runs, and what stands in for a missing value. */
export function RuleSettings({ store, rule, field }: SettingsProps) {
  const { doc } = store;
  const set = (patch: Parameters<typeof patchRule>[2]) =>
    store.change(patchRule(doc, rule.id, patch));
  const special = Boolean(rule.on_null || rule.only || rule.when || rule.branch);
  const [more, setMore] = useState(special);
  return (
    <div className={classes.settings}>
      <NativeSelect
        size="xs"
        label={t("rule.missing")}
        value={rule.on_missing ?? "omit"}
        data={(["omit", "null", "fail"] as OnMissing[]).map((value) => ({
          value,
          label: t(`rule.missing.${value}`),
        }))}
        onChange={(event) => {
          const value = event.currentTarget.value as OnMissing;
          set({ on_missing: value === "omit" ? undefined : value });
        }}
      />
      <Fallback rule={rule} field={field} onChange={(value) => set({ default: value })} />
      <CommentField
        label={t("rule.comment")}
        placeholder={t("rule.comment_hint")}
        value={rule.comment ?? ""}
        onChange={(comment) => set({ comment: comment || undefined })}
      />
      {more && (
        <>
          {rule.expr?.op === "field" && (
            <NativeSelect
              size="xs"
              label={t("rule.on_null")}
              value={rule.on_null ?? "missing"}
              data={NULLS.map((value) => ({ value, label: t(`rule.on_null.${value}`) }))}
              onChange={(event) => {
                const value = event.currentTarget.value as (typeof NULLS)[number];
                set({ on_null: value === "missing" ? undefined : value });
              }}
            />
          )}
          <NativeSelect
            size="xs"
            label={t("rule.only")}
            value={rule.only ?? "both"}
            data={WRITES.map((value) => ({ value, label: t(`rule.only.${value}`) }))}
            onChange={(event) => {
              const value = event.currentTarget.value as (typeof WRITES)[number];
              set({ only: value === "both" ? undefined : value });
            }}
          />
          <BranchPicker store={store} rule={rule} />
          <Input.Wrapper size="xs" label={t("rule.when")} labelElement="div">
            {rule.when ? (
              <ConditionList
                label={t("rule.when")}
                value={rule.when}
                onChange={(when) => set({ when })}
              />
            ) : (
              <AddButton
                label={t("rule.add_when")}
                onClick={() => set({ when: call("eq", HOLE, { op: "const", value: "" }) })}
              />
            )}
          </Input.Wrapper>
        </>
      )}
      <UnstyledButton
        className={classes.moreSettings}
        aria-expanded={more}
        onClick={() => setMore((m) => !m)}
      >
        {more ? <IconChevronUp size={13} /> : <IconChevronDown size={13} />}
        {t(more ? "rule.fewer_settings" : "rule.more_settings")}
      </UnstyledButton>
    </div>
  );
}

function AddButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button
      variant="default"
      size="xs"
      fullWidth
      justify="flex-start"
      fw={400}
      leftSection={<IconPlus size={13} aria-hidden />}
      onClick={onClick}
    >
      {label}
    </Button>
  );
}

function Fallback({
  rule,
  field,
  onChange,
}: {
  rule: Rule;
  field: Field | null;
  onChange: (value: Rule["default"]) => void;
}) {
  return (
    <Input.Wrapper size="xs" label={t("rule.default")} labelElement="div">
      {rule.default ? (
        <span className={classes.fallback}>
          <ExprEditor
            expr={rule.default}
            label={t("rule.default")}
            type={field && isScalar(field.type) ? field.type : "text"}
            choices={field?.enum}
            onChange={onChange}
          />
          <ActionIcon
            size="sm"
            aria-label={t("rule.remove_default")}
            onClick={() => onChange(undefined)}
          >
            <IconX size={13} />
          </ActionIcon>
        </span>
      ) : (
        <AddButton
          label={t("rule.add_default")}
          onClick={() => onChange({ op: "const", value: "" })}
        />
      )}
    </Input.Wrapper>
  );
}
