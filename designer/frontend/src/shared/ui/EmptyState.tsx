import { Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { TablerIcon } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface EmptyStateProps {
  icon: TablerIcon;
  title: string;
  /** Says what to do next. */
  children?: ReactNode;
  action?: ReactNode;
  compact?: boolean;
}

export function EmptyState({ icon: Icon, title, children, action, compact }: EmptyStateProps) {
  return (
    <Stack align="center" gap={compact ? 6 : "xs"} py={compact ? "lg" : 64} px="md" ta="center">
      <ThemeIcon size={compact ? 36 : 52} radius="xl" variant="light">
        <Icon size={compact ? 18 : 26} stroke={1.6} aria-hidden />
      </ThemeIcon>
      <Title order={compact ? 3 : 2}>{title}</Title>
      {children && (
        <Text c="dimmed" size="sm" maw={460}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
