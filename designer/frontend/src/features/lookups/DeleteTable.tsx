import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { DeleteUsed } from "@/shared/ui/DeleteUsed";
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
  return (
    <DeleteUsed
      opened={opened}
      onClose={onClose}
      words={{
        title: t("delete.title", { name: table.name }),
        text: t("delete.text"),
        used: t("delete.used"),
        hint: t("delete.used.hint"),
        keep: t("delete.keep"),
        confirm: t("delete.confirm"),
      }}
      path={tablePath(ws, table.id)}
      users={table.used_by}
      onDeleted={async () => {
        notifications.show({ message: t("delete.done") });
        await navigate({ to: "/w/$ws/lookups", params: { ws } });
        cache.removeQueries({ queryKey: lookupKeys.table(ws, table.id) });
        await cache.invalidateQueries({ queryKey: lookupKeys.all(ws) });
      }}
    />
  );
}
