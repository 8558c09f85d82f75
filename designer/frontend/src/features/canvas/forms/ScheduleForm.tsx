import { Checkbox, Group, Input, NumberInput, Select, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { asProblem } from "@/api/client";
import type { JsonSchema } from "@/api/types";
import { FireTimes } from "@/features/triggers/FireTimes";
import { schedulePreviewQuery } from "@/features/triggers/queries";
import { locale } from "@/shared/i18n";
import { useDesigner } from "../DesignerContext";
import { t } from "./en";
import { useForm } from "./FormContext";
import classes from "./forms.module.css";
import { SchemaForm } from "./SchemaForm";

type Kind = "minutes" | "hourly" | "daily" | "weekdays" | "weekly" | "monthly" | "cron";

interface Preset {
  kind: Exclude<Kind, "cron">;
  every?: number;
  minute?: number;
  at?: string;
  days?: string[];
  day?: number | "last";
}

const KINDS: Kind[] = ["minutes", "hourly", "daily", "weekdays", "weekly", "monthly", "cron"];
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const EVERY = [5, 10, 15, 20, 30];
const AT_A_TIME: Kind[] = ["daily", "weekdays", "weekly", "monthly"];

function fresh(kind: Exclude<Kind, "cron">, before: Preset | null): Preset {
  const at = before?.at ?? "06:00";
  switch (kind) {
    case "minutes":
      return { kind, every: 15 };
    case "hourly":
      return { kind, minute: 0 };
    case "weekly":
      return { kind, days: ["mon"], at };
    case "monthly":
      return { kind, day: 1, at };
    default:
      return { kind, at };
  }
}

/** 2024-01-01 was a Monday. */
function dayName(index: number): string {
  const day = new Date(Date.UTC(2024, 0, 1 + index));
  return new Intl.DateTimeFormat(locale(), { weekday: "short", timeZone: "UTC" }).format(day);
}

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** When a schedule fires: by choices or by a cron expression, with its next five times. */
export function ScheduleForm({ schema }: { schema: JsonSchema }) {
  const { ws } = useDesigner();
  const { node, set, readOnly } = useForm();
  const preset = (node.config.preset as Preset | null | undefined) ?? null;
  const cron = typeof node.config.cron === "string" ? node.config.cron : "";
  const timezone = (node.config.timezone as string | undefined) || "UTC";
  const kind: Kind | null = preset?.kind ?? ("cron" in node.config ? "cron" : null);
  const put = (patch: Partial<Preset>) => set({ preset: { ...preset, ...patch } });
  const choose = (next: Kind) =>
    next === "cron"
      ? set({ preset: null, cron: cron || "0 6 * * 1-5" })
      : set({
          preset: fresh(next, preset),
          cron: undefined,
          // The first choice of a schedule is meant by the clock of whoever makes it.
          ...(kind === null && node.config.timezone === undefined && { timezone: OWN_ZONE }),
        });
  return (
    <>
      <Select
        label={t("schedule.kind")}
        withAsterisk
        disabled={readOnly}
        allowDeselect={false}
        data={KINDS.map((each) => ({ value: each, label: t(`schedule.${each}`) }))}
        value={kind}
        onChange={(next) => next && choose(next as Kind)}
      />
      {preset?.kind === "minutes" && (
        <Select
          label={t("schedule.every")}
          disabled={readOnly}
          allowDeselect={false}
          data={[...new Set([...EVERY, preset.every ?? 15])].sort((a, b) => a - b).map(String)}
          value={String(preset.every ?? 15)}
          onChange={(next) => put({ every: Number(next) })}
        />
      )}
      {preset?.kind === "hourly" && (
        <NumberInput
          label={t("schedule.minute")}
          disabled={readOnly}
          min={0}
          max={59}
          allowDecimal={false}
          value={preset.minute ?? 0}
          onChange={(next) => put({ minute: Number(next) || 0 })}
        />
      )}
      {preset?.kind === "weekly" && (
        <Input.Wrapper label={t("schedule.days")}>
          <Checkbox.Group
            value={preset.days ?? []}
            onChange={(days) => days.length > 0 && put({ days })}
          >
            <Group gap={10} mt={4}>
              {DAYS.map((day, index) => (
                <Checkbox
                  key={day}
                  size="xs"
                  value={day}
                  label={dayName(index)}
                  disabled={readOnly}
                />
              ))}
            </Group>
          </Checkbox.Group>
        </Input.Wrapper>
      )}
      {preset?.kind === "monthly" && (
        <Select
          label={t("schedule.day")}
          disabled={readOnly}
          allowDeselect={false}
          data={[
            ...Array.from({ length: 31 }, (_, index) => String(index + 1)),
            { value: "last", label: t("schedule.last") },
          ]}
          value={String(preset.day ?? 1)}
          onChange={(next) => put({ day: next === "last" ? "last" : Number(next) })}
        />
      )}
      {kind !== null && AT_A_TIME.includes(kind) && (
        <TextInput
          type="time"
          label={t("schedule.at")}
          disabled={readOnly}
          value={preset?.at ?? ""}
          onChange={(event) => event.currentTarget.value && put({ at: event.currentTarget.value })}
        />
      )}
      {kind === "cron" && (
        <TextInput
          label={t("schedule.cron")}
          description={t("schedule.cronHelp")}
          disabled={readOnly}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          value={cron}
          onChange={(event) => set({ cron: event.currentTarget.value }, `${node.id}.cron`)}
        />
      )}
      <Select
        label={t("schedule.zone")}
        searchable
        limit={80}
        disabled={readOnly}
        allowDeselect={false}
        data={ZONES.includes(timezone) ? ZONES : [timezone, ...ZONES]}
        value={timezone}
        onChange={(next) => next && set({ timezone: next })}
      />
      {kind !== null && <NextTimes ws={ws} preset={preset} cron={cron} timezone={timezone} />}
      <SchemaForm schema={schema} skip={["preset", "cron", "timezone"]} />
    </>
  );
}

interface NextTimesProps {
  ws: string;
  preset: Preset | null;
  cron: string;
  timezone: string;
}

/** The schedule in words, and its next five times, as the server works them out. */
function NextTimes({ ws, preset, cron, timezone }: NextTimesProps) {
  const schedule = preset ? { preset, timezone } : { cron, timezone };
  const [asked] = useDebouncedValue(JSON.stringify(schedule), 300);
  const { data, error } = useQuery({
    ...schedulePreviewQuery(ws, JSON.parse(asked) as Record<string, unknown>),
    placeholderData: keepPreviousData,
  });
  if (error) {
    const problem = asProblem(error);
    return (
      <Text size="xs" c="red" role="status">
        {problem.title} {problem.message}
      </Text>
    );
  }
  if (!data) return null;
  return (
    <section className={classes.nextTimes} aria-label={t("schedule.next")}>
      <Text size="xs" fw={560}>
        {t("schedule.next")}
      </Text>
      <Text size="xs" c="dimmed">
        {data.description}
      </Text>
      <FireTimes fires={data.next} />
    </section>
  );
}
