import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useEffect } from "react";

interface PageHeaderProps {
  title: string;
  description?: ReactNode;
  /** Stands before the title: an icon or a link back. */
  leading?: ReactNode;
  /** Badges after the title. */
  extra?: ReactNode;
  /** Buttons at the right end; the primary one last. */
  actions?: ReactNode;
}

export function PageHeader({ title, description, leading, extra, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · Causeway`;
  }, [title]);
  return (
    <Group justify="space-between" align="flex-start" mb="lg" gap="md" wrap="wrap">
      <Group gap="sm" wrap="nowrap" align="flex-start" miw={0} flex="1 1 320px">
        {leading}
        <Stack gap={2} miw={0}>
          <Group gap="sm" wrap="nowrap">
            <Title order={1}>{title}</Title>
            {extra}
          </Group>
          {description && (
            <Text c="dimmed" size="sm" maw={720}>
              {description}
            </Text>
          )}
        </Stack>
      </Group>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
