import {
  ActionIcon,
  Anchor,
  Button,
  FileButton,
  Group,
  List,
  Stack,
  Tabs,
  Text,
  Tooltip,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconArrowLeft, IconFileUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { Page, PageHeader, ProblemAlert } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { FromOpenApi } from "./FromOpenApi";
import { ManifestEditor, useFaults } from "./ManifestEditor";
import { STARTER } from "./model";
import { connectorKeys, type OwnConnector } from "./queries";

/** A connector of the workspace's own: written, uploaded, or drafted from an OpenAPI document. */
export function NewConnectorPage() {
  const { ws } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [text, setText] = useState(STARTER);
  const [notes, setNotes] = useState<string[]>([]);
  const faults = useFaults(text);
  const add = useMutation({
    mutationFn: () =>
      api.post<OwnConnector>(inWorkspace(ws, "/own-connectors"), { manifest: text }),
    onSuccess: async (made) => {
      await cache.invalidateQueries({ queryKey: connectorKeys.installed(ws) });
      await cache.invalidateQueries({ queryKey: [ws, "connectors"] });
      notifications.show({ message: t("new.done", { name: made.name }) });
      await navigate({
        to: "/w/$ws/connectors/$ownConnectorId",
        params: { ws, ownConnectorId: made.id },
      });
    },
  });
  const take = async (file: File | null) => {
    if (!file) return;
    setText(await file.text());
    setNotes([]);
    add.reset();
  };
  const way = search.from === "openapi" ? "openapi" : "manifest";
  return (
    <Page>
      <PageHeader
        title={t("new.title")}
        description={t("new.description")}
        leading={
          <Tooltip label={t("new.back")}>
            <ActionIcon
              aria-label={t("new.back")}
              renderRoot={(props) => <Link to="/w/$ws/connectors" params={{ ws }} {...props} />}
            >
              <IconArrowLeft size={18} />
            </ActionIcon>
          </Tooltip>
        }
      />
      <Tabs
        value={way}
        onChange={(next) => setSearch({ from: next === "openapi" ? "openapi" : undefined })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="manifest">{t("new.manifest")}</Tabs.Tab>
          <Tabs.Tab value="openapi">{t("new.openapi")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="manifest">
          <Stack gap="md">
            <Group justify="space-between">
              <FileButton onChange={(file) => void take(file)} accept=".yaml,.yml,.json">
                {(props) => (
                  <Button
                    {...props}
                    variant="default"
                    leftSection={<IconFileUpload size={16} aria-hidden />}
                  >
                    {t("new.upload")}
                  </Button>
                )}
              </FileButton>
              <Anchor href="/api/v1/schemas/connector" target="_blank" rel="noreferrer" size="sm">
                {t("editor.schema")}
              </Anchor>
            </Group>
            {notes.length > 0 && (
              <Notice
                tone="amber"
                icon={<IconAlertTriangle size={18} />}
                title={t("notes.title")}
                role="status"
              >
                <List size="sm">
                  {notes.map((note) => (
                    <List.Item key={note}>{note}</List.Item>
                  ))}
                </List>
              </Notice>
            )}
            <ManifestEditor text={text} faults={faults} onChange={setText} />
            <ProblemAlert error={add.error} />
            <Group>
              <Button
                disabled={faults === undefined || faults.length > 0 || text === STARTER}
                loading={add.isPending}
                onClick={() => add.mutate()}
              >
                {t("new.save")}
              </Button>
              {text === STARTER && (
                <Text size="sm" c="dimmed">
                  {t("new.starter")}
                </Text>
              )}
            </Group>
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="openapi">
          <FromOpenApi
            onDrafted={(drafted) => {
              setText(drafted.manifest);
              setNotes(drafted.notes);
              add.reset();
              setSearch({ from: undefined });
            }}
          />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
