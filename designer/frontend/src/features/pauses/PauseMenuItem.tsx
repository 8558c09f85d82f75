import { Menu } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { type PauseOf, pausesQuery } from "./queries";
import { useResume } from "./usePausing";

interface PauseMenuItemProps {
  of: PauseOf;
  environment: string;
  /** Opens the dialog, which stands outside of the menu: a menu takes its items away when it closes. */
  onPause: () => void;
}

/** In a menu: holds calls back, or lets them go on. */
export function PauseMenuItem({ of, environment, onPause }: PauseMenuItemProps) {
  const { ws, can } = useWorkspace();
  const { data } = useQuery(pausesQuery(ws, environment, of));
  const resume = useResume();
  if (!data || !can("runs.operate", environment)) return null;
  const [pause] = data;
  return pause ? (
    <Menu.Item leftSection={<IconPlayerPlay size={15} />} onClick={() => resume.mutate(pause)}>
      {t("resume.action")}
    </Menu.Item>
  ) : (
    <Menu.Item leftSection={<IconPlayerPause size={15} />} onClick={onPause}>
      {t("pause.action")}
    </Menu.Item>
  );
}
