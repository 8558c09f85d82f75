import { ActionIcon, Badge, Button, Group, Menu, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconArrowLeft,
  IconDots,
  IconPencil,
  IconPlug,
  IconPower,
  IconTrash,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import { CancelDialog, CancelMenuItem } from "@/features/cancelling";
import { PauseBanner, PauseDialog, PauseMenuItem } from "@/features/pauses";
import { TimeAgo } from "@/shared/time";
import { LoadedPage, notifyProblem, Page, PageHeader, StatusBadge, VendorIcon } from "@/shared/ui";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { ActivationDialog } from "./ActivationDialog";
import { useAuthorise } from "./authorise";
import { ConnectionNotice, type TestResult } from "./ConnectionNotice";
import classes from "./ConnectionPage.module.css";
import { ConnectionSettings } from "./ConnectionSettings";
import { Copied } from "./Copied";
import { DeleteConnection, RenameConnection } from "./dialogs";
import { t } from "./en";
import { Gauges } from "./Gauges";
import { History, Scopes } from "./Health";
import { askedFields, STATUS_TONES, waysOf } from "./model";
import {
  type ConnectionDetail,
  type ConnectorInfo,
  connectionQuery,
  connectorQuery,
} from "./queries";
import { SharingSection } from "./SharingSection";

/** One connection: whether it works, who uses it, and what can be changed. */
export function ConnectionPage() {
  const { ws } = useWorkspace();
  const { connectionId = "" } = useParams({ strict: false });
  const connection = useQuery(connectionQuery(ws, connectionId));
  const connector = useQuery({
    ...connectorQuery(ws, connection.data?.connector ?? ""),
    enabled: connection.data !== undefined,
  });
  return (
    <LoadedPage query={connection}>
      {(found) => (
        <Loaded
          connection={found}
          connector={connector.data}
          known={connector.isFetched || connector.data !== undefined}
        />
      )}
    </LoadedPage>
  );
}

interface LoadedProps {
  connection: ConnectionDetail;
  connector: ConnectorInfo | undefined;
  /** What can be done is known: buttons come together, none moves from under a hand. */
  known: boolean;
}

function Loaded({ connection, connector, known }: LoadedProps) {
  const { ws, environments, can } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const cache = useQueryClient();
  const authorise = useAuthorise();
  const [renaming, rename] = useDisclosure(false);
  const [deleting, remove] = useDisclosure(false);
  const [activating, activate] = useDisclosure(false);
  const [pausing, pause] = useDisclosure(false);
  const [cancelling, cancel] = useDisclosure(false);
  const path = inWorkspace(ws, `/connections/${encodeURIComponent(connection.id)}`);
  const refresh = () => cache.invalidateQueries({ queryKey: keys.connections(ws) });

  const test = useMutation({
    mutationFn: () => api.post<TestResult>(`${path}/test`),
    onSettled: refresh,
    onError: (error) => notifyProblem(error),
  });
  const turn = useMutation({
    mutationFn: (disabled: boolean) => api.patch(path, { disabled }),
    onSuccess: refresh,
    onError: (error) => notifyProblem(error),
  });

  // A connection that was just made is tested at once, so that a typing error shows here.
  const asked = useRef(false);
  useEffect(() => {
    if (search.test !== "1" || asked.current) return;
    asked.current = true;
    setSearch({ test: undefined });
    test.mutate();
  }, [search.test, setSearch, test.mutate]);

  const { status } = connection;
  const paused = {
    of: { kind: "connection", ref: connection.slug },
    environment: connection.environment,
  } as const;
  const editable = can("connections.edit");
  const operable = can("runs.operate", connection.environment);
  const ways = connector ? waysOf(connector) : [];
  const way = ways.find(({ name }) => name === connection.auth) ?? ways[0];
  const oauth = way?.consent === "vendor";
  const systemName = connector?.name ?? connection.connector;
  const environment =
    environments.find(({ slug }) => slug === connection.environment)?.name ??
    connection.environment;

  return (
    <Page>
      <PageHeader
        title={connection.name}
        leading={
          <Group gap={6} wrap="nowrap">
            <Tooltip label={t("one.back")}>
              <ActionIcon
                aria-label={t("one.back")}
                renderRoot={(props) => <Link to="/w/$ws/connections" params={{ ws }} {...props} />}
              >
                <IconArrowLeft size={18} />
              </ActionIcon>
            </Tooltip>
            <VendorIcon
              icon={connector?.icon ?? connection.connector}
              name={systemName}
              size={32}
            />
          </Group>
        }
        extra={
          <Group gap={6}>
            <StatusBadge
              status={status === "ready" ? "active" : status}
              label={t(`status.${status}`)}
              tone={STATUS_TONES[status]}
            />
            {connection.sandbox && <Badge color="gray">{t("card.sandbox")}</Badge>}
          </Group>
        }
        actions={
          known &&
          (editable || operable) && (
            <>
              {editable && (
                <Button
                  variant={status === "ready" ? "filled" : "default"}
                  leftSection={<IconPlug size={15} aria-hidden />}
                  loading={test.isPending}
                  onClick={() => test.mutate()}
                >
                  {t("one.test")}
                </Button>
              )}
              {editable && oauth && (
                <Button
                  variant={status === "ready" ? "default" : "filled"}
                  loading={authorise.isPending}
                  onClick={() => authorise.mutate(connection.id)}
                >
                  {status === "needs_consent" ? t("one.authorise") : t("one.reconnect")}
                </Button>
              )}
              {editable && way?.consent === "activation" && (
                <Button variant={status === "ready" ? "default" : "filled"} onClick={activate.open}>
                  {t("activate.open")}
                </Button>
              )}
              <Menu>
                <Menu.Target>
                  <ActionIcon variant="default" size={36} aria-label={t("one.more")}>
                    <IconDots size={17} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  {editable && (
                    <Menu.Item leftSection={<IconPencil size={15} />} onClick={rename.open}>
                      {t("one.rename")}
                    </Menu.Item>
                  )}
                  <PauseMenuItem {...paused} onPause={pause.open} />
                  <CancelMenuItem
                    kind="connection"
                    environment={connection.environment}
                    onCancel={cancel.open}
                  />
                  {editable && (
                    <>
                      <Menu.Item
                        leftSection={<IconPower size={15} />}
                        onClick={() => turn.mutate(status !== "disabled")}
                      >
                        {status === "disabled" ? t("one.enable") : t("one.disable")}
                      </Menu.Item>
                      <Menu.Item
                        color="red"
                        leftSection={<IconTrash size={15} />}
                        onClick={remove.open}
                      >
                        {t("one.delete")}
                      </Menu.Item>
                    </>
                  )}
                </Menu.Dropdown>
              </Menu>
            </>
          )
        }
      />
      <PauseBanner {...paused} className={classes.paused} />
      <ConnectionNotice
        connection={connection}
        systemName={systemName}
        test={test.data}
        connected={search.connected === "1"}
        problem={search.problem}
        onAuthorise={editable && oauth ? () => authorise.mutate(connection.id) : undefined}
      />
      <section className={classes.section} aria-label={t("one.facts")}>
        <dl className={classes.facts}>
          <Fact title={t("one.system")}>{systemName}</Fact>
          <Fact title={t("one.environment")}>{environment}</Fact>
          {connection.base_url && <Fact title={t("one.address")}>{connection.base_url}</Fact>}
          {oauth && <Fact title={t("one.account")}>{connection.account || t("one.none")}</Fact>}
          {connection.expires_at && (
            <Fact title={t("one.expires")} help={t("one.expires.help")}>
              <TimeAgo at={connection.expires_at} />
            </Fact>
          )}
          <Fact title={t("one.lastUsed")}>
            <TimeAgo at={connection.last_used_at} />
          </Fact>
          {connection.last_error && <Fact title={t("one.lastError")}>{connection.last_error}</Fact>}
          <Fact title={t("one.slug")}>
            <code>{connection.slug}</code>
          </Fact>
          {connection.webhook_url && (
            <Fact title={t("one.webhook")} help={t("one.webhook.help")}>
              <Copied what={t("one.webhook")} text={connection.webhook_url} />
            </Fact>
          )}
          {oauth && connection.redirect_uri && !connection.sandbox && (
            <Fact title={t("one.redirect")} help={t("one.redirect.help")}>
              <Copied what={t("one.redirect")} text={connection.redirect_uri} />
            </Fact>
          )}
          <Fact title={t("one.usedBy")}>
            {connection.used_by.length === 0
              ? t("one.unused")
              : connection.used_by.map(({ flow_id, name }) => (
                  <Link
                    key={flow_id}
                    to="/w/$ws/flows/$flowId"
                    params={{ ws, flowId: flow_id }}
                    className={classes.flow}
                  >
                    {name}
                  </Link>
                ))}
          </Fact>
        </dl>
      </section>
      <Scopes connection={connection} />
      <Gauges connection={connection} />
      <History connection={connection} />
      {connector && editable && (
        <ConnectionSettings
          key={JSON.stringify(connection.settings)}
          connection={connection}
          fields={askedFields(way?.fields ?? [], false).filter(
            ({ name }) => !(connection.sandbox && name === "base_url"),
          )}
        />
      )}
      <SharingSection connection={connection} editable={editable} />
      <ActivationDialog
        connectionId={connection.id}
        systemName={systemName}
        opened={activating}
        onClose={activate.close}
      />
      <PauseDialog {...paused} opened={pausing} onClose={pause.close} />
      <CancelDialog
        of={{ kind: "connection", slug: connection.slug, name: connection.name }}
        environment={connection.environment}
        opened={cancelling}
        onClose={cancel.close}
      />
      <RenameConnection connection={connection} opened={renaming} onClose={rename.close} />
      <DeleteConnection connection={connection} opened={deleting} onClose={remove.close} />
    </Page>
  );
}

function Fact({ title, help, children }: { title: string; help?: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{title}</dt>
      <dd>
        {children}
        {help && (
          <Text size="xs" c="dimmed">
            {help}
          </Text>
        )}
      </dd>
    </div>
  );
}
