import { Button, Skeleton, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Overview } from "@/api/types";
import { RunsTable, runsQuery } from "@/features/runs/list";
import { LiveIndicator, useDeadLetterCount, useRunsLive } from "@/live";
import { TimeAgo } from "@/shared/time";
import { Page, PageHeader, ProblemAlert, StatusBadge } from "@/shared/ui";
import { isProduction, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { GettingStarted } from "./GettingStarted";
import { Hours } from "./Hours";
import { CONNECTION_LOOKS, FLOW_LOOKS } from "./model";
import classes from "./OverviewPage.module.css";
import { Panel } from "./Panel";
import { Pauses } from "./Pauses";
import { Questions } from "./Questions";
import { Tiles } from "./Tiles";

const LATEST_SHOWN = 6;

/** How everything is doing, at a glance. */
export function OverviewPage() {
  const { ws, env } = useWorkspace();
  const { data, error, refetch } = useQuery({
    queryKey: keys.overview(ws, env),
    queryFn: ({ signal }) =>
      api.get<Overview>(inWorkspace(ws, "/overview"), { environment: env }, signal),
  });
  const runs = useInfiniteQuery(runsQuery(ws, env, {}));
  const openErrors = useDeadLetterCount(ws, env);
  useRunsLive(ws, env);
  const latest = runs.data?.pages[0]?.items.slice(0, LATEST_SHOWN);

  return (
    <Page>
      <PageHeader
        title={t("page.title")}
        description={t("page.description")}
        extra={<LiveIndicator workspace={ws} environment={env} />}
      />
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton height={360} radius="lg" aria-busy="true" />
      ) : (
        <>
          {latest && <GettingStarted overview={data} latest={latest} />}
          <Tiles counts={data.counts} openErrors={openErrors ?? data.dead_letters_open} />
          <Pauses flows={data.flows} />
          <Questions />
          <Hours hours={data.hours} />
          <div className={classes.columns}>
            <Flows flows={data.flows} />
            <Connections connections={data.connections} />
          </div>
          <Panel
            title={t("runs.title")}
            action={
              <Button
                size="compact-sm"
                variant="subtle"
                renderRoot={(props) => <Link to="/w/$ws/runs" params={{ ws }} {...props} />}
              >
                {t("runs.all")}
              </Button>
            }
            bare
          >
            <RunsTable
              compact
              rows={latest}
              empty={<Nothing>{t(isProduction(env) ? "runs.none.live" : "runs.none")}</Nothing>}
            />
          </Panel>
        </>
      )}
    </Page>
  );
}

function Nothing({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed" p="md">
      {children}
    </Text>
  );
}

function Flows({ flows }: { flows: Overview["flows"] }) {
  const { ws } = useWorkspace();
  return (
    <Panel
      title={t("flows.title")}
      action={
        <Button
          size="compact-sm"
          variant="subtle"
          renderRoot={(props) => <Link to="/w/$ws/flows" params={{ ws }} {...props} />}
        >
          {t("flows.new")}
        </Button>
      }
    >
      {flows.length === 0 && <Nothing>{t("flows.none")}</Nothing>}
      <ul className={classes.rows}>
        {flows.map((flow) => {
          const look = FLOW_LOOKS[flow.status] ?? { icon: flow.status, tone: "grey" as const };
          return (
            <li key={flow.id} className={classes.row}>
              <div className={classes.words}>
                <Link
                  to="/w/$ws/flows/$flowId"
                  params={{ ws, flowId: flow.id }}
                  className={classes.name}
                >
                  {flow.name}
                </Link>
                <Text size="xs" c="dimmed">
                  {flow.runs_24h === 0
                    ? t("flows.quiet")
                    : t("flows.runs", { count: flow.runs_24h })}
                  {flow.failed_24h > 0 && (
                    <>
                      {", "}
                      <Link
                        to="/w/$ws/runs"
                        params={{ ws }}
                        search={(before: object) => ({
                          ...before,
                          flow: flow.id,
                          status: "failed",
                        })}
                        className={classes.bad}
                      >
                        {t("flows.failed", { count: flow.failed_24h })}
                      </Link>
                    </>
                  )}
                  {flow.last_run_at && (
                    <>
                      {" · "}
                      {t("flows.last")} <TimeAgo at={flow.last_run_at} />
                    </>
                  )}
                </Text>
              </div>
              <StatusBadge status={look.icon} tone={look.tone} label={flowWord(flow.status)} />
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function flowWord(status: string): string {
  return status in FLOW_LOOKS ? t(`flow.${status as "healthy"}`) : status;
}

function Connections({ connections }: { connections: Overview["connections"] }) {
  const { ws, can } = useWorkspace();
  return (
    <Panel
      title={t("connections.title")}
      action={
        can("connections.edit") && (
          <Button
            size="compact-sm"
            variant="subtle"
            renderRoot={(props) => (
              <Link
                to="/w/$ws/connections"
                params={{ ws }}
                search={(before: object) => ({ ...before, add: "any" })}
                {...props}
              />
            )}
          >
            {t("connections.add")}
          </Button>
        )
      }
    >
      {connections.length === 0 && <Nothing>{t("connections.none")}</Nothing>}
      <ul className={classes.rows}>
        {connections.map((connection) => {
          const look = CONNECTION_LOOKS[connection.status];
          return (
            <li key={connection.id} className={classes.row}>
              <div className={classes.words}>
                <Link
                  to="/w/$ws/connections/$connectionId"
                  params={{ ws, connectionId: connection.id }}
                  className={classes.name}
                >
                  {connection.name}
                </Link>
              </div>
              <StatusBadge
                status={look?.icon ?? connection.status}
                tone={look?.tone}
                label={t(`connection.${connection.status}`)}
              />
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
