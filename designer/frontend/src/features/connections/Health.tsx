import { Badge, Group, Skeleton, Text, Title } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconPointFilled,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { TimeAgo } from "@/shared/time";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import classes from "./ConnectionPage.module.css";
import { eventText, t } from "./en";
import { type ConnectionDetail, historyQuery } from "./queries";

/** What happened to the connection, newest first: tests, authorisations, refreshes, failures. */
export function History({ connection }: { connection: ConnectionDetail }) {
  const { ws } = useWorkspace();
  const { data, error } = useQuery(historyQuery(ws, connection.id));
  return (
    <section className={classes.section} aria-labelledby="history">
      <Title order={2} id="history" mb="sm">
        {t("health.title")}
      </Title>
      <ProblemAlert error={error} />
      {data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("health.empty")}
        </Text>
      )}
      {!data && !error && <Skeleton height={120} radius="md" />}
      <ol className={classes.history}>
        {data?.map((event) => (
          <li key={event.id} data-good={event.good ?? "none"}>
            <Mark good={event.good} />
            <div>
              <Text size="sm">
                <b>{eventText(event.kind)}</b>
                {event.times > 1 && ` · ${t("health.times", { count: event.times })}`}
              </Text>
              {event.message && <Text size="sm">{event.message}</Text>}
              <Text size="xs" c="dimmed">
                <TimeAgo at={event.last_at} />
                {event.actor && ` · ${event.actor}`}
              </Text>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Mark({ good }: { good: boolean | null }) {
  if (good === null) return <IconPointFilled size={18} aria-hidden />;
  return good ? <IconCircleCheck size={18} aria-hidden /> : <IconCircleX size={18} aria-hidden />;
}

/** What the vendor granted, and what operations of the connector lack. */
export function Scopes({ connection }: { connection: ConnectionDetail }) {
  const { scopes } = connection;
  if (!scopes) return null;
  return (
    <section className={classes.section} aria-labelledby="scopes">
      <Title order={2} id="scopes" mb="sm">
        {t("scopes.title")}
      </Title>
      {scopes.granted.length === 0 && scopes.missing.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("scopes.none")}
        </Text>
      ) : (
        <Group gap={6}>
          {scopes.granted.map((scope) => (
            <Badge key={scope} color="gray" tt="none">
              {scope}
            </Badge>
          ))}
        </Group>
      )}
      {scopes.missing.length > 0 && (
        <div className={classes.missing}>
          <IconAlertTriangle size={16} aria-hidden />
          <Text size="sm">{t("scopes.missing", { scopes: scopes.missing.join(", ") })}</Text>
        </div>
      )}
    </section>
  );
}
