import { Menu, UnstyledButton } from "@mantine/core";
import { IconBroadcast, IconCheck, IconFlask, IconSelector } from "@tabler/icons-react";
import { isProduction, useSearchState, useWorkspace } from "@/shared/workspace";
import classes from "./EnvironmentSwitch.module.css";
import { t } from "./en";

/** Shows and changes the environment; production is loud on purpose. */
export function EnvironmentSwitch() {
  const { env, environments } = useWorkspace();
  const [, setSearch] = useSearchState();
  const production = isProduction(env);
  const current = environments.find((environment) => environment.slug === env);
  const Icon = production ? IconBroadcast : IconFlask;
  return (
    <Menu position="bottom-start" width={200}>
      <Menu.Target>
        <UnstyledButton
          className={classes.pill}
          data-production={production || undefined}
          aria-label={`${t("env.label")}: ${current?.name ?? env}`}
        >
          <Icon size={15} stroke={1.9} aria-hidden />
          {current?.name ?? env}
          {production && <span className={classes.note}>{t("env.production")}</span>}
          <IconSelector size={13} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("env.label")}</Menu.Label>
        {environments.map((environment) => (
          <Menu.Item
            key={environment.slug}
            leftSection={
              isProduction(environment.slug) ? <IconBroadcast size={15} /> : <IconFlask size={15} />
            }
            rightSection={environment.slug === env ? <IconCheck size={14} /> : null}
            onClick={() => setSearch({ env: environment.slug })}
          >
            {environment.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
