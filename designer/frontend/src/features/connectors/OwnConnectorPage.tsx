import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Menu,
  Modal,
  Stack,
  Text,
  Title,
  Tooltip,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconArrowLeft, IconDots, IconInfoCircle, IconTrash } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, asProblem } from "@/api/client";
import { TimeAgo } from "@/shared/time";
import { LoadedPage, notifyProblem, Page, PageHeader, ProblemAlert } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import { ConnectionLinks } from "./ConnectionLinks";
import classes from "./connectors.module.css";
import { t } from "./en";
import { ManifestEditor, useFaults } from "./ManifestEditor";
import {
  connectorKeys,
  installedQuery,
  type MadeWith,
  type OwnConnector,
  ownPath,
  ownQuery,
  versionsQuery,
} from "./queries";

/** A connector that the workspace uploaded: its manifest, its versions, who uses it. */
export function OwnConnectorPage() {
  const { ws } = useWorkspace();
  const { ownConnectorId = "" } = useParams({ strict: false });
  const own = useQuery(ownQuery(ws, ownConnectorId));
  return <LoadedPage query={own}>{(data) => <Loaded key={data.version} own={data} />}</LoadedPage>;
}

function Loaded({ own }: { own: OwnConnector }) {
  const { ws, can } = useWorkspace();
  const cache = useQueryClient();
  const editable = can("connections.edit");
  const [text, setText] = useState(own.manifest);
  const [looking, setLooking] = useState<number | null>(null);
  const [deleting, remove] = useDisclosure(false);
  const faults = useFaults(text);
  const versions = useQuery(versionsQuery(ws, own.id));
  const installed = useInfiniteQuery(installedQuery(ws));
  const connections = installed.data?.pages
    .flatMap((page) => page.items)
    .find(({ own_id }) => own_id === own.id)?.connections;
  const newest = versions.data?.[0]?.number ?? own.version;
  const save = useMutation({
    mutationFn: () => api.put<OwnConnector>(ownPath(ws, own.id), { manifest: text }),
    onSuccess: async (made) => {
      notifications.show({ message: t("own.saved", { number: made.version }) });
      await cache.invalidateQueries({ queryKey: connectorKeys.own(ws, own.id) });
      await cache.invalidateQueries({ queryKey: connectorKeys.installed(ws) });
      await cache.invalidateQueries({ queryKey: [ws, "connectors"] });
      await cache.invalidateQueries({ queryKey: [ws, "connector", own.slug] });
    },
  });
  const look = useMutation({
    mutationFn: (number: number) => api.get<OwnConnector>(ownPath(ws, own.id), { version: number }),
    onSuccess: (found) => {
      setText(found.manifest);
      setLooking(found.version === own.version ? null : found.version);
    },
    onError: (error) => notifyProblem(error),
  });
  const changed = text !== own.manifest;
  return (
    <Page wide>
      <PageHeader
        title={own.name}
        description={
          <>
            {t("own.slug")}: <code>{own.slug}</code>
          </>
        }
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
        extra={<Badge color="gray">{t("own.version", { number: own.version })}</Badge>}
        actions={
          editable && (
            <>
              <Button
                renderRoot={(props) => (
                  <Link
                    to="/w/$ws/connections"
                    params={{ ws }}
                    search={{ add: own.slug }}
                    {...props}
                  />
                )}
              >
                {t("own.connect")}
              </Button>
              <Menu>
                <Menu.Target>
                  <ActionIcon variant="default" size={36} aria-label={t("own.more")}>
                    <IconDots size={17} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item
                    color="red"
                    leftSection={<IconTrash size={15} />}
                    onClick={remove.open}
                  >
                    {t("own.delete")}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </>
          )
        }
      />
      <div className={classes.own}>
        <Stack gap="md" miw={0}>
          {looking !== null && (
            <Notice
              tone="blue"
              role="status"
              icon={<IconInfoCircle size={18} />}
              title={t("own.looking", { number: looking })}
            />
          )}
          <ManifestEditor text={text} faults={faults} onChange={setText} readOnly={!editable} />
          <ProblemAlert error={save.error} />
          {editable && (
            <Group>
              <Button
                disabled={!changed || faults === undefined || faults.length > 0}
                loading={save.isPending}
                onClick={() => save.mutate()}
              >
                {t("own.save", { number: newest + 1 })}
              </Button>
              {changed && (
                <Button
                  variant="subtle"
                  onClick={() => {
                    setText(own.manifest);
                    setLooking(null);
                    save.reset();
                  }}
                >
                  {t("own.discard")}
                </Button>
              )}
            </Group>
          )}
        </Stack>
        <aside className={classes.beside}>
          <section>
            <Title order={2} size="h4" mb={6}>
              {t("own.used")}
            </Title>
            {connections && connections.length > 0 ? (
              <ConnectionLinks connections={connections} most={20} />
            ) : (
              <Text size="sm" c="dimmed">
                {t("own.unused")}
              </Text>
            )}
          </section>
          <section>
            <Title order={2} size="h4" mb={6}>
              {t("own.versions")}
            </Title>
            <ol className={classes.versions}>
              {versions.data?.map((version) => (
                <li key={version.number}>
                  <div>
                    <Text size="sm" fw={550}>
                      {t("own.version", { number: version.number })}
                      {version.in_use && (
                        <Badge size="xs" ml={8}>
                          {t("own.inUse")}
                        </Badge>
                      )}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {version.author} · <TimeAgo at={version.created_at} />
                    </Text>
                  </div>
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={t("own.look.of", { number: version.number })}
                    onClick={() => look.mutate(version.number)}
                  >
                    {t("own.look")}
                  </Button>
                </li>
              ))}
            </ol>
          </section>
        </aside>
      </div>
      <DeleteOwn own={own} opened={deleting} onClose={remove.close} />
    </Page>
  );
}

interface DeleteOwnProps {
  own: OwnConnector;
  opened: boolean;
  onClose: () => void;
}

function DeleteOwn({ own, opened, onClose }: DeleteOwnProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => api.delete(ownPath(ws, own.id)),
    onSuccess: async () => {
      notifications.show({ message: t("own.deleted", { name: own.name }) });
      await navigate({ to: "/w/$ws/connectors", params: { ws } });
      await cache.invalidateQueries({ queryKey: connectorKeys.installed(ws) });
      await cache.invalidateQueries({ queryKey: [ws, "connectors"] });
    },
  });
  const inUse = asProblem(remove.error).extras.connections as MadeWith["name"][] | undefined;
  return (
    <Modal opened={opened} onClose={onClose} title={t("own.delete.title", { name: own.name })}>
      <Stack gap="md">
        <Text size="sm">{t("own.delete.text")}</Text>
        <ProblemAlert error={remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button
            color="red.8"
            disabled={inUse !== undefined}
            loading={remove.isPending}
            onClick={() => remove.mutate()}
          >
            {t("own.delete.confirm")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
