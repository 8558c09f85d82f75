import { Badge, Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconHistory, IconRestore } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import type { FlowDocument } from "@/api/types";
import { TimeAgo } from "@/shared/time";
import { EmptyState } from "@/shared/ui/EmptyState";
import { notifyProblem } from "@/shared/ui/ProblemAlert";
import { useWorkspace } from "@/shared/workspace";
import { personName } from "./ConflictDialog";
import { useDesigner } from "./DesignerContext";
import { t } from "./en";

/** The published versions; each can be brought back into the draft, which undo reverts. */
export function VersionsDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { ws, flow, change, readOnly } = useDesigner();
  const { environments } = useWorkspace();
  const nameOf = (slug: string) => environments.find((one) => one.slug === slug)?.name ?? slug;
  const restore = useMutation({
    mutationFn: (number: number) =>
      api.getExact<{ number: number; document: FlowDocument }>(
        inWorkspace(ws, `/flows/${flow.id}/versions/${number}`),
      ),
    onSuccess: ({ number, document }) => {
      change(() => document);
      notifications.show({
        title: t("versions.restored", { number }),
        message: t("versions.restoredText"),
      });
      onClose();
    },
    onError: (error) => notifyProblem(error),
  });
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={380}
      title={t("versions.title")}
    >
      {flow.versions.length === 0 && (
        <EmptyState compact icon={IconHistory} title={t("versions.none")} />
      )}
      <Stack gap={0}>
        {[...flow.versions]
          .sort((a, b) => b.number - a.number)
          .map((version) => {
            const live = flow.deployments.filter((d) => d.version === version.number);
            return (
              <Stack
                key={version.number}
                gap={4}
                py="sm"
                style={{ borderBottom: "1px solid var(--cw-line)" }}
              >
                <Group gap="xs">
                  <Text size="sm" fw={600}>
                    {t("versions.number", { number: version.number })}
                  </Text>
                  {live.map((deployment) => (
                    <Badge
                      key={deployment.environment}
                      size="sm"
                      color={deployment.active ? "green" : "gray"}
                    >
                      {nameOf(deployment.environment)}
                    </Badge>
                  ))}
                </Group>
                <Text size="sm" c={version.note ? undefined : "dimmed"}>
                  {version.note || t("versions.noNote")}
                </Text>
                <Group justify="space-between">
                  <Text size="xs" c="dimmed">
                    <TimeAgo at={version.published_at} />{" "}
                    {t("versions.by", { name: personName(version.published_by) })}
                  </Text>
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    leftSection={<IconRestore size={14} />}
                    disabled={readOnly}
                    loading={restore.isPending && restore.variables === version.number}
                    onClick={() => restore.mutate(version.number)}
                  >
                    {t("versions.restore")}
                  </Button>
                </Group>
              </Stack>
            );
          })}
      </Stack>
    </Drawer>
  );
}
