import {
  Group,
  MultiSelect,
  SegmentedControl,
  Select,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { flowsQuery } from "@/api/queries";
import { tablesQuery } from "@/features/lookups/queries";
import { AnchorLink } from "@/shared/ui/links";
import { useDesigner } from "../DesignerContext";
import { t } from "./en";
import { useForm } from "./FormContext";

type Values = Record<string, unknown>;
const text = (value: unknown): string => (typeof value === "string" ? value : "");

interface TableFieldProps {
  value: unknown;
  column: unknown;
  required: boolean;
  onTable: (patch: Values) => void;
}

/** A lookup table of the environment, and which of its columns is the answer. */
export function TableField({ value, required, onTable }: TableFieldProps) {
  const { ws, env } = useDesigner();
  const { readOnly } = useForm();
  const tables = useQuery(tablesQuery(ws, env));
  const slug = text(value);
  const known = tables.data?.find((table) => table.slug === slug);
  const data = (tables.data ?? []).map((table) => ({ value: table.slug, label: table.name }));
  if (slug && !known) data.push({ value: slug, label: slug });
  return (
    <Stack gap={4}>
      <Select
        label={t("table")}
        placeholder={t("table.pick")}
        withAsterisk={required}
        searchable
        disabled={readOnly}
        allowDeselect={false}
        data={data}
        value={slug || null}
        description={known ? t("table.rows", { count: known.row_count }) : undefined}
        inputWrapperOrder={["label", "input", "description", "error"]}
        onChange={(next) => next && onTable({ table: next, column: undefined })}
      />
      {tables.data?.length === 0 && (
        <Group gap={6}>
          <Text size="xs" c="dimmed">
            {t("table.none")}
          </Text>
          <AnchorLink size="xs" to="/w/$ws/lookups" params={{ ws }} search={{ env }}>
            {t("table.add")}
          </AnchorLink>
        </Group>
      )}
    </Stack>
  );
}

/** One of the columns of the chosen table that hold an answer. */
export function ColumnField({ label }: { label: string }) {
  const { ws, env } = useDesigner();
  const { node, set, readOnly } = useForm();
  const { data: tables } = useQuery(tablesQuery(ws, env));
  const table = tables?.find((known) => known.slug === node.config.table);
  const columns = (table?.columns ?? []).filter((column) => !column.key);
  const value = text(node.config.column);
  const data = columns.map((column) => ({
    value: column.name,
    label: column.title || column.name,
  }));
  if (value && !columns.some((column) => column.name === value)) {
    data.push({ value, label: value });
  }
  return (
    <Select
      label={label}
      placeholder={t("column.first")}
      disabled={readOnly || !table}
      clearable
      data={data}
      value={value || null}
      onChange={(next) => set({ column: next ?? undefined })}
    />
  );
}

/** Another flow, with whether it is live where this one would call it. */
export function FlowField({
  value,
  onChange,
  label,
}: {
  value: unknown;
  onChange: (id: string) => void;
  label: string;
}) {
  const { ws, env, flow } = useDesigner();
  const { readOnly } = useForm();
  const { data: flows } = useQuery(flowsQuery(ws));
  const id = text(value);
  const others = (flows ?? []).filter(
    (other) => other.id !== flow.id && other.nodes.some((node) => node.type === "trigger.called"),
  );
  const stateOf = (flowId: string) => {
    const live = flows
      ?.find((other) => other.id === flowId)
      ?.deployments.find((deployment) => deployment.environment === env);
    if (!live) return t("flow.notLive", { environment: env });
    return live.active ? "" : t("flow.paused", { environment: env });
  };
  const data = others.map((other) => ({ value: other.id, label: other.name }));
  if (id && !others.some((other) => other.id === id)) {
    data.push({ value: id, label: flows?.find((other) => other.id === id)?.name ?? id });
  }
  return (
    <div>
      <Select
        label={label}
        placeholder={t("flow.pick")}
        searchable
        withAsterisk
        disabled={readOnly}
        allowDeselect={false}
        data={data}
        value={id || null}
        renderOption={({ option }) => (
          <div>
            <Text size="sm">{option.label}</Text>
            <Text size="xs" c="dimmed">
              {stateOf(option.value)}
            </Text>
          </div>
        )}
        onChange={(next) => next && onChange(next)}
      />
      {id && (
        <Group gap={6} mt={4}>
          <Text size="xs" c="dimmed">
            {stateOf(id)}
          </Text>
          <AnchorLink
            size="xs"
            to="/w/$ws/flows/$flowId"
            params={{ ws, flowId: id }}
            search={{ env }}
          >
            {t("flow.open")}
          </AnchorLink>
        </Group>
      )}
    </div>
  );
}

/** Several flows; all others when none is chosen. */
export function FlowsField({
  value,
  onChange,
  label,
}: {
  value: unknown;
  onChange: (ids: string[]) => void;
  label: string;
}) {
  const { ws, flow } = useDesigner();
  const { readOnly } = useForm();
  const { data: flows } = useQuery(flowsQuery(ws));
  const chosen = Array.isArray(value) ? value.map(String) : [];
  return (
    <MultiSelect
      label={label}
      placeholder={chosen.length === 0 ? t("flow.all") : undefined}
      searchable
      disabled={readOnly}
      data={(flows ?? [])
        .filter((other) => other.id !== flow.id)
        .map((other) => ({ value: other.id, label: other.name }))}
      value={chosen}
      onChange={onChange}
    />
  );
}

const ROLES = ["owner", "admin", "builder", "analyst", "viewer"] as const;

/** Somebody by name, or everybody of a role. */
export function AssigneeField({
  value,
  onChange,
  label,
}: {
  value: unknown;
  onChange: (assignee: string) => void;
  label: string;
}) {
  const { readOnly } = useForm();
  const [kind = "role", name = ""] = text(value).split(":");
  return (
    <Stack gap={6}>
      <Text size="sm" fw={520} mb={-3} aria-hidden>
        {label}
      </Text>
      <SegmentedControl
        size="xs"
        fullWidth
        disabled={readOnly}
        aria-label={label}
        value={kind === "user" ? "user" : "role"}
        data={[
          { value: "role", label: t("who.role") },
          { value: "user", label: t("who.user") },
        ]}
        onChange={(next) => onChange(next === "role" ? "role:analyst" : "user:")}
      />
      {kind === "user" ? (
        <TextInput
          aria-label={label}
          placeholder={t("who.user.name")}
          disabled={readOnly}
          value={name}
          onChange={(event) => onChange(`user:${event.currentTarget.value}`)}
        />
      ) : (
        <Select
          aria-label={label}
          disabled={readOnly}
          allowDeselect={false}
          data={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
          value={name || null}
          onChange={(next) => next && onChange(`role:${next}`)}
        />
      )}
    </Stack>
  );
}
