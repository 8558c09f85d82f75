import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconMoon, IconSun } from "@tabler/icons-react";
import { t } from "./en";

export function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  const label = t(`theme.${other}`);
  return (
    <Tooltip label={label}>
      <ActionIcon size="lg" aria-label={label} onClick={() => setColorScheme(other)}>
        {scheme === "dark" ? (
          <IconSun size={18} stroke={1.7} />
        ) : (
          <IconMoon size={18} stroke={1.7} />
        )}
      </ActionIcon>
    </Tooltip>
  );
}
