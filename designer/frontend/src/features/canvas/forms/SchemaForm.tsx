import {
  Autocomplete,
  NumberInput,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import { type ReactNode, useState } from "react";
import { exactText, parseExact } from "@/api/exact";
import type { Expr, JsonSchema } from "@/api/types";
import { ConditionBuilder } from "@/features/mapper/ExpressionField";
import { BranchesField } from "./BranchesField";
import { ConvertRows } from "./ConvertRows";
import { ExprInput } from "./ExprInput";
import { t } from "./en";
import { FormBuilder } from "./FormBuilder";
import { FormProvider, useForm } from "./FormContext";
import { helpBeside } from "./formSchema";
import classes from "./forms.module.css";
import { MappingField } from "./MappingField";
import { MoreSettings } from "./MoreSettings";
import { AssigneeField, ColumnField, FlowField, FlowsField, TableField } from "./pickers";
import { RetryField } from "./RetryField";
import { RowsField } from "./RowsField";
import { pathsIn, schemaAt, settingsOf, withEntry } from "./schemaFields";
import { TargetPicker } from "./TargetPicker";

type Values = Record<string, unknown>;
type SetValues = (patch: Values, key?: string) => void;

interface SchemaFieldsProps {
  schema: JsonSchema;
  values: Values;
  set: SetValues;
  /** Tells the fields of one row from those of another, for undo. */
  scope: string;
  skip?: readonly string[];
  /** Fields of another shape than their schema would give them. */
  own?: Record<string, () => ReactNode>;
  /** Other words than the schema's, by field. */
  titles?: Record<string, string> | undefined;
}

/** A field for each setting of a schema; those that are rarely needed are folded away. */
export function SchemaFields(props: SchemaFieldsProps) {
  const { schema, values, set, scope, skip, own, titles } = props;
  const { main, advanced } = settingsOf(schema, values, skip);
  const field = ({ name, schema: part }: (typeof main)[number]) => (
    <div key={name}>
      {own?.[name]?.() ?? (
        <SettingField
          name={name}
          schema={titles?.[name] ? { ...part, title: titles[name] } : part}
          siblings={schema.properties ?? {}}
          required={required(schema, name)}
          values={values}
          set={set}
          scope={scope}
        />
      )}
    </div>
  );
  const touched = advanced.filter(({ name, schema: part }) => {
    const value = values[name];
    return value !== undefined && value !== null && value !== part.default;
  });
  return (
    <>
      {main.map(field)}
      {advanced.length > 0 && (
        <MoreSettings set={touched.length}>{advanced.map(field)}</MoreSettings>
      )}
    </>
  );
}

function required(schema: JsonSchema, name: string): boolean {
  const needs = schema["x-needs"];
  return (
    (schema.required?.includes(name) ?? false) || (Array.isArray(needs) && needs.includes(name))
  );
}

interface SettingFieldProps {
  name: string;
  schema: JsonSchema;
  siblings: Record<string, JsonSchema>;
  required: boolean;
  values: Values;
  set: SetValues;
  scope: string;
}

/** Kinds of steps whose expressions are about the entries of the list they work on. */
const ABOUT_ENTRIES: Record<string, readonly string[]> = {
  filter: ["condition"],
  aggregate: ["keys", "figures"],
  for_each: ["key"],
};

function SettingField(props: SettingFieldProps) {
  const { name } = props;
  const form = useForm();
  const { node, sources } = form;
  const about = ABOUT_ENTRIES[node.type]?.includes(name);
  const list = node.config.list as Expr | undefined;
  if (!about || (node.type === "filter" && !list)) return <Widget {...props} />;
  return (
    <FormProvider value={{ ...form, sources: withEntry(list, sources, t("entry.title")) }}>
      <Widget {...props} />
    </FormProvider>
  );
}

function Widget({ name, schema, siblings, required, values, set, scope }: SettingFieldProps) {
  const { node, readOnly, sources, context } = useForm();
  const value = values[name];
  const label = schema.title ?? name;
  const description = helpBeside(label, schema.description);
  const key = `${scope}.${name}`;
  const put = (next: unknown) => set({ [name]: next }, key);
  const common = { label, description, disabled: readOnly, withAsterisk: required };
  const expr = value as Expr | undefined;
  switch (schema["x-widget"]) {
    case "expression":
      return (
        <ExprInput
          label={label}
          description={description}
          required={required}
          value={expr?.op === "hole" ? undefined : expr}
          onChange={put}
        />
      );
    case "condition":
      return (
        <div className={classes.field} inert={readOnly}>
          <div className={classes.label}>{label}</div>
          <ConditionBuilder
            label={label}
            value={expr?.op === "hole" ? undefined : expr}
            onChange={(next) => put(next ?? { op: "hole" })}
            sources={sources}
            context={context}
          />
          {description && <div className={classes.help}>{description}</div>}
        </div>
      );
    case "mapping":
      return <MappingField slot="input" value={value} />;
    case "target":
      return <TargetPicker label={label} value={value as never} onChange={put} />;
    case "table":
      return <TableField value={value} onTable={set} column={values.column} required={required} />;
    case "flow":
      return <FlowField value={value} onChange={put} label={label} />;
    case "flows":
      return <FlowsField value={value} onChange={put} label={label} />;
    case "assignee":
      return <AssigneeField value={value} onChange={put} label={label} />;
    case "ports":
      return <BranchesField />;
    case "retry":
      return <RetryField value={value as Values | undefined} onChange={put} scope={key} />;
    case "form":
      return (
        <FormBuilder
          key={node.id}
          value={value as JsonSchema | undefined}
          onChange={put}
          help={node.type === "trigger.called" ? t("form.fields.called") : t("form.fields.manual")}
        />
      );
    case "signature":
    case "dedupe":
      return (
        <SchemaFields
          schema={schema}
          values={(value as Values | undefined) ?? {}}
          scope={key}
          set={(patch, own) => set({ [name]: { ...((value as Values) ?? {}), ...patch } }, own)}
          titles={schema["x-widget"] === "signature" ? { kind: label } : undefined}
        />
      );
    case "path":
      return <PathField {...common} value={value} onChange={put} />;
  }
  if (schema.type === "array" && (schema.items?.type === "object" || schema.items?.properties)) {
    if (node.type === "convert") return <ConvertRows />;
    return (
      <RowsField
        title={label}
        help={description}
        item={schema.items ?? {}}
        rows={Array.isArray(value) ? (value as Values[]) : []}
        most={Number((schema as { maxItems?: number }).maxItems ?? 100)}
        scope={key}
        onChange={(rows, own) => set({ [name]: rows }, own)}
      />
    );
  }
  if (schema.type === "array") {
    return (
      <TagsInput
        {...common}
        value={Array.isArray(value) ? value.map(String) : []}
        onChange={(next) => put(next.length > 0 ? next : undefined)}
      />
    );
  }
  if (schema.enum) {
    const words = (schema["x-labels"] ?? {}) as Record<string, string>;
    const byText = new Map(schema.enum.map((choice) => [String(choice), choice]));
    return (
      <Select
        {...common}
        allowDeselect={false}
        data={schema.enum.map((choice) => ({
          value: String(choice),
          label: words[String(choice)] ?? String(choice),
        }))}
        value={String(value ?? schema.default ?? "") || null}
        onChange={(next) => next !== null && put(byText.get(next))}
      />
    );
  }
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "boolean") {
    return (
      <Switch
        label={label}
        description={description}
        disabled={readOnly}
        checked={Boolean(value ?? schema.default)}
        onChange={(event) => put(event.currentTarget.checked)}
      />
    );
  }
  if (type === "number" || type === "integer") {
    const unit = typeof schema["x-unit"] === "string" ? schema["x-unit"] : undefined;
    const input = (
      <NumberInput
        {...common}
        flex={1}
        value={exactText(value) ?? ""}
        min={schema.minimum}
        max={schema.maximum}
        clampBehavior="blur"
        allowDecimal={type === "number" && schema["x-whole"] !== true}
        placeholder={schema.default === undefined ? undefined : String(schema.default)}
        onChange={(next) => put(next === "" ? undefined : Number(next))}
      />
    );
    const units = unit ? siblings[unit] : undefined;
    if (!unit || !units?.enum) return input;
    return (
      <div className={classes.withUnit}>
        {input}
        <Select
          aria-label={`${label}: ${units.title ?? unit}`}
          w={112}
          disabled={readOnly}
          allowDeselect={false}
          data={units.enum.map(String)}
          value={String(values[unit] ?? units.default ?? units.enum[0])}
          onChange={(next) => next && set({ [unit]: next })}
        />
      </div>
    );
  }
  if (type === "object" || type === undefined) {
    return <JsonField {...common} value={value} onChange={put} />;
  }
  return (
    <TextInput
      {...common}
      value={typeof value === "string" ? value : ""}
      maxLength={schema.maxLength}
      placeholder={typeof schema.default === "string" ? schema.default : undefined}
      onChange={(event) => put(event.currentTarget.value || undefined)}
    />
  );
}

interface PlainFieldProps {
  label: string;
  description?: string;
  disabled: boolean;
  withAsterisk: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** A document the step may read: one that an earlier step made, or a part of it. */
function PathField({ value, onChange, ...common }: PlainFieldProps) {
  const { sources } = useForm();
  const path = typeof value === "string" ? value : "";
  const title = sources.find((source) => source.path === path)?.title;
  return (
    <Autocomplete
      {...common}
      placeholder={t("source.pick")}
      data={sources.map((source) => source.path)}
      renderOption={({ option }) => (
        <span>{sources.find((source) => source.path === option.value)?.title ?? option.value}</span>
      )}
      description={title ?? common.description}
      value={path}
      onChange={onChange}
    />
  );
}

/** JSON that is edited as text; text that is no JSON yet is not kept. */
export function JsonField({ value, onChange, ...common }: PlainFieldProps) {
  const [text, setText] = useState(() =>
    value === undefined ? "" : JSON.stringify(value, null, 2),
  );
  const [bad, setBad] = useState(false);
  return (
    <Textarea
      {...common}
      autosize
      minRows={3}
      maxRows={16}
      spellCheck={false}
      value={text}
      error={bad ? t("json.bad") : undefined}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        try {
          onChange(next.trim() === "" ? undefined : parseExact(next));
          setBad(false);
        } catch {
          setBad(true);
        }
      }}
    />
  );
}

interface SchemaFormProps {
  schema: JsonSchema;
  skip?: readonly string[];
}

/** The settings of a step whose form is made from its schema alone. */
export function SchemaForm({ schema, skip = [] }: SchemaFormProps) {
  const { node, set } = useForm();
  return (
    <SchemaFields
      schema={schema}
      values={node.config}
      set={set}
      scope={node.id}
      skip={["sample", ...skip]}
      own={
        node.type === "lookup"
          ? { column: () => <ColumnField label={schema.properties?.column?.title ?? "Column"} /> }
          : undefined
      }
    />
  );
}

/** Paths inside the document that a step works on, for completion. */
export function usePathsOf(source: string): string[] {
  const { sources } = useForm();
  return pathsIn(schemaAt(source, sources));
}
