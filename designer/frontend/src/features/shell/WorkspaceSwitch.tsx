import { Button, Menu, Text } from "@mantine/core";
import { IconCheck, IconSelector } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";

export function WorkspaceSwitch() {
  const { me, workspace, ws } = useWorkspace();
  const navigate = useNavigate();
  const others = me?.workspaces ?? [];
  if (others.length < 2) {
    return (
      <Text size="sm" fw={550} c="dimmed" truncate px={6}>
        {workspace?.name ?? ws}
      </Text>
    );
  }
  return (
    <Menu position="bottom-start" width={220}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-md"
          rightSection={<IconSelector size={14} />}
          aria-label={`${t("workspace.label")}: ${workspace?.name ?? ws}`}
        >
          {workspace?.name ?? ws}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {others.map((other) => (
          <Menu.Item
            key={other.slug}
            rightSection={other.slug === ws ? <IconCheck size={14} /> : null}
            onClick={() => void navigate({ to: "/w/$ws/overview", params: { ws: other.slug } })}
          >
            {other.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
