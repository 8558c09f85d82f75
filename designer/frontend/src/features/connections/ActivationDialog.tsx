import { Button, Group, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { Copied } from "./Copied";
import { t } from "./en";

interface ActivationDialogProps {
  connectionId: string;
  systemName: string;
  opened: boolean;
  onClose: () => void;
}

/** Two addresses to enter at the vendor, which then activates the connection from its side. */
export function ActivationDialog(props: ActivationDialogProps) {
  const { ws } = useWorkspace();
  const { data, error } = useQuery({
    queryKey: [ws, "activation", props.connectionId, props.opened],
    queryFn: () =>
      api.post<{ callback_url: string; identity_url: string }>(
        inWorkspace(ws, `/connections/${encodeURIComponent(props.connectionId)}/activation`),
      ),
    enabled: props.opened,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      size="lg"
      title={t("activate.title", { name: props.systemName })}
    >
      <Stack gap="md">
        <Text size="sm">{t("activate.text", { name: props.systemName })}</Text>
        <ProblemAlert error={error} />
        {!data && !error && <Skeleton height={60} />}
        {data && (
          <>
            <div>
              <Text size="sm" fw={550}>
                {t("activate.callback")}
              </Text>
              <Copied what={t("activate.callback")} text={data.callback_url} />
            </div>
            <div>
              <Text size="sm" fw={550}>
                {t("activate.identity")}
              </Text>
              <Copied what={t("activate.identity")} text={data.identity_url} />
            </div>
          </>
        )}
        <Group justify="flex-end">
          <Button onClick={props.onClose}>{t("activate.close")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
