import { ActionIcon, Button, NativeSelect } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./Blocks.module.css";
import { ConstInput } from "./ConstInput";
import {
  type Comparison,
  type Conditions,
  isTwoSided,
  OPERATORS,
  type Operator,
  readConditions,
  writeConditions,
} from "./conditions";
import { ExprEditor } from "./ExprEditor";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { HOLE } from "./expressions";
import type { FieldType } from "./schemaTree";
import { fieldOfSource } from "./treeRows";
import type { Expr, Json } from "./types";

interface ConditionListProps {
  value: Expr | undefined;
  onChange: (value: Expr | undefined) => void;
  label: string;
}

const FRESH: Comparison = { left: HOLE, operator: "eq", right: { op: "const", value: "" } };

/** Conditions row by row; what is made of other blocks is shown as those blocks. */
export function ConditionList({ value, onChange, label }: ConditionListProps) {
  // "any of" with a single row reads the same as "all of": remember what was chosen.
  const [join, setJoin] = useState<"and" | "or">("and");
  const read = readConditions(value);
  if (read === null && value) {
    return (
      <div className={classes.conditions}>
        <ExprEditor
          expr={value}
          label={label}
          type="boolean"
          onChange={(expr) => onChange(expr.op === "hole" ? undefined : expr)}
        />
      </div>
    );
  }
  const items = read?.items ?? [];
  const conditions: Conditions = { join: items.length > 1 ? (read?.join ?? join) : join, items };
  const write = (next: Conditions) => onChange(writeConditions(next));
  return (
    <fieldset className={classes.conditions} aria-label={label}>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition is known by its place
        <div key={index} className={classes.condition}>
          {items.length > 1 &&
            (index === 1 ? (
              <select
                className={classes.join}
                aria-label={t("condition.match")}
                value={conditions.join}
                onChange={(event) => {
                  const next = event.currentTarget.value as "and" | "or";
                  setJoin(next);
                  write({ join: next, items });
                }}
              >
                <option value="and">{t("condition.and")}</option>
                <option value="or">{t("condition.or")}</option>
              </select>
            ) : (
              <span className={classes.joinWord}>
                {index > 1 ? t(`condition.${conditions.join}`) : ""}
              </span>
            ))}
          <Row
            item={item}
            number={index + 1}
            onChange={(next) =>
              write({ ...conditions, items: items.map((c, i) => (i === index ? next : c)) })
            }
            onRemove={() => write({ ...conditions, items: items.filter((_, i) => i !== index) })}
          />
        </div>
      ))}
      <Button
        variant="subtle"
        size="compact-xs"
        leftSection={<IconPlus size={13} aria-hidden />}
        onClick={() => write({ ...conditions, items: [...items, FRESH] })}
        className={classes.addCondition}
      >
        {t("condition.add")}
      </Button>
    </fieldset>
  );
}

function Row({
  item,
  number,
  onChange,
  onRemove,
}: {
  item: Comparison;
  number: number;
  onChange: (item: Comparison) => void;
  onRemove: () => void;
}) {
  const env = useExprEnv();
  const path = item.left.op === "field" ? item.left.path : null;
  const source = env.sources.find(
    (s) => path && (path === s.path || path.startsWith(`${s.path}.`)),
  );
  const field = source && path ? fieldOfSource(source, path) : null;
  const type: FieldType = field?.type ?? "text";
  return (
    <>
      <ExprEditor
        expr={item.left}
        label={t("condition.left", { number })}
        onChange={(left) => onChange({ ...item, left })}
      />
      <NativeSelect
        size="xs"
        aria-label={t("condition.operator", { number })}
        value={item.operator}
        data={OPERATORS.map((op) => ({ value: op, label: t(`condition.${op}`) }))}
        onChange={(event) => {
          const operator = event.currentTarget.value as Operator;
          const right = item.right.op === "hole" && isTwoSided(operator) ? FRESH.right : item.right;
          onChange({ ...item, operator, right: operator === "in" ? listOf(right) : right });
        }}
      />
      {isTwoSided(item.operator) && (
        <Right
          item={item}
          number={number}
          type={type}
          choices={field?.enum ?? null}
          onChange={onChange}
        />
      )}
      <ActionIcon size="sm" aria-label={t("condition.remove", { number })} onClick={onRemove}>
        <IconX size={13} />
      </ActionIcon>
    </>
  );
}

function Right({
  item,
  number,
  type,
  choices,
  onChange,
}: {
  item: Comparison;
  number: number;
  type: FieldType;
  choices: Json[] | null;
  onChange: (item: Comparison) => void;
}) {
  const label = t("condition.right", { number });
  if (item.operator === "in" && item.right.op === "const" && Array.isArray(item.right.value)) {
    return (
      <ConstInput
        label={label}
        className={classes.constInput}
        type="text"
        placeholder={t("condition.values")}
        value={item.right.value.map(String).join(", ")}
        onCommit={(text) =>
          onChange({ ...item, right: listOf({ op: "const", value: text ?? "" }) })
        }
      />
    );
  }
  return (
    <ExprEditor
      expr={item.right}
      label={label}
      type={type}
      choices={choices}
      onChange={(right) => onChange({ ...item, right })}
    />
  );
}

function listOf(expr: Expr): Expr {
  if (expr.op !== "const" || Array.isArray(expr.value)) return expr;
  const values = String(expr.value ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  return { op: "const", value: values };
}
