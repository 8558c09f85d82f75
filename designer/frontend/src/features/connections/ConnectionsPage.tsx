import { Badge, Button, SimpleGrid, Skeleton, Text } from "@mantine/core";
import { IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { connectionsQuery } from "@/api/queries";
import type { Connection } from "@/api/types";
import { TimeAgo } from "@/shared/time";
import { EmptyState, Page, PageHeader, ProblemAlert, StatusBadge, VendorIcon } from "@/shared/ui";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { AddConnection } from "./AddConnection";
import { useAuthorise } from "./authorise";
import classes from "./ConnectionsPage.module.css";
import { t } from "./en";
import { STATUS_TONES } from "./model";
import { connectorsQuery } from "./queries";

/** The workspace's accounts at other systems, and the way to add one. */
export function ConnectionsPage() {
  const { ws, env, can } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const { data, error, refetch } = useQuery(connectionsQuery(ws, env));
  const add = can("connections.edit") && (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => setSearch({ add: "any" })}
    >
      {t("list.add")}
    </Button>
  );
  return (
    <Page>
      <PageHeader title={t("list.title")} description={t("list.description")} actions={add} />
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : data?.length === 0 ? (
        <EmptyState icon={IconPlugConnected} title={t("list.empty.title")} action={add}>
          {t("list.empty")}
        </EmptyState>
      ) : (
        <SimpleGrid
          component="ul"
          type="container"
          cols={{ base: 1, "640px": 2, "1000px": 3 }}
          spacing="md"
          className={classes.cards}
          aria-label={t("list.label")}
          aria-busy={!data}
        >
          {data?.map((connection) => <Card key={connection.id} connection={connection} />) ??
            [1, 2, 3].map((key) => <Skeleton key={key} height={168} radius="lg" />)}
        </SimpleGrid>
      )}
      <AddConnection
        opened={search.add !== undefined && can("connections.edit")}
        chosen={search.add === "any" ? null : (search.add ?? null)}
        onChoose={(slug) => setSearch({ add: slug ?? "any" })}
        onClose={() => setSearch({ add: undefined })}
      />
    </Page>
  );
}

function Card({ connection }: { connection: Connection }) {
  const { ws, can } = useWorkspace();
  const { data: connectors } = useQuery(connectorsQuery(ws));
  const authorise = useAuthorise();
  const connector = connectors?.find(({ slug }) => slug === connection.connector);
  const { status } = connection;
  const needsConsent = status === "needs_consent" || status === "reconnect";
  return (
    <li className={classes.card}>
      <div className={classes.head}>
        <VendorIcon
          icon={connector?.icon ?? connection.connector}
          name={connector?.name}
          size={36}
        />
        <div className={classes.names}>
          <Link
            to="/w/$ws/connections/$connectionId"
            params={{ ws, connectionId: connection.id }}
            className={classes.name}
          >
            {connection.name}
          </Link>
          <Text size="xs" c="dimmed">
            {connector?.name ?? connection.connector}
          </Text>
        </div>
        {connection.sandbox && (
          <Badge color="gray" size="sm">
            {t("card.sandbox")}
          </Badge>
        )}
      </div>
      <div className={classes.state}>
        <StatusBadge
          status={status === "ready" ? "active" : status}
          label={t(`status.${status}`)}
          tone={STATUS_TONES[status]}
        />
        {needsConsent && can("connections.edit") && (
          <Button
            size="compact-xs"
            variant="light"
            className={classes.above}
            loading={authorise.isPending}
            onClick={() => authorise.mutate(connection.id)}
          >
            {status === "reconnect" ? t("one.reconnect") : t("one.authorise")}
          </Button>
        )}
      </div>
      {connection.last_error && (
        <Text size="xs" className={classes.error}>
          {connection.last_error}
        </Text>
      )}
      <dl className={classes.facts}>
        {connection.account && (
          <>
            <dt>{t("card.account")}</dt>
            <dd>{connection.account}</dd>
          </>
        )}
        <dt>{t("card.lastUsed")}</dt>
        <dd>
          {connection.last_used_at ? <TimeAgo at={connection.last_used_at} /> : t("card.neverUsed")}
        </dd>
      </dl>
      <Text size="xs" c="dimmed">
        {connection.used_by.length > 0
          ? t("card.usedBy", { count: connection.used_by.length })
          : t("card.unused")}
      </Text>
    </li>
  );
}
