import { Button, Tabs } from "@mantine/core";
import { IconArrowsExchange, IconHistory, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { fileAddress } from "@/api/client";
import { Page, PageHeader } from "@/shared/ui";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { ExportMenu } from "./ExportMenu";
import { t } from "./en";
import { PairsTab } from "./PairsTab";
import { ReferenceVersions } from "./ReferenceVersions";
import { ImportReferences } from "./referenceDialogs";

/** Cross-references: the pairs, what people changed of them, in and out as files. */
export function ReferencesPage() {
  const { ws, env, can } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const [importing, setImporting] = useState(false);
  const { entity, connection, q } = search;
  const address = (form: string) =>
    fileAddress(ws, "/xrefs/export", { form, environment: env, entity, connection, q });
  const editable = can("lookups.edit");
  return (
    <Page wide>
      <PageHeader
        title={t("xrefs.title")}
        description={t("xrefs.description")}
        actions={
          <>
            {editable && (
              <Button
                variant="default"
                leftSection={<IconUpload size={15} aria-hidden />}
                onClick={() => setImporting(true)}
              >
                {t("one.import")}
              </Button>
            )}
            <ExportMenu address={address} />
          </>
        }
      />
      <Tabs
        value={search.tab ?? "pairs"}
        keepMounted={false}
        onChange={(tab) => setSearch({ tab: tab === "pairs" ? undefined : (tab ?? undefined) })}
      >
        <Tabs.List mb="md" aria-label={t("xrefs.tabs")}>
          <Tabs.Tab value="pairs" leftSection={<IconArrowsExchange size={15} aria-hidden />}>
            {t("xrefs.tab.pairs")}
          </Tabs.Tab>
          <Tabs.Tab value="versions" leftSection={<IconHistory size={15} aria-hidden />}>
            {t("xrefs.tab.versions")}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="pairs">
          <PairsTab />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <ReferenceVersions />
        </Tabs.Panel>
      </Tabs>
      <ImportReferences opened={importing} onClose={() => setImporting(false)} />
    </Page>
  );
}
