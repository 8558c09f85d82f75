import { Group, Select, Text } from "@mantine/core";
import type { Connection } from "@/api/types";
import { AnchorLink } from "@/shared/ui/links";
import { StatusBadge } from "@/shared/ui/StatusBadge";
import { VendorIcon } from "@/shared/ui/VendorIcon";
import { useDesigner } from "../DesignerContext";
import { t } from "../en";
import { t as words } from "./en";
import { useForm } from "./FormContext";

interface ConnectionPickerProps {
  value: string | undefined;
  onChange: (slug: string, connection: Connection) => void;
  /** Only connections of this connector; all without it. */
  connector?: string;
  label?: string;
}

/** Chooses a connection of the environment, or leads to where one is made. */
export function ConnectionPicker({ value, onChange, connector, label }: ConnectionPickerProps) {
  const { connections, palette, ws, env } = useDesigner();
  const { readOnly } = useForm();
  const fitting = (connections ?? []).filter((c) => !connector || c.connector === connector);
  const known = fitting.some((c) => c.slug === value);
  const vendor = palette?.connectors.find((c) => c.slug === connector)?.name ?? "";
  const data = fitting.map((c) => ({
    value: c.slug,
    label: c.name,
    disabled: c.usable === false,
  }));
  if (value && !known) data.push({ value, label: value, disabled: false });
  const iconOf = (slug: string | undefined) => {
    const own = palette?.connectors.find((c) => c.slug === bySlug(slug ?? "")?.connector);
    return { icon: own?.icon || own?.slug, name: own?.name };
  };
  const bySlug = (slug: string) => fitting.find((c) => c.slug === slug);
  const link = (
    <AnchorLink size="xs" to="/w/$ws/connections" params={{ ws }} search={{ env, connector }}>
      {t("form.connectionAdd")}
    </AnchorLink>
  );
  return (
    <div>
      <Select
        label={label ?? t("form.connection")}
        placeholder={t("form.connectionPick")}
        data={data}
        value={value || null}
        disabled={readOnly}
        allowDeselect={false}
        error={
          value && !known && connections ? t("form.connectionMissing", { slug: value }) : undefined
        }
        leftSection={
          value && bySlug(value) ? <VendorIcon {...iconOf(value)} size={20} /> : undefined
        }
        renderOption={({ option }) => {
          const connection = bySlug(option.value);
          return (
            <Group gap="xs" wrap="nowrap" w="100%">
              <VendorIcon {...iconOf(option.value)} size={20} />
              <Text size="sm" truncate flex={1}>
                {option.label}
              </Text>
              {connection?.usable === false && (
                <Text size="xs" c="dimmed">
                  {words("connection.notShared")}
                </Text>
              )}
              {connection && connection.status !== "ready" && (
                <StatusBadge status={connection.status} size="sm" />
              )}
            </Group>
          );
        }}
        onChange={(slug) => {
          const connection = slug ? bySlug(slug) : undefined;
          if (connection) onChange(connection.slug, connection);
        }}
      />
      {connections && fitting.length === 0 && (
        <Group gap={6} mt={4}>
          <Text size="xs" c="dimmed">
            {t("form.connectionNone", { vendor })}
          </Text>
          {link}
        </Group>
      )}
    </div>
  );
}
