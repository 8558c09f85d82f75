import { Stack, Tabs } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { Page, PageHeader } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { AuditLog } from "./AuditLog";
import { t as a } from "./audit.en";
import { t } from "./en";
import { Pausing } from "./Pausing";
import { People } from "./People";
import { RetentionSettings } from "./RetentionSettings";
import { Variables } from "./Variables";

/** What holds for one environment, who works in the workspace, and what they did. */
export function SettingsPage() {
  const { env, environments, can } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const name = environments.find(({ slug }) => slug === env)?.name ?? env;
  const parts = [
    "environment" as const,
    ...(can("members.view") ? (["people"] as const) : []),
    ...(can("audit.view") ? (["audit"] as const) : []),
  ];
  const part = parts.find((known) => known === search.tab) ?? "environment";
  return (
    <Page>
      <PageHeader
        title={t("settings.title")}
        description={
          part === "environment" ? t("settings.description", { environment: name }) : undefined
        }
      />
      <Tabs
        value={part}
        keepMounted={false}
        onChange={(tab) =>
          setSearch({ tab: tab && tab !== "environment" ? tab : undefined, q: undefined })
        }
      >
        {parts.length > 1 && (
          <Tabs.List mb="lg" aria-label={a("tab.label")}>
            {parts.map((each) => (
              <Tabs.Tab key={each} value={each}>
                {a(`tab.${each}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        )}
        <Tabs.Panel value="environment">
          <Stack gap="xl" key={env}>
            {!can("settings.edit") && (
              <Notice
                tone="grey"
                icon={<IconInfoCircle size={17} />}
                title={t("settings.readOnly")}
              />
            )}
            <Variables />
            <RetentionSettings />
            <Pausing />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="people">
          <People />
        </Tabs.Panel>
        <Tabs.Panel value="audit">
          <AuditLog />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
