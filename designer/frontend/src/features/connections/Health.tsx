import { Badge, Group, Skeleton, Text, Title } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconPointFilled,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { formatNumber, TimeAgo } from "@/shared/time";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import classes from "./ConnectionPage.module.css";
import { eventText, t } from "./en";
import { callsADay, windowUnit } from "./model";
import { type ConnectionDetail, historyQuery, secretUsesQuery, type VendorLimit } from "./queries";

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

/** How much of what the vendor allows was used, as far as the vendor's page says a number. */
export function Quota({ connection }: { connection: ConnectionDetail }) {
  const { ws } = useWorkspace();
  const { data: uses } = useQuery(secretUsesQuery(ws, connection.id));
  const total = uses?.reduce((sum, use) => sum + use.count, 0) ?? 0;
  const names = new Map(connection.used_by.map(({ flow_id, name }) => [flow_id, name]));
  const limits = connection.limits ?? [];
  const perDay = total / 90;
  return (
    <section className={classes.section} aria-labelledby="quota">
      <Title order={2} id="quota" mb="sm">
        {t("quota.title")}
      </Title>
      <Text size="sm" className="cw-numbers">
        {t("quota.calls", { count: total })}
      </Text>
      {uses && uses.length > 0 && (
        <ul className={classes.uses}>
          {uses.slice(0, 8).map((use) => (
            <li key={use.flow_id}>
              <span>{names.get(use.flow_id) ?? (use.flow_id || t("quota.platform"))}</span>
              <span className="cw-numbers">{formatNumber(use.count)}</span>
            </li>
          ))}
        </ul>
      )}
      <Text size="sm" fw={550} mt="sm">
        {t("quota.limits")}
      </Text>
      {limits.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("quota.none")}
        </Text>
      ) : (
        limits.map((limit) => <Limit key={JSON.stringify(limit)} limit={limit} perDay={perDay} />)
      )}
    </section>
  );
}

function Limit({ limit, perDay }: { limit: VendorLimit; perDay: number }) {
  const [length, unit] = windowUnit(limit.window_s);
  const daily = callsADay(limit);
  const share = daily ? Math.min(100, Math.round((perDay / daily) * 100)) : null;
  return (
    <div className={classes.limit}>
      <Text size="sm">
        {[
          limit.count > 0 && t(`limit.${unit}`, { calls: limit.count, count: length }),
          limit.daily > 0 && t("limit.daily", { calls: limit.daily }),
          limit.concurrency > 0 && t("limit.at_once", { count: limit.concurrency }),
        ]
          .filter(Boolean)
          .join(", ")}{" "}
        <Text span size="xs" c="dimmed">
          {t(`limit.per.${limit.per}`)}
        </Text>
      </Text>
      {share !== null && (
        <meter
          className={classes.meter}
          min={0}
          max={100}
          high={80}
          value={share}
          aria-label={t("quota.share", { share })}
        />
      )}
    </div>
  );
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
