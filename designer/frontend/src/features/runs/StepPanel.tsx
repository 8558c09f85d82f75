import { Center, Group, ScrollArea, Skeleton, Tabs, Text, Title } from "@mantine/core";
import { IconAlertCircle, IconPointer } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { FlowNode, Run, Step, StepDetail } from "@/api/types";
import { portName } from "@/features/canvas/nodeInfo";
import { formatDuration } from "@/shared/time";
import { EmptyState, JsonView, ProblemAlert, StatusBadge, VendorIcon } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { stepVersion } from "./model";
import { stepQuery } from "./queries";
import classes from "./StepPanel.module.css";
import { StepRequests } from "./StepRequests";
import { StepRuns } from "./StepRuns";
import { StepTimes } from "./StepTimes";
import { useNodeIcon } from "./useNodeIcon";

interface StepPanelProps {
  run: Run;
  node: FlowNode | null;
  step: Step | undefined;
}

const TABS = ["runs", "input", "output", "requests", "times"] as const;

/** What one step was given, what it made of it, what it sent, and when. */
export function StepPanel({ run, node, step }: StepPanelProps) {
  if (node === null) {
    return (
      <Center h="100%">
        <EmptyState icon={IconPointer} title={t("step.none")} compact />
      </Center>
    );
  }
  return <Details key={node.id} run={run} node={node} step={step} />;
}

function Details({ run, node, step }: { run: Run; node: FlowNode; step: Step | undefined }) {
  const { ws, can } = useWorkspace();
  const mayRead = can("runs.data_view");
  const [search, setSearch] = useSearchState();
  const detail = useQuery({
    ...stepQuery(ws, run.id, node.id, stepVersion(step)),
    enabled: mayRead,
  });
  const mark = useNodeIcon(node, run.environment);
  const status = step?.status ?? "pending";
  // The band above the canvas tells the error of the run, unless that was cancelled; here only what
  // it does not tell.
  const told = run.error?.node_id === node.id && run.status !== "cancelled";
  const error = told ? null : step?.error;
  const failed = status === "failed" || status === "in_doubt";
  const family = run.families?.find(({ node_id }) => node_id === node.id);
  const tabs = TABS.filter((tab) => tab !== "runs" || family);
  const chosen = tabs.find((tab) => tab === search.tab);
  const usual = family ? "runs" : startTab(node, status);
  const tab = chosen ?? (failed && hasRequests(detail.data) ? "requests" : usual);
  return (
    <section className={classes.panel} aria-label={t("step.panel", { name: node.name })}>
      <div className={classes.head}>
        <Group gap="sm" wrap="nowrap">
          <VendorIcon icon={mark.icon} name={mark.name} />
          <Title order={2} className={classes.name}>
            {node.name}
          </Title>
        </Group>
        <Group gap="sm" mt={8}>
          <StatusBadge status={status} label={step?.call_out ? t("step.callOut") : undefined} />
          {step && step.attempts > 1 && (
            <Text size="xs" c="dimmed">
              {t("step.attempts", { count: step.attempts })}
            </Text>
          )}
          {step?.duration_ms !== null && step?.duration_ms !== undefined && (
            <Text size="xs" c="dimmed" className="cw-numbers">
              {formatDuration(step.duration_ms)}
            </Text>
          )}
          {step?.port && step.port !== "out" && (
            <Text size="xs" c="dimmed">
              {t("step.way", { way: portName(node, step.port) })}
            </Text>
          )}
          <Text size="xs" c="dimmed" ff="monospace">
            {technicalName(node)}
          </Text>
        </Group>
        {error && (
          <div className={classes.error}>
            <Notice
              tone={
                status === "in_doubt"
                  ? "violet"
                  : status === "failed"
                    ? "red"
                    : status === "cancelled"
                      ? "grey"
                      : "amber"
              }
              icon={<IconAlertCircle size={16} />}
              title={error.message}
            >
              {error.hint}
            </Notice>
          </div>
        )}
      </div>
      <Tabs
        value={tab}
        onChange={(value) => setSearch({ tab: value ?? undefined, step: node.id })}
        className={classes.tabs}
        keepMounted={false}
      >
        <Tabs.List>
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`step.tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <ScrollArea
          className={classes.scroll}
          type="auto"
          viewportProps={{ tabIndex: 0, role: "region", "aria-label": t(`step.tab.${tab}`) }}
        >
          <div className={classes.body}>
            {family && tab === "runs" ? (
              <Tabs.Panel value="runs">
                <StepRuns run={run} family={family} name={node.name} />
              </Tabs.Panel>
            ) : !mayRead ? (
              <Note>{t("step.notAllowed")}</Note>
            ) : detail.error && !detail.data ? (
              <ProblemAlert error={detail.error} onRetry={() => void detail.refetch()} />
            ) : detail.data ? (
              <TabBody node={node} detail={detail.data} />
            ) : (
              <Skeleton height={140} radius="md" />
            )}
          </div>
        </ScrollArea>
      </Tabs>
    </section>
  );
}

function TabBody({ node, detail }: { node: FlowNode; detail: StepDetail }) {
  const isTrigger = node.type.startsWith("trigger");
  const failed = detail.status === "failed";
  return (
    <>
      <Tabs.Panel value="input">
        {isEmpty(detail.input) ? (
          <Note>{isTrigger ? t("step.input.trigger") : t("step.input.none")}</Note>
        ) : (
          <JsonView
            value={detail.input}
            label={t("step.jsonInput", { name: node.name })}
            maxHeight="none"
          />
        )}
      </Tabs.Panel>
      <Tabs.Panel value="output">
        {isEmpty(detail.output) ? (
          <Note>{failed ? t("step.output.failed") : t("step.output.none")}</Note>
        ) : (
          <JsonView
            value={detail.output}
            label={t("step.jsonOutput", { name: node.name })}
            maxHeight="none"
          />
        )}
      </Tabs.Panel>
      <Tabs.Panel value="requests">
        <StepRequests detail={detail} />
      </Tabs.Panel>
      <Tabs.Panel value="times">
        <StepTimes detail={detail} />
      </Tabs.Panel>
    </>
  );
}

function Note({ children }: { children: string }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined;
}

function hasRequests(detail: StepDetail | undefined): boolean {
  return detail?.attempts_list.some(({ exchanges }) => exchanges.length > 0) ?? false;
}

function startTab(node: FlowNode, status: string): (typeof TABS)[number] {
  if (node.type.startsWith("trigger") || status === "succeeded") return "output";
  return "input";
}

function technicalName(node: FlowNode): string {
  const { connection, operation, entity } = node.config;
  return [connection, operation ?? entity].filter(Boolean).join(".") || node.type;
}
