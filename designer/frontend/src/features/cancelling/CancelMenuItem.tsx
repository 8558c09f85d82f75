import { Menu } from "@mantine/core";
import { IconBan } from "@tabler/icons-react";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";

interface CancelMenuItemProps {
  kind: "flow" | "connection";
  environment: string;
  /** Opens the dialog, which stands outside of the menu: a menu takes its items away when it closes. */
  onCancel: () => void;
}

/** In a menu: asks whether all runs of what the menu is about are to be cancelled. */
export function CancelMenuItem({ kind, environment, onCancel }: CancelMenuItemProps) {
  const { can } = useWorkspace();
  if (!can("runs.operate", environment)) return null;
  return (
    <Menu.Item leftSection={<IconBan size={15} />} onClick={onCancel}>
      {t(`action.${kind}`)}
    </Menu.Item>
  );
}
