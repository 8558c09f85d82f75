import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { api, asProblem } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { type LookupTable, lookupKeys, tablePath } from "./queries";

interface DeleteTableProps {
  table: LookupTable;
  opened: boolean;
  onClose: () => void;
}

/** Asks once and says what is lost; while flows read the table it shows them instead. */
export function DeleteTable({ table, opened, onClose }: DeleteTableProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => api.delete(tablePath(ws, table.id)),
    onSuccess: async () => {
      notifications.show({ message: t("delete.done") });
      await navigate({ to: "/w/$ws/lookups", params: { ws } });
      cache.removeQueries({ queryKey: lookupKeys.table(ws, table.id) });
      await cache.invalidateQueries({ queryKey: lookupKeys.all(ws) });
    },
  });
  const told = asProblem(remove.error).extras.used_by as LookupTable["used_by"] | undefined;
  const users = told ?? table.used_by;
  return (
    <Modal opened={opened} onClose={onClose} title={t("delete.title", { name: table.name })}>
      <Stack gap="md">
        {users.length > 0 ? (
          <div>
            <Text size="sm">{t("delete.used")}</Text>
            <ul>
              {users.map(({ flow_id, name }) => (
                <li key={flow_id}>
                  <Link to="/w/$ws/flows/$flowId" params={{ ws, flowId: flow_id }}>
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
            <Text size="sm">{t("delete.used.hint")}</Text>
          </div>
        ) : (
          <Text size="sm">{t("delete.text")}</Text>
        )}
        <ProblemAlert error={told ? null : remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("delete.keep")}
          </Button>
          <Button
            color="red.8"
            disabled={users.length > 0}
            loading={remove.isPending}
            onClick={() => remove.mutate()}
          >
            {t("delete.confirm")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
