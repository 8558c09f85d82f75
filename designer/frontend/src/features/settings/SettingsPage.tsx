import { Stack } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { Page, PageHeader } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { Pausing } from "./Pausing";
import { RetentionSettings } from "./RetentionSettings";
import { Variables } from "./Variables";

/** What holds for one environment: its variables, how long things are kept, what is paused. */
export function SettingsPage() {
  const { env, environments, can } = useWorkspace();
  const name = environments.find(({ slug }) => slug === env)?.name ?? env;
  return (
    <Page>
      <PageHeader
        title={t("settings.title")}
        description={t("settings.description", { environment: name })}
      />
      <Stack gap="xl" key={env}>
        {!can("settings.edit") && (
          <Notice tone="grey" icon={<IconInfoCircle size={17} />} title={t("settings.readOnly")} />
        )}
        <Variables />
        <RetentionSettings />
        <Pausing />
      </Stack>
    </Page>
  );
}
