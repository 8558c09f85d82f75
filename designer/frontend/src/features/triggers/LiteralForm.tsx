import {
  Input,
  NumberInput,
  Select,
  Switch,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { exactText, parseExact } from "@/api/exact";
import type { Json, JsonSchema } from "@/api/types";
import { t } from "./en";

type Values = Record<string, unknown>;

interface LiteralFormProps {
  schema: JsonSchema;
  values: Values;
  onChange: (values: Values) => void;
  disabled?: boolean;
  /** What the server says of each field, by name. */
  errors?: Record<string, string>;
}

/** A form for a document, made of its JSON Schema: values only, nothing is looked up. */
export function LiteralForm({ schema, values, onChange, disabled, errors }: LiteralFormProps) {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t("literal.none")}
      </Text>
    );
  }
  return (
    <>
      {fields.map(([name, field]) => (
        <LiteralField
          key={name}
          name={name}
          schema={field}
          required={schema.required?.includes(name) ?? false}
          value={values[name]}
          error={errors?.[name]}
          disabled={disabled}
          onChange={(value) => {
            const { [name]: _old, ...rest } = values;
            onChange(value === undefined ? rest : { ...rest, [name]: value });
          }}
        />
      ))}
    </>
  );
}

interface LiteralFieldProps {
  name: string;
  schema: JsonSchema;
  required: boolean;
  value: unknown;
  error: string | undefined;
  disabled: boolean | undefined;
  onChange: (value: unknown) => void;
}

function LiteralField(props: LiteralFieldProps) {
  const { name, schema, required, value, error, disabled, onChange } = props;
  const label = schema.title || name;
  const common = {
    label,
    description: schema.description,
    required,
    error,
    disabled,
  };
  const type = Array.isArray(schema.type) ? schema.type.find((t) => t !== "null") : schema.type;
  const text = value === undefined ? "" : (exactText(value) ?? "");
  const written = (next: string) => onChange(next === "" ? undefined : next);
  if (schema.enum) {
    const choices = schema.enum.filter((choice) => choice !== null);
    return (
      <Select
        {...common}
        placeholder={t("literal.pick")}
        clearable={!required}
        data={choices.map(String)}
        value={text || (schema.default === undefined ? null : String(schema.default))}
        onChange={(next) =>
          onChange(choices.find((choice) => String(choice) === next) as Json | undefined)
        }
      />
    );
  }
  if (type === "boolean") {
    return (
      <Switch
        label={label}
        description={schema.description}
        error={error}
        disabled={disabled}
        checked={Boolean(value ?? schema.default)}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (type === "number" || type === "integer") {
    return (
      <NumberInput
        {...common}
        value={text}
        allowDecimal={type === "number"}
        min={schema.minimum}
        max={schema.maximum}
        placeholder={schema.default === undefined ? undefined : String(schema.default)}
        onChange={(next) => onChange(next === "" ? undefined : parseNumber(String(next)))}
      />
    );
  }
  if (type === "array" && (schema.items?.type === "string" || !schema.items)) {
    return (
      <TagsInput
        {...common}
        value={Array.isArray(value) ? value.map(String) : []}
        onChange={(next) => onChange(next.length > 0 ? next : undefined)}
      />
    );
  }
  if (type === "string" || type === undefined) {
    if (schema["x-long"]) {
      return (
        <Textarea
          {...common}
          autosize
          minRows={3}
          value={text}
          onChange={(event) => written(event.currentTarget.value)}
        />
      );
    }
    const kind =
      schema.format === "date" ? "date" : schema.format === "email" ? "email" : undefined;
    return (
      <TextInput
        {...common}
        type={kind}
        maxLength={schema.maxLength}
        value={text}
        placeholder={typeof schema.default === "string" ? schema.default : undefined}
        onChange={(event) => written(event.currentTarget.value)}
      />
    );
  }
  return <JsonText {...props} label={label} />;
}

/** As it was typed: 10.50 is not 10.5. */
function parseNumber(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return Number(text);
  }
}

function JsonText(props: LiteralFieldProps & { label: string }) {
  const { label, schema, required, value, error, disabled, onChange } = props;
  const [text, setText] = useState(() =>
    value === undefined ? "" : JSON.stringify(value, null, 2),
  );
  const [bad, setBad] = useState(false);
  return (
    <Input.Wrapper label={label} description={schema.description} required={required}>
      <Textarea
        aria-label={label}
        autosize
        minRows={3}
        maxRows={14}
        spellCheck={false}
        disabled={disabled}
        value={text}
        error={bad ? t("start.badJson") : error}
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
    </Input.Wrapper>
  );
}
