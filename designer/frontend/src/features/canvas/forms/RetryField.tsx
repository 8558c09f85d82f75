import { Button, Checkbox, NumberInput, Stack, Text } from "@mantine/core";
import { exactText } from "@/api/exact";
import { t } from "./en";
import { useForm } from "./FormContext";
import classes from "./forms.module.css";
import { withoutEmpty } from "./schemaFields";

type Values = Record<string, unknown>;

const NUMBERS = [
  { name: "attempts", min: 1, max: 100, usual: "10" },
  { name: "first_s", min: 0, max: 3600, usual: "0.5" },
  { name: "factor", min: 1, max: 10, usual: "2.7" },
  { name: "longest_s", min: 1, max: 86_400, usual: "300" },
  { name: "budget_s", min: 1, max: 2_592_000, usual: t("retry.none") },
] as const;
const CLASSES = ["transient", "rate_limit", "unknown"] as const;

interface RetryFieldProps {
  value: Values | undefined;
  onChange: (value: Values | undefined) => void;
  scope: string;
}

/** How often and how patiently the step is tried, in general and for a kind of error. */
export function RetryField({ value = {}, onChange }: RetryFieldProps) {
  const { readOnly } = useForm();
  const own = Object.keys(value).length > 0;
  const put = (patch: Values) => onChange(withoutEmpty({ ...value, ...patch }));
  return (
    <section className={classes.section} aria-label={t("retry.title")}>
      <div className={classes.sectionHead}>
        <h3 className={classes.sectionTitle}>{t("retry.title")}</h3>
        {own && (
          <Button
            size="compact-xs"
            variant="subtle"
            disabled={readOnly}
            onClick={() => onChange(undefined)}
          >
            {t("retry.reset")}
          </Button>
        )}
      </div>
      <Text size="xs" c="dimmed" mt={-8}>
        {own ? t("retry.own") : t("retry.usual")}
      </Text>
      <Patience values={value} onChange={put} name={t("retry.title")} />
      <Text size="xs" fw={560}>
        {t("retry.classes")}
      </Text>
      {CLASSES.map((name) => {
        const special = value[name] as Values | undefined;
        return (
          <Stack key={name} gap={8}>
            <Checkbox
              size="xs"
              label={t(`retry.${name}`)}
              disabled={readOnly}
              checked={special !== undefined}
              onChange={(event) => put({ [name]: event.currentTarget.checked ? {} : undefined })}
            />
            {special && (
              <Patience
                values={special}
                name={t(`retry.${name}`)}
                onChange={(patch) =>
                  onChange({ ...value, [name]: withoutEmpty({ ...special, ...patch }) ?? {} })
                }
              />
            )}
          </Stack>
        );
      })}
    </section>
  );
}

function Patience({
  values,
  onChange,
  name,
}: {
  values: Values;
  onChange: (patch: Values) => void;
  name: string;
}) {
  const { readOnly } = useForm();
  return (
    <fieldset className={classes.grid} aria-label={name}>
      {NUMBERS.map((field) => (
        <NumberInput
          key={field.name}
          size="xs"
          label={t(`retry.${field.name}`)}
          placeholder={field.usual}
          min={field.min}
          max={field.max}
          disabled={readOnly}
          allowDecimal={field.name !== "attempts"}
          value={exactText(values[field.name]) ?? ""}
          onChange={(next) => onChange({ [field.name]: next === "" ? undefined : Number(next) })}
        />
      ))}
    </fieldset>
  );
}
