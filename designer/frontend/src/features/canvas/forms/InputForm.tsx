import { Button, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowsSplit, IconChevronRight, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { Expr, JsonSchema, MappingDocument } from "@/api/types";
import { type MappingSlot, useDesigner } from "../DesignerContext";
import { t } from "../en";
import { exprAt, type FormField, fieldsOf, hasRows, rulesWithin, withExpr } from "../inputRules";
import { sourceName } from "../nodeInfo";
import { ExprInput } from "./ExprInput";
import { useForm } from "./FormContext";
import classes from "./forms.module.css";
import { OptionsPicker, useOptionsName } from "./OptionsPicker";

interface InputFormProps {
  title: string;
  help?: string;
  mapping: MappingDocument;
  onChange: (mapping: MappingDocument, key?: string) => void;
  schema: JsonSchema | null | undefined;
  loading: boolean;
  slot: MappingSlot;
}

const MANY_FIELDS = 9;

/** The form of an operation's input, made from its schema: one rule of the mapping per field. */
export function InputForm(props: InputFormProps) {
  const { title, help, mapping, onChange, schema, loading, slot } = props;
  const { openMapper, document } = useDesigner();
  const { node, sources, readOnly } = useForm();
  const [filter, setFilter] = useState("");
  const [all, setAll] = useState(false);
  const whole = exprAt(mapping, "");
  const wholePath = whole?.op === "field" ? whole.path : null;
  const fields = schema ? fieldsOf(schema, schema) : [];
  const matches = (field: FormField) =>
    `${field.title} ${field.name}`.toLowerCase().includes(filter.toLowerCase());
  const stays = (field: FormField) =>
    (field.required && !whole) || rulesWithin(mapping, field.path) > 0;
  const crowded = fields.length > MANY_FIELDS;
  const shown = fields.filter((f) => (filter ? matches(f) : all || !crowded || stays(f)));
  const hidden = fields.length - shown.length;

  return (
    <section className={classes.section} aria-label={title}>
      <div className={classes.sectionHead}>
        <h3 className={classes.sectionTitle}>{title}</h3>
        <Button
          size="compact-xs"
          variant="subtle"
          flex="none"
          mr={-8}
          leftSection={<IconArrowsSplit size={14} />}
          onClick={() => openMapper(node.id, slot)}
        >
          {t(readOnly ? "form.openMapper" : "form.openMapperAdvanced")}
        </Button>
      </div>
      {help && (
        <Text size="xs" c="dimmed" mt={-8}>
          {help}
        </Text>
      )}
      {slot === "input" && (
        <Select
          label={t("form.wholeSource")}
          description={wholePath ? t("form.wholeHelp") : undefined}
          disabled={readOnly}
          data={[
            { value: "", label: t("form.wholeNone") },
            ...sources.map((source) => ({ value: source.path, label: source.title })),
            ...(wholePath && !sources.some((s) => s.path === wholePath)
              ? [{ value: wholePath, label: sourceName(wholePath, document) }]
              : []),
          ]}
          value={wholePath ?? ""}
          allowDeselect={false}
          onChange={(path) =>
            onChange(withExpr(mapping, "", path ? { op: "field", path } : undefined))
          }
        />
      )}
      {loading && (
        <Stack gap="xs" aria-label={t("form.loading")}>
          <Skeleton height={34} />
          <Skeleton height={34} />
        </Stack>
      )}
      {!loading && schema && fields.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("form.noFields")}
        </Text>
      )}
      {crowded && (all || filter) && (
        <TextInput
          aria-label={t("form.filterFields")}
          placeholder={t("form.filterFields")}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
      )}
      {shown.map((field) => (
        <Field
          key={field.path}
          field={field}
          root={schema ?? {}}
          mapping={mapping}
          onChange={onChange}
          slot={slot}
          wholeGiven={Boolean(whole)}
        />
      ))}
      {crowded && !filter && (hidden > 0 || all) && (
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => setAll(!all)}
          style={{ alignSelf: "flex-start" }}
        >
          {all ? t("form.optionalHide") : t("form.optional", { count: hidden })}
        </Button>
      )}
    </section>
  );
}

interface FieldProps {
  field: FormField;
  root: JsonSchema;
  mapping: MappingDocument;
  onChange: (mapping: MappingDocument, key?: string) => void;
  slot: MappingSlot;
  /** A whole document is given, so required fields need not be filled one by one. */
  wholeGiven: boolean;
  /** The schema of the record that the field is part of. */
  parent?: JsonSchema;
}

function Field({ field, root, mapping, onChange, slot, wholeGiven, parent }: FieldProps) {
  const { openMapper } = useDesigner();
  const { node } = useForm();
  const inside = rulesWithin(mapping, field.path);
  const expr = exprAt(mapping, field.path);
  // A reference names its record by one field; the list belongs to that one.
  const options = useOptionsName(field.schema, isKey(field) ? parent : undefined);
  const [open, setOpen] = useState((field.required && !wholeGiven) || inside > 0);

  if (field.type === "array" && (!expr || hasRows(mapping, field.path))) {
    return (
      <div className={classes.field}>
        <div className={classes.label}>
          {field.title}
          {field.required && (
            <span className={classes.star} aria-hidden>
              *
            </span>
          )}
        </div>
        <div className={classes.rows}>
          {inside > 0 ? t("form.rowsSet", { count: inside }) : t("form.rows")}
          <Button size="compact-xs" variant="light" onClick={() => openMapper(node.id, slot)}>
            {t("form.openMapper")}
          </Button>
        </div>
      </div>
    );
  }
  if (field.type === "object" && field.schema.properties && !expr) {
    return (
      <div className={classes.group}>
        <button
          type="button"
          className={classes.groupHead}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <IconChevronRight size={14} className={classes.chevron} aria-hidden />
          <span>
            {field.title}
            {field.required && (
              <span className={classes.star} aria-hidden>
                *
              </span>
            )}
          </span>
          {inside > 0 && (
            <span className={classes.count}>{t("form.groupSet", { count: inside })}</span>
          )}
        </button>
        {open && (
          <div className={classes.groupBody}>
            {fieldsOf(field.schema, root, field.path).map((child) => (
              <Field
                key={child.path}
                field={child}
                root={root}
                mapping={mapping}
                onChange={onChange}
                slot={slot}
                wholeGiven={wholeGiven}
                parent={field.schema}
              />
            ))}
          </div>
        )}
      </div>
    );
  }
  const put = (next: Expr | undefined) =>
    onChange(withExpr(mapping, field.path, next), `${node.id}.${slot}.${field.path}`);
  const input = (
    <ExprInput
      label={field.title}
      required={field.required && !wholeGiven}
      description={field.schema.description}
      schema={field.schema}
      value={expr}
      onChange={put}
    />
  );
  if (!options) return input;
  return (
    <OptionsPicker list={options} label={field.title} value={expr} onPick={put}>
      {input}
    </OptionsPicker>
  );
}

/** The field of a reference that names the record. */
function isKey(field: FormField): boolean {
  return ["value", "id"].includes(field.name.toLowerCase());
}
