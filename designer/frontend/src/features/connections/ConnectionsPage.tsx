import { Badge, Button, Group, SimpleGrid, Skeleton, Text, TextInput } from "@mantine/core";
import {
  IconChevronRight,
  IconPlugConnected,
  IconPlus,
  IconPuzzle,
  IconSearch,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Connection, Environment } from "@/api/types";
import { TimeAgo } from "@/shared/time";
import { EmptyState, Page, PageHeader, ProblemAlert, StatusBadge, VendorIcon } from "@/shared/ui";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { AddConnection } from "./AddConnection";
import { useAuthorise } from "./authorise";
import classes from "./ConnectionsPage.module.css";
import { t } from "./en";
import { type Entry, entriesOf, matching, STATUS_TONES } from "./model";
import { allConnectionsQuery, connectorsQuery } from "./queries";

const SEARCH_FROM = 7;

/** The workspace's accounts at other systems, one card for all its environments. */
export function ConnectionsPage() {
  const { ws, can } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const [text, setText] = useState("");
  const { data, error, refetch } = useQuery(allConnectionsQuery(ws));
  const { data: connectors } = useQuery(connectorsQuery(ws));
  const systemName = (slug: string) =>
    connectors?.find((connector) => connector.slug === slug)?.name ?? slug;
  const entries = data && entriesOf(data);
  const found = entries && matching(entries, text, systemName);
  const toConnectors = (
    <Button
      variant="default"
      leftSection={<IconPuzzle size={16} aria-hidden />}
      renderRoot={(props) => <Link to="/w/$ws/connectors" params={{ ws }} {...props} />}
    >
      {t("list.connectors")}
    </Button>
  );
  const add = can("connections.edit") && (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => setSearch({ add: "any", as: undefined })}
    >
      {t("list.add")}
    </Button>
  );
  return (
    <Page>
      <PageHeader
        title={t("list.title")}
        description={t("list.description")}
        actions={
          <>
            {toConnectors}
            {entries?.length !== 0 && add}
          </>
        }
      />
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : entries?.length === 0 ? (
        <EmptyState icon={IconPlugConnected} title={t("list.empty.title")} action={add}>
          {t("list.empty")}
        </EmptyState>
      ) : (
        <>
          {(entries?.length ?? 0) >= SEARCH_FROM && (
            <TextInput
              type="search"
              mb="md"
              w={{ base: "100%", xs: 300 }}
              aria-label={t("list.search")}
              placeholder={t("list.search")}
              leftSection={<IconSearch size={15} aria-hidden />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
          {found?.length === 0 && <Text c="dimmed">{t("list.none", { text })}</Text>}
          <SimpleGrid
            component="ul"
            type="container"
            cols={{ base: 1, "680px": 2, "1060px": 3 }}
            spacing="md"
            className={classes.cards}
            aria-label={t("list.label")}
            aria-busy={!found}
          >
            {found?.map((entry) => (
              <Card
                key={`${entry.connector} ${entry.slug}`}
                entry={entry}
                systemName={systemName(entry.connector)}
                icon={connectors?.find(({ slug }) => slug === entry.connector)?.icon ?? null}
                onConnect={(environment) =>
                  setSearch({ env: environment, add: entry.connector, as: entry.slug })
                }
              />
            )) ??
              [1, 2, 3].map((key) => (
                <li key={key}>
                  <Skeleton height={190} radius="lg" />
                </li>
              ))}
          </SimpleGrid>
        </>
      )}
      <AddConnection
        opened={search.add !== undefined && can("connections.edit")}
        chosen={search.add === "any" ? null : (search.add ?? null)}
        twin={entries?.find(
          ({ slug, connector }) => slug === search.as && connector === search.add,
        )}
        onChoose={(slug) => setSearch({ add: slug ?? "any", as: undefined })}
        onClose={() => setSearch({ add: undefined, as: undefined })}
      />
    </Page>
  );
}

interface CardProps {
  entry: Entry;
  systemName: string;
  icon: string | null;
  onConnect: (environment: string) => void;
}

function Card({ entry, systemName, icon, onConnect }: CardProps) {
  const { environments } = useWorkspace();
  const flows = new Map(
    Object.values(entry.sides).flatMap(({ used_by }) =>
      used_by.map(({ flow_id, name }) => [flow_id, name] as const),
    ),
  );
  return (
    <li className={classes.card}>
      <div className={classes.head}>
        <VendorIcon icon={icon ?? entry.connector} name={systemName} size={38} />
        <div className={classes.names}>
          <h2 className={classes.name}>{entry.name}</h2>
          <Text size="xs" c="dimmed">
            {systemName} ·{" "}
            {flows.size > 0 ? t("card.usedBy", { count: flows.size }) : t("card.unused")}
          </Text>
        </div>
      </div>
      <ul className={classes.sides}>
        {environments.map((environment) => (
          <Side
            key={environment.slug}
            environment={environment}
            connection={entry.sides[environment.slug]}
            name={entry.name}
            onConnect={() => onConnect(environment.slug)}
          />
        ))}
      </ul>
    </li>
  );
}

interface SideProps {
  environment: Environment;
  connection: Connection | undefined;
  name: string;
  onConnect: () => void;
}

/** One environment of a connection: how it is doing, or the way to add it. */
function Side({ environment, connection, name, onConnect }: SideProps) {
  const { ws, can } = useWorkspace();
  const authorise = useAuthorise();
  if (!connection) {
    return (
      <li className={classes.side} data-empty>
        <span className={classes.place}>{environment.name}</span>
        <Text span size="xs" c="dimmed" className={classes.state}>
          {t("card.notConnected")}
        </Text>
        {can("connections.edit", environment.slug) && (
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={t("card.connect.of", { name, environment: environment.name })}
            onClick={onConnect}
          >
            {t("card.connect")}
          </Button>
        )}
      </li>
    );
  }
  const { status } = connection;
  const consent = status === "needs_consent" || status === "reconnect";
  return (
    <li className={classes.side}>
      <Link
        to="/w/$ws/connections/$connectionId"
        params={{ ws, connectionId: connection.id }}
        search={{ env: environment.slug }}
        className={classes.place}
        aria-label={t("card.open", { name, environment: environment.name })}
      >
        {environment.name}
      </Link>
      <div className={classes.state}>
        <Group gap={6}>
          <StatusBadge
            size="sm"
            status={status === "ready" ? (connection.last_error ? "retrying" : "active") : status}
            label={
              status === "ready" && connection.last_error
                ? t("status.failing")
                : t(`status.${status}`)
            }
            tone={status === "ready" && connection.last_error ? "amber" : STATUS_TONES[status]}
          />
          {connection.sandbox && (
            <Badge color="gray" size="sm">
              {t("card.sandbox")}
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed" lineClamp={1}>
          {connection.waiting_runs ? (
            t("card.waiting", { count: connection.waiting_runs })
          ) : connection.last_error ? (
            connection.last_error
          ) : connection.last_used_at ? (
            <>
              {t("card.lastUsed")} <TimeAgo at={connection.last_used_at} />
            </>
          ) : (
            connection.account || t("card.neverUsed")
          )}
        </Text>
      </div>
      {consent && can("connections.edit", environment.slug) ? (
        <Button
          size="compact-xs"
          variant="light"
          className={classes.above}
          aria-label={t(status === "reconnect" ? "card.reconnect.of" : "card.authorise.of", {
            name,
          })}
          loading={authorise.isPending}
          onClick={() => authorise.mutate(connection.id)}
        >
          {status === "reconnect" ? t("one.reconnect") : t("one.authorise")}
        </Button>
      ) : (
        <IconChevronRight size={16} aria-hidden className={classes.arrow} />
      )}
    </li>
  );
}
