import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Modal,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowLeft, IconCircleX, IconPlus, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import {
  type Column,
  DataTable,
  notifyProblem,
  Page,
  PageHeader,
  ProblemAlert,
  StatusBadge,
  VendorIcon,
} from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import { ConnectionLinks } from "./ConnectionLinks";
import classes from "./connectors.module.css";
import { t } from "./en";
import { matching } from "./model";
import { connectorKeys, type InstalledConnector, installedQuery } from "./queries";

const SHOWN_CONNECTIONS = 3;

/** Every connector there is, where it comes from, who uses it; administrators decide here. */
export function ConnectorsPage() {
  const { ws, can } = useWorkspace();
  const cache = useQueryClient();
  const [text, setText] = useState("");
  const [asked, setAsked] = useState<InstalledConnector | null>(null);
  const list = useInfiniteQuery(installedQuery(ws));
  const all = list.data?.pages.flatMap((page) => page.items);
  const found = all && matching(all, text);
  const broken = all?.filter(({ problem }) => problem !== "") ?? [];
  const editable = can("connections.edit");
  const turn = useMutation({
    mutationFn: ({ connector, on }: { connector: InstalledConnector; on: boolean }) => {
      const path = inWorkspace(ws, `/connectors/${encodeURIComponent(connector.slug)}/enabled`);
      return on ? api.put<void>(path, {}) : api.delete<void>(path);
    },
    onSuccess: async (_, { connector, on }) => {
      setAsked(null);
      notifications.show({
        message: t(on ? "enable.done" : "disable.done", { name: connector.name }),
      });
      await cache.invalidateQueries({ queryKey: connectorKeys.installed(ws) });
      await cache.invalidateQueries({ queryKey: [ws, "connectors"] });
    },
    onError: (error) => notifyProblem(error),
  });

  const columns: Column<InstalledConnector>[] = [
    {
      key: "name",
      title: t("list.name"),
      render: (connector) => (
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <VendorIcon icon={connector.icon ?? connector.slug} name={connector.name} size={30} />
          <div className={classes.words}>
            {connector.own_id ? (
              <Link
                to="/w/$ws/connectors/$ownConnectorId"
                params={{ ws, ownConnectorId: connector.own_id }}
                className={classes.name}
              >
                {connector.name}
              </Link>
            ) : (
              <span className={classes.name}>{connector.name}</span>
            )}
            <Text size="xs" c="dimmed" lineClamp={2}>
              {connector.problem || connector.description}
            </Text>
          </div>
        </Group>
      ),
    },
    {
      key: "origin",
      title: t("list.origin"),
      width: 170,
      render: (connector) => (
        <>
          {t(`origin.${connector.origin}`, { name: connector.package })}
          {connector.version && (
            <Text size="xs" c="dimmed">
              {t("list.version", { version: connector.version })}
            </Text>
          )}
        </>
      ),
    },
    {
      key: "used",
      title: t("list.used"),
      width: 230,
      render: (connector) =>
        connector.connections.length === 0 ? (
          <Text span size="sm" c="dimmed">
            {t("list.unused")}
          </Text>
        ) : (
          <ConnectionLinks connections={connector.connections} most={SHOWN_CONNECTIONS} />
        ),
    },
    {
      key: "state",
      title: t("list.state"),
      width: 200,
      render: (connector) => (
        <Group gap="xs" wrap="nowrap">
          <State connector={connector} />
          {editable && connector.origin === "package" && !connector.problem && (
            <Button
              size="compact-xs"
              variant={connector.enabled ? "subtle" : "light"}
              aria-label={t(connector.enabled ? "disable.of" : "enable.of", {
                name: connector.name,
              })}
              onClick={() =>
                connector.enabled ? turn.mutate({ connector, on: false }) : setAsked(connector)
              }
            >
              {t(connector.enabled ? "disable" : "enable")}
            </Button>
          )}
        </Group>
      ),
    },
  ];
  return (
    <Page wide>
      <PageHeader
        title={t("list.title")}
        description={t("list.description")}
        leading={
          <Tooltip label={t("list.back")}>
            <ActionIcon
              aria-label={t("list.back")}
              renderRoot={(props) => <Link to="/w/$ws/connections" params={{ ws }} {...props} />}
            >
              <IconArrowLeft size={18} />
            </ActionIcon>
          </Tooltip>
        }
        actions={
          editable && (
            <Button
              leftSection={<IconPlus size={16} aria-hidden />}
              renderRoot={(props) => <Link to="/w/$ws/connectors/new" params={{ ws }} {...props} />}
            >
              {t("list.add")}
            </Button>
          )
        }
      />
      {broken.length > 0 && (
        <Notice
          tone="red"
          role="status"
          icon={<IconCircleX size={18} />}
          title={t("broken.title", { count: broken.length })}
        >
          <Text size="sm">{t("broken.text")}</Text>
          <ul className={classes.broken}>
            {broken.map((connector) => (
              <li key={connector.slug}>
                <b>{connector.name}</b>: {connector.problem}{" "}
                {connector.own_id && editable && (
                  <Link
                    to="/w/$ws/connectors/$ownConnectorId"
                    params={{ ws, ownConnectorId: connector.own_id }}
                  >
                    {t("broken.mend", { name: connector.name })}
                  </Link>
                )}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {list.error && !all ? (
        <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <>
          <TextInput
            type="search"
            my="md"
            w={{ base: "100%", xs: 300 }}
            aria-label={t("list.search")}
            placeholder={t("list.search")}
            leftSection={<IconSearch size={15} aria-hidden />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <DataTable
            label={t("list.label")}
            columns={columns}
            rows={found}
            loading={!all}
            rowKey={(connector) => connector.slug}
            empty={<Text c="dimmed">{t("list.none", { text })}</Text>}
            hasMore={list.hasNextPage}
            loadingMore={list.isFetchingNextPage}
            onMore={() => void list.fetchNextPage()}
          />
        </>
      )}
      <Modal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={t("enable.title", { name: asked?.name ?? "" })}
      >
        <Stack gap="md">
          <Text size="sm">{t("enable.text", { package: asked?.package ?? "" })}</Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setAsked(null)}>
              {t("cancel")}
            </Button>
            <Button
              loading={turn.isPending}
              onClick={() => asked && turn.mutate({ connector: asked, on: true })}
            >
              {t("enable.confirm")}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Page>
  );
}

function State({ connector }: { connector: InstalledConnector }) {
  if (connector.problem) {
    return <StatusBadge size="sm" status="failed" label={t("state.broken")} tone="red" />;
  }
  if (connector.origin === "package" && !connector.enabled) {
    return (
      <Badge color="gray" size="sm">
        {t("state.off")}
      </Badge>
    );
  }
  return <StatusBadge size="sm" status="active" label={t("state.ready")} tone="green" />;
}
