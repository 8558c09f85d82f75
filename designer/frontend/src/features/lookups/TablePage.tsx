import { ActionIcon, Badge, Button, Group, Menu, Tabs, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconArrowLeft,
  IconDots,
  IconHistory,
  IconSettings,
  IconTable,
  IconTrash,
  IconUpload,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { fileAddress } from "@/api/client";
import { LoadedPage, Page, PageHeader } from "@/shared/ui";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { DeleteTable } from "./DeleteTable";
import { ExportMenu } from "./ExportMenu";
import { t } from "./en";
import { ImportTable } from "./ImportTable";
import { type LookupTable, tableQuery } from "./queries";
import { RowsTab } from "./RowsTab";
import { SettingsTab } from "./SettingsTab";
import { VersionsTab } from "./VersionsTab";

/** One lookup table: rows to edit, versions to go back to, rules. */
export function TablePage() {
  const { ws } = useWorkspace();
  const { tableId = "" } = useParams({ strict: false });
  const table = useQuery(tableQuery(ws, tableId));
  return (
    <LoadedPage query={table} wide>
      {(data) => <Loaded table={data} />}
    </LoadedPage>
  );
}

function Loaded({ table }: { table: LookupTable }) {
  const { ws, can } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const [deleting, remove] = useDisclosure(false);
  const editable = can("lookups.edit", table.environment);
  const address = (form: string) =>
    fileAddress(ws, `/lookups/${encodeURIComponent(table.id)}/export`, {
      form,
      environment: table.environment,
    });
  return (
    <Page wide>
      <PageHeader
        title={table.name}
        description={
          <>
            {table.description && `${table.description} `}
            <Text span inherit>
              {t("one.slug")}: <code>{table.slug}</code>
            </Text>
            {table.used_by.length > 0 && (
              <Text span inherit>
                {" "}
                · {t("one.usedBy")}{" "}
                {table.used_by.map(({ flow_id, name }, at) => (
                  <span key={flow_id}>
                    {at > 0 && ", "}
                    <Link
                      to="/w/$ws/flows/$flowId"
                      params={{ ws, flowId: flow_id }}
                      style={{ color: "var(--cw-accent)" }}
                    >
                      {name}
                    </Link>
                  </span>
                ))}
              </Text>
            )}
          </>
        }
        leading={
          <Tooltip label={t("one.back")}>
            <ActionIcon
              aria-label={t("one.back")}
              renderRoot={(props) => <Link to="/w/$ws/lookups" params={{ ws }} {...props} />}
            >
              <IconArrowLeft size={18} />
            </ActionIcon>
          </Tooltip>
        }
        extra={
          <Group gap={6} wrap="nowrap">
            <Badge color="gray">{t("one.version", { number: table.version })}</Badge>
            {table.kind === "rates" && <Badge color="gray">{t("kind.rates")}</Badge>}
          </Group>
        }
        actions={
          <>
            {editable && (
              <Button
                variant="default"
                leftSection={<IconUpload size={15} aria-hidden />}
                onClick={() => setSearch({ upload: "any" })}
              >
                {t("one.import")}
              </Button>
            )}
            <ExportMenu address={address} />
            {editable && (
              <Menu>
                <Menu.Target>
                  <ActionIcon variant="default" size={36} aria-label={t("one.more")}>
                    <IconDots size={17} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item
                    color="red"
                    leftSection={<IconTrash size={15} />}
                    onClick={remove.open}
                  >
                    {t("one.delete")}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
          </>
        }
      />
      <Tabs
        value={search.tab ?? "rows"}
        keepMounted={false}
        onChange={(tab) => setSearch({ tab: tab === "rows" ? undefined : (tab ?? undefined) })}
      >
        <Tabs.List mb="md" aria-label={t("one.tabs")}>
          <Tabs.Tab value="rows" leftSection={<IconTable size={15} aria-hidden />}>
            {t("tab.rows")}
          </Tabs.Tab>
          <Tabs.Tab value="versions" leftSection={<IconHistory size={15} aria-hidden />}>
            {t("tab.versions")}
          </Tabs.Tab>
          <Tabs.Tab value="settings" leftSection={<IconSettings size={15} aria-hidden />}>
            {t("tab.settings")}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="rows" keepMounted>
          <RowsTab table={table} editable={editable} />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <VersionsTab table={table} editable={editable} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <SettingsTab key={table.version} table={table} editable={editable} />
        </Tabs.Panel>
      </Tabs>
      <ImportTable
        table={table}
        opened={search.upload !== undefined && editable}
        upload={search.upload === "any" ? null : (search.upload ?? null)}
        onClose={() => setSearch({ upload: undefined })}
      />
      <DeleteTable table={table} opened={deleting} onClose={remove.close} />
    </Page>
  );
}
