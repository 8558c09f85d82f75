import { FileInput, PasswordInput, Select, Text, Textarea, TextInput } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
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

/** Fields that a file of the vendor fills in; the file itself is not kept. */
const FILES: Record<string, string> = { ionapi: ".ionapi,application/json" };

/** An input per field of the connector; secrets can be typed and never read back. */
export function FieldInputs({ fields, values, errors, onChange, kept }: FieldInputsProps) {
  return (
    <>
      {fields.some((field) => field.secret) && (
        // A browser that offers to keep passwords must not take a setting for a person's name.
        <input type="text" autoComplete="username" hidden readOnly aria-hidden value="" />
      )}
      {fields.map((field) => {
        const isKept = kept?.includes(field.name);
        const common = {
          label: field.title,
          description: field.help,
          required: field.required && !isKept,
          error: errors[field.name],
        };
        const change = (value: string) => onChange({ ...values, [field.name]: value });
        const value = values[field.name] ?? "";
        const accept = FILES[field.name];
        if (accept) {
          return (
            <FileInput
              key={field.name}
              {...common}
              accept={accept}
              placeholder={t("field.file")}
              leftSection={<IconFileUpload size={16} aria-hidden />}
              clearable
              clearButtonProps={{ "aria-label": t("field.file.clear") }}
              onChange={(file) => (file ? void file.text().then(change) : change(""))}
            />
          );
        }
        if (field.choices && field.choices.length > 0) {
          const listed = field.choices.map((choice) => ({
            value: choice.value,
            label: choice.title,
          }));
          // What is set but not listed, such as an address of one's own, must not look empty.
          const own = value && !listed.some((choice) => choice.value === value);
          return (
            <Select
              key={field.name}
              {...common}
              data={own ? [...listed, { value, label: value }] : listed}
              value={value || null}
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
      {fields.some((field) => field.secret) && (
        <Text size="xs" c="dimmed">
          {t("add.secret.help")}
        </Text>
      )}
    </>
  );
}

interface CertificateInputProps {
  value: string;
  error: string | undefined;
  onChange: (text: string) => void;
}

/** The certificate authority of a system inside the network. */
export function CertificateInput({ value, error, onChange }: CertificateInputProps) {
  return (
    <Textarea
      label={t("add.certificate")}
      description={t("add.certificate.help")}
      placeholder="-----BEGIN CERTIFICATE-----"
      autosize
      minRows={2}
      maxRows={6}
      spellCheck={false}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
