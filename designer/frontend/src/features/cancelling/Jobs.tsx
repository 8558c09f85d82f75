import { Button, Group, Progress, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api } from "@/api/client";
import { keys } from "@/api/queries";
import type { RunJob } from "@/api/types";
import { formatNumber, TimeAgo } from "@/shared/time";
import { notifyProblem } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import classes from "./cancelling.module.css";
import { t } from "./en";
import { jobPath, runJobsKey, runJobsQuery } from "./queries";

const SHOWN_FOR_MS = 10 * 60_000;
const BECAME = ["cancelled", "under_way", "not_needed", "over"] as const;

/** What is being cancelled in this environment, and what was cancelled just now. */
export function RunJobs() {
  const { ws, env } = useWorkspace();
  const cache = useQueryClient();
  const { data: jobs = [] } = useQuery(runJobsQuery(ws, env));
  const running = jobs.some(({ status }) => status === "running");
  const before = useRef(running);
  useEffect(() => {
    if (before.current && !running) void cache.invalidateQueries({ queryKey: keys.runs(ws) });
    before.current = running;
  }, [running, cache, ws]);
  const shown = jobs.filter(
    ({ finished_at }) => !finished_at || Date.now() - Date.parse(finished_at) < SHOWN_FOR_MS,
  );
  if (shown.length === 0) return null;
  return (
    <ul className={classes.jobs} aria-label={t("jobs.label")}>
      {shown.map((job) => (
        <li key={job.id}>
          <Job job={job} />
        </li>
      ))}
    </ul>
  );
}

/** One job: how far it is, what became of the runs, and the buttons that stop it. */
export function Job({ job }: { job: RunJob }) {
  const { ws, can } = useWorkspace();
  const cache = useQueryClient();
  const change = useMutation({
    mutationFn: (action: "pause" | "resume" | "cancel") =>
      api.post(`${jobPath(ws, job.id)}/change`, { action }),
    onSettled: () => cache.invalidateQueries({ queryKey: runJobsKey(ws) }),
    onError: notifyProblem,
  });
  const open = job.status === "running" || job.status === "paused";
  const became = BECAME.filter((name) => (job.counts[name] ?? 0) > 0);
  const numbers = { done: formatNumber(job.done), total: formatNumber(job.total) };
  return (
    <div className={classes.job} role="status">
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          <b>{t(`job.${job.status}`)}</b> {t("job.by", { ...numbers, by: job.created_by })}{" "}
          <Text span size="xs" c="dimmed">
            <TimeAgo at={job.finished_at ?? job.created_at} />
          </Text>
        </Text>
        {open && can("runs.operate", job.environment) && (
          <Group gap={6}>
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => change.mutate(job.status === "paused" ? "resume" : "pause")}
            >
              {t(job.status === "paused" ? "job.resume" : "job.pause")}
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => change.mutate("cancel")}>
              {t("job.stop")}
            </Button>
          </Group>
        )}
      </Group>
      {open && (
        <Progress
          size="sm"
          my={8}
          value={(100 * job.done) / Math.max(1, job.total)}
          aria-label={t("job.progress")}
        />
      )}
      {became.length > 0 && (
        <ul className={classes.became}>
          {became.map((name) => (
            <li key={name}>{t(`became.${name}`, { count: job.counts[name] ?? 0 })}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
