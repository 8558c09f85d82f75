import { Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { formatNumber, TimeAgo } from "@/shared/time";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import classes from "./ConnectionPage.module.css";
import { t } from "./en";
import { fullness, windowUnit } from "./model";
import {
  type ConnectionDetail,
  type LimitGauge,
  limitsQuery,
  type SecretUse,
  secretUsesQuery,
} from "./queries";

const SHOWN_FLOWS = 8;

/** What of the vendor's limits is used at this moment, and who made the calls. */
export function Gauges({ connection }: { connection: ConnectionDetail }) {
  const { ws } = useWorkspace();
  const { data: uses } = useQuery(secretUsesQuery(ws, connection.id));
  const { data: now } = useQuery(limitsQuery(ws, connection.id));
  const circuit = now?.circuit;
  const pause = now?.limits.find(({ paused_until }) => paused_until !== null);
  return (
    <section className={classes.section} aria-labelledby="quota">
      <Title order={2} id="quota" mb="sm">
        {t("quota.title")}
      </Title>
      {circuit && circuit.state !== "closed" && circuit.state !== undefined && (
        <Notice
          tone="amber"
          icon={<IconAlertTriangle size={18} />}
          title={t("quota.circuit", { count: circuit.failures })}
        >
          {circuit.until ? (
            <>
              {t("quota.circuit.until")} <TimeAgo at={circuit.until} />
            </>
          ) : (
            t("quota.circuit.trying")
          )}
        </Notice>
      )}
      {pause && (
        <Notice tone="amber" icon={<IconAlertTriangle size={18} />} title={t("quota.paused")}>
          {pause.pause_why} {t("quota.paused.until")} <TimeAgo at={pause.paused_until} />
        </Notice>
      )}
      {now?.limits.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("quota.none")}
        </Text>
      )}
      {now?.limits.map((gauge) => (
        <Gauge key={`${gauge.per} ${gauge.window_s} ${gauge.concurrency}`} gauge={gauge} />
      ))}
      {uses && <Callers connection={connection} uses={uses} />}
    </section>
  );
}

function Gauge({ gauge }: { gauge: LimitGauge }) {
  const [length, unit] = windowUnit(gauge.window_s ?? 0);
  const used = gauge.used ?? gauge.under_way ?? 0;
  const most = gauge.count ?? gauge.concurrency ?? 0;
  if (most === 0) return null;
  const label = gauge.count
    ? t(`limit.${unit}`, { calls: gauge.count, count: length })
    : t("limit.at_once", { count: most });
  const words = t("quota.used", { used: formatNumber(used), most: formatNumber(most) });
  return (
    <div className={classes.limit}>
      <div className={classes.limitHead}>
        <Text size="sm">
          {label}{" "}
          <Text span size="xs" c="dimmed">
            {t(`limit.per.${gauge.per}`)}
          </Text>
        </Text>
        <Text size="xs" c="dimmed" className="cw-numbers">
          {words}
        </Text>
      </div>
      <meter
        className={classes.meter}
        min={0}
        max={100}
        high={80}
        value={fullness(used, most)}
        aria-label={`${label}: ${words}`}
      />
      {gauge.runs_out_at && (
        <Text size="xs" className={classes.forecast}>
          {t("quota.runsOut")} <TimeAgo at={gauge.runs_out_at} />
        </Text>
      )}
    </div>
  );
}

function Callers({ connection, uses }: { connection: ConnectionDetail; uses: SecretUse[] }) {
  const total = uses.reduce((sum, use) => sum + use.count, 0);
  const names = new Map(connection.used_by.map(({ flow_id, name }) => [flow_id, name]));
  const nameOf = (flow: string) =>
    flow === "" ? t("quota.platform") : (names.get(flow) ?? t("quota.former"));
  return (
    <>
      <Text size="sm" fw={550} mt="md" className="cw-numbers">
        {t("quota.calls", { count: total })}
      </Text>
      <ul className={classes.uses}>
        {uses.slice(0, SHOWN_FLOWS).map((use) => (
          <li key={use.flow_id}>
            <span>
              {nameOf(use.flow_id)}{" "}
              <Text span size="xs" c="dimmed">
                <TimeAgo at={use.last_at} />
              </Text>
            </span>
            <span className="cw-numbers">{formatNumber(use.count)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
