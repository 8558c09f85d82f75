import { Button, Checkbox, Select, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { JsonSchema } from "@/api/types";
import { t } from "./en";
import { useForm } from "./FormContext";
import { type FormKind, type FormRow, KINDS, nameFor, readForm, writeForm } from "./formSchema";
import classes from "./forms.module.css";
import { MovableRow, moved } from "./MovableRow";

interface FormBuilderProps {
  value: JsonSchema | undefined;
  onChange: (schema: JsonSchema | undefined) => void;
  help: string;
}

/** What a person, or a calling flow, fills in: as a list of fields, or as JSON Schema. */
export function FormBuilder({ value, onChange, help }: FormBuilderProps) {
  const { readOnly } = useForm();
  const rows = readForm(value);
  const [asJson, setAsJson] = useState(rows === null);
  const put = (next: FormRow[]) => onChange(writeForm(next));
  return (
    <section className={classes.section} aria-label={t("form.fields")}>
      <div className={classes.sectionHead}>
        <h3 className={classes.sectionTitle}>{t("form.fields")}</h3>
        <Button
          size="compact-xs"
          variant="subtle"
          disabled={readOnly || rows === null}
          onClick={() => setAsJson(!asJson)}
        >
          {asJson ? t("form.asRows") : t("form.asJson")}
        </Button>
      </div>
      <Text size="xs" c="dimmed" mt={-8}>
        {rows === null ? t("form.tooRich") : help}
      </Text>
      {asJson || rows === null ? (
        <SchemaText value={value} onChange={onChange} />
      ) : (
        <Rows rows={rows} onChange={put} />
      )}
    </section>
  );
}

function Rows({ rows, onChange }: { rows: FormRow[]; onChange: (rows: FormRow[]) => void }) {
  const { readOnly } = useForm();
  const patch = (index: number, part: Partial<FormRow>) =>
    onChange(rows.map((row, other) => (other === index ? { ...row, ...part } : row)));
  const others = (index: number) => rows.filter((_, i) => i !== index).map((row) => row.name);
  const add = () => {
    const title = t("form.new", { number: rows.length + 1 });
    const name = nameFor(
      title,
      rows.map((row) => row.name),
    );
    onChange([...rows, { name, title, kind: "text", required: false, help: "", choices: [] }]);
  };
  return (
    <>
      {rows.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("form.none")}
        </Text>
      )}
      {rows.map((row, index) => {
        const label = row.title || row.name;
        return (
          <MovableRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a field may be renamed while it is typed
            key={index}
            label={label}
            index={index}
            count={rows.length}
            readOnly={readOnly}
            onMove={(by) => onChange(moved(rows, index, by))}
            onRemove={() => onChange(rows.filter((_, other) => other !== index))}
            head={
              <TextInput
                aria-label={t("form.title")}
                placeholder={t("form.title")}
                size="xs"
                flex={1}
                disabled={readOnly}
                value={row.title}
                onChange={(event) => {
                  const title = event.currentTarget.value;
                  // The name follows the title until somebody has given it another one.
                  const follows = row.name === nameFor(row.title, others(index));
                  patch(
                    index,
                    follows ? { title, name: nameFor(title, others(index)) } : { title },
                  );
                }}
              />
            }
          >
            <div className={classes.grid}>
              <Select
                size="xs"
                label={t("form.type")}
                disabled={readOnly}
                allowDeselect={false}
                data={KINDS.map((kind) => ({ value: kind, label: t(`form.type.${kind}`) }))}
                value={row.kind}
                onChange={(kind) => kind && patch(index, { kind: kind as FormKind, choices: [] })}
              />
              <TextInput
                size="xs"
                label={t("form.name")}
                disabled={readOnly}
                value={row.name}
                styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
                onChange={(event) => {
                  const name = event.currentTarget.value;
                  if (name && !others(index).includes(name)) patch(index, { name });
                }}
              />
            </div>
            {row.kind === "choice" && (
              <TagsInput
                size="xs"
                label={t("form.choices")}
                placeholder={t("form.choices.hint")}
                disabled={readOnly}
                value={row.choices}
                onChange={(choices) => patch(index, { choices })}
              />
            )}
            <TextInput
              size="xs"
              label={t("form.help")}
              disabled={readOnly}
              value={row.help}
              onChange={(event) => patch(index, { help: event.currentTarget.value })}
            />
            <Checkbox
              size="xs"
              label={t("form.required")}
              disabled={readOnly}
              checked={row.required}
              onChange={(event) => patch(index, { required: event.currentTarget.checked })}
            />
          </MovableRow>
        );
      })}
      <Button
        size="compact-sm"
        variant="light"
        leftSection={<IconPlus size={14} />}
        disabled={readOnly}
        style={{ alignSelf: "flex-start" }}
        onClick={add}
      >
        {t("form.add")}
      </Button>
    </>
  );
}

function SchemaText({ value, onChange }: Pick<FormBuilderProps, "value" | "onChange">) {
  const { readOnly } = useForm();
  const [text, setText] = useState(() => JSON.stringify(value ?? {}, null, 2));
  const [bad, setBad] = useState(false);
  return (
    <Textarea
      aria-label={t("form.asJson")}
      autosize
      minRows={6}
      maxRows={24}
      spellCheck={false}
      disabled={readOnly}
      value={text}
      error={bad ? t("form.bad") : undefined}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        try {
          onChange(JSON.parse(next) as JsonSchema);
          setBad(false);
        } catch {
          setBad(true);
        }
      }}
    />
  );
}
