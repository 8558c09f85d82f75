import { ActionIcon, Badge, CopyButton, Group, Title, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconCheck, IconCopy } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { connectionsQuery } from "@/api/queries";
import type { Run } from "@/api/types";
import { LiveIndicator } from "@/live";
import { formatDuration, TimeAgo } from "@/shared/time";
import { StatusBadge } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { Elapsed } from "./Elapsed";
import { t } from "./en";
import { kindWord } from "./kinds";
import { RunActions } from "./RunActions";
import classes from "./RunHeader.module.css";

/** Which document this run carries, how it stands, and what can be done with it. */
export function RunHeader({ run }: { run: Run }) {
  const { ws } = useWorkspace();
  const { data: connections } = useQuery(connectionsQuery(ws, run.environment));
  const called = ({ label, entity, connection }: Run["keys"][number]) => {
    const name = connections?.find(({ slug }) => slug === connection)?.name;
    return entity && name ? t("run.meta.key", { entity, connection: name }) : label;
  };
  const key = run.business_key || t("runs.noKey");
  const kind = kindWord(run.kind);
  useEffect(() => {
    document.title = `${t("run.title", { key })} · Causeway`;
  }, [key]);
  return (
    <header>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Group gap="xs" wrap="nowrap" miw={0}>
          <Tooltip label={t("run.back")}>
            <ActionIcon
              aria-label={t("run.back")}
              renderRoot={(props) => <Link to="/w/$ws/runs" params={{ ws }} {...props} />}
            >
              <IconArrowLeft size={18} />
            </ActionIcon>
          </Tooltip>
          <Title order={1} className={classes.title} aria-label={t("run.title", { key })}>
            {key}
          </Title>
          <StatusBadge status={run.status} />
          {kind && <Badge color="gray">{kind}</Badge>}
          <LiveIndicator workspace={ws} environment={run.environment} />
        </Group>
        <RunActions run={run} />
      </Group>
      <dl className={classes.facts}>
        <Fact title={t("run.meta.flow")}>
          <Link
            to="/w/$ws/flows/$flowId"
            params={{ ws, flowId: run.flow.id }}
            className={classes.link}
          >
            {run.flow.name}
          </Link>{" "}
          {run.version === null
            ? t("runs.draft")
            : t("runs.version", { number: String(run.version) })}
        </Fact>
        <Fact title={t("run.meta.started")}>
          <TimeAgo at={run.created_at} />
        </Fact>
        <Fact title={t("run.meta.duration")}>
          {run.finished_at ? (
            formatDuration(run.duration_ms)
          ) : (
            <Elapsed since={run.started_at ?? run.created_at} />
          )}
        </Fact>
        {run.keys.map((one) => {
          const label = called(one);
          return (
            <Fact
              key={`${one.label} ${one.value}`}
              title={label.charAt(0).toUpperCase() + label.slice(1)}
            >
              <span className={classes.key}>{one.value}</span>
              <CopyKey label={label} value={one.value} />
            </Fact>
          );
        })}
        {run.parent && (
          <Fact title={t("run.parent")}>
            <Link
              to="/w/$ws/runs/$runId"
              params={{ ws, runId: run.parent.run_id }}
              search={{ step: run.parent.node_id }}
              className={classes.link}
            >
              {run.parent.index === null
                ? t("run.parent.call")
                : t("run.parent.item", { number: run.parent.index + 1 })}
            </Link>
          </Fact>
        )}
        {run.replay_of && (
          <Fact title={t("run.meta.replayOf")}>
            <Link
              to="/w/$ws/runs/$runId"
              params={{ ws, runId: run.replay_of }}
              className={classes.link}
            >
              {t("run.meta.replayOf.link")}
            </Link>
          </Fact>
        )}
      </dl>
    </header>
  );
}

function Fact({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function CopyKey({ label, value }: { label: string; value: string }) {
  const name = t("run.meta.copy", { label, value });
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <ActionIcon size="xs" ml={2} aria-label={name} onClick={copy}>
          {copied ? <IconCheck size={12} /> : <IconCopy size={12} />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}
