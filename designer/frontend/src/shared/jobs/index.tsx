/** What a job over many things looks like, whatever it does to them. */

import { Button, Group, Progress, Text } from "@mantine/core";
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { api } from "@/api/client";
import { formatNumber, TimeAgo } from "@/shared/time";
import { notifyProblem } from "@/shared/ui";
import classes from "./Jobs.module.css";
import { t } from "./jobs.en";

const SHOWN_FOR_MS = 10 * 60_000;

export interface JobLike {
  id: string;
  status: "running" | "paused" | "done" | "cancelled";
  total: number;
  done: number;
  created_by: string;
  created_at: string;
  finished_at: string | null;
}

export const isOpen = ({ status }: JobLike): boolean => status === "running" || status === "paused";

/** The jobs under way and those of just now; what they change is asked for anew at their end. */
export function JobList<Job extends JobLike>({
  jobs,
  label,
  changes,
  stays,
  children,
}: {
  jobs: Job[];
  label: string;
  /** What the screen knows that the jobs make another. */
  changes: QueryKey;
  /** Whether a job is worth seeing though it ended long ago. */
  stays?: (job: Job) => boolean;
  children: (job: Job) => ReactNode;
}) {
  const cache = useQueryClient();
  const running = jobs.some(({ status }) => status === "running");
  const before = useRef(running);
  const changed = useRef(changes);
  changed.current = changes;
  useEffect(() => {
    if (before.current && !running) void cache.invalidateQueries({ queryKey: changed.current });
    before.current = running;
  }, [running, cache]);
  const shown = jobs.filter(
    (job) =>
      !job.finished_at ||
      Date.now() - Date.parse(job.finished_at) < SHOWN_FOR_MS ||
      stays?.(job) === true,
  );
  if (shown.length === 0) return null;
  return (
    <ul className={classes.jobs} aria-label={label}>
      {shown.map((job) => (
        <li key={job.id}>{children(job)}</li>
      ))}
    </ul>
  );
}

/** One job: what it does, how far it is, and the buttons that stop it; below, what came of it. */
export function JobFrame({
  job,
  title,
  stop,
  progress,
  path,
  listed,
  mayChange,
  children,
}: {
  job: JobLike;
  title: string;
  /** The word for ending it before its time, and for how far it is. */
  stop: string;
  progress: string;
  /** Where the job is in the API, and the list that shows it. */
  path: string;
  listed: QueryKey;
  mayChange: boolean;
  children?: ReactNode;
}) {
  const cache = useQueryClient();
  const change = useMutation({
    mutationFn: (action: "pause" | "resume" | "cancel") => api.post(`${path}/change`, { action }),
    onSettled: () => cache.invalidateQueries({ queryKey: listed }),
    onError: notifyProblem,
  });
  const paused = job.status === "paused";
  return (
    <div className={classes.job} role="status">
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          <b>{title}</b>{" "}
          {t("job.by", {
            done: formatNumber(job.done),
            total: formatNumber(job.total),
            by: job.created_by,
          })}{" "}
          <Text span size="xs" c="dimmed">
            <TimeAgo at={job.finished_at ?? job.created_at} />
          </Text>
        </Text>
        {isOpen(job) && mayChange && (
          <Group gap={6}>
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => change.mutate(paused ? "resume" : "pause")}
            >
              {t(paused ? "job.resume" : "job.pause")}
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => change.mutate("cancel")}>
              {stop}
            </Button>
          </Group>
        )}
      </Group>
      {isOpen(job) && (
        <Progress
          size="sm"
          my={8}
          value={(100 * job.done) / Math.max(1, job.total)}
          aria-label={progress}
        />
      )}
      {children}
    </div>
  );
}
