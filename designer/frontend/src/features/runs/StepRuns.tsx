import { Button, Group, SegmentedControl, Skeleton, Text } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { Run, RunFamily, RunStatus, RunSummary } from "@/api/types";
import { formatNumber } from "@/shared/time";
import { ProblemAlert, StatusBadge, statusLook } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { happened } from "./happened";
import { childrenKey, childrenQuery } from "./queries";
import classes from "./StepRuns.module.css";

interface StepRunsProps {
  run: Run;
  family: RunFamily;
  name: string;
}

/** The runs that a step made, in the order of the items; counts are told as they change. */
export function StepRuns({ run, family, name }: StepRunsProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const [status, setStatus] = useState<RunStatus | "">("");
  const list = useInfiniteQuery(childrenQuery(ws, run.id, family.node_id, status));
  const runs = list.data?.pages.flatMap((page) => page.items);
  const told = JSON.stringify([family.made, family.counts]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the counts have moved
  useEffect(() => {
    void cache.invalidateQueries({ queryKey: childrenKey(ws, run.id) });
  }, [told]);
  const states = Object.entries(family.counts).filter(([, count]) => count > 0);
  return (
    <>
      <Group
        gap="sm"
        mb="sm"
        display={
          states.length > 1 || family.made < family.total || !family.waits ? undefined : "none"
        }
      >
        {states.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label={t("step.runs.status")}
            data={[
              { value: "", label: t("step.runs.all", { count: formatNumber(family.made) }) },
              ...states.map(([value, count]) => ({
                value,
                label: `${statusLook(value).word} ${formatNumber(count)}`,
              })),
            ]}
            value={status}
            onChange={(value) => setStatus(value as RunStatus | "")}
          />
        )}
        <Text size="xs" c="dimmed">
          {family.made < family.total &&
            t("step.runs.made", {
              made: formatNumber(family.made),
              total: formatNumber(family.total),
            })}{" "}
          {!family.waits && t("step.runs.unwaited")}
        </Text>
      </Group>
      {list.error && !runs ? (
        <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
      ) : !runs ? (
        <Skeleton height={120} />
      ) : runs.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("step.runs.none")}
        </Text>
      ) : (
        <ul className={classes.list} aria-label={t("step.runs.list", { step: name })}>
          {runs.map((child) => (
            <Child key={child.id} child={child} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button
          mt="xs"
          size="xs"
          variant="subtle"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t("runs.more")}
        </Button>
      )}
    </>
  );
}

function Child({ child }: { child: RunSummary }) {
  const { ws } = useWorkspace();
  const index = child.parent?.index ?? null;
  const place =
    index === null ? t("step.runs.call") : t("step.runs.item", { number: String(index + 1) });
  return (
    <li className={classes.child}>
      <Link to="/w/$ws/runs/$runId" params={{ ws, runId: child.id }} className={classes.link}>
        {place}
      </Link>
      <StatusBadge status={child.status} size="sm" />
      <span className={classes.words}>{happened(child)}</span>
    </li>
  );
}
