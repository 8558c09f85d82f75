import { Avatar, Menu, Text, UnstyledButton } from "@mantine/core";
import { IconLogout } from "@tabler/icons-react";
import { logOut } from "@/api/client";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";

export function UserMenu() {
  const { me, workspace } = useWorkspace();
  if (!me) return null;
  return (
    <Menu width={230}>
      <Menu.Target>
        <UnstyledButton aria-label={t("user.menu")} style={{ borderRadius: "50%" }}>
          <Avatar name={me.user.name} color="sea" size={32} variant="light" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)">
            {me.user.name}
          </Text>
          <Text size="xs">{me.user.email}</Text>
          {workspace && <Text size="xs">{t("workspace.role", { role: workspace.role })}</Text>}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.7} />} onClick={logOut}>
          {t("user.logout")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
