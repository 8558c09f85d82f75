import { PasswordInput, Select, TextInput } from "@mantine/core";
import { t } from "./en";
import type { Values } from "./model";
import type { Field } from "./queries";

interface FieldInputsProps {
  fields: readonly Field[];
  values: Values;
  errors: Record<string, string>;
  onChange: (values: Values) => void;
  /** Secrets that are set already; their inputs say so instead of asking. */
  kept?: readonly string[] | undefined;
}

/** An input per field of the connector; secrets can be typed and never read back. */
export function FieldInputs({ fields, values, errors, onChange, kept }: FieldInputsProps) {
  return (
    <>
      {fields.map((field) => {
        const isKept = kept?.includes(field.name);
        const common = {
          label: field.title,
          description: [field.help, field.secret && t("add.secret.help")].filter(Boolean).join(" "),
          required: field.required && !isKept,
          error: errors[field.name],
        };
        const change = (value: string) => onChange({ ...values, [field.name]: value });
        const value = values[field.name] ?? "";
        if (field.choices && field.choices.length > 0) {
          return (
            <Select
              key={field.name}
              {...common}
              data={field.choices.map((choice) => ({ value: choice.value, label: choice.title }))}
              value={value}
              allowDeselect={false}
              onChange={(chosen) => change(chosen ?? "")}
            />
          );
        }
        if (field.secret) {
          return (
            <PasswordInput
              key={field.name}
              {...common}
              autoComplete="new-password"
              placeholder={kept && (isKept ? t("one.secret.kept") : t("one.secret.none"))}
              value={value}
              onChange={(event) => change(event.currentTarget.value)}
            />
          );
        }
        return (
          <TextInput
            key={field.name}
            {...common}
            autoComplete="off"
            value={value}
            onChange={(event) => change(event.currentTarget.value)}
          />
        );
      })}
    </>
  );
}
